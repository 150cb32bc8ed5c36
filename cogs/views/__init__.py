"""Buttons that stay when the bot restarts: what they need to know is in their custom_id."""
