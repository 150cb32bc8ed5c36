"""Names of archived objects: letters, digits, ``.``, ``_`` and ``-`` between slashes, nothing else.

Such a small alphabet means the same on every file system and object store, needs no escaping anywhere,
and allows no path that leads out of the archive.
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
"""No part begins with a dot: no "..", and no hidden files."""

MAX_LENGTH = 512
"""Characters of a key. S3 takes 1,024 bytes, Azure 1,024 characters; this leaves room for a prefix."""


def is_key(text: str) -> bool:
    """Tell whether ``text`` can be the name of an archived object."""
    return len(text) <= MAX_LENGTH and _KEY.fullmatch(text) is not None


def original_key(at: datetime, interaction_id: int, index: int, image_format: str) -> str:
    """Name an original, e.g. ``2026/11/22/1234567890-1.png``.

    The same picture always gets the same name, so keeping it twice stores it once.

    Args:
        at: when the interaction was made, timezone-aware; the folders are its day in UTC.
        interaction_id: Discord's id.
        index: the picture's position among those of the interaction, from 1.
        image_format: ``png``, ``jpeg`` or ``webp``.

    Raises:
        ValueError: ``at`` is naive.
    """
    if at.tzinfo is None:
        raise ValueError("a naive datetime names no day")
    return f"{at.astimezone(UTC):%Y/%m/%d}/{interaction_id}-{index}.{image_format}"
