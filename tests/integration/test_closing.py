"""Ending jobs while the store is away, real locks keeping it so, and whatever becomes of the caller."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from bot.limits.closing import Closer
from bot.limits.counters import Count
from bot.limits.windows import windows_at
from bot.storage.database import open_database
from bot.storage.engines import Patience
from tests.integration.ledger_site import GUILD, MEMBER, NOON, allow, ask, kinds, locked, open_ledger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.limits.counters import Counts
    from bot.limits.ledger import Ledger
    from bot.storage.database import Database

IMPATIENT = Patience(lock=0.1, statement=1.0, answer=2.0)


@pytest.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    async with open_database(store_url, patience=IMPATIENT) as opened:
        yield opened


@pytest.fixture
async def ledger(database: Database) -> Ledger:
    ledger = open_ledger(database)
    for job_id in (1, 2, 3):
        await ledger.reserve(**ask(job_id), allowance=allow())
    return ledger


def closer_of(ledger: Ledger) -> Closer:
    return Closer(ledger, first_pause=0.05, longest_pause=0.2)


async def counts(ledger: Ledger) -> Counts:
    return await ledger.counts(GUILD, MEMBER, windows_at(NOON, "UTC"))


async def until_written(closer: Closer) -> None:
    while closer.waiting:
        await asyncio.sleep(0.01)


async def test_ends_are_written_at_once_while_all_is_well(ledger: Ledger) -> None:
    async with closer_of(ledger) as closer:
        await closer.settle(1, images=1, charge=70, cost=80)
        await closer.refund(2, cost=10)
        assert closer.waiting == 0
        found = await counts(ledger)
        assert (found.day, found.charge, found.operator) == (Count(1, 1), Count(70, 100), Count(90, 100))


async def test_ends_wait_for_a_store_that_is_away(
    ledger: Ledger, store_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with closer_of(ledger) as closer:
        with locked(store_url):
            await closer.settle(1, images=1, charge=70, cost=80)
            await closer.refund(2, unclear_calls=1)
            assert closer.waiting == 2
        await until_written(closer)
        found = await counts(ledger)
        assert (found.day, found.charge, found.operator) == (Count(1, 1), Count(70, 100), Count(180, 100))
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_an_end_that_gets_through_takes_those_that_wait_along(ledger: Ledger, store_url: str) -> None:
    async with Closer(ledger, first_pause=3600) as closer:
        with locked(store_url):
            await closer.settle(1, images=1, charge=70, cost=80)
        assert closer.waiting == 1
        await closer.refund(2)
        await until_written(closer)
        assert (await counts(ledger)).jobs == Count(held=1)


async def test_an_end_outlives_its_caller(ledger: Ledger, store_url: str) -> None:
    async with closer_of(ledger) as closer:
        with locked(store_url):
            caller = asyncio.create_task(closer.settle(1, images=1, charge=70, cost=80))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            caller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await caller
            assert caller.cancelled()
    assert (await counts(ledger)).charge == Count(used=70, held=200)


async def test_leaving_writes_what_still_waits(ledger: Ledger, store_url: str) -> None:
    async with Closer(ledger, first_pause=3600) as closer:
        with locked(store_url):
            await closer.refund(1)
            await closer.settle(2, images=1, charge=70, cost=80)
        assert closer.waiting == 2
    found = await counts(ledger)
    assert (found.jobs, found.charge) == (Count(held=1), Count(used=70, held=100))


async def test_what_cannot_be_written_is_logged_and_left_for_the_next_start(
    ledger: Ledger, store_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with locked(store_url):
        async with closer_of(ledger) as closer:
            await closer.settle(1, images=1, charge=70, cost=80)
        await closer.refund(2)  # too late even for that, and still not lost in silence
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "job 1 is left open, it should have been a settle of 1 pictures, charge 70, cost 80" in errors[0]
    assert "job 2 is left open" in errors[1]
    assert await ledger.close_left_open({"easel/0"}) == 3


async def test_leaving_takes_a_bounded_time(store_url: str, caplog: pytest.LogCaptureFixture) -> None:
    slow = Patience(lock=30.0, statement=30.0, answer=30.0)
    async with open_database(store_url, patience=slow) as database:
        ledger = open_ledger(database)
        await ledger.reserve(**ask(1), allowance=allow())
        with locked(store_url):
            async with Closer(ledger, last_attempt=0.05) as closer:
                caller = asyncio.create_task(closer.refund(1))
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            assert "job 1 is left open" in caplog.text
            assert "no answer in time" in caplog.text
        with contextlib.suppress(asyncio.CancelledError):
            await caller
        # The transaction was under way; nothing was lost but the knowledge of it.
        await database.ping()
        assert [kind for _, kind, _ in await kinds(database, 1)] == ["reserve", "refund"]
