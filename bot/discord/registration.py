"""Compares the slash commands registered with Discord with those in the code."""

from __future__ import annotations

_OUTDATED = "dm_permission"
"""Still sent by discord.py, although ``contexts`` decides; the value that Discord returns is arbitrary."""


def covers(theirs: object, ours: object) -> bool:
    """Return whether Discord's copy contains all of ours; it adds ids, defaults and nulls of its own."""
    if isinstance(ours, dict):
        table = theirs if isinstance(theirs, dict) else {}
        return all(covers(table.get(key), value) for key, value in ours.items() if key != _OUTDATED)
    if isinstance(ours, list):
        items = theirs if isinstance(theirs, list) else []
        return len(items) == len(ours) and all(map(covers, items, ours))
    # Permissions are sent as a number and come back as text.
    return theirs in (ours, str(ours)) or not (theirs or ours)
