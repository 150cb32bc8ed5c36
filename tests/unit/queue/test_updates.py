"""QueueUpdates, on a loop where waiting takes no time (see ``tests.fakes``)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest

from bot.queue.estimates import Estimate, Place
from bot.queue.updates import AT_MOST_EVERY, FIRST_AFTER, LONGEST, LOOKS, PER_SECOND, QueueUpdates
from tests.fakes import elapsed
from tests.unit.queue.deployments import site

if TYPE_CHECKING:
    from bot.queue.updates import Tell

pytestmark = pytest.mark.asyncio(loop_factories=["fast-forward"])


class Line:
    """Jobs in a line, and what they were told when."""

    def __init__(self, *jobs: int) -> None:
        self.jobs = list(jobs)
        self.notes = QueueUpdates(self.place)
        self.told: dict[int, list[tuple[float, int]]] = defaultdict(list)
        self.trouble: Exception | None = None
        self.seconds = 0.0
        self.restless = False

    def place(self, job_id: int) -> Place | None:
        if job_id not in self.jobs:
            return None
        wait = Estimate(elapsed(), elapsed()) if self.restless else None
        return Place(self.jobs.index(job_id), wait)

    def teller(self, job_id: int) -> Tell:
        async def tell(place: Place) -> None:
            begun = elapsed()
            await asyncio.sleep(self.seconds)
            if self.trouble:
                raise self.trouble
            self.told[job_id].append((begun, place.position))

        return tell

    async def follow(self, *jobs: int, seconds: float) -> None:
        """Follow jobs for so long."""
        async with contextlib.AsyncExitStack() as stack:
            for job_id in jobs:
                await stack.enter_async_context(self.notes.about(job_id, self.teller(job_id)))
            await asyncio.sleep(seconds)


async def test_a_short_wait_is_not_worth_a_word() -> None:
    line = Line(1)
    await line.follow(1, seconds=FIRST_AFTER - 0.1)
    await asyncio.sleep(100)
    assert line.told == {}


async def test_a_place_is_told_once_until_it_changes() -> None:
    line = Line(8, 9, 1)
    following = asyncio.create_task(line.follow(1, seconds=100))
    await asyncio.sleep(30)
    line.jobs.remove(8)
    await following
    assert [position for _, position in line.told[1]] == [2, 1]
    (first, _), (second, _) = line.told[1]
    assert first == FIRST_AFTER
    assert 30 <= second <= 30 + AT_MOST_EVERY


async def test_a_place_that_changes_all_the_time_is_told_now_and_then() -> None:
    line = Line(8, 1)
    line.restless = True
    await line.follow(1, seconds=60)
    times = [when for when, _ in line.told[1]]
    assert times == [FIRST_AFTER + n * AT_MOST_EVERY for n in range(12)]


async def test_a_job_that_does_not_wait_is_told_nothing() -> None:
    line = Line()
    await line.follow(1, seconds=60)
    assert line.told == {}


async def test_after_its_context_a_job_is_told_nothing() -> None:
    line = Line(9, 1)
    await line.follow(1, seconds=10)
    line.jobs.remove(9)
    await asyncio.sleep(100)
    assert len(line.told[1]) == 1


async def test_a_note_under_way_is_waited_for_so_that_it_overwrites_nothing() -> None:
    line = Line(1)
    line.seconds = 3
    await line.follow(1, seconds=FIRST_AFTER + 1)
    assert elapsed() == FIRST_AFTER + 3
    assert len(line.told[1]) == 1


async def test_a_note_that_hangs_holds_nobody_up_for_long() -> None:
    line = Line(1)
    line.seconds = 1000
    await line.follow(1, seconds=FIRST_AFTER + 1)
    assert elapsed() == FIRST_AFTER + LONGEST


async def test_a_note_that_fails_is_the_job_s_last_and_no_other_job_s(
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = Line(8, 1, 2)
    following = asyncio.create_task(line.follow(1, seconds=60))
    line.trouble = ValueError("no such message")
    with caplog.at_level(logging.WARNING):
        await asyncio.sleep(10)
    line.trouble = None
    line.jobs.remove(8)
    await line.follow(2, seconds=20)
    await following
    assert caplog.messages == ["job 1 was not told its place: ValueError('no such message')"]
    assert set(line.told) == {2}


async def test_many_jobs_share_a_bounded_number_of_notes_and_each_is_told() -> None:
    line = Line(*range(1000))

    async def move() -> None:
        while True:
            await asyncio.sleep(1)
            line.jobs.pop(0)

    moving = asyncio.create_task(move())
    await line.follow(*line.jobs, seconds=150)
    moving.cancel()
    told = [(when, job) for job, notes in line.told.items() for when, _ in notes]
    per_second = Counter(int(when) for when, _ in told)
    assert max(per_second.values()) <= PER_SECOND + 1
    assert set(line.told) >= set(range(150, 1000))


async def test_the_front_is_told_more_often_than_the_back() -> None:
    line = Line(*range(200))
    line.restless = True
    await line.follow(*line.jobs, seconds=300)
    counts = [len(line.told[job]) for job in line.jobs]
    assert counts[0] > 5 * counts[50] >= 10 * counts[199] > 0


async def test_looking_at_many_places_lets_others_have_their_time() -> None:
    line = Line()
    looks: list[int] = []
    line.notes = QueueUpdates(looks.append)
    following = asyncio.create_task(line.follow(*range(500), seconds=FIRST_AFTER + 1))
    await asyncio.sleep(FIRST_AFTER)
    most = 0
    while len(looks) < 500:
        before = len(looks)
        await asyncio.sleep(0)
        most = max(most, len(looks) - before)
    assert most <= LOOKS
    await following


async def test_jobs_at_the_gate_are_told_their_places() -> None:
    jobs = site(per_minute=6)
    notes = QueueUpdates(jobs.gate.place)
    told: dict[int, list[Place]] = defaultdict(list)

    async def job() -> None:
        ticket = jobs.ticket()

        async def tell(place: Place) -> None:
            told[ticket.job_id].append(place)

        async with notes.about(ticket.job_id, tell):
            await jobs.draw(ticket)

    await asyncio.gather(*(job() for _ in range(6)))
    assert [place.position for place in told[6]] == sorted(
        (place.position for place in told[6]), reverse=True
    )
    assert {place.position for place in told[6]} == {0, 1, 2, 3, 4}
    assert told[1] == []
    assert all(place.wait for place in told[6])
