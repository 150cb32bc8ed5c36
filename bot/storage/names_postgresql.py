"""The names of the processes on a PostgreSQL database: each holds two advisory locks on its own connection.

One is on the name, and decides who gets it. The other is on the owner, which is that name and one life of
it, and says who is alive: a process that lost its connection can always take that one again, even if another
process has taken its name meanwhile.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa

from bot.storage.engines import connection_arguments
from bot.storage.faults import translate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bot.storage.database import Database

_log = logging.getLogger(__name__)

_LOOK_EVERY = 5.0
"""Seconds between two checks of the connection. If the other end closes it, that is noticed at once; this is
for one that was cut."""

_ANSWER_WITHIN = 5.0
"""Seconds within which PostgreSQL must answer on that connection, or it is given up."""

_RETAKE_EVERY = 0.5
"""Seconds between two attempts to register as alive again."""

_GRACE = 3.0
"""Seconds after which an owner that seemed dead is checked again: its process may be about to reconnect, as
all of them are after a restart of the server."""


class Holder:
    """A process that is alive as ``owner``."""

    def __init__(self, owner: str, database: Database) -> None:
        self.owner = owner
        self._database = database

    async def dead(self, owners: Iterable[str]) -> set[str]:
        """See ``Presence``."""
        suspects = await self._unheld(set(owners) - {self.owner})
        if not suspects:
            return suspects
        await asyncio.sleep(_GRACE)
        return await self._unheld(suspects)

    async def _unheld(self, owners: set[str]) -> set[str]:
        held = await self._database.run(_held_keys)
        return {owner for owner in owners if _key(owner) not in held}


@asynccontextmanager
async def hold(database: Database, names: Iterable[str], life: str) -> AsyncIterator[Holder]:
    """Hold the first of ``names`` that is free; stay registered as alive even if the connection is lost."""
    session = _Session(database.url)
    try:
        name = await session.claim(names, life)
        owner = f"{name}#{life}"
        keeper = asyncio.create_task(session.keep(name, owner))
        try:
            yield Holder(owner, database)
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper
    finally:
        await session.close()


class _Session:
    """The connection that holds the locks on the name and on the owner."""

    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def claim(self, names: Iterable[str], life: str) -> str:
        try:
            for name in names:
                if await self._take(name):
                    await self._take(f"{name}#{life}")
                    return name
        except (psycopg.Error, TimeoutError) as error:
            raise translate(error, self._url, "names of processes") from error
        raise ValueError("no name is free")

    async def keep(self, name: str, owner: str) -> None:
        """Watch the connection for ever, and take both locks again on a new one whenever it is lost."""
        while True:
            with suppress(psycopg.Error, TimeoutError):
                await self._watch()
            _log.warning("lost the connection to the database that says that %s is alive", owner)
            if await self._retake(name, owner):
                _log.info("%s is known to be alive again", owner)
            else:
                _log.info("%s is known to be alive again; another process has its name by now", owner)

    async def close(self) -> None:
        if self._connection:
            await self._connection.close()
            self._connection = None

    async def _watch(self) -> None:
        while self._connection and not self._connection.closed:
            async with asyncio.timeout(_ANSWER_WITHIN):
                await self._connection.execute("SELECT 1")
            # Nobody notifies; this waits on the socket, and so notices when it closes.
            async for _ in self._connection.notifies(timeout=_LOOK_EVERY):
                pass

    async def _retake(self, name: str, owner: str) -> bool:
        """Register as alive again; return whether the name was free too, which nothing depends on."""
        while True:
            await self.close()
            with suppress(psycopg.Error, TimeoutError):
                # Not free yet while the server still takes the lost connection for alive.
                if await self._take(owner):
                    return await self._take(name)
            await asyncio.sleep(_RETAKE_EVERY)

    async def _take(self, what: str) -> bool:
        connection = self._connection or await self._connect()
        async with asyncio.timeout(_ANSWER_WITHIN):
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (_key(what),))
            row = await cursor.fetchone()
        return bool(row and row[0])

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        arguments = connection_arguments(self._url)
        self._connection = await psycopg.AsyncConnection.connect(**arguments, autocommit=True)
        async with asyncio.timeout(_ANSWER_WITHIN):
            # So that the server, too, notices within half a minute that this machine is gone.
            for setting in ("idle = 10", "interval = 5", "count = 3"):
                await self._connection.execute(f"SET tcp_keepalives_{setting}")
        return self._connection


# A 64-bit key is shown in two halves; objsubid tells it from a pair of 32-bit keys.
_HELD = sa.text("""
    SELECT (classid::bigint << 32) | objid::bigint
    FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")


def _held_keys(connection: sa.Connection) -> set[int]:
    return set(connection.scalars(_HELD))


def _key(what: str) -> int:
    digest = hashlib.sha256(f"easel process {what}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
