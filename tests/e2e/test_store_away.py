"""A database that leaves, or answers nothing, while a picture is drawn: the member has it all the same."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from psycopg import sql

from sandbox.azure.options import AzureOptions
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.e2e.alone import alone, becomes, begin, complaints
from tests.e2e.asking import PATIENCE, is_final
from tests.e2e.bot_process import BotProcess, running_bot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sandbox.discord.client.member import Invocation
    from tests.databases import Postgres

QUICK_TO_STOP = 5.0
"""Seconds an idle bot may take to stop without its store."""

LOCKED = 10.0
"""Seconds it may take where a statement is under way: PostgreSQL gives up waiting for a lock after 5."""

ENDS = "select kind, images from entries where phase = 'end'"
TABLES = """
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
"""


@dataclass(frozen=True, slots=True)
class OnPostgres:
    """A bot on a PostgreSQL database of its own."""

    sandbox: Sandbox
    bot: BotProcess
    server: Postgres
    name: str

    def query(self, query: str) -> list[tuple[Any, ...]]:
        with self.server.connect(self.name) as connection:
            return connection.execute(query).fetchall()

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Nobody gets in, and whoever was is thrown out."""
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        name = sql.Identifier(self.name)
        out = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        with self.server.connect() as connection:
            connection.execute(allow.format(name, sql.Literal(False)))
            connection.execute(out, [self.name])
            try:
                yield
            finally:
                connection.execute(allow.format(name, sql.Literal(True)))

    @contextlib.contextmanager
    def stalled(self) -> Iterator[None]:
        """Somebody else holds every table, so that no statement comes to an end."""
        with psycopg.connect(self.server.url_of(self.name)) as connection:
            while not _locked(connection):
                connection.rollback()
            yield
            connection.rollback()


def _locked(connection: psycopg.Connection[Any]) -> bool:
    """Whether every table could be had at once: to wait for one with another in hand may be a deadlock."""
    tables = sql.SQL(", ").join(sql.Identifier(*name) for name in connection.execute(TABLES).fetchall())
    try:
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE NOWAIT").format(tables))
    except psycopg.errors.LockNotAvailable:
        return False
    return True


@pytest_asyncio.fixture(loop_scope="session")
async def on_postgres(
    tmp_path: Path, postgres_url: str, postgres_server: Postgres
) -> AsyncIterator[OnPostgres]:
    options = SandboxOptions(azure=AzureOptions(latency=1.5))
    settings = {"DATABASE_URL": postgres_url}
    async with open_sandbox(options) as sandbox, running_bot(sandbox, tmp_path, settings) as bot:
        yield OnPostgres(sandbox, bot, postgres_server, sa.make_url(postgres_url).database or "")


async def drawing(sandbox: Sandbox) -> Invocation:
    """A picture that Azure is drawing."""
    invocation = await begin(sandbox)
    await becomes(lambda: sandbox.azure.requests)
    return invocation


@pytest.mark.parametrize("trouble", ["away", "stalled"])
async def test_a_picture_is_shown_without_postgresql_and_paid_for_when_it_is_back(
    on_postgres: OnPostgres, trouble: str
) -> None:
    invocation = await drawing(on_postgres.sandbox)
    with getattr(on_postgres, trouble)():
        message = await invocation.until(is_final, PATIENCE)
        assert len(message["attachments"]) == 1
    await becomes(lambda: on_postgres.query(ENDS) == [("settle", 1)], 60)
    assert on_postgres.query("select count(*) from jobs") == [(0,)]
    assert len(on_postgres.sandbox.azure.requests) == 1
    # What it could not write down it did not forget either: the next one is drawn as ever.
    assert (await (await begin(on_postgres.sandbox)).until(is_final))["attachments"]
    assert complaints(on_postgres.bot.output) == []


@pytest.mark.parametrize(("trouble", "seconds"), [("away", QUICK_TO_STOP), ("stalled", LOCKED)])
async def test_an_idle_bot_stops_at_once_without_postgresql(
    on_postgres: OnPostgres, trouble: str, seconds: float
) -> None:
    with getattr(on_postgres, trouble)():
        assert await on_postgres.bot.stop(timeout=seconds) == 0
    assert complaints(on_postgres.bot.output) == []


@pytest.mark.parametrize("trouble", ["away", "stalled"])
async def test_a_picture_being_drawn_is_finished_without_postgresql_before_the_bot_stops(
    on_postgres: OnPostgres, trouble: str
) -> None:
    invocation = await drawing(on_postgres.sandbox)
    with getattr(on_postgres, trouble)():
        assert await on_postgres.bot.stop() == 0
    assert invocation.message is not None
    assert len(invocation.message["attachments"]) == 1
    assert complaints(on_postgres.bot.output) == []


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """The bot's file, held by somebody else."""
    connection = sqlite3.connect(directory / "data" / "easel.db", isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.close()


async def test_a_picture_is_shown_though_what_was_drawn_cannot_be_written_down(tmp_path: Path) -> None:
    async with alone(tmp_path, latency=1.5) as (sandbox, bot):
        invocation = await drawing(sandbox)
        with locked(tmp_path):
            assert (await invocation.until(is_final, PATIENCE))["attachments"]
        assert len(sandbox.azure.requests) == 1
        assert (await (await begin(sandbox)).until(is_final, PATIENCE))["attachments"]
        assert complaints(bot.output) == []


async def test_a_bot_stops_at_once_though_its_file_is_held(tmp_path: Path) -> None:
    async with alone(tmp_path) as (_sandbox, bot):
        with locked(tmp_path):
            assert await bot.stop(timeout=QUICK_TO_STOP) == 0
        assert complaints(bot.output) == []
