"""SQLAlchemy engines for Easel: durable, with a bound on every wait, and no secrets in errors."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus

from bot.errors import StoreUnavailable
from bot.storage.faults import is_busy
from bot.storage.location import describe

if TYPE_CHECKING:
    from psycopg.abc import RV, PQGen
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection


class ServerFrozen(psycopg.OperationalError):
    """PostgreSQL accepts what it is sent but answers nothing, not even that a time-out has passed."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a database, in seconds.

    Attributes:
        lock: for a lock that somebody else holds.
        statement: for one statement on PostgreSQL, and between two of a transaction; 0 is for ever.
        answer: for the end of a transaction, including the wait for its turn.
    """

    lock: float
    statement: float
    answer: float


AT_WORK = Patience(lock=5.0, statement=10.0, answer=15.0)
"""A member is waiting: Discord allows 15 minutes, but nobody watches "thinking…" for that long."""

TO_READ = Patience(lock=5.0, statement=40.0, answer=45.0)
"""An operator is waiting, and asked for a lot, such as the sum of every entry there ever was."""

_CONNECT = 5
"""Seconds within which PostgreSQL must accept a connection."""

_FROZEN = 2.0
"""Seconds beyond its own time-out after which a server is taken to be frozen, or cut off."""


def make_engine(
    url: sa.URL, *, threads: int, patience: Patience, create: bool = False, read_only: bool = False
) -> sa.Engine:
    """Make an engine, which connects when it is first used.

    Args:
        url: from ``parse_database_url``.
        threads: connections to PostgreSQL; SQLite has one.
        patience: see ``Patience``.
        create: make a SQLite file, and its folder, if they are missing.
        read_only: its transactions write nothing, see one state, and block no writer.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, patience, create=create, read_only=read_only)
    return _postgresql_engine(url, threads, patience, read_only=read_only)


# --- SQLite -------------------------------------------------------------------------------------


def _sqlite_engine(url: sa.URL, patience: Patience, *, create: bool, read_only: bool) -> sa.Engine:
    # Absolute, in case the process ever changes its working directory.
    path = Path(url.database or "").absolute()
    engine = sa.create_engine(
        url,  # only for its name: the next argument opens the file
        creator=lambda: _open_sqlite(path, describe(url), patience, create=create, read_only=read_only),
        poolclass=sa.QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "checkout")
    def same_file(_raw: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        # Otherwise writes would still go to a file that was removed or replaced, where nobody sees them.
        now = _identity(path)
        if record.info.setdefault("file", now) != now or now is None:
            raise sa.exc.DisconnectionError("the file was moved")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # Take the write lock at once: taken half-way, it can fail without waiting. A reader needs none, and
        # sees the state of its first read until it ends.
        connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")

    return engine


def _open_sqlite(
    path: Path, where: str, patience: Patience, *, create: bool, read_only: bool
) -> sqlite3.Connection:
    if create:
        _make_file(path, where)
    _check_access(path, where)
    connection = sqlite3.connect(
        # "rw": a missing file is a fault, and must not be replaced by an empty database.
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=patience.lock,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        _use_write_ahead_log(connection, patience)
        # A commit must be on the disk before it returns: this is about money.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            # Not mode=ro: even a reader of the write-ahead log has to register itself in a file.
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_write_ahead_log(connection: sqlite3.Connection, patience: Patience) -> None:
    """Keep readers from stopping the writer, and make a commit one write. The file keeps the mode."""
    deadline = time.monotonic() + patience.lock
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # SQLite itself does not wait for this lock; two processes that create one file get here.
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _make_file(path: Path, where: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # For its owner only: it says who asked for what. SQLite gives its other files the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"{where} cannot be made: {error.strerror}") from error


def _check_access(path: Path, where: str) -> None:
    as_who_we_are = os.access in os.supports_effective_ids
    try:
        path.stat()
    except FileNotFoundError:
        raise StoreUnavailable(f"{where} does not exist; python -m bot migrate makes it") from None
    except OSError as error:
        raise StoreUnavailable(f"{where} cannot be opened: {error.strerror}") from error
    if not os.access(path, os.R_OK, effective_ids=as_who_we_are):
        raise StoreUnavailable(f"{where} may not be opened: permission denied")
    # SQLite would open it, and create files beside it that stay read-only when this one no longer is.
    if not os.access(path, os.W_OK, effective_ids=as_who_we_are):
        raise StoreUnavailable(f"{where} is read-only")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


# --- PostgreSQL ---------------------------------------------------------------------------------

_CONNECTION: dict[str, Any] = {
    "connect_timeout": _CONNECT,
    "application_name": "easel",
    # Without these, it takes hours to notice that a server vanished from the network.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""libpq's options, unless the URL sets them; times are in seconds, the last one in milliseconds."""


def connection_arguments(url: sa.URL) -> dict[str, Any]:
    """Return the arguments for psycopg to connect with, outside any engine."""
    _, arguments = url.get_dialect()().create_connect_args(url)
    return _CONNECTION | dict(arguments)


def _postgresql_engine(url: sa.URL, threads: int, patience: Patience, *, read_only: bool) -> sa.Engine:
    # No ping before each transaction: it costs a round trip, and says nothing about the next moment.
    # A transaction whose connection turns out to be dead is run again instead (see Database.run).
    engine = sa.create_engine(
        url,
        pool_size=threads,
        max_overflow=0,
        # Each statement of a writer sees the newest state, and waits for whoever is changing it.
        isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
        # Not set to False for writers: a server that is read-only by default must stay so.
        execution_options={"postgresql_readonly": True} if read_only else {},
        use_native_hstore=False,
        hide_parameters=True,
    )
    answer_within = patience.statement + _FROZEN if patience.statement else None

    @sa.event.listens_for(engine, "do_connect")
    def connect(
        _dialect: sa.Dialect, _record: ConnectionPoolEntry, _positional: object, named: dict[str, Any]
    ) -> _Connection:
        connection = _Connection.connect(**(_CONNECTION | named))
        connection.answer_within = answer_within
        return connection

    @sa.event.listens_for(engine, "connect")
    def bound(raw: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        timeouts = {
            "lock_timeout": patience.lock,
            "statement_timeout": patience.statement,
            # A process that freezes half-way must not hold its locks for ever.
            "idle_in_transaction_session_timeout": patience.statement,
        }
        cursor = raw.cursor()
        for name, seconds in timeouts.items():
            cursor.execute(f"SET SESSION {name} = {round(seconds * 1000)}")
        cursor.close()
        raw.commit()

    return engine


class _Connection(psycopg.Connection[Any]):
    """A connection that gives up on a frozen server, whose own time-outs do not run then."""

    answer_within: float | None = None
    """Seconds, or None to wait for ever."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        if timeout is not None or self.answer_within is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_within)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
                raise ServerFrozen(f"no answer within {self.answer_within:g} s") from None
            raise
