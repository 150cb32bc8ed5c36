"""Brings a database's tables up to this version of Easel, or says why that cannot be done."""

from __future__ import annotations

import asyncio
import hashlib
import math
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.errors import SchemaMismatch
from bot.storage.engines import AT_WORK, Patience, make_engine
from bot.storage.faults import translate
from bot.storage.location import describe, parse_database_url
from bot.storage.schema import metadata

_PATIENCE = Patience(lock=60.0, statement=0.0, answer=math.inf)
"""Another process may be migrating, and a step over a large table takes what it takes."""

# Any number will do that nobody else takes in this database.
_LOCK = int.from_bytes(hashlib.sha256(b"easel migrate").digest()[:8], "big", signed=True)


async def migrate(url: str) -> tuple[str | None, str]:
    """Bring the database up to this version; a SQLite file, and its folder, are made if missing.

    All steps are one transaction. Of several processes that start at once, one does it and the
    others wait, for a minute at most.

    Args:
        url: see ``parse_database_url``.

    Returns:
        The schema's version before (None: there was none) and now.

    Raises:
        SchemaMismatch: the tables belong to a newer version of Easel, or to something else.
        StoreUnavailable: the database cannot be reached or written to.
        ValueError: ``url`` is no database URL.
    """
    return await asyncio.to_thread(upgrade, url)


def upgrade(url: str) -> tuple[str | None, str]:
    """The same as ``migrate``, for who has no event loop."""
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
    """The schema's version that the database has, unchanged; None if it has no tables yet.

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
    engine = make_engine(parsed, threads=1, patience=AT_WORK)
    try:
        with engine.connect() as connection:
            return _checked_version(connection, parsed)
    except sa.exc.DBAPIError as error:
        raise translate(error.orig, parsed) from error
    finally:
        engine.dispose()


def newest_version() -> str:
    """The schema's version that this version of Easel works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101  # there is a first step
    return head


def _upgrade(connection: sa.Connection, url: sa.URL) -> tuple[str | None, str]:
    # SQLite's transaction has the lock to write from its beginning.
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    before = _checked_version(connection, url)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before, newest_version()


def _checked_version(connection: sa.Connection, url: sa.URL) -> str | None:
    known = {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    if unknown := sorted(set(found) - known):
        raise SchemaMismatch(
            f"{describe(url)} has tables of version {', '.join(unknown)}, and this Easel knows none later"
            f" than {newest_version()}: start the newer Easel that they belong to, or restore a backup"
        )
    if found:
        return found[0]
    if taken := sorted(set(sa.inspect(connection).get_table_names()) & set(metadata.tables)):
        raise SchemaMismatch(
            f"{describe(url)} has tables of the same names that Easel did not make ({', '.join(taken)}):"
            " give Easel a database of its own"
        )
    return None


def _config() -> Config:
    config = Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config
