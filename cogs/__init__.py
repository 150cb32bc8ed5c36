"""What members see: slash commands, and every word the bot says."""

EXTENSIONS = ("cogs.imagine.command", "cogs.limits.commands", "cogs.quota.command", "cogs.studio.command")
"""The extensions the client loads, in order."""

COMMANDS = frozenset({"imagine", "limits", "quota", "studio"})
"""The whole command set; registering overwrites everything, so a smaller set is never registered."""
