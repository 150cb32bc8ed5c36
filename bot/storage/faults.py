"""What a database's errors mean, in words for the operator.

They are told by their codes wherever these suffice: an error's own text may quote a statement's values.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import psycopg

from bot.errors import SchemaMismatch, StoreUnavailable
from bot.storage.location import describe

if TYPE_CHECKING:
    import sqlalchemy as sa

# Source: https://www.sqlite.org/rescode.html, the primary result codes.
_SQLITE = {
    sqlite3.SQLITE_PERM: "may not be opened: permission denied",
    sqlite3.SQLITE_BUSY: "is locked by another process",
    sqlite3.SQLITE_LOCKED: "is locked by another process",
    sqlite3.SQLITE_NOMEM: "needs more memory than there is",
    sqlite3.SQLITE_READONLY: "is read-only: the file, its folder or the file system",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an input/output error",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a backup",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: not there, no permission, or a folder",
    sqlite3.SQLITE_PROTOCOL: "is locked by another process",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database",
}
_SQLITE_NO_TABLE = ("no such table", "no such column", "has no column named")

# Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "25006": "is read-only",
    "25P03": "ended a transaction that paused for too long",
    "40001": "was changed by somebody else at the same time, twice in a row",
    "40P01": "was changed by somebody else at the same time, twice in a row",
    "42501": "does not let this user do this",
    "53100": "cannot grow: the server's disk is full",
    "53200": "needs more memory than the server has",
    "55P03": "is locked by another process",
    "57014": "took too long for a statement",
    "57P01": "was shut down",
    "57P02": "crashed",
    "58030": "cannot be read or written: the server's disk reports an input/output error",
    "XX001": "is damaged; restore it from a backup",
    "XX002": "has a damaged index; REINDEX mends it",
}
_POSTGRESQL_NO_TABLE = ("42P01", "42703")

_QUOTING = ("22", "23")
"""Error classes (data and constraints) in which PostgreSQL quotes rows."""

_CONFLICTS = ("40001", "40P01")
"""A transaction lost a conflict with another one; a retry would not lose again."""

_LONGEST = 300
"""Most characters of libpq's text: with several hosts, it reports on each."""

_NO_TABLE = "lacks tables this version of Easel needs; run: python -m bot migrate"


def translate(cause: BaseException | None, url: sa.URL, when: str = "") -> StoreUnavailable:
    """Return the error that tells the operator what a driver's error means.

    Args:
        cause: what ``sqlite3`` or ``psycopg`` raised, or a ``TimeoutError``.
        url: of the database.
        when: what was being done, for the text.
    """
    where = f"{when}: {describe(url)}" if when else describe(url)
    if isinstance(cause, sqlite3.Error):
        if _lacks_table(cause):
            return SchemaMismatch(f"{where} {_NO_TABLE}")
        return StoreUnavailable(f"{where} {_sqlite_reason(cause)}")
    if isinstance(cause, psycopg.Error):
        if cause.sqlstate in _POSTGRESQL_NO_TABLE:
            return SchemaMismatch(f"{where} {_NO_TABLE}")
        return StoreUnavailable(f"{where} {_postgresql_reason(cause)}")
    return StoreUnavailable(f"{where} does not answer")


def quotable(error: sa.exc.DBAPIError) -> sa.exc.DBAPIError | None:
    """Return the error to show as the cause; None if its text quotes the values of a row."""
    if isinstance(error.orig, psycopg.Error) and (error.orig.sqlstate or "").startswith(_QUOTING):
        return None
    return error


def is_conflict(cause: BaseException | None) -> bool:
    """Return whether a transaction was rolled back only because of a conflict with another one."""
    return isinstance(cause, psycopg.Error) and cause.sqlstate in _CONFLICTS


def is_busy(cause: BaseException | None) -> bool:
    """Return whether SQLite only reports that somebody else holds the lock."""
    return _primary_code(cause) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _primary_code(cause: BaseException | None) -> int:
    # An extended code has the primary one in its low eight bits. Errors of the Python module have no code.
    code: int = getattr(cause, "sqlite_errorcode", 0)
    return code & 0xFF


def _lacks_table(cause: sqlite3.Error) -> bool:
    # Like many errors of SQLite, this one has no code of its own.
    told = str(cause)
    return _primary_code(cause) == sqlite3.SQLITE_ERROR and any(words in told for words in _SQLITE_NO_TABLE)


def _sqlite_reason(cause: sqlite3.Error) -> str:
    known = _SQLITE.get(_primary_code(cause))
    return known or _refused(getattr(cause, "sqlite_errorname", type(cause).__name__))


def _postgresql_reason(cause: psycopg.Error) -> str:
    if known := _POSTGRESQL.get(cause.sqlstate or ""):
        return known
    if cause.sqlstate is None and isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)):
        # From libpq on our side: there is no connection, or no longer. Its text names host, port, user and
        # database, and repeats why the server refused, but contains neither password nor statement.
        return f"cannot be reached: {' '.join(str(cause).split())[:_LONGEST]}"
    diagnosis = cause.diag
    place = (diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name)
    return _refused(" ".join((type(cause).__name__, *filter(None, place))))


def _refused(name: str) -> str:
    return f"refused a statement: {name}"
