"""``/imagine``: the command, and how its jobs are shown."""
