"""What each way for a job to end costs the member and the operator, on real databases."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, TypeVar

import pytest

from bot.errors import (
    AlreadyTaken,
    AnswerLost,
    AnswerUnusable,
    DeploymentBusy,
    GuildPaused,
    ImagesUsedUp,
    OutputFiltered,
    PromptRefused,
    SizeNotAllowed,
    StoreUnavailable,
)
from bot.limits.policy import Asker
from bot.limits.rules import EVERYONE
from bot.limits.windows import windows_at
from bot.model import Usage
from bot.planning.plan import Draft
from bot.storage.database import Database, Work
from tests.fakes import FakeGeneration, generation
from tests.house import Clock, House, address, build_house

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.limits.counters import Counts
    from bot.model import Generation

T = TypeVar("T")

GUILD, MEMBER, MODERATOR, CHANNEL = 700, 701, 702, 703
ASKER = Asker(GUILD, MEMBER, frozenset(), (CHANNEL,))
USAGE = Usage(text_input=10, output=1756)
PRICE = 10 * 5 + 1756 * 30
"""What that usage costs with gpt-image-2, in micro-dollars: $5 and $30 for a million tokens."""


async def counts(house: House, clock: Clock) -> Counts:
    return await house.ledger.counts(GUILD, MEMBER, windows_at(clock(), "UTC"))


async def admit(house: House, job_id: int = 1, **draft: object) -> Job:
    typed = dataclasses.replace(Draft("a cat"), **draft)  # type: ignore[arg-type]
    return await house.services.admission.admit(typed, ASKER, address(job_id, GUILD, MEMBER))


async def work(house: House, job: Job) -> None:
    """Have a job done that was just let in."""
    house.work.workflow.begin(job, 1)
    await house.work.running._tasks[job.job_id]


def with_usage(answer: Generation, usage: Usage | None = USAGE) -> Generation:
    return dataclasses.replace(answer, usage=usage)


@pytest.fixture
def clock() -> Clock:
    return Clock()


# --- letting in -----------------------------------------------------------------------------------


async def test_what_is_let_in_is_held_and_what_is_delivered_is_used(database: Database, clock: Clock) -> None:
    house = build_house(database, with_usage(generation(1)), clock=clock)
    job = await admit(house)
    held = await counts(house, clock)
    assert (held.day.held, held.week.held, held.jobs.held) == (1, 1, 1)
    assert held.charge.held == held.server.held == held.operator.held == job.plan.estimate >= PRICE
    await work(house, job)
    used = await counts(house, clock)
    assert (used.day.used, used.week.used, used.jobs.held) == (1, 1, 0)
    assert used.charge.used == used.server.used == used.operator.used == PRICE
    assert used.charge.held == used.server.held == used.operator.held == 0
    assert not await house.ledger.audit()


async def test_a_job_is_let_in_once(database: Database, clock: Clock) -> None:
    house = build_house(database, clock=clock)
    await admit(house)
    with pytest.raises(AlreadyTaken):
        await admit(house)
    assert (await counts(house, clock)).day.held == 1


async def test_what_is_refused_leaves_nothing_behind(database: Database, clock: Clock) -> None:
    house = build_house(database, clock=clock)
    await house.services.moderation.set_rule(
        GUILD, MODERATOR, EVERYONE, {"images_per_day": 2, "max_size": "1024x1024"}
    )
    with pytest.raises(ImagesUsedUp):
        await admit(house, count=3)
    with pytest.raises(SizeNotAllowed):
        await admit(house, size="2048x2048")
    assert (await counts(house, clock)).operator.taken == 0
    await admit(house, count=2)  # under the same id: it was never taken


async def test_a_rule_another_process_changed_holds_for_the_next_request(
    database: Database, clock: Clock
) -> None:
    here, there = (build_house(database, clock=clock, owner=f"test/{n}") for n in range(2))
    await admit(here)
    await there.services.moderation.pause(GUILD, MODERATOR, "Back at six")
    with pytest.raises(GuildPaused) as paused:
        await admit(here, 2)
    assert paused.value.note == "Back at six"
    await there.services.moderation.resume(GUILD, MODERATOR)
    await admit(here, 3)


async def test_fifty_at_once_with_five_left_are_five(database: Database, clock: Clock) -> None:
    house = build_house(database, clock=clock)
    await house.services.moderation.set_rule(GUILD, MODERATOR, EVERYONE, {"images_per_day": 5})
    outcomes = await asyncio.gather(*(admit(house, job) for job in range(1, 51)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, ImagesUsedUp)]
    assert (len(outcomes) - len(refused), len(refused)) == (5, 45)
    assert (await counts(house, clock)).day.held == 5


# --- how it ends ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "cost_of_estimate"),
    [
        (DeploymentBusy(), 0),
        (PromptRefused(), 0),
        (OutputFiltered(), 1),
        (AnswerUnusable(), 1),
        (RuntimeError("a mistake of ours"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_fails_is_not_the_member_s_to_pay(
    database: Database, clock: Clock, failure: Exception, cost_of_estimate: int
) -> None:
    house = build_house(database, failure, clock=clock)
    job = await admit(house)
    await work(house, job)
    assert house.presenter.errors[job.job_id] == [failure]
    after = await counts(house, clock)
    assert after.day.taken == after.week.taken == after.charge.taken == after.jobs.taken == 0
    assert after.operator.used == after.server.used == cost_of_estimate * job.plan.estimate
    assert after.operator.held == after.server.held == 0
    assert not await house.ledger.audit()


async def test_pictures_held_back_are_the_operator_s_to_pay(database: Database, clock: Clock) -> None:
    house = build_house(database, with_usage(generation(3, filtered=1), Usage(output=4 * 1756)), clock=clock)
    await work(house, await admit(house, count=4))
    after = await counts(house, clock)
    assert after.day.used == 3
    assert (after.charge.used, after.operator.used) == (3 * 1756 * 30, 4 * 1756 * 30)


@pytest.mark.parametrize("usage", [Usage(output=3 * 1756), None], ids=["with usage", "without"])
async def test_pictures_that_did_not_arrive_are_not_the_member_s_to_pay(
    database: Database, clock: Clock, usage: Usage | None
) -> None:
    house = build_house(database, with_usage(generation(1), usage), clock=clock)
    job = await admit(house, count=3)
    await work(house, job)
    after = await counts(house, clock)
    whole = job.plan.estimate if usage is None else 3 * 1756 * 30
    assert (after.day.used, after.charge.used, after.operator.used) == (1, whole // 3, whole)


@pytest.mark.parametrize("usage", [Usage(), Usage(text_input=10), Usage(output=-1)])
async def test_usage_that_cannot_be_of_a_picture_costs_the_estimate(
    database: Database, clock: Clock, usage: Usage
) -> None:
    house = build_house(database, with_usage(generation(1), usage), clock=clock)
    job = await admit(house)
    await work(house, job)
    assert (await counts(house, clock)).operator.used == job.plan.estimate


async def test_an_answer_without_usage_costs_the_estimate(database: Database, clock: Clock) -> None:
    house = build_house(database, with_usage(generation(1), None), clock=clock)
    job = await admit(house)
    await work(house, job)
    after = await counts(house, clock)
    assert after.charge.used == after.operator.used == job.plan.estimate


def unclear(lost: int, *, then: Generation | None) -> FakeGeneration:
    """A generation service whose first calls are lost, before one that succeeds or none."""
    return FakeGeneration(*[AnswerLost() for _ in range(lost)], then or DeploymentBusy())


@pytest.mark.parametrize(
    ("lost", "succeeds", "cost"), [(1, True, "estimate+price"), (1, False, "estimate"), (2, False, "twice")]
)
async def test_a_call_with_an_unknown_outcome_is_booked_at_the_estimate(
    database: Database, clock: Clock, lost: int, succeeds: bool, cost: str
) -> None:
    drawing = unclear(lost, then=with_usage(generation(1)) if succeeds else None)
    house = build_house(database, drawing, clock=clock)
    job = await admit(house)
    await work(house, job)
    assert house.presenter.shown == ({job.job_id: 1} if succeeds else {})
    estimate, after = job.plan.estimate, await counts(house, clock)
    expected = {"estimate+price": estimate + PRICE, "estimate": estimate, "twice": 2 * estimate}[cost]
    assert after.operator.used == after.server.used == expected
    assert after.charge.used == (PRICE if succeeds else 0)
    assert after.operator.held == 0
    assert not await house.ledger.audit()


async def test_there_is_no_second_call_where_the_budget_has_no_room_for_one(
    database: Database, clock: Clock
) -> None:
    drawing = unclear(1, then=with_usage(generation(1)))
    house = build_house(database, drawing, clock=clock)
    await house.services.moderation.set_rule(GUILD, MODERATOR, EVERYONE, {"server_dollars_per_month": "0.06"})
    job = await admit(house)
    assert job.plan.estimate < 60_000 < 2 * job.plan.estimate
    await work(house, job)
    (failure,) = house.presenter.errors[job.job_id]
    assert isinstance(failure, AnswerLost)
    assert drawing.calls == 1
    assert (await counts(house, clock)).server.taken == job.plan.estimate


async def test_a_reservation_ends_in_the_window_it_was_made_in(database: Database, clock: Clock) -> None:
    house = build_house(database, with_usage(generation(1)), clock=clock)
    job = await admit(house)
    yesterday = windows_at(clock(), "UTC")
    clock.advance(days=1)
    await work(house, job)
    assert (await house.ledger.counts(GUILD, MEMBER, yesterday)).day.used == 1
    assert (await counts(house, clock)).day.taken == 0


class Late(Database):
    """A database whose answers to reservations are held up after the commit."""

    def __init__(self, real: Database, *, fails: bool) -> None:
        self.url = real.url
        self._real = real
        self._fails = fails
        self.armed = False
        self.committed = asyncio.Event()

    async def run(self, work: Work[T]) -> T:
        result = await self._real.run(work)
        if self.armed:
            self.armed = False
            self.committed.set()
            if self._fails:
                raise StoreUnavailable("the connection broke while committing")
            await asyncio.Event().wait()
        return result


@pytest.mark.parametrize("fails", [False, True], ids=["who stops waiting", "who is told nothing"])
async def test_nothing_stays_reserved_for(database: Database, clock: Clock, *, fails: bool) -> None:
    late = Late(database, fails=fails)
    house = build_house(late, clock=clock)
    await house.store.book.policy(GUILD)
    late.armed = True
    waiting = asyncio.create_task(admit(house))
    await late.committed.wait()
    waiting.cancel()
    await asyncio.wait((waiting,))
    async with house.store.closer:
        pass  # ends what was begun
    assert (await counts(house, clock)).operator.taken == 0
    assert not await house.ledger.open_jobs()


async def test_a_job_that_nobody_begins_is_taken_back(database: Database, clock: Clock) -> None:
    house = build_house(database, clock=clock)
    job = await admit(house)
    await house.services.jobs.release(job)
    assert (await counts(house, clock)).day.taken == 0
    assert not await house.ledger.open_jobs()
    assert await house.work.rows.read(job.job_id) is None


async def test_what_was_delivered_stays_paid_for_however_often_it_is_released(
    database: Database, clock: Clock
) -> None:
    house = build_house(database, with_usage(generation(1)), clock=clock)
    job = await admit(house)
    await work(house, job)
    await house.services.jobs.release(job)
    assert (await counts(house, clock)).day.used == 1


async def test_who_stops_waiting_leaves_another_process_s_reservation_alone(
    database: Database, clock: Clock
) -> None:
    here, there = (build_house(database, clock=clock, owner=f"test/{n}") for n in range(2))
    await admit(there)
    await here.store.closer.withdraw(1)
    assert [entry.job_id for entry in await there.ledger.open_jobs()] == [1]
