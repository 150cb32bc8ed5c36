"""What members see: slash commands, and every word the bot says."""

EXTENSIONS = ("cogs.imagine",)
"""The extensions the client loads, in order; together they are the whole command set."""
