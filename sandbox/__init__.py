"""Stand-ins for the services a bot talks to: Discord, Azure OpenAI, Entra ID and blob storage.

They enforce what the real services enforce, so a bot that works here works there. Apart from the model list
in `models.toml`, this package uses nothing of the bot, and the bot knows it only by the addresses in its
settings.
"""
