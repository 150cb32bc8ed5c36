"""The database: whole transactions, run on threads of their own.

Synchronous SQLAlchemy on an executor is faster than its asynchronous API, and safe under cancellation: a
transaction that has started is finished in its thread, whatever happens to the caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.storage.engines import AT_WORK, TO_READ, Patience, ServerFrozen, make_engine
from bot.storage.faults import is_conflict, quotable, translate
from bot.storage.location import describe, parse_database_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["Database", "Patience", "Work", "open_database", "parse_database_url"]

T = TypeVar("T")
Work = Callable[[sa.Connection], T]
"""The work of one transaction. It may be run twice, the second time from scratch."""

_PROBE = sa.text("UPDATE alembic_version SET version_num = version_num WHERE 1 = 0")
"""Changes nothing, but is refused wherever nothing can be written."""


class _Lane:
    """Connections for one kind of transaction, and the threads they run on."""

    def __init__(self, url: sa.URL, *, threads: int, patience: Patience, read_only: bool = False) -> None:
        self._url = url
        self._engine = make_engine(url, threads=threads, patience=patience, read_only=read_only)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="database")
        self._answer_within = patience.answer

    async def run(self, work: Work[T]) -> T:
        """See ``Database.run``."""
        transaction = asyncio.get_running_loop().run_in_executor(self._executor, self._transact, work)
        bound = asyncio.timeout(self._answer_within)
        try:
            async with bound:
                return await transaction
        except TimeoutError:
            if not bound.expired():  # raised by the work itself
                raise
            late = f"did not answer within {self._answer_within:g} s"
            raise StoreUnavailable(f"{describe(self._url)} {late}") from None

    def shut(self) -> None:
        """Finish the transactions that were asked for, and close the connections."""
        self._executor.shutdown()
        self._engine.dispose()

    def _transact(self, work: Work[T]) -> T:
        try:
            return self._attempt(work)
        except sa.exc.DBAPIError as error:
            if not _is_worth_repeating(error):
                raise translate(error.orig, self._url) from quotable(error)
        try:
            return self._attempt(work)
        except sa.exc.DBAPIError as error:
            raise translate(error.orig, self._url) from quotable(error)

    def _attempt(self, work: Work[T]) -> T:
        """Run ``work`` once.

        Raises:
            sqlalchemy.exc.DBAPIError: it failed, and certainly had no effect.
            StoreUnavailable: it may have had an effect, or there is no database at all.
        """
        with self._engine.connect() as connection:
            try:
                transaction = connection.begin()
                result = work(connection)
            except sa.exc.DBAPIError:
                # Whatever the error was, the next transaction gets a fresh connection.
                connection.invalidate()
                raise
            try:
                transaction.commit()
            except sa.exc.DBAPIError as error:
                connection.invalidate()
                if is_conflict(error.orig):
                    raise
                raise translate(error.orig, self._url, "while committing") from quotable(error)
            return result


class Database:
    """Runs transactions. ``open_database`` makes one; any number of tasks may use it at once."""

    def __init__(self, url: sa.URL, *, threads: int, patience: Patience) -> None:
        self.url = url
        self.dialect: Literal["sqlite", "postgresql"] = (
            "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
        )
        # SQLite has one writer at a time; more threads would only wait for each other.
        threads = 1 if self.dialect == "sqlite" else threads
        self._writing = _Lane(url, threads=threads, patience=patience)
        self._reading = _Lane(url, threads=1, patience=TO_READ, read_only=True)
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """Run ``work`` in one transaction: committed when it returns, rolled back when it raises.

        If the caller is cancelled before its turn, nothing is run; after that, the transaction finishes
        without it, and the caller cannot know whether it was committed. Nor can it on ``StoreUnavailable``.
        So every write has an idempotency key, and repeating it does no harm.

        Work that lost a conflict with another transaction, or whose connection broke before the commit, is
        run once more from the start.

        Raises:
            StoreUnavailable: the database or its driver raised an error, or did not answer in time.
        """
        self._check_open()
        return await self._writing.run(work)

    async def read(self, work: Work[T]) -> T:
        """Run ``work``, which only reads, and may take its time: it sees one state and locks nobody out.

        Reads run one after another, in parallel with whatever ``run`` does.

        Raises:
            StoreUnavailable: as for ``run``, and if ``work`` tries to write.
        """
        self._check_open()
        return await self._reading.run(work)

    async def ping(self) -> None:
        """Check that the database answers, can be written to, and has Easel's tables.

        Raises:
            StoreUnavailable: one of these is not so.
        """
        await self.run(_probe)

    async def close(self) -> None:
        """Finish the transactions that were asked for, and close the connections."""
        self._closed = True
        await asyncio.to_thread(self._shut)

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable(f"{describe(self.url)} was closed")

    def _shut(self) -> None:
        self._writing.shut()
        self._reading.shut()


def _is_worth_repeating(error: sa.exc.DBAPIError) -> bool:
    # A frozen server will not have recovered so soon.
    lost = error.connection_invalidated and not isinstance(error.orig, ServerFrozen)
    return lost or is_conflict(error.orig)


def _probe(connection: sa.Connection) -> None:
    connection.execute(_PROBE)


@asynccontextmanager
async def open_database(
    url: str, *, threads: int = 4, patience: Patience = AT_WORK
) -> AsyncIterator[Database]:
    """Open the database that ``url`` (a ``DATABASE_URL``) names; see ``migrate`` for its tables.

    This does not connect yet: ``Database.ping`` does.

    Args:
        url: see ``parse_database_url``.
        threads: most transactions at once on PostgreSQL.
        patience: bounds on the waits of a caller of ``Database.run``.

    Raises:
        ValueError: ``url`` is not a valid ``DATABASE_URL``.
    """
    database = Database(parse_database_url(url), threads=threads, patience=patience)
    try:
        yield database
    finally:
        await database.close()
