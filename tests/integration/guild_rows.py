"""Something to do in a transaction: rows of the table ``guilds``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.storage.schema import guilds

if TYPE_CHECKING:
    from bot.storage.database import Database, Work


def add_guild(guild_id: int, *, note: str = "") -> Work[None]:
    def work(connection: sa.Connection) -> None:
        connection.execute(sa.insert(guilds).values(guild_id=guild_id, pause_note=note))

    return work


def raise_revision(guild_id: int) -> Work[int]:
    """Count one up, and return the count."""

    def work(connection: sa.Connection) -> int:
        row = guilds.c.guild_id == guild_id
        counted = sa.update(guilds).where(row).values(revision=guilds.c.revision + 1)
        return int(connection.execute(counted.returning(guilds.c.revision)).scalar_one())

    return work


async def guild_ids(database: Database) -> list[int]:
    query = sa.select(guilds.c.guild_id).order_by(guilds.c.guild_id)
    return await database.run(lambda connection: list(connection.scalars(query)))
