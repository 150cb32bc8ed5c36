"""What there is and what happened: guilds, members, commands, interactions, messages and files."""
