"""Brings a database's tables up to this version of Easel, or says why that cannot be done."""

from __future__ import annotations

import asyncio
import hashlib
import math
from pathlib import Path

import sqlalchemy as sa

from bot.storage.engines import AT_WORK, Patience, make_engine
from bot.storage.faults import translate
from bot.storage.location import parse_database_url
from bot.storage.schema import VERSION

_PATIENCE = Patience(lock=60.0, statement=0.0, answer=math.inf)
"""Another process may be migrating, and a step over a large table takes as long as it takes."""

# Any number will do that nobody else uses as a lock in this database.
_LOCK = int.from_bytes(hashlib.sha256(b"easel migrate").digest()[:8], "big", signed=True)


async def migrate(url: str) -> tuple[str | None, str]:
    """Bring the database up to this version, and make a SQLite file and its folder if missing.

    All steps are one transaction. If several processes start at once, one migrates and the others wait, for
    a minute at most.

    Args:
        url: see ``parse_database_url``.

    Returns:
        The schema's version before (None if there was none) and now.

    Raises:
        SchemaMismatch: the tables belong to a newer version of Easel, or to something else.
        StoreUnavailable: the database cannot be reached or written to.
        ValueError: ``url`` is no database URL.
    """
    return await asyncio.to_thread(upgrade, url)


def upgrade(url: str) -> tuple[str | None, str]:
    """Do the same as ``migrate``, for a caller without an event loop."""
    parsed = parse_database_url(url)
    engine = make_engine(parsed, threads=1, patience=_PATIENCE, create=True)
    try:
        with engine.begin() as connection:
            return _upgrade(connection, parsed)
    except sa.exc.DBAPIError as error:
        raise translate(error.orig, parsed) from error
    finally:
        engine.dispose()


async def stored_version(url: str) -> str | None:
    """Return the database's schema version, without changing it; None if it has no tables yet.

    Raises:
        SchemaMismatch: the tables belong to a newer version of Easel, or to something else.
        StoreUnavailable: the database cannot be reached.
        ValueError: ``url`` is no database URL.
    """
    return await asyncio.to_thread(_look, url)


def _look(url: str) -> str | None:
    parsed = parse_database_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return None
    engine = make_engine(parsed, threads=1, patience=AT_WORK, read_only=True)
    try:
        with engine.connect() as connection:
            if _is_current(connection):
                return VERSION
            from bot.storage import steps  # noqa: PLC0415 - see _upgrade

            return steps.checked_version(connection, parsed)
    except sa.exc.DBAPIError as error:
        raise translate(error.orig, parsed) from error
    finally:
        engine.dispose()


def _upgrade(connection: sa.Connection, url: sa.URL) -> tuple[str | None, str]:
    # SQLite's transaction holds the write lock from its start.
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if _is_current(connection):
        return VERSION, VERSION
    # Alembic is large, and most starts find nothing to do.
    from bot.storage import steps  # noqa: PLC0415

    before = steps.checked_version(connection, url)
    steps.take(connection)
    return before, VERSION


def _is_current(connection: sa.Connection) -> bool:
    if not sa.inspect(connection).has_table("alembic_version"):
        return False
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [VERSION]
