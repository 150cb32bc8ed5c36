"""The discord.py client, and how interactions are answered over HTTP."""
