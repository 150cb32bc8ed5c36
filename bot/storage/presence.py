"""Which processes live on a store: each holds a name, which is free again the moment the process is gone.

Reservations are made in a name. One under a name that nobody holds was left open by a crash.
"""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from bot.storage import names_postgresql, names_sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bot.storage.database import Database

_LONGEST = 64
"""Characters of a name; the tables have no room for more."""


class Presence(Protocol):
    """This process among those on its store."""

    @property
    def owner(self) -> str:
        """The name this process holds."""

    async def dead(self, owners: Iterable[str]) -> set[str]:
        """Which of these names no living process holds; never this process's own.

        What was there under its own name when it started is from an earlier life of it. On PostgreSQL
        the answer takes 3 s when there is a dead one: the others may only have lost their connection.

        Raises:
            StoreUnavailable: the store does not say.
        """


@asynccontextmanager
async def present(database: Database, preferred: str) -> AsyncIterator[Presence]:
    """Hold a name while the context lasts: ``preferred/0``, or the lowest number that is free.

    So a process that starts anew has its old name back, and two never share one.

    Args:
        database: the store; its tables are not needed.
        preferred: such as the shards of this process.

    Raises:
        StoreUnavailable: the store cannot be asked.
        ValueError: ``preferred`` is empty or too long.
    """
    if not preferred or len(f"{preferred}/9999") > _LONGEST:
        raise ValueError(f"not the name of a process: {preferred!r}")
    names = (f"{preferred}/{number}" for number in itertools.count())
    hold = names_sqlite.hold if database.dialect == "sqlite" else names_postgresql.hold
    async with hold(database, names) as presence:
        yield presence
