"""What moderators and operators write in their own words: reasons of blocks, notes of pauses."""

from __future__ import annotations

LONGEST_NOTE = 500
"""Characters of a note or a reason that are kept; the tables have no room for more."""


def storable(text: str) -> str:
    """Return what every database can store: PostgreSQL takes no NUL, UTF-8 no lone surrogate."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()[:LONGEST_NOTE]
