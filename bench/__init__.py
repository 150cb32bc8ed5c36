"""The bench: load, memory and start-up of the bot, compared with a plain reference bot in the same run."""
