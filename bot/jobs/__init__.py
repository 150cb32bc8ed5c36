"""Jobs under way: which there are, and how they end when the bot stops."""
