"""What the previous version kept about open jobs in separate tables; read once, by step ``0003``.

A workflow engine, DBOS, saved there how the drawing of each job ended. What it left is read with plain SQL:
on SQLite a file beside the database, on PostgreSQL the schema ``dbos`` of the same database. Nothing is ever
written there. What cannot be read counts as never written: the archive then says what was drawn, and the
estimate what it cost.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_log = logging.getLogger(__name__)

WITHIN: Final = 30.0
"""Most seconds for all jobs; those not reached in time are treated as if nothing were known of them."""

LOCKED: Final = 2.0
"""Seconds to wait for a lock on the tables: nobody has a reason to hold one."""

MOST: Final = 8192
"""Most characters of a value; a record has a few hundred."""

LARGEST: Final = 2**20
"""Most bytes of a value that SQLite may load at all."""

LOOKS: Final = 20
"""Most workflows of one job to look at, besides its first; a job is given up after ten crashes."""

_SCHEMA: Final = "dbos"
_AGAIN: Final = " again "
"""Follows the job's id in the name of each workflow but its first."""

_UNREADABLE: Final = (sa.exc.DBAPIError, msgspec.DecodeError, RecursionError, TypeError, ValueError)
"""What reading one value may raise, whoever wrote it."""

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Record(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The record of a drawing as the previous version wrote it, always with all fields."""

    failed: str
    formats: tuple[Literal["png", "jpeg", "webp"], ...]
    filtered: _Count
    archived: bool
    deployment: str
    request_id: str
    seconds: Annotated[float, msgspec.Meta(ge=0, le=1e9)]
    cost: _Count
    unclear_calls: _Count


class _Inputs(msgspec.Struct, frozen=True):
    """A workflow's arguments: the ids of its job and of the answer, the latter empty if unknown."""

    arguments: tuple[str, str] = msgspec.field(name="positionalArgs")


@dataclass(frozen=True, slots=True)
class Former:
    """What is known of a job.

    Attributes:
        drawn: the record of its drawing, as JSON; None if the drawing was not over.
        message_id: the answer's id; None if it was not known.
    """

    drawn: str | None
    message_id: int | None


def recall(
    connection: sa.Connection, job_ids: Collection[int], *, within: float = WITHIN
) -> dict[int, Former]:
    """Look up open jobs, and leave out those of which nothing is known.

    Problems with the former tables raise nothing: they are one warning in the log.

    Args:
        connection: to the database, in a transaction, which stays usable afterwards.
        job_ids: the open jobs.
        within: seconds it may take.
    """
    if not job_ids:
        return {}
    known: dict[int, Former] = {}
    troubles: list[str] = []
    try:
        deadline = time.monotonic() + within
        with _reading(connection, deadline) as (former, schema):
            look = _Look(former, schema, job_ids)
            for job_id in job_ids:
                if time.monotonic() > deadline:
                    troubles.append("no time left")
                    break
                found, trouble = look.at(job_id)
                if found.drawn is not None or found.message_id is not None:
                    known[job_id] = found
                if trouble:
                    troubles.append(f"job {job_id}: {trouble}")
    except Exception as error:
        # Whatever it is, a failed upgrade would cost far more than this can save.
        if connection.invalidated:
            raise  # the database itself is lost
        troubles.append(_brief(error))
    if troubles:
        _log.warning(
            "what the version before kept of %d open jobs cannot be read, or not all of it (%s%s):"
            " the archive and the estimate decide instead",
            len(job_ids),
            troubles[0],
            f", and {len(troubles) - 1} more" if troubles[1:] else "",
        )
    return known


def remains(connection: sa.Connection) -> str:
    """Return what an operator can remove of the former tables, and how; empty if nothing is left."""
    url = connection.engine.url
    if connection.dialect.name == "sqlite":
        return (
            f"the file {url.database}-workflows (and its -wal and -shm)" if former_file(url).exists() else ""
        )
    # The catalogue can be read even without access to the schema.
    catalogued = sa.text(
        "SELECT 1 FROM pg_catalog.pg_class AS tables"
        " JOIN pg_catalog.pg_namespace AS schemas ON schemas.oid = tables.relnamespace"
        " WHERE schemas.nspname = :schema AND tables.relname = 'operation_outputs'"
    )
    found = connection.execute(catalogued, {"schema": _SCHEMA}).first()
    return f"it with DROP SCHEMA {_SCHEMA} CASCADE, unless other programs use DBOS here" if found else ""


class _Look:
    """A look into the former tables."""

    def __init__(self, former: sa.Connection, schema: str | None, job_ids: Collection[int]) -> None:
        self._former = former
        columns = ("workflow_uuid", "function_id", "function_name", "output", "error", "serialization")
        self._steps = sa.table(
            "operation_outputs",
            *map(sa.column, columns),
            sa.column("completed_at_epoch_ms", sa.BigInteger),
            schema=schema,
        )
        self._inputs = sa.table(
            "workflow_input", sa.column("workflow_uuid"), sa.column("inputs"), schema=schema
        )
        self._later = self._list_later({str(job_id) for job_id in job_ids})

    def _list_later(self, job_ids: set[str]) -> dict[str, deque[str]]:
        """Return each job's workflows after its first that have a ``draw`` step, the latest last."""
        steps = self._steps.c
        named = (
            sa.select(steps.workflow_uuid)
            .where(steps.workflow_uuid.contains(_AGAIN), steps.function_name == "draw")
            .order_by(steps.completed_at_epoch_ms)
        )
        later: dict[str, deque[str]] = {}
        for name in self._former.execute(named, execution_options={"yield_per": 1000}).scalars():
            job_id = str(name).partition(_AGAIN)[0]
            if job_id in job_ids:
                later.setdefault(job_id, deque(maxlen=LOOKS)).append(name)
        return later

    def at(self, job_id: int) -> tuple[Former, str]:
        """Return what is known of a job, and what is wrong with the rest, if anything."""
        name, drawn, message_id = str(job_id), None, None
        troubles = []
        for workflow in (*reversed(self._later.get(name, ())), name):
            try:
                drawn = self._drawn(workflow)
            except _UNREADABLE as error:
                troubles.append(_brief(error))
            if drawn is not None:
                break
        try:
            message_id = self._message(name)
        except _UNREADABLE as error:
            troubles.append(_brief(error))
        return Former(drawn, message_id), troubles[0] if troubles else ""

    def _drawn(self, workflow: str) -> str | None:
        """Return the record of a drawing, as it was written; None if there is none.

        Raises:
            msgspec.DecodeError: it is not a valid one.
        """
        steps = self._steps.c
        sound = (
            steps.workflow_uuid == workflow,
            steps.function_name == "draw",
            steps.serialization == "portable_json",
            steps.output.is_not(None),
            steps.error.is_(None),
        )
        latest = sa.select(sa.func.substr(steps.output, 1, MOST)).where(*sound)
        value = self._value(latest.order_by(steps.function_id.desc()).limit(1))
        if value is None:
            return None
        text = msgspec.json.decode(value, type=str)
        msgspec.json.decode(text, type=_Record)
        return text

    def _message(self, workflow: str) -> int | None:
        """Return the id of the answer; None if it was not known.

        Raises:
            msgspec.DecodeError, ValueError: it is not a valid one.
        """
        value = self._value(
            sa.select(sa.func.substr(self._inputs.c.inputs, 1, MOST)).where(
                self._inputs.c.workflow_uuid == workflow
            )
        )
        if value is None:
            return None
        job, message = msgspec.json.decode(value, type=_Inputs).arguments
        if job != workflow:
            raise ValueError("the inputs of another job")
        if not message:
            return None
        if not (message.isascii() and message.isdecimal() and len(message) < 20 and 0 < int(message) < 2**63):
            raise ValueError("no id of a message")
        return int(message)

    def _value(self, query: sa.Select[str]) -> str | None:
        # An error with one value must not abort the transaction for the others.
        with self._former.begin_nested():
            return self._former.execute(query).scalar()


@contextlib.contextmanager
def _reading(connection: sa.Connection, deadline: float) -> Iterator[tuple[sa.Connection, str | None]]:
    """Open the former tables, and yield a connection and their schema.

    Raises:
        sqlalchemy.exc.DBAPIError: they cannot be opened.
    """
    if connection.dialect.name == "sqlite":
        path = former_file(connection.engine.url)
        # We connect ourselves, because the dialect would create a missing file.
        engine = sa.create_engine(
            "sqlite://", creator=lambda: _open(path, deadline), poolclass=sa.NullPool, hide_parameters=True
        )
        with engine.connect() as former:
            yield former, None
        return
    # Always rolled back, which also resets the settings: there is nothing in it to keep.
    savepoint = connection.begin_nested()
    try:
        for name, value in {
            "lock_timeout": f"{LOCKED:.0f}s",
            "statement_timeout": f"{WITHIN / 3:.0f}s",
            "transaction_read_only": "on",
        }.items():
            connection.exec_driver_sql(f"SET LOCAL {name} = '{value}'")
        yield connection, _SCHEMA
    finally:
        savepoint.rollback()


def _open(path: Path, deadline: float) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=LOCKED, isolation_level=None)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)
    return connection


def former_file(url: sa.URL) -> Path:
    """Return where the former tables were on SQLite, such as ``easel.db-workflows``."""
    path = Path(url.database or "").absolute()
    return path.with_name(f"{path.name}-workflows")


def _brief(error: Exception) -> str:
    """Return what went wrong, without quoting what was read."""
    if isinstance(error, sa.exc.DBAPIError):
        return str(error.orig).partition("\n")[0]
    return "a value of another form" if isinstance(error, _UNREADABLE) else type(error).__name__
