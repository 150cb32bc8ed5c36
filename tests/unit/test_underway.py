"""Stopping in order, on a loop where waiting takes no time (see ``tests.fakes``)."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import ShuttingDown
from bot.runtime.underway import LAST_WORDS, CommandsUnderway
from tests.fakes import elapsed

pytestmark = pytest.mark.asyncio(loop_factories=["fast-forward"])


class Drawing:
    """A job that takes ``seconds`` and, when interrupted, some more to tell its member."""

    def __init__(self, jobs: CommandsUnderway, seconds: float, last_words: float = 0) -> None:
        self.end = "under way"
        self._jobs = jobs
        self._seconds = seconds
        self._last_words = last_words
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        with self._jobs.command(1):
            try:
                await asyncio.sleep(self._seconds)
                self.end = "finished"
            except asyncio.CancelledError:
                self.end = "interrupted"
                await asyncio.sleep(self._last_words)
                self.end = "told"
                raise


async def started(jobs: CommandsUnderway, seconds: float, last_words: float = 0) -> Drawing:
    drawing = Drawing(jobs, seconds, last_words)
    await asyncio.sleep(0)
    return drawing


async def test_jobs_are_counted_while_they_run() -> None:
    jobs = CommandsUnderway()
    await started(jobs, 10)
    await started(jobs, 20)
    assert len(jobs) == 2
    await asyncio.sleep(15)
    assert len(jobs) == 1
    await asyncio.sleep(15)
    assert len(jobs) == 0


async def test_a_command_is_known_by_its_interaction_while_it_runs() -> None:
    jobs = CommandsUnderway()
    with jobs.command(7):
        assert 7 in jobs
        assert 8 not in jobs
    assert 7 not in jobs


async def test_a_job_that_fails_is_counted_out_too() -> None:
    jobs = CommandsUnderway()

    async def fail() -> None:
        with jobs.command(1):
            raise ValueError

    with pytest.raises(ValueError):
        await asyncio.create_task(fail())
    assert len(jobs) == 0


async def test_with_nothing_under_way_stopping_takes_no_time() -> None:
    jobs = CommandsUnderway()
    await jobs.drain(25)
    assert jobs.closing
    assert elapsed() == 0


async def test_a_bot_that_does_not_stop_takes_jobs() -> None:
    assert not CommandsUnderway().closing


async def test_once_stopping_no_job_begins() -> None:
    jobs = CommandsUnderway()
    drawing = await started(jobs, 10)
    stopping = asyncio.create_task(jobs.drain(25))
    await asyncio.sleep(1)
    assert jobs.closing
    with pytest.raises(ShuttingDown):
        await Drawing(jobs, 1).task
    await stopping
    assert drawing.end == "finished"


async def test_jobs_that_finish_in_time_are_waited_for_and_no_longer() -> None:
    jobs = CommandsUnderway()
    quick, slow = await started(jobs, 5), await started(jobs, 24)
    await jobs.drain(25)
    assert (quick.end, slow.end) == ("finished", "finished")
    assert elapsed() == 24


async def test_what_does_not_finish_in_time_is_interrupted_and_gets_its_last_words() -> None:
    jobs = CommandsUnderway()
    quick, endless = await started(jobs, 5), await started(jobs, 1000, last_words=2)
    await jobs.drain(25)
    assert (quick.end, endless.end) == ("finished", "told")
    assert elapsed() == 27
    assert len(jobs) == 0
    assert endless.task.cancelled()


async def test_last_words_are_cut_short_so_that_stopping_always_ends() -> None:
    jobs = CommandsUnderway()
    talker = await started(jobs, 1000, last_words=1000)
    await jobs.drain(25)
    assert talker.end == "interrupted"
    assert elapsed() == 25 + LAST_WORDS
    talker.task.cancel()


async def test_no_time_to_drain_still_leaves_time_for_last_words() -> None:
    jobs = CommandsUnderway()
    drawing = await started(jobs, 1000, last_words=3)
    await jobs.drain(0)
    assert (drawing.end, elapsed()) == ("told", 3)


async def test_a_job_that_fails_while_stopping_holds_nothing_up() -> None:
    jobs = CommandsUnderway()

    async def fail() -> None:
        with jobs.command(1):
            await asyncio.sleep(5)
            raise ValueError

    failing = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await jobs.drain(25)
    assert elapsed() == 5
    assert isinstance(failing.exception(), ValueError)


async def test_stopping_twice_is_stopping_once() -> None:
    jobs = CommandsUnderway()
    await started(jobs, 10)
    await asyncio.gather(jobs.drain(25), jobs.drain(25))
    await jobs.drain(25)
    assert elapsed() == 10
