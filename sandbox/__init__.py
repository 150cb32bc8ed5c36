"""Stand-ins for the far end of the socket: Discord, Azure OpenAI, Entra ID and blob storage.

They enforce what the real services enforce, so that a bot which works here works there. Nothing in this
package knows the bot, and the bot knows this package only through the addresses in its settings.
"""
