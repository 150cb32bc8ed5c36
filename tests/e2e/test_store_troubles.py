"""A database that is slow, locked, full or gone: nobody waits in silence, and nobody pays."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from psycopg import sql

from sandbox.azure.options import AzureOptions
from sandbox.discord.world.ids import MODERATOR
from sandbox.server import SandboxOptions, open_sandbox
from tests.e2e.alone import alone, becomes, begin, complaints, public_messages
from tests.e2e.bot_process import running_bot, start_bot
from tests.e2e.locking import locked

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.client.member import Invocation
    from tests.databases import Postgres

DISCORD_S_PATIENCE = 3.0


def waited(invocation: Invocation) -> float:
    """Seconds until the command was acknowledged."""
    assert invocation.acknowledged_at is not None
    return invocation.acknowledged_at - invocation.sent_at


async def test_a_slow_store_is_not_waited_for_before_the_acknowledgement(tmp_path: Path) -> None:
    async with alone(tmp_path) as (sandbox, bot):
        with locked(tmp_path):
            invocation = await begin(sandbox)
            assert waited(invocation) < DISCORD_S_PATIENCE
            assert not sandbox.azure.requests
        message = await invocation.settled()
        assert len(message["attachments"]) == 1
        assert not message["flags"] & 64
        assert complaints(bot.output) == []


async def test_a_refusal_that_comes_late_takes_the_placeholder_back_and_is_private(tmp_path: Path) -> None:
    async with alone(tmp_path) as (sandbox, bot):
        moderator = sandbox.discord.member(MODERATOR)
        await (await moderator.slash("limits set", images_per_day=0)).settled()
        with locked(tmp_path):
            invocation = await begin(sandbox)
            assert len(public_messages(sandbox, invocation)) == 1
        await becomes(lambda: invocation.followups)
        (told,) = invocation.followups
        assert told["flags"] & 64
        assert "Nothing was charged" in told["content"]
        assert public_messages(sandbox, invocation) == []
        assert not sandbox.azure.requests
        assert complaints(bot.output) == []


async def test_a_store_that_stays_away_ends_in_a_private_answer_and_works_again_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with alone(tmp_path) as (sandbox, bot):
        with locked(tmp_path):
            invocation = await begin(sandbox)
            await becomes(lambda: invocation.followups, 30)
            (told,) = invocation.followups
            assert told["flags"] & 64
            assert "othing was charged" in told["content"]
            assert public_messages(sandbox, invocation) == []
        assert not sandbox.azure.requests
        again = await (await begin(sandbox)).settled()
        assert len(again["attachments"]) == 1
        assert complaints(bot.output) == []


async def test_a_store_that_leaves_while_a_picture_is_drawn_is_told_of_it_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with alone(tmp_path, latency=1.0) as (sandbox, bot):
        invocation = await begin(sandbox)
        await becomes(lambda: sandbox.azure.requests)
        with locked(tmp_path):
            message = await invocation.settled()
            assert len(message["attachments"]) == 1
            await becomes(lambda: "wait for the store" in bot.output, 30)
        await becomes(lambda: "the store is back" in bot.output, 60)
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "easel.db")) as connection:
        found = connection.execute(
            "select sum(used), sum(held) from counters where unit = 'images'"
        ).fetchone()
    assert found == (2, 0)


async def test_a_postgresql_that_goes_away_and_comes_back(
    tmp_path: Path, postgres_url: str, postgres_server: Postgres
) -> None:
    name = sa.make_url(postgres_url).database or ""
    options = SandboxOptions(azure=AzureOptions(latency=0.0))
    settings = {"DATABASE_URL": postgres_url}
    async with open_sandbox(options) as sandbox, running_bot(sandbox, tmp_path, settings) as bot:
        assert (await (await begin(sandbox)).settled())["attachments"]
        with postgres_server.connect() as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name))
            )
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            refused = await begin(sandbox)
            assert waited(refused) < DISCORD_S_PATIENCE
            await becomes(lambda: refused.message is not None or refused.followups, 30)
            connection.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name))
            )
        await asyncio.sleep(0.5)
        assert (await (await begin(sandbox)).settled())["attachments"]
        assert len(sandbox.azure.requests) == 2
        assert complaints(bot.output) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.write_bytes(b"not a database at all" * 500), "is not a SQLite database"),
        (lambda file: file.mkdir(), "cannot be made: Is a directory"),
    ],
    ids=["not a database", "a folder"],
)
async def test_a_store_that_cannot_be_used_ends_the_start_with_one_readable_line(
    tmp_path: Path, spoil: object, said: str
) -> None:
    file = tmp_path / "data" / "easel.db"
    file.parent.mkdir()
    assert callable(spoil)
    spoil(file)
    async with open_sandbox() as sandbox:
        bot = await start_bot(tmp_path, sandbox.bot_environment())
        async with asyncio.timeout(30):
            assert await bot.process.wait() in {1, 2}
    assert said in bot.output
    assert complaints(bot.output) == []
