"""Jobs at work, cancelled, and left to the next start, on a loop where waiting takes no time."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest

from bot.errors import JobCancelled
from bot.jobs.running import LAST_WORDS, TOLD_AT_ONCE, RunningJobs, Stage
from tests.fake_presenter import FakePresenter
from tests.fakes import elapsed
from tests.house import job_of

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.jobs.running import Run

pytestmark = pytest.mark.asyncio(loop_factories=["fast-forward"])


class Work:
    """A job that takes ``seconds`` and, when it is cancelled by somebody, some more to say so."""

    def __init__(
        self, running: RunningJobs, stage: Stage, seconds: float, *, job_id: int = 1, last_words: float = 0
    ) -> None:
        self.job = job_of(job_id=job_id)
        self.end = "at work"
        self._running = running
        self._stage = stage
        self._seconds = seconds
        self._last_words = last_words
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        with self._running.job(self.job) as run:
            run.stage = self._stage
            try:
                await asyncio.sleep(self._seconds)
                self.end = "finished"
            except asyncio.CancelledError:
                if not (cancelled := run.caught()):
                    await asyncio.sleep(self._last_words)
                    self.end = "interrupted"
                    raise
                await asyncio.sleep(self._last_words)
                self.end = str(cancelled)

    @property
    def run(self) -> Run:
        run = self._running.get(self.job.job_id)
        assert run is not None
        return run


async def begun(running: RunningJobs, stage: Stage, seconds: float, **more: float) -> Work:
    job_id = int(more.pop("job_id", 1))
    work = Work(running, stage, seconds, job_id=job_id, last_words=more.pop("last_words", 0))
    await asyncio.sleep(0)
    return work


def interrupted(presenter: FakePresenter) -> list[int]:
    """The jobs whose members were told that they go on later."""
    return sorted(job_id for job_id, what in presenter.told if what == "interrupted")


# --- counting -----------------------------------------------------------------------------------------


async def test_jobs_are_known_while_they_run() -> None:
    running = RunningJobs()
    work = await begun(running, Stage.WAITING, 10)
    assert len(running) == 1
    assert work.run.job is work.job
    assert running.get(2) is None
    await work.task
    assert len(running) == 0
    assert running.get(1) is None


async def test_a_job_that_breaks_is_counted_out_too() -> None:
    running = RunningJobs()

    async def fail() -> None:
        with running.job(job_of()):
            raise ValueError

    with pytest.raises(ValueError):
        await fail()
    assert len(running) == 0


# --- tasks ----------------------------------------------------------------------------------------------


class Works:
    """Work that goes on until it is let go, and notes how often it began."""

    def __init__(self) -> None:
        self.begun = 0
        self.go_on = asyncio.Event()

    async def run(self) -> None:
        self.begun += 1
        await self.go_on.wait()


async def test_a_job_s_work_runs_in_one_task_at_a_time() -> None:
    running, works = RunningJobs(), Works()
    for _ in range(2):
        running.start(1, works.run)
    await asyncio.sleep(0)
    assert works.begun == 1
    assert running.is_at_work(1)
    assert not running.is_at_work(2)
    works.go_on.set()
    await asyncio.sleep(1)
    assert not running.is_at_work(1)
    running.start(1, works.run)
    await asyncio.sleep(0)
    assert works.begun == 2


async def test_a_task_that_nobody_else_holds_is_not_collected_as_garbage() -> None:
    running, done = RunningJobs(), []

    async def forgotten() -> None:
        # What it waits for refers to it and nothing else does, so only the reference kept counts.
        await asyncio.get_running_loop().create_future()

    async def work() -> None:
        try:
            await forgotten()
        finally:
            done.append(1)

    running.start(1, work)
    await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0)
    assert done == []
    assert running.is_at_work(1)


async def test_no_work_begins_once_the_bot_stops() -> None:
    running, works = RunningJobs(), Works()
    running.closing = True
    running.start(1, works.run)
    await asyncio.sleep(0)
    assert works.begun == 0
    assert not running.is_at_work(1)


async def test_work_that_has_not_got_as_far_as_a_job_ends_when_the_bot_stops() -> None:
    running, works = RunningJobs(), Works()
    running.start(1, works.run)
    await asyncio.sleep(0)
    await running.drain(25, FakePresenter().interrupted)
    assert elapsed() == 0
    await asyncio.sleep(1)
    assert not running.is_at_work(1)


async def test_work_that_breaks_off_is_told_of_and_counted_out(caplog: pytest.LogCaptureFixture) -> None:
    running = RunningJobs()

    async def fail() -> None:
        raise ValueError

    running.start(7, fail)
    await asyncio.sleep(1)
    assert not running.is_at_work(7)
    assert caplog.messages == ["job 7 broke off"]


# --- cancelling ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "drawing"), [(Stage.WAITING, False), (Stage.DRAWING, True)], ids=["waiting", "drawing"]
)
async def test_a_job_is_cancelled_and_may_say_so(stage: Stage, *, drawing: bool) -> None:
    work = await begun(RunningJobs(), stage, 1000, last_words=2)
    run = work.run
    assert run.cancel(by_moderator=True)
    assert isinstance(run.cancelled, JobCancelled)
    assert (run.cancelled.drawing, run.cancelled.by_moderator) == (drawing, True)
    await work.task
    assert work.end == "cancelled"
    assert elapsed() == 2


async def test_what_is_being_delivered_cannot_be_cancelled() -> None:
    work = await begun(RunningJobs(), Stage.DELIVERING, 10)
    assert not work.run.cancel(by_moderator=False)
    await work.task
    assert work.end == "finished"


async def test_who_is_cancelled_twice_is_so_once_and_by_the_first() -> None:
    work = await begun(RunningJobs(), Stage.WAITING, 1000, last_words=2)
    run = work.run
    assert run.cancel(by_moderator=False)
    assert run.cancel(by_moderator=True)
    await asyncio.sleep(1)
    assert not run.cancel(by_moderator=True)  # it is telling its member
    await work.task
    assert run.cancelled is not None
    assert not run.cancelled.by_moderator
    assert work.end == "cancelled"


# --- stopping -----------------------------------------------------------------------------------------


async def drain(running: RunningJobs, seconds: float = 25) -> FakePresenter:
    presenter = FakePresenter()
    await running.drain(seconds, presenter.interrupted)
    return presenter


async def test_with_nothing_at_work_stopping_takes_no_time() -> None:
    assert (await drain(RunningJobs())).told == []
    assert elapsed() == 0


async def test_who_waits_is_left_at_once_and_who_is_at_work_may_finish() -> None:
    running = RunningJobs()
    waiting = await begun(running, Stage.WAITING, 1000, job_id=1)
    drawing = await begun(running, Stage.DRAWING, 20, job_id=2)
    delivering = await begun(running, Stage.DELIVERING, 24, job_id=3)
    presenter = await drain(running)
    assert (waiting.end, drawing.end, delivering.end) == ("interrupted", "finished", "finished")
    assert interrupted(presenter) == [1]
    assert elapsed() == 24


async def test_who_does_not_finish_is_left_as_well() -> None:
    running = RunningJobs()
    drawing = await begun(running, Stage.DRAWING, 1000)
    presenter = await drain(running)
    assert drawing.task.cancelled()
    assert interrupted(presenter) == [1]
    assert elapsed() == 25


async def test_who_was_cancelled_before_is_not_told_that_it_goes_on() -> None:
    running = RunningJobs()
    work = await begun(running, Stage.WAITING, 1000, last_words=3)
    work.run.cancel(by_moderator=False)
    await asyncio.sleep(0)
    presenter = await drain(running)
    assert work.end == "cancelled"
    assert presenter.told == []


async def test_who_does_not_stop_holds_nobody_up_for_long() -> None:
    running = RunningJobs()
    stubborn = await begun(running, Stage.WAITING, 1000, last_words=1000)
    await drain(running)
    assert stubborn.end == "at work"
    assert elapsed() == LAST_WORDS
    stubborn.task.cancel()


class Slow(FakePresenter):
    """A Discord that takes a second for each word, and counts who is spoken to at a time."""

    most = 0
    now = 0

    async def interrupted(self, job: Job) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(1)
        self.now -= 1
        await super().interrupted(job)


async def test_many_are_told_a_few_at_a_time_and_as_many_as_there_is_time_for() -> None:
    running = RunningJobs()
    for job_id in range(1, 1001):
        await begun(running, Stage.WAITING, 1000, job_id=job_id)
    presenter = Slow()
    await running.drain(25, presenter.interrupted)
    assert presenter.most == TOLD_AT_ONCE
    assert len(presenter.told) >= TOLD_AT_ONCE * (LAST_WORDS - 1)
    assert elapsed() == LAST_WORDS
    assert len(running) == 0
