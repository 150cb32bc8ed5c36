"""The database: whole transactions, one after another, on threads of their own.

Synchronous SQLAlchemy on an executor is faster than its asynchronous face, and safe under cancellation:
a transaction that has begun is finished in its thread, whatever becomes of the caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.storage.engines import AT_WORK, Patience, ServerFrozen, make_engine
from bot.storage.faults import is_conflict, quotable, translate
from bot.storage.location import describe, parse_database_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["Database", "Patience", "Work", "open_database", "parse_database_url"]

T = TypeVar("T")
Work = Callable[[sa.Connection], T]
"""What is done in one transaction. It may be run twice, and then starts from nothing again."""

_PROBE = sa.text("UPDATE alembic_version SET version_num = version_num WHERE 1 = 0")
"""Changes nothing, and yet is refused wherever nothing can be changed."""


class Database:
    """Runs transactions. ``open_database`` makes one; any number of tasks may use it at once."""

    def __init__(self, url: sa.URL, *, threads: int, patience: Patience) -> None:
        self.url = url
        self.dialect: Literal["sqlite", "postgresql"] = (
            "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
        )
        # SQLite has one writer at a time; more threads would only wait for each other.
        threads = 1 if self.dialect == "sqlite" else threads
        self._engine = make_engine(url, threads=threads, patience=patience)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="database")
        self._answer_within = patience.answer
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """Run ``work`` in one transaction: committed when it returns, rolled back when it raises.

        A caller that is cancelled before its turn leaves nothing; after that the transaction goes on to
        its end without it, so that it cannot know whether it was committed. Nor can one that is told
        ``StoreUnavailable``. So what is written has a key, and is done again without harm.

        Work that lost against another transaction, or whose connection broke before the commit, is run
        once more from the start.

        Raises:
            StoreUnavailable: whatever the database or its driver raises, or no answer in time.
        """
        if self._closed:
            raise StoreUnavailable(f"{describe(self.url)} was closed")
        transaction = asyncio.get_running_loop().run_in_executor(self._executor, self._transact, work)
        bound = asyncio.timeout(self._answer_within)
        try:
            async with bound:
                return await transaction
        except TimeoutError:
            if not bound.expired():  # the work's own
                raise
            late = f"did not answer within {self._answer_within:g} s"
            raise StoreUnavailable(f"{describe(self.url)} {late}") from None

    async def ping(self) -> None:
        """See that the database answers, can be written to, and has Easel's tables.

        Raises:
            StoreUnavailable: it does not, cannot or has not.
        """
        await self.run(_probe)

    async def close(self) -> None:
        """Finish the transactions that were asked for, and close the connections."""
        self._closed = True
        await asyncio.to_thread(self._shut)

    def _shut(self) -> None:
        self._executor.shutdown()
        self._engine.dispose()

    def _transact(self, work: Work[T]) -> T:
        try:
            return self._attempt(work)
        except sa.exc.DBAPIError as error:
            if not _is_worth_repeating(error):
                raise translate(error.orig, self.url) from quotable(error)
        try:
            return self._attempt(work)
        except sa.exc.DBAPIError as error:
            raise translate(error.orig, self.url) from quotable(error)

    def _attempt(self, work: Work[T]) -> T:
        """Run ``work`` once.

        Raises:
            sqlalchemy.exc.DBAPIError: it certainly had no effect.
            StoreUnavailable: that is not certain, or there is no database at all.
        """
        with self._engine.connect() as connection:
            try:
                transaction = connection.begin()
                result = work(connection)
            except sa.exc.DBAPIError:
                # Whatever it was, the next transaction begins on a fresh connection.
                connection.invalidate()
                raise
            try:
                transaction.commit()
            except sa.exc.DBAPIError as error:
                connection.invalidate()
                if is_conflict(error.orig):
                    raise
                raise translate(error.orig, self.url, "while committing") from quotable(error)
            return result


def _is_worth_repeating(error: sa.exc.DBAPIError) -> bool:
    # A server that froze will not have thawed.
    lost = error.connection_invalidated and not isinstance(error.orig, ServerFrozen)
    return lost or is_conflict(error.orig)


def _probe(connection: sa.Connection) -> None:
    connection.execute(_PROBE)


@asynccontextmanager
async def open_database(
    url: str, *, threads: int = 4, patience: Patience = AT_WORK
) -> AsyncIterator[Database]:
    """Open the database that ``url`` (a ``DATABASE_URL``) names; see ``migrate`` for its tables.

    Nothing is contacted yet: ``Database.ping`` does that.

    Args:
        url: see ``parse_database_url``.
        threads: transactions at once on PostgreSQL.
        patience: bounds on what a caller may have to wait for.

    Raises:
        ValueError: ``url`` is not one.
    """
    database = Database(parse_database_url(url), threads=threads, patience=patience)
    try:
        yield database
    finally:
        await database.close()
