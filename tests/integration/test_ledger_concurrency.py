"""Many at once: tasks, processes and callers who give up; nothing is ever taken that is not there."""

from __future__ import annotations

import asyncio
import itertools
import random
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import ImagesUsedUp, LimitReached
from bot.limits.counters import Count
from bot.limits.ledger import Ledger, Outcome
from bot.limits.windows import windows_at
from bot.storage.database import open_database
from tests.integration.ledger_site import GUILD, MEMBER, NOON, allow, ask, book, open_ledger

if TYPE_CHECKING:
    from bot.limits.ledger import Allowance
    from bot.storage.database import Database

WINDOWS = windows_at(NOON, "UTC")


async def tried(ledger: Ledger, wanted: dict[str, Any], allowance: Allowance) -> Outcome | LimitReached:
    try:
        return await ledger.reserve(**wanted, allowance=allowance)
    except LimitReached as refusal:
        return refusal


async def test_fifty_at_once_with_five_left_make_five(database: Database) -> None:
    ledger = open_ledger(database)
    await ledger.reserve(**ask(1000, images=15), allowance=allow())
    await ledger.settle(1000, images=15, charge=0, cost=0)
    allowance = allow(images_per_day=20)
    found = await asyncio.gather(*(tried(ledger, ask(job_id), allowance) for job_id in range(1, 51)))
    assert sum(outcome is Outcome.GRANTED for outcome in found) == 5
    assert sum(isinstance(outcome, ImagesUsedUp) for outcome in found) == 45
    assert (await ledger.counts(GUILD, MEMBER, WINDOWS)).day == Count(used=15, held=5)
    assert await ledger.audit() == []


async def test_fifty_at_once_on_two_processes_with_five_left_make_five(store_url: str) -> None:
    async with open_database(store_url) as one, open_database(store_url) as other:
        ledgers = (open_ledger(one), open_ledger(other, owner="easel/1"))
        turns = zip(range(1, 51), itertools.cycle(ledgers), strict=False)
        found = await asyncio.gather(
            *(tried(ledger, ask(job_id), allow(images_per_day=5)) for job_id, ledger in turns)
        )
        assert sum(outcome is Outcome.GRANTED for outcome in found) == 5
        assert sum(isinstance(outcome, ImagesUsedUp) for outcome in found) == 45
        assert await ledgers[0].audit() == []


async def test_one_event_on_two_processes_is_one_job(store_url: str) -> None:
    async with open_database(store_url) as one, open_database(store_url) as other:
        ledgers = (open_ledger(one), open_ledger(other, owner="easel/1"))
        for job_id in range(1, 21):
            found = await asyncio.gather(
                *(ledger.reserve(**ask(job_id), allowance=allow()) for ledger in ledgers for _ in range(2))
            )
            assert sorted(outcome.value for outcome in found) == ["duplicate"] * 3 + ["granted"]
        assert (await ledgers[0].counts(GUILD, MEMBER, WINDOWS)).day == Count(held=20)


async def test_the_money_of_all_servers_is_never_overdrawn(store_url: str) -> None:
    async with open_database(store_url) as one, open_database(store_url) as other:
        ledgers = (open_ledger(one), open_ledger(other, owner="easel/1"))
        allowance = allow(operator_cost_per_month=1050)
        asks = [ask(n, guild_id=GUILD + n % 5, member_id=MEMBER + n % 9) for n in range(1, 61)]
        found = await asyncio.gather(
            *(tried(ledgers[wanted["job_id"] % 2], wanted, allowance) for wanted in asks)
        )
        assert sum(outcome is Outcome.GRANTED for outcome in found) == 10
        assert await ledgers[0].spent(WINDOWS.budget_month) == Count(held=1000)


@pytest.mark.parametrize("kind", ["settle", "refund"])
async def test_a_job_ended_from_all_sides_at_once_ends_once(store_url: str, kind: str) -> None:
    async with open_database(store_url) as one, open_database(store_url) as other:
        ledgers = (open_ledger(one), open_ledger(other, owner="easel/1"))
        for job_id in range(1, 11):
            await ledgers[0].reserve(**ask(job_id), allowance=allow())
            ends = [
                ledger.settle(job_id, images=1, charge=80, cost=80)
                if kind == "settle" or n % 2
                else ledger.refund(job_id)
                for n, ledger in enumerate(ledgers * 2)
            ]
            unclear = book(ledgers[1], job_id, 1, allow(operator_cost_per_month=0))
            found = await asyncio.gather(*ends, unclear)
            assert sum(found[:-1]) == 1
        assert (await ledgers[0].counts(GUILD, MEMBER, WINDOWS)).jobs == Count()
        assert await ledgers[0].audit() == []


async def test_a_refund_that_overtakes_its_reservation_still_ends_it(store_url: str) -> None:
    async with open_database(store_url) as one, open_database(store_url) as other:
        ledgers = (open_ledger(one), open_ledger(other))
        for job_id in range(1, 31):
            await asyncio.gather(
                ledgers[0].reserve(**ask(job_id), allowance=allow()), ledgers[1].refund(job_id)
            )
        assert await ledgers[0].open_jobs() == []
        assert (await ledgers[0].counts(GUILD, MEMBER, WINDOWS)).day == Count()
        assert await ledgers[0].audit() == []


async def test_callers_who_give_up_leave_nothing_once_they_refund(database: Database) -> None:
    """What the studio does: whoever stops waiting for a reservation takes it back."""
    ledger = open_ledger(database)
    chance = random.Random(20261122)

    async def caller(job_id: int) -> None:
        reserving = asyncio.create_task(tried(ledger, ask(job_id), allow(images_per_day=20)))
        if chance.random() < 0.5:
            for _ in range(chance.randrange(30)):
                await asyncio.sleep(0)
            reserving.cancel()
        try:
            granted = await reserving is Outcome.GRANTED
        except asyncio.CancelledError:
            await ledger.refund(job_id)
            return
        if granted:
            await ledger.settle(job_id, images=0, charge=0, cost=0)

    await asyncio.gather(*(caller(job_id) for job_id in range(1, 201)))
    assert await ledger.open_jobs() == []
    counts = await ledger.counts(GUILD, MEMBER, WINDOWS)
    assert (counts.day, counts.jobs, counts.operator) == (Count(), Count(), Count())
    assert await ledger.audit() == []


async def test_one_cooldown_lets_one_of_many_through(database: Database) -> None:
    ledger = open_ledger(database)
    found = await asyncio.gather(*(tried(ledger, ask(n), allow(cooldown=5)) for n in range(1, 21)))
    assert sum(outcome is Outcome.GRANTED for outcome in found) == 1
