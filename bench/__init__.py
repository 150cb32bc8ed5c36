"""The bench: load, memory and start-up of the bot, each beside a plain reference bot in the same run."""
