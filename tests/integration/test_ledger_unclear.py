"""Calls whose outcome is unknown, and jobs whose process is gone: what may have been billed is booked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.limits.counters import Count, Counts
from bot.limits.windows import windows_at
from tests.integration.ledger_site import GUILD, MEMBER, NOON, allow, ask, book, kinds, open_ledger

if TYPE_CHECKING:
    from bot.limits.ledger import Ledger
    from bot.storage.database import Database


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return open_ledger(database)


async def counts(ledger: Ledger) -> Counts:
    return await ledger.counts(GUILD, MEMBER, windows_at(NOON, "UTC"))


# --- unclear calls ------------------------------------------------------------------------------


async def test_an_unclear_call_is_booked_and_as_much_held_for_another(ledger: Ledger) -> None:
    await ledger.reserve(**ask(1), allowance=allow())
    assert await book(ledger, 1, 1, allow(operator_cost_per_month=200)) is True
    after = await counts(ledger)
    assert (after.server, after.operator) == (Count(100, 100), Count(100, 100))
    assert after.charge == Count(held=100)  # not the member's to pay
    await ledger.settle(1, images=1, charge=90, cost=90)
    after = await counts(ledger)
    assert (after.charge, after.operator) == (Count(used=90), Count(used=190))


@pytest.mark.parametrize("limit", ["server_cost_per_month", "operator_cost_per_month"])
async def test_no_other_call_is_made_with_money_that_is_not_there(ledger: Ledger, limit: str) -> None:
    await ledger.reserve(**ask(1), allowance=allow(**{limit: 199}))
    assert await book(ledger, 1, 1, allow(**{limit: 199})) is False
    assert (await counts(ledger)).operator == Count(used=100)
    await ledger.refund(1)
    assert (await counts(ledger)).operator == Count(used=100)
    assert await ledger.audit() == []


async def test_there_is_no_third_call(ledger: Ledger) -> None:
    await ledger.reserve(**ask(1), allowance=allow())
    assert await book(ledger, 1, 1, allow()) is True
    assert await book(ledger, 1, 2, allow()) is False
    assert (await counts(ledger)).operator == Count(used=200)
    with pytest.raises(ValueError, match="at most"):
        await book(ledger, 1, 3, allow())


async def test_an_unclear_call_is_booked_once_and_answered_the_same(ledger: Ledger) -> None:
    await ledger.reserve(**ask(1), allowance=allow())
    for _ in range(2):
        assert await book(ledger, 1, 1, allow()) is True
    await ledger.reserve(**ask(2), allowance=allow())
    for limit in (300, None):  # what was given up is not held again
        limits = allow() if limit is None else allow(operator_cost_per_month=limit)
        assert await book(ledger, 2, 1, limits) is False
    assert (await counts(ledger)).operator == Count(used=200, held=100)


async def test_the_end_books_the_unclear_calls_that_were_not(database: Database, ledger: Ledger) -> None:
    await ledger.reserve(**ask(1), allowance=allow())
    await book(ledger, 1, 1, allow())
    await ledger.refund(1, unclear_calls=2)
    assert (await counts(ledger)).operator == Count(used=200)
    assert [phase for phase, _, _ in await kinds(database, 1)] == ["begin", "end", "unclear1", "unclear2"]
    # The booking that had been given up for lost arrives.
    assert await book(ledger, 1, 2, allow()) is False
    assert (await counts(ledger)).operator == Count(used=200)


async def test_an_unclear_call_that_comes_after_the_end_is_booked_all_the_same(ledger: Ledger) -> None:
    await ledger.reserve(**ask(1), allowance=allow())
    await ledger.refund(1)
    assert await book(ledger, 1, 1, allow()) is False
    assert await counts(ledger) == Counts(server=Count(used=100), operator=Count(used=100))
    assert await ledger.audit() == []


async def test_a_call_without_a_reservation_is_told_of(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    assert await book(ledger, 1, 1, allow()) is False
    assert "job 1: a call without a reservation" in caplog.text


# --- what a process left open -------------------------------------------------------------------


async def test_jobs_of_dead_processes_are_refunded_and_their_cost_booked(database: Database) -> None:
    dead, living = (open_ledger(database, owner=owner) for owner in ("easel/0", "easel/1"))
    await dead.reserve(**ask(1), allowance=allow())
    await dead.reserve(**ask(2), allowance=allow())
    await dead.settle(2, images=1, charge=50, cost=50)
    await living.reserve(**ask(3), allowance=allow())
    assert [entry.job_id for entry in await living.open_jobs()] == [1, 3]
    assert [entry.job_id for entry in await living.open_jobs({"easel/0"})] == [1]

    assert await living.close_left_open({"easel/0"}) == 1
    assert await living.close_left_open({"easel/0"}) == 0
    after = await counts(living)
    assert (after.day, after.charge, after.jobs) == (Count(1, 1), Count(50, 100), Count(0, 1))
    assert after.operator == Count(used=150, held=100)
    assert await dead.settle(1, images=1, charge=50, cost=50) is False
    assert await living.audit() == []


async def test_what_a_dead_process_gave_up_is_not_booked_again(ledger: Ledger) -> None:
    await ledger.reserve(**ask(1), allowance=allow())
    await book(ledger, 1, 1, allow())
    await ledger.reserve(**ask(2), allowance=allow())
    await book(ledger, 2, 1, allow(operator_cost_per_month=0))
    assert await ledger.close_left_open({"easel/0"}) == 2
    # The first could have been in its second call, the second could not.
    assert (await counts(ledger)).operator == Count(used=300)
    assert await ledger.audit() == []
