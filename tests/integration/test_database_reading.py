"""Transactions that only read: one state from beginning to end, and in nobody's way."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.storage.database import Patience, open_database
from bot.storage.upgrade import stored_version
from tests.integration.guild_rows import add_guild, guild_ids
from tests.integration.ledger_site import open_ledger

if TYPE_CHECKING:
    from bot.storage.database import Database

COUNT = sa.text("SELECT COUNT(*) FROM guilds")
HURRIED = Patience(lock=0.2, statement=5.0, answer=5.0)


async def test_others_write_while_somebody_reads_one_state(database: Database, store_url: str) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def look_twice(connection: sa.Connection) -> tuple[int, int]:
        before = connection.scalar(COUNT) or 0
        begun.set()
        go_on.wait()
        return before, connection.scalar(COUNT) or 0

    reader = asyncio.create_task(database.read(look_twice))
    await asyncio.to_thread(begun.wait)
    try:
        async with open_database(store_url, patience=HURRIED) as another:
            await another.run(add_guild(1))
        await database.run(add_guild(2))
    finally:
        go_on.set()

    assert await reader == (0, 0)
    assert await database.read(lambda connection: connection.scalar(COUNT)) == 2


async def test_who_reads_does_not_wait_for_who_writes(sqlite_url: str) -> None:
    path = sa.make_url(sqlite_url).database or ""
    async with open_database(sqlite_url, patience=HURRIED) as database:
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            # What `doctor` does beside a bot that is writing.
            assert await open_ledger(database).audit() == []
            assert await stored_version(sqlite_url)
            with pytest.raises(StoreUnavailable, match="locked"):
                await database.run(add_guild(1))


async def test_who_only_reads_cannot_write(database: Database) -> None:
    with pytest.raises(StoreUnavailable, match="is read-only"):
        await database.read(add_guild(1))

    await database.run(add_guild(2))
    assert await guild_ids(database) == [2]


async def test_a_closed_database_is_not_read(database: Database) -> None:
    await database.close()
    with pytest.raises(StoreUnavailable, match="was closed"):
        await database.read(lambda connection: connection.scalar(COUNT))
