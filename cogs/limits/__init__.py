"""``/limits``: the commands, their views and their words."""
