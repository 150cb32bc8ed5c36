"""Which processes use a database: each holds a name, which is free again once the process is gone.

A reservation has an owner: a name and one life of it, such as ``all/0#5f2c9a10``. If the owner is dead, a
crash left the reservation open. The name alone would not tell: on PostgreSQL, a process that lost its
connection for a moment may find that another one has taken its name meanwhile, and then both are alive.
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
"""Most characters of an owner; the tables have no room for more."""

_LIFE = 4
"""Random bytes that tell the lives of a name apart; few of them have anything left open at a time."""


class Presence(Protocol):
    """This process among those that use its database."""

    @property
    def owner(self) -> str:
        """The name of this process, ``#``, and what tells this life from others of the same name."""

    async def dead(self, owners: Iterable[str]) -> set[str]:
        """Return which of these owners are dead: never this process itself, but earlier lives of its name.

        On PostgreSQL this takes 3 s if one seems dead: it may only have lost its connection.

        Raises:
            StoreUnavailable: the database does not answer.
        """


class _Absent:
    """A process that takes no requests, such as the doctor: it holds no name, and declares nobody dead."""

    owner = ""

    async def dead(self, owners: Iterable[str]) -> set[str]:
        """See ``Presence``."""
        del owners
        return set()


ABSENT: Final[Presence] = _Absent()
"""The presence of a process that holds no name."""


@asynccontextmanager
async def present(database: Database, preferred: str) -> AsyncIterator[Presence]:
    """Hold a name while the context lasts: ``preferred/0``, or the lowest number that is free.

    So a restarted process gets its old name back, but can be told from its earlier life.

    Args:
        database: where names are held; its tables are not needed.
        preferred: such as the shards of this process.

    Raises:
        StoreUnavailable: the database does not answer.
        ValueError: ``preferred`` is empty or too long.
    """
    life = secrets.token_hex(_LIFE)
    if not preferred or len(f"{preferred}/9999#{life}") > _LONGEST:
        raise ValueError(f"not the name of a process: {preferred!r}")
    names = (f"{preferred}/{number}" for number in itertools.count())
    hold = names_sqlite.hold if database.dialect == "sqlite" else names_postgresql.hold
    async with hold(database, names, life) as presence:
        yield presence
