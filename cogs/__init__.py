"""What members see: slash commands, and every word the bot says."""

EXTENSIONS = ("cogs.imagine", "cogs.limits", "cogs.quota", "cogs.studio")
"""The extensions the client loads, in order."""

COMMANDS = frozenset({"imagine", "limits", "quota", "studio"})
"""The whole command set: registering overwrites everything, so fewer than these are never registered."""
