"""Discord's gateway, version 10: the websocket a bot listens on, and the sessions behind it."""
