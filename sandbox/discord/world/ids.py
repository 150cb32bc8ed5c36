"""Snowflakes: the sandbox's fixed ones, and a source of new ones.

A snowflake holds milliseconds since 2015 above its 22 lowest bits.
Source: https://discord.com/developers/docs/reference#snowflakes
"""

from __future__ import annotations

import time

EPOCH_MS = 1_420_070_400_000

APPLICATION = 1456100000000000100
BOT = APPLICATION
"""The bot's user id is its application's id, as for every app made since 2016."""
GUILD = 1456100000000000200
EVERYONE = GUILD
"""The @everyone role has its guild's id."""
ARTISTS = 1456100000000000301
MODERATORS = 1456100000000000302
BOT_ROLE = 1456100000000000303
STUDIO = 1456100000000000401
GALLERY = 1456100000000000402
MEMBER_ONE = 1456100000000000501
MEMBER_TWO = 1456100000000000502
MODERATOR = 1456100000000000503
OWNER = 1456100000000000504


class Snowflakes:
    """Hands out new snowflakes, strictly increasing within one process, which is enough for a sandbox."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> int:
        """Return an id made now, larger than every id before it."""
        now = (int(time.time() * 1000) - EPOCH_MS) << 22
        self._last = max(now, self._last + 1)
        return self._last


def made_at(snowflake: int) -> float:
    """Return when an id was made, in seconds since 1970."""
    return ((snowflake >> 22) + EPOCH_MS) / 1000
