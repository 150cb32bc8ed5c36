"""The cooldown: from one reservation to the next, whatever becomes of the clock."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from bot.errors import CoolingDown
from bot.limits.ledger import Ledger, Outcome
from tests.integration.ledger_site import GUILD, MEMBER, NOON, Clock, allow, ask, open_ledger

if TYPE_CHECKING:
    from bot.storage.database import Database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(database: Database, clock: Clock) -> Ledger:
    return open_ledger(database, clock)


async def reserve(ledger: Ledger, job_id: int, clock: Clock, cooldown: int = 60) -> Outcome:
    return await ledger.reserve(**ask(job_id), allowance=allow(clock, cooldown=cooldown))


async def test_a_cooldown_runs_from_the_reservation_to_the_millisecond(ledger: Ledger, clock: Clock) -> None:
    await reserve(ledger, 1, clock)
    clock.forward(seconds=59.999)
    with pytest.raises(CoolingDown) as refused:
        await reserve(ledger, 2, clock)
    assert refused.value.until == NOON + dt.timedelta(seconds=60)
    assert await ledger.cooling_until(GUILD, MEMBER, 60) == refused.value.until
    clock.forward(seconds=0.001)
    assert await ledger.cooling_until(GUILD, MEMBER, 60) is None
    assert await reserve(ledger, 2, clock) is Outcome.GRANTED


async def test_a_request_that_was_refunded_cools_nobody_down(ledger: Ledger, clock: Clock) -> None:
    await reserve(ledger, 1, clock)
    await ledger.refund(1)
    assert await reserve(ledger, 2, clock) is Outcome.GRANTED
    await ledger.settle(2, images=1, charge=1, cost=1)
    clock.forward(seconds=1)
    with pytest.raises(CoolingDown):
        await reserve(ledger, 3, clock)


@pytest.mark.parametrize(("cost", "unclear_calls"), [(1, 0), (0, 1)])
async def test_a_refund_that_cost_the_operator_something_cools_down(
    ledger: Ledger, clock: Clock, cost: int, unclear_calls: int
) -> None:
    await reserve(ledger, 1, clock)
    await ledger.refund(1, cost=cost, unclear_calls=unclear_calls)
    with pytest.raises(CoolingDown):
        await reserve(ledger, 2, clock)


async def test_a_refused_request_does_not_start_the_cooldown_again(ledger: Ledger, clock: Clock) -> None:
    await reserve(ledger, 1, clock)
    clock.forward(seconds=59)
    with pytest.raises(CoolingDown):
        await reserve(ledger, 2, clock)
    clock.forward(seconds=1)
    assert await reserve(ledger, 3, clock) is Outcome.GRANTED


async def test_a_cooldown_counts_what_was_made_before_it_was_set(ledger: Ledger, clock: Clock) -> None:
    await ledger.reserve(**ask(1), allowance=allow(clock))
    with pytest.raises(CoolingDown):
        await reserve(ledger, 2, clock)
    for none in (0, None):
        assert await ledger.cooling_until(GUILD, MEMBER, none) is None


async def test_others_do_not_cool_down(ledger: Ledger, clock: Clock) -> None:
    await reserve(ledger, 1, clock)
    for job_id, guild_id, member_id in ((2, GUILD, MEMBER + 1), (3, GUILD + 1, MEMBER)):
        wanted = ask(job_id, guild_id=guild_id, member_id=member_id)
        assert await ledger.reserve(**wanted, allowance=allow(clock, cooldown=60)) is Outcome.GRANTED


@pytest.mark.parametrize("cooldown", [60, 7200])
async def test_a_clock_set_back_an_hour_locks_nobody_out(ledger: Ledger, clock: Clock, cooldown: int) -> None:
    await reserve(ledger, 1, clock)
    clock.forward(hours=-1)
    assert await reserve(ledger, 2, clock, cooldown) is Outcome.GRANTED
    with pytest.raises(CoolingDown) as refused:
        await reserve(ledger, 3, clock, cooldown)
    assert refused.value.until == clock.now + dt.timedelta(seconds=cooldown)


async def test_requests_entered_out_of_order_still_cool_down(ledger: Ledger, clock: Clock) -> None:
    await reserve(ledger, 1, clock)
    clock.forward(seconds=-3)  # asked earlier, and had to wait for the other
    with pytest.raises(CoolingDown) as refused:
        await reserve(ledger, 2, clock)
    assert refused.value.until == clock.now + dt.timedelta(seconds=60)
