"""Places in the line, what is said of the wait, and who is refused for it."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import pytest

from bot.errors import QueueTooLong
from bot.queue.scheduler import HOPELESS
from tests.fakes import elapsed
from tests.unit.queue.deployments import (
    cancelled,
    idle,
    site,
    slot,
    tick,
)

if TYPE_CHECKING:
    from bot.queue.estimates import Estimate

pytestmark = pytest.mark.asyncio(loop_factories=["fast-forward"])


# --- estimates --------------------------------------------------------------------------------------------


async def test_a_place_is_how_many_are_before() -> None:
    jobs = site(slots=1, per_minute=6)
    tasks = [task for _, task in jobs.flood(4)]
    await tick()
    positions = [place and place.position for place in map(jobs.gate.place, range(1, 5))]
    assert positions == [None, 0, 1, 2]
    assert jobs.gate.place(99) is None
    await cancelled(*tasks)


@pytest.mark.parametrize(
    ("slots", "per_minute", "told", "seconds"),
    [
        (1000, 6.0, True, 20.0),
        (1000, 60.0, True, 20.0),
        (2, 60.0, True, 30.0),  # the slots are the narrower limit, and nobody has told
        (8, None, False, 25.0),
        (1, None, False, 12.0),
        (1000, 6.0, False, 45.0),
    ],
)
async def test_the_wait_is_as_estimated_once_the_line_has_moved_for_a_minute(
    slots: int, per_minute: float | None, told: bool, seconds: float
) -> None:
    jobs = site(slots=slots, per_minute=per_minute, seconds=seconds)
    jobs.deployments.told_rate = per_minute if told else None
    tasks = [task for _, task in jobs.flood(120)]
    await asyncio.sleep(65)
    then = elapsed()
    waits: dict[int, Estimate] = {}
    for job in range(1, 121):
        if place := jobs.gate.place(job):
            assert place.wait is not None
            waits[job] = place.wait
    assert len(waits) >= 40
    await asyncio.gather(*tasks)
    wrong = {
        job: (wait, jobs.turns[job] - then)
        for job, wait in waits.items()
        if not wait.at_least <= jobs.turns[job] - then <= wait.at_most
    }
    assert wrong == {}


async def test_a_known_rate_gives_a_narrow_estimate_from_the_start() -> None:
    jobs = site(per_minute=6)
    tasks = [task for _, task in jobs.flood(32)]
    await tick()
    last = jobs.gate.place(32)
    assert last is not None
    assert last.wait is not None
    assert last.wait.at_least <= 310 <= last.wait.at_most
    assert last.wait.at_most - last.wait.at_least <= 180
    await cancelled(*tasks)


async def test_time_after_everybody_has_given_up_makes_no_estimate_longer() -> None:
    jobs = site(per_minute=6)
    first, *rest = (task for _, task in jobs.flood(20))
    await asyncio.sleep(101)
    await cancelled(*rest)
    await first
    assert idle(jobs.gate)
    await asyncio.sleep(300)
    tasks = [task for _, task in jobs.flood(11)]
    await tick()
    place = jobs.gate.place(31)
    assert place is not None
    assert place.wait is not None
    assert place.wait.at_most <= 135
    await cancelled(*tasks)


async def test_where_nothing_is_known_nothing_is_said() -> None:
    jobs = site(slots=0)
    waiting = jobs.ask(jobs.ticket())
    await tick()
    place = jobs.gate.place(1)
    assert place is not None
    assert place.wait is None
    await cancelled(waiting)


# --- too long a queue ------------------------------------------------------------------------------------


async def test_a_job_that_cannot_be_served_in_time_is_refused_at_once_with_an_estimate() -> None:
    jobs = site(per_minute=6)
    flood = [task for _, task in jobs.flood(120)]
    await tick()
    with pytest.raises(QueueTooLong) as caught:
        jobs.gate.refuse_if_hopeless(jobs.ticket(guild=1), 800)
    assert caught.value.wait is not None
    assert caught.value.excess is not None
    assert 1200 <= caught.value.wait <= 1500
    assert caught.value.excess == pytest.approx(caught.value.wait + 30 - 800)
    await cancelled(*flood)


async def test_a_guild_that_has_not_flooded_is_let_in_all_the_same() -> None:
    jobs = site(per_minute=6)
    flood = [task for _, task in jobs.flood(120)]
    await tick()
    jobs.gate.refuse_if_hopeless(jobs.ticket(guild=2), 800)
    await cancelled(*flood)


async def test_what_is_not_refused_is_served_in_time() -> None:
    jobs = site(per_minute=6)
    tasks = []
    refused = 0
    for _ in range(150):
        ticket = jobs.ticket()
        try:
            jobs.gate.refuse_if_hopeless(ticket, 800)
        except QueueTooLong:
            refused += 1
        else:
            tasks.append(jobs.ask(ticket, patience=800 - jobs.seconds))
            await tick()
    await asyncio.gather(*tasks)
    assert refused == 150 - len(tasks)
    assert 60 <= len(tasks) <= 78  # 78 would be the most that can be


async def test_with_room_nobody_is_refused() -> None:
    jobs = site(per_minute=6)
    jobs.gate.refuse_if_hopeless(jobs.ticket(), 1)


async def test_where_no_wait_can_be_told_nobody_is_refused() -> None:
    jobs = site(slots=0)
    waiting = jobs.ask(jobs.ticket())
    await tick()
    jobs.gate.refuse_if_hopeless(jobs.ticket(), 1)
    await cancelled(waiting)


@pytest.mark.parametrize("out_for", [HOPELESS + 1, math.inf])
async def test_where_no_deployment_can_be_called_the_job_passes_to_be_told_why(out_for: float) -> None:
    jobs = site(slots=0)
    waiting = jobs.ask(jobs.ticket())
    await tick()
    jobs.deployments.open_at = out_for
    jobs.gate.refuse_if_hopeless(jobs.ticket(), 1)
    async with slot(jobs.gate, jobs.ticket()):
        assert elapsed() == 0
    await waiting
