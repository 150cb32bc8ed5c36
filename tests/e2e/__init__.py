"""The bot as members meet it: a real process, real sockets, and a member's hand on Discord's client."""
