"""Which processes live on a store: each holds a name, which is free again the moment the process is gone.

Reservations are made by an owner: a name and one life of it, ``all/0#5f2c9a10``. One whose owner lives no
more was left open by a crash. The name alone would not tell: on PostgreSQL a process that lost its
connection for a moment may find that another one has got its name meanwhile, and then both live.
"""

from __future__ import annotations

import itertools
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol

from bot.storage import names_postgresql, names_sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bot.storage.database import Database

_LONGEST = 64
"""Characters of an owner; the tables have no room for more."""

_LIFE = 4
"""Random bytes that tell one life from others: few of a name have anything left open at a time."""


class Presence(Protocol):
    """This process among those on its store."""

    @property
    def owner(self) -> str:
        """The name this process got, ``#``, and what tells this life from others of the same name."""

    async def dead(self, owners: Iterable[str]) -> set[str]:
        """Which of these owners live no more; never this process itself, but earlier lives of its name.

        On PostgreSQL the answer takes 3 s when there is a dead one: it may only have lost its connection.

        Raises:
            StoreUnavailable: the store does not say.
        """


class _Absent:
    """A process that takes no requests, such as the doctor: it has nothing, and declares nobody dead."""

    owner = ""

    async def dead(self, owners: Iterable[str]) -> set[str]:
        """See ``Presence``."""
        del owners
        return set()


ABSENT: Final[Presence] = _Absent()
"""The presence of a process that is not on the store."""


@asynccontextmanager
async def present(database: Database, preferred: str) -> AsyncIterator[Presence]:
    """Hold a name while the context lasts: ``preferred/0``, or the lowest number that is free.

    So a process that starts anew has its old name back, and can be told from its earlier life.

    Args:
        database: the store; its tables are not needed.
        preferred: such as the shards of this process.

    Raises:
        StoreUnavailable: the store cannot be asked.
        ValueError: ``preferred`` is empty or too long.
    """
    life = secrets.token_hex(_LIFE)
    if not preferred or len(f"{preferred}/9999#{life}") > _LONGEST:
        raise ValueError(f"not the name of a process: {preferred!r}")
    names = (f"{preferred}/{number}" for number in itertools.count())
    hold = names_sqlite.hold if database.dialect == "sqlite" else names_postgresql.hold
    async with hold(database, names, life) as presence:
        yield presence
