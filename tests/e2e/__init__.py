"""The bot as members meet it: a real process, a real gateway, real HTTP, and a member's hand on the client."""
