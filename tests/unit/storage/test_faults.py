from __future__ import annotations

import sqlite3

import psycopg
import pytest
import sqlalchemy as sa

from bot.errors import SchemaMismatch, StoreUnavailable
from bot.storage.faults import is_busy, is_conflict, translate

FILE = sa.make_url("sqlite:///data/easel.db")
SERVER = sa.make_url("postgresql+psycopg://easel:secret@db.example/easel")


def sqlite_error(code: int, text: str = "told by SQLite") -> sqlite3.Error:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    error.sqlite_errorname = "SQLITE_SOMETHING"
    return error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_BUSY, "is locked by another process"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "is locked by another process"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "is read-only: the file, its folder or the file system"),
        (sqlite3.SQLITE_IOERR_FSYNC, "cannot be read or written: the disk reports an input/output error"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "is damaged; restore it from a backup"),
        (sqlite3.SQLITE_FULL, "cannot grow: the disk is full"),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, "cannot be opened: not there, no permission, or a folder"),
        (sqlite3.SQLITE_NOTADB, "is not a SQLite database"),
        (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, "refused a statement: SQLITE_SOMETHING"),
        (sqlite3.SQLITE_ERROR, "refused a statement: SQLITE_SOMETHING"),
    ],
)
def test_what_sqlite_reports(code: int, words: str) -> None:
    error = translate(sqlite_error(code), FILE)

    assert type(error) is StoreUnavailable
    assert str(error) == f"the SQLite file data/easel.db {words}"


def test_what_the_sqlite_module_itself_reports() -> None:
    error = translate(sqlite3.ProgrammingError("Cannot operate on a closed database."), FILE)
    assert str(error) == "the SQLite file data/easel.db refused a statement: ProgrammingError"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (psycopg.errors.LockNotAvailable, "is locked by another process"),
        (psycopg.errors.QueryCanceled, "took too long for a statement"),
        (psycopg.errors.AdminShutdown, "was shut down"),
        (psycopg.errors.CrashShutdown, "crashed"),
        (psycopg.errors.DiskFull, "cannot grow: the server's disk is full"),
        (
            psycopg.errors.IoError,
            "cannot be read or written: the server's disk reports an input/output error",
        ),
        (psycopg.errors.DataCorrupted, "is damaged; restore it from a backup"),
        (psycopg.errors.ReadOnlySqlTransaction, "is read-only"),
        (psycopg.errors.InsufficientPrivilege, "does not let this user do this"),
        (psycopg.errors.DeadlockDetected, "was changed by somebody else at the same time, twice in a row"),
        (psycopg.errors.NumericValueOutOfRange, "refused a statement: NumericValueOutOfRange"),
        (psycopg.DataError, "refused a statement: DataError"),
    ],
)
def test_what_postgresql_reports(kind: type[psycopg.Error], words: str) -> None:
    error = translate(kind("secret, told by PostgreSQL"), SERVER)

    assert type(error) is StoreUnavailable
    assert str(error) == f"the PostgreSQL database easel on db.example {words}"


def test_without_a_connection_the_operator_reads_what_libpq_says_on_one_line() -> None:
    lost = psycopg.OperationalError("connection failed:\n\thost not found" + " and so on" * 100)
    text = str(translate(lost, SERVER, "names of processes"))

    prefix = "names of processes: the PostgreSQL database easel on db.example cannot be reached: "
    assert text.startswith(f"{prefix}connection failed: host not found and so on")
    assert len(text) == len(prefix) + 300


def test_no_answer_at_all() -> None:
    assert str(translate(TimeoutError(), SERVER)).endswith(" does not answer")


@pytest.mark.parametrize(
    ("cause", "url"),
    [
        (sqlite_error(sqlite3.SQLITE_ERROR, "no such table: guilds"), FILE),
        (sqlite_error(sqlite3.SQLITE_ERROR, "table guilds has no column named zone"), FILE),
        (psycopg.errors.UndefinedTable(), SERVER),
        (psycopg.errors.UndefinedColumn(), SERVER),
    ],
)
def test_missing_tables_are_a_matter_of_the_schema(cause: Exception, url: sa.URL) -> None:
    error = translate(cause, url)
    assert isinstance(error, SchemaMismatch)
    assert "python -m bot migrate" in str(error)


def test_which_transactions_only_lost_against_another() -> None:
    assert is_conflict(psycopg.errors.DeadlockDetected())
    assert is_conflict(psycopg.errors.SerializationFailure())
    assert not is_conflict(psycopg.errors.UniqueViolation())
    assert not is_conflict(sqlite_error(sqlite3.SQLITE_BUSY))


def test_which_errors_say_that_sqlite_is_busy() -> None:
    assert is_busy(sqlite_error(sqlite3.SQLITE_BUSY_RECOVERY))
    assert not is_busy(sqlite_error(sqlite3.SQLITE_IOERR))
    assert not is_busy(psycopg.errors.LockNotAvailable())
