"""The ledger on both stores: what it holds, what it refuses, and how a reservation ends."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import BudgetUsedUp, ImagesUsedUp, LimitReached, ServerBusy, TooManyJobs
from bot.limits.auditing import Discrepancy
from bot.limits.counters import Count, Counts
from bot.limits.entries import Kind
from bot.limits.ledger import Ending, Ledger, Outcome
from bot.limits.windows import windows_at
from bot.storage.schema import counters
from tests.integration.ledger_site import (
    GUILD,
    MEMBER,
    NOON,
    Clock,
    allow,
    ask,
    kinds,
    open_ledger,
    set_revision,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.storage.database import Database

EMPTY = Counts()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(database: Database, clock: Clock) -> Ledger:
    return open_ledger(database, clock)


async def counts(ledger: Ledger, member_id: int = MEMBER) -> Counts:
    return await ledger.counts(GUILD, member_id, windows_at(NOON, "UTC"))


# --- reserving ----------------------------------------------------------------------------------


async def test_a_reservation_holds_in_all_counters(ledger: Ledger) -> None:
    assert await ledger.reserve(**ask(1, images=3, estimate=500), allowance=allow()) is Outcome.GRANTED
    assert await counts(ledger) == Counts(
        day=Count(held=3),
        week=Count(held=3),
        charge=Count(held=500),
        jobs=Count(held=1),
        server_jobs=Count(held=1),
        server=Count(held=500),
        operator=Count(held=500),
    )


async def test_members_share_only_what_is_of_the_server_and_the_operator(ledger: Ledger) -> None:
    await ledger.reserve(**ask(1), allowance=allow())
    await ledger.reserve(**ask(2, guild_id=GUILD + 1), allowance=allow())
    assert await counts(ledger, MEMBER + 1) == Counts(
        server_jobs=Count(held=1), server=Count(held=100), operator=Count(held=200)
    )


async def test_what_is_asked_may_use_up_a_limit_but_not_exceed_it(ledger: Ledger) -> None:
    limits = allow(
        images_per_day=2,
        images_per_week=2,
        charge_per_month=200,
        concurrent=2,
        server_concurrent=2,
        server_cost_per_month=200,
        operator_cost_per_month=200,
    )
    assert await ledger.reserve(**ask(1), allowance=limits) is Outcome.GRANTED
    assert await ledger.reserve(**ask(2), allowance=limits) is Outcome.GRANTED
    with pytest.raises(LimitReached):
        await ledger.reserve(**ask(3), allowance=limits)


async def test_a_refused_reservation_leaves_no_trace(database: Database, ledger: Ledger) -> None:
    with pytest.raises(ImagesUsedUp):
        await ledger.reserve(**ask(1), allowance=allow(images_per_day=0))
    assert await counts(ledger) == EMPTY
    assert await kinds(database, 1) == []
    assert await ledger.reserve(**ask(1), allowance=allow()) is Outcome.GRANTED


async def test_a_job_is_reserved_for_once_whatever_its_state(ledger: Ledger) -> None:
    assert await ledger.reserve(**ask(1), allowance=allow()) is Outcome.GRANTED
    assert await ledger.reserve(**ask(1), allowance=allow()) is Outcome.DUPLICATE
    await ledger.settle(1, images=1, charge=100, cost=100)
    assert await ledger.reserve(**ask(1), allowance=allow(images_per_day=0)) is Outcome.DUPLICATE
    assert (await counts(ledger)).day == Count(used=1)


async def test_limits_from_an_old_policy_reserve_nothing(database: Database, ledger: Ledger) -> None:
    await set_revision(database, 7)
    assert await ledger.reserve(**ask(1), allowance=allow()) is Outcome.STALE
    # Nor do they refuse anything: what they are now is not known.
    assert await ledger.reserve(**ask(1), allowance=allow(images_per_day=0)) is Outcome.STALE
    assert await counts(ledger) == EMPTY
    assert await ledger.reserve(**ask(1), allowance=allow(revision=7)) is Outcome.GRANTED


async def test_the_used_up_day_tells_what_is_left_and_when_it_renews(ledger: Ledger) -> None:
    await ledger.reserve(**ask(1, images=2), allowance=allow())
    await ledger.settle(1, images=2, charge=0, cost=0)
    await ledger.reserve(**ask(2, images=1), allowance=allow())
    with pytest.raises(ImagesUsedUp) as refused:
        await ledger.reserve(**ask(3, images=4), allowance=allow(images_per_day=5))
    error = refused.value
    assert (error.period, error.limit, error.left, error.held) == ("day", 5, 2, 1)
    assert error.renews == dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


async def test_nothing_is_left_of_a_limit_that_was_lowered(ledger: Ledger) -> None:
    await ledger.reserve(**ask(1, images=9), allowance=allow())
    with pytest.raises(ImagesUsedUp) as refused:
        await ledger.reserve(**ask(2), allowance=allow(images_per_week=5))
    assert (refused.value.period, refused.value.left, refused.value.held) == ("week", 0, 9)


@pytest.mark.parametrize(
    ("limit", "whose"),
    [
        ("charge_per_month", "member"),
        ("server_cost_per_month", "server"),
        ("operator_cost_per_month", "operator"),
    ],
)
async def test_money_that_does_not_last_names_whose_it_is(ledger: Ledger, limit: str, whose: str) -> None:
    with pytest.raises(BudgetUsedUp) as refused:
        await ledger.reserve(**ask(1, estimate=101), allowance=allow(**{limit: 100}))
    assert refused.value.whose == whose
    assert refused.value.renews == dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


async def test_jobs_at_once_count_until_they_end(ledger: Ledger) -> None:
    limits = allow(concurrent=1)
    await ledger.reserve(**ask(1), allowance=limits)
    with pytest.raises(TooManyJobs) as refused:
        await ledger.reserve(**ask(2), allowance=limits)
    assert refused.value.limit == 1
    await ledger.settle(1, images=1, charge=100, cost=100)
    assert await ledger.reserve(**ask(2), allowance=limits) is Outcome.GRANTED


async def test_jobs_at_once_of_a_server_are_those_of_all_its_members(ledger: Ledger) -> None:
    limits = allow(server_concurrent=2)
    await ledger.reserve(**ask(1), allowance=limits)
    await ledger.reserve(**ask(2, member_id=MEMBER + 1), allowance=limits)
    with pytest.raises(ServerBusy) as refused:
        await ledger.reserve(**ask(3, member_id=MEMBER + 2), allowance=limits)
    assert refused.value.limit == 2
    assert await ledger.reserve(**ask(3, guild_id=GUILD + 1), allowance=limits) is Outcome.GRANTED
    await ledger.refund(1)
    assert await ledger.reserve(**ask(4, member_id=MEMBER + 2), allowance=limits) is Outcome.GRANTED
    assert (await counts(ledger)).server_jobs == Count(held=2)


async def test_the_first_reason_is_given_in_a_fixed_order(ledger: Ledger) -> None:
    limits = {
        "cooldown": 60,
        "concurrent": 0,
        "images_per_day": 0,
        "images_per_week": 0,
        "charge_per_month": 0,
        "server_concurrent": 0,
        "server_cost_per_month": 0,
        "operator_cost_per_month": 0,
    }
    await ledger.reserve(**ask(1), allowance=allow())
    reasons = []
    while limits:
        with pytest.raises(LimitReached) as refused:
            await ledger.reserve(**ask(2), allowance=allow(**limits))
        error = refused.value
        told = getattr(error, "period", getattr(error, "whose", ""))
        reasons.append(f"{type(error).__name__} {told}".strip())
        limits.pop(next(iter(limits)))
    assert reasons == [
        "CoolingDown",
        "TooManyJobs",
        "ImagesUsedUp day",
        "ImagesUsedUp week",
        "BudgetUsedUp member",
        "ServerBusy",
        "BudgetUsedUp server",
        "BudgetUsedUp operator",
    ]


@pytest.mark.parametrize(
    "figures",
    [
        (0, 1, 1, 1, 0),
        (1, 0, 1, 1, 0),
        (1, 1, 0, 1, 0),
        (1, 1, 1, 0, 0),
        (1, 1, 1, 1, -1),
        (1, 1, 1, 1, 2**63),
    ],
)
async def test_what_no_job_can_need_is_not_reserved(ledger: Ledger, figures: tuple[int, ...]) -> None:
    job_id, guild_id, member_id, images, estimate = figures
    wanted = ask(job_id, guild_id=guild_id, member_id=member_id, images=images, estimate=estimate)
    with pytest.raises(ValueError, match="not a reservation"):
        await ledger.reserve(**wanted, allowance=allow())
    assert await ledger.open_jobs() == []


# --- windows ------------------------------------------------------------------------------------


async def test_a_job_ends_in_the_windows_it_was_reserved_in(ledger: Ledger, clock: Clock) -> None:
    await ledger.reserve(**ask(1, images=2), allowance=allow(clock))
    clock.forward(days=10)  # another day, week and month
    await ledger.settle(1, images=2, charge=90, cost=80)
    assert await counts(ledger) == Counts(
        day=Count(used=2),
        week=Count(used=2),
        charge=Count(used=90),
        server=Count(used=80),
        operator=Count(used=80),
    )
    assert await ledger.counts(GUILD, MEMBER, windows_at(clock.now, "UTC")) == EMPTY


async def test_a_new_day_begins_with_nothing_used(ledger: Ledger, clock: Clock) -> None:
    await ledger.reserve(**ask(1), allowance=allow(clock, images_per_day=1))
    clock.forward(hours=11)
    with pytest.raises(ImagesUsedUp):
        await ledger.reserve(**ask(2), allowance=allow(clock, images_per_day=1))
    clock.forward(hours=1)
    assert await ledger.reserve(**ask(2), allowance=allow(clock, images_per_day=1)) is Outcome.GRANTED


async def test_the_month_of_the_server_need_not_be_the_operators(ledger: Ledger, clock: Clock) -> None:
    clock.now = dt.datetime(2026, 11, 30, 23, 30, tzinfo=dt.UTC)
    ahead = windows_at(clock.now, "Europe/Berlin")
    assert (ahead.month, ahead.budget_month) == ("2026-12", "2026-11")
    await ledger.reserve(**ask(1), allowance=allow(clock).__class__(ahead))
    assert (await ledger.counts(GUILD, MEMBER, ahead)).server == Count(held=100)
    assert await ledger.spent("2026-11") == Count(held=100)
    assert await ledger.spent("2026-12") == Count()


# --- ending -------------------------------------------------------------------------------------


async def test_settling_books_what_was_delivered_and_gives_the_rest_back(ledger: Ledger) -> None:
    await ledger.reserve(**ask(1, images=4, estimate=400), allowance=allow())
    assert await ledger.settle(1, images=3, charge=210, cost=280) is True
    assert await counts(ledger) == Counts(
        day=Count(used=3),
        week=Count(used=3),
        charge=Count(used=210),
        server=Count(used=280),
        operator=Count(used=280),
    )


async def test_no_member_is_charged_above_what_was_held_but_the_operator_sees_the_truth(
    ledger: Ledger,
) -> None:
    await ledger.reserve(**ask(1, images=1, estimate=100), allowance=allow())
    await ledger.settle(1, images=2, charge=150, cost=150)
    after = await counts(ledger)
    assert (after.day, after.charge, after.operator) == (Count(used=1), Count(used=100), Count(used=150))


async def test_a_refund_leaves_only_what_azure_billed(ledger: Ledger) -> None:
    await ledger.reserve(**ask(1), allowance=allow())
    assert await ledger.refund(1, cost=70) is True
    assert await counts(ledger) == Counts(server=Count(used=70), operator=Count(used=70))


async def test_a_job_ends_once_and_the_first_end_counts(database: Database, ledger: Ledger) -> None:
    await ledger.reserve(**ask(1), allowance=allow())
    assert await ledger.settle(1, images=1, charge=60, cost=60) is True
    assert await ledger.settle(1, images=1, charge=60, cost=60) is False
    assert await ledger.refund(1, cost=100) is False
    assert (await counts(ledger)).charge == Count(used=60)
    assert await kinds(database, 1) == [("begin", "reserve", 100), ("end", "settle", 60)]


async def test_a_job_refunded_before_its_reservation_arrives_is_never_reserved_for(
    database: Database, ledger: Ledger
) -> None:
    assert await ledger.refund(1) is False
    assert await ledger.reserve(**ask(1), allowance=allow()) is Outcome.DUPLICATE
    assert await ledger.refund(1) is False
    assert await ledger.settle(1, images=1, charge=1, cost=1) is False
    assert await counts(ledger) == EMPTY
    assert await kinds(database, 1) == [("begin", "void", 0)]


async def test_settling_what_was_never_reserved_changes_nothing_and_is_said(
    database: Database, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ledger.settle(1, images=1, charge=1, cost=1) is False
    assert "job 1: settled without a reservation" in caplog.text
    assert await kinds(database, 1) == []


async def test_a_withdrawal_leaves_what_another_process_reserved(database: Database, ledger: Ledger) -> None:
    await open_ledger(database, owner="easel/1").reserve(**ask(1), allowance=allow())
    await ledger.reserve(**ask(2), allowance=allow())
    assert await ledger.end(Ending(1, Kind.REFUND, ours_only=True)) is False
    assert await ledger.end(Ending(2, Kind.REFUND, ours_only=True)) is True
    assert (await counts(ledger)).jobs == Count(held=1)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Ending(1, Kind.SETTLE, images=-1),
        lambda: Ending(1, Kind.SETTLE, charge=-1),
        lambda: Ending(1, Kind.REFUND, cost=-1),
        lambda: Ending(1, Kind.REFUND, cost=2**63),
        lambda: Ending(1, Kind.REFUND, unclear_calls=3),
    ],
)
def test_what_no_job_can_cost_is_no_end(wrong: Callable[[], Ending]) -> None:
    with pytest.raises(ValueError, match="not an end"):
        wrong()


# --- the audit ----------------------------------------------------------------------------------


async def test_a_counter_that_is_not_the_sum_of_its_entries_is_found(
    database: Database, ledger: Ledger
) -> None:
    await ledger.reserve(**ask(1, images=2), allowance=allow())
    assert await ledger.audit() == []
    day = (counters.c.unit == "images") & (counters.c.period == "2026-11-22")
    await database.run(lambda connection: connection.execute(sa.update(counters).where(day).values(used=5)))
    await database.run(
        lambda connection: connection.execute(sa.delete(counters).where(counters.c.guild_id == 0))
    )
    of_all = (counters.c.member_id == 0) & (counters.c.unit == "jobs")
    await database.run(
        lambda connection: connection.execute(sa.update(counters).where(of_all).values(held=2))
    )
    assert await ledger.audit() == [
        Discrepancy(0, 0, "cost", "2026-11", counted=Count(), entered=Count(held=100)),
        Discrepancy(GUILD, 0, "jobs", "", counted=Count(held=2), entered=Count(held=1)),
        Discrepancy(GUILD, MEMBER, "images", "2026-11-22", counted=Count(5, 2), entered=Count(held=2)),
    ]
