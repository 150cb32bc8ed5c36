"""Easel's services: everything behind the slash commands. ``bot.app`` wires them together."""
