"""The steps from one version of the tables to the next, taken by Alembic."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.errors import SchemaMismatch
from bot.storage.location import describe
from bot.storage.schema import VERSION, metadata


def take(connection: sa.Connection, version: str = VERSION) -> None:
    """Take the missing steps up to a version, within the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def checked_version(connection: sa.Connection, url: sa.URL) -> str | None:
    """Return the version of the tables; None if there are none.

    Raises:
        SchemaMismatch: they belong to a newer version of Easel, or to something else.
    """
    known = {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    if unknown := sorted(set(found) - known):
        raise SchemaMismatch(
            f"{describe(url)} has tables of version {', '.join(unknown)}, and this Easel knows none later"
            f" than {VERSION}: start the newer Easel that they belong to, or restore a backup"
        )
    if found:
        return found[0]
    if taken := sorted(set(sa.inspect(connection).get_table_names()) & set(metadata.tables)):
        raise SchemaMismatch(
            f"{describe(url)} has tables of the same names that Easel did not make ({', '.join(taken)}):"
            " give Easel a database of its own"
        )
    return None


def newest_step() -> str:
    """Return the last step there is; ``VERSION`` must name it."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config
