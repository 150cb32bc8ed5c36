"""One command is one picture and one charge, however often it arrives and whoever answers it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from sandbox.azure.options import AzureOptions
from sandbox.discord.client.payloads import interaction_payload
from sandbox.discord.world.ids import MEMBER_ONE
from sandbox.faults import Fault
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.e2e.alone import alone, becomes, begin, calm, complaints, public_messages
from tests.e2e.asking import is_final
from tests.e2e.bot_process import BotProcess, running_bot
from tests.e2e.locking import ledger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sandbox.discord.client.member import Invocation

ACKNOWLEDGEMENT = "POST /interactions/*/callback"
BOTH_READY = 60.0
TAKEN_OVER = 40.0
"""Seconds until a test gives up on the living process, which looks every 15 for what a dead one left."""

KINDS = "select kind, count(*) from entries group by kind order by kind"
USED = "select used, held from counters where unit = 'images' and member_id <> 0 order by period"


def pictures(sandbox: Sandbox, invocation: Invocation) -> list[int]:
    """How many pictures each message has that others see since the command."""
    return [len(message["attachments"]) for message in public_messages(sandbox, invocation)]


async def test_an_event_that_comes_again_is_one_charge(tmp_path: Path) -> None:
    async with alone(tmp_path, latency=1.0) as (sandbox, bot):
        invocation = await sandbox.discord.member(MEMBER_ONE).slash("imagine", prompt="an echo")
        again = interaction_payload(sandbox.discord.world, invocation.interaction)
        await sandbox.discord.dispatch("INTERACTION_CREATE", again)
        await invocation.settled()
        await sandbox.discord.dispatch("INTERACTION_CREATE", again)
        await calm(sandbox)

        assert pictures(sandbox, invocation) == [1]
        assert len(sandbox.azure.requests) == 1
        assert complaints(bot.output) == []
    assert ledger(tmp_path, KINDS) == [("reserve", 1), ("settle", 1)]


@pytest.mark.parametrize("status", [500, 503])
async def test_an_acknowledgement_that_took_effect_unheard_is_one_charge(tmp_path: Path, status: int) -> None:
    async with alone(tmp_path) as (sandbox, bot):
        sandbox.discord.faults.add(Fault("effect_status", ACKNOWLEDGEMENT, status=status))
        invocation = await begin(sandbox)
        await invocation.settled()
        await calm(sandbox)

        answers = [
            (request.status, (request.answer or {}).get("code"))
            for request in sandbox.discord.requests
            if request.path.endswith("/callback")
        ]
        assert answers == [(status, None), (400, 40060)]
        assert pictures(sandbox, invocation) == [1]
        assert len(sandbox.azure.requests) == 1
        assert complaints(bot.output) == []
    assert ledger(tmp_path, KINDS) == [("reserve", 1), ("settle", 1)]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two bots on one database and one archive, each told of every event, as while one replaces the other."""

    sandbox: Sandbox
    bots: dict[str, BotProcess]
    url: str

    def query(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query).fetchall()


@contextlib.asynccontextmanager
async def two_processes(directory: Path, url: str, latency: float) -> AsyncIterator[Pair]:
    options = SandboxOptions(azure=AzureOptions(latency=latency))
    settings = {"DATABASE_URL": url, "ARCHIVE_URL": f"file:{directory / 'images'}"}
    one, two = directory / "one", directory / "two"
    one.mkdir()
    two.mkdir()
    async with (
        open_sandbox(options) as sandbox,
        running_bot(sandbox, one, settings) as first,
        running_bot(sandbox, two, settings) as second,
    ):
        await becomes(lambda: "ready on" in second.output, BOTH_READY)
        # By the names they have on the database.
        yield Pair(sandbox, {"all/0": first, "all/1": second}, url)
        assert complaints(first.output) == complaints(second.output) == []


async def test_two_processes_share_one_database_and_no_job(tmp_path: Path, postgres_url: str) -> None:
    async with two_processes(tmp_path, postgres_url, latency=0.5) as pair:
        sandbox, member = pair.sandbox, pair.sandbox.discord.member(MEMBER_ONE)
        asked = await asyncio.gather(*(member.slash("imagine", prompt=f"number {n}") for n in range(8)))
        await asyncio.gather(*(invocation.until(is_final) for invocation in asked))
        await becomes(lambda: pair.query("select count(*) from jobs") == [(0,)])
        await calm(sandbox)

        assert sorted(pictures(sandbox, asked[0])) == [1] * 8
        assert Counter(request.body["prompt"] for request in sandbox.azure.requests) == Counter(
            f"number {n}" for n in range(8)
        )
        assert pair.query(KINDS) == [("reserve", 8), ("settle", 8)]
        assert pair.query(USED) == [(8, 0), (8, 0)]


async def test_what_a_killed_process_was_drawing_the_living_one_goes_on_with(
    tmp_path: Path, postgres_url: str
) -> None:
    async with two_processes(tmp_path, postgres_url, latency=4.0) as pair:
        sandbox = pair.sandbox
        invocation = await begin(sandbox)
        await becomes(lambda: sandbox.azure.requests)
        ((owner,),) = pair.query("select owner from jobs")
        await pair.bots[owner.partition("#")[0]].stop(signal.SIGKILL)

        message = await invocation.until(is_final, TAKEN_OVER)

        assert len(message["attachments"]) == 1
        await becomes(lambda: pair.query("select count(*) from jobs") == [(0,)])
        await calm(sandbox)
        assert pictures(sandbox, invocation) == [1]
        # The call that was cut off may have been billed: to the operator, and no second time.
        assert len(sandbox.azure.requests) == 2
        assert pair.query(KINDS) == [("reserve", 1), ("settle", 1), ("unclear", 1)]
        assert pair.query(USED) == [(1, 0), (1, 0)]


async def test_what_a_killed_process_had_drawn_the_living_one_shows(
    tmp_path: Path, postgres_url: str
) -> None:
    async with two_processes(tmp_path, postgres_url, latency=0.0) as pair:
        sandbox = pair.sandbox
        upload = sandbox.discord.faults.add(Fault("stall", "PATCH /webhooks/*", delay=60.0))
        invocation = await begin(sandbox)
        await becomes(lambda: upload.hits)
        ((owner,),) = pair.query("select owner from jobs")
        await pair.bots[owner.partition("#")[0]].stop(signal.SIGKILL)
        sandbox.discord.faults.clear()

        await invocation.until(is_final, TAKEN_OVER)

        await becomes(lambda: pair.query("select count(*) from jobs") == [(0,)])
        await calm(sandbox)
        assert pictures(sandbox, invocation) == [1]
        assert len(sandbox.azure.requests) == 1
        assert pair.query(KINDS) == [("reserve", 1), ("settle", 1)]
