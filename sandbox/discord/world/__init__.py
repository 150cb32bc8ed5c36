"""The state of the sandbox's Discord: guilds, members, commands, interactions, messages and files."""
