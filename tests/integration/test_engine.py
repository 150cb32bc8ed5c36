"""The engine under the jobs, with the real DBOS: what was begun goes on, and what was done is kept."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.jobs.engine import Engine, Record
from bot.storage.location import parse_database_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIVES = """
import asyncio, sys
from bot.jobs.engine import Engine
from bot.storage.location import parse_database_url

class Workflow:
    async def run(self, job_id, message_id, record):
        print(f"runs {job_id}", flush=True)
        await asyncio.Event().wait()

async def main():
    async with Engine(parse_database_url(sys.argv[1]), Workflow(), owner=sys.argv[2]) as engine:
        await engine.start(int(sys.argv[3]), None)
        await asyncio.Event().wait()

asyncio.run(main())
"""
"""A process with one job that never ends."""


@dataclass(slots=True)
class Steps:
    """A workflow of one step, which can be held before, in and after it.

    Attributes:
        runs: the jobs that were begun or gone on with, in order, and their messages.
        drawn: the jobs whose step was run.
        told: what each got from its step.
        tasks: what each last ran as.
        hold: where jobs are held: ``before``, ``in`` or ``after`` the step.
        failure: what the step raises.
        held: those that are.
        ended: a job was done.
    """

    runs: list[tuple[int, int | None]] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)
    told: dict[int, str] = field(default_factory=dict)
    tasks: dict[int, asyncio.Task[object]] = field(default_factory=dict)
    hold: str = ""
    failure: Exception | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, job_id: int, message_id: int | None, record: Record) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks[job_id] = task
        self.runs.append((job_id, message_id))
        await self._at("before")

        async def draw() -> str:
            self.drawn.append(job_id)
            await self._at("in")
            if self.failure is not None:
                raise self.failure
            return f"picture {len(self.drawn)}"

        try:
            text = await record(draw)
        except ValueError as error:
            text = repr(error)
        await self._at("after")
        self.told[job_id] = text
        self._news.set()

    async def _at(self, point: str) -> None:
        if self.hold == point:
            self._news.set()
            await asyncio.Event().wait()

    async def news(self) -> None:
        """Wait until a job is held, or done."""
        await self._news.wait()
        self._news.clear()


@asynccontextmanager
async def life(url: str, owner: str) -> AsyncIterator[tuple[Engine, Steps]]:
    """An engine of a process, and what it runs."""
    steps = Steps()
    async with Engine(parse_database_url(url), steps, owner=owner) as engine:
        yield engine, steps
    await closed()


async def closed() -> None:
    """Wait until DBOS, of which there is one in a process, has let go of the engine before."""
    while any(thread.name == "closing the engine" for thread in threading.enumerate()):
        await asyncio.sleep(0.01)


async def crashed(url: str, owner: str, point: str, job_id: int = 1) -> Steps:
    """A life that began a job, and was over when that was at a point."""
    async with life(url, owner) as (engine, steps):
        steps.hold = point
        await engine.start(job_id, 900)
        await steps.news()
        await interrupt(steps, job_id)
    return steps


async def interrupt(steps: Steps, job_id: int = 1) -> None:
    steps.tasks[job_id].cancel()
    await asyncio.wait((steps.tasks[job_id],))


# --- one life -----------------------------------------------------------------------------------------


async def test_a_workflow_runs_in_this_very_loop(store_url: str) -> None:
    async with life(store_url, "a#1") as (engine, steps):
        await engine.start(1, 900)
        await steps.news()
        assert steps.tasks[1].get_loop() is asyncio.get_running_loop()
    assert steps.runs == [(1, 900)]
    assert steps.told == {1: "picture 1"}


async def test_a_job_begins_once(store_url: str) -> None:
    async with life(store_url, "a#1") as (engine, steps):
        await engine.start(1, None)
        await steps.news()
        await engine.start(1, None)
        await engine.start(2, None)
        await steps.news()
        assert steps.runs == [(1, None), (2, None)]


async def test_many_jobs_run_at_once(store_url: str) -> None:
    async with life(store_url, "a#1") as (engine, steps):
        steps.hold = "in"
        await asyncio.gather(*(engine.start(job_id, None) for job_id in range(1, 51)))
        while len(steps.drawn) < 50:
            await steps.news()
        for job_id in range(1, 51):
            await interrupt(steps, job_id)


async def test_what_a_step_raises_is_the_workflow_s_to_catch(store_url: str) -> None:
    async with life(store_url, "a#1") as (engine, steps):
        steps.failure = ValueError("no")
        await engine.start(1, None)
        await steps.news()
        assert steps.told == {1: "ValueError('no')"}
        assert steps.drawn == [1]


async def test_who_is_cancelled_in_a_step_can_go_on_to_the_end(store_url: str) -> None:
    class Cancelled(Steps):
        async def run(self, job_id: int, message_id: int | None, record: Record) -> None:
            task = asyncio.current_task()
            assert task
            try:
                await Steps.run(self, job_id, message_id, record)
            except asyncio.CancelledError:
                task.uncancel()
                await asyncio.sleep(0)
                self.told[job_id] = "cancelled"
                self._news.set()

    steps = Cancelled(hold="in")
    async with Engine(parse_database_url(store_url), steps, owner="a#1") as engine:
        await engine.start(1, None)
        await steps.news()
        steps.tasks[1].cancel()
        await steps.news()
        await asyncio.wait((steps.tasks[1],))
        assert steps.told == {1: "cancelled"}
        while await engine.unfinished():
            await asyncio.sleep(0.01)
    await closed()


async def test_when_it_is_closed_the_loop_has_threads_again(store_url: str) -> None:
    async with life(store_url, "a#1"):
        pass
    assert await asyncio.to_thread(lambda: "done") == "done"


async def test_without_a_database_it_does_not_open(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        async with life(f"sqlite:///{tmp_path / 'nowhere' / 'easel.db'}", "a#1"):
            pass


async def test_its_file_is_as_private_as_the_ledger_s(sqlite_url: str) -> None:
    async with life(sqlite_url, "a#1"):
        pass
    path = Path(f"{sa.make_url(sqlite_url).database}-workflows")
    assert (await asyncio.to_thread(path.stat)).st_mode & 0o777 == 0o600


# --- the next life ------------------------------------------------------------------------------------


async def test_nothing_is_gone_on_with_unless_it_is_resumed(store_url: str) -> None:
    await crashed(store_url, "a#1", "in")
    async with life(store_url, "a#2") as (engine, steps):
        await engine.start(2, None)
        await steps.news()
        assert steps.runs == [(2, None)]
        assert (await engine.unfinished())["1"] == (1, "a#1")


@pytest.mark.parametrize(("point", "drawn"), [("before", 0), ("in", 1)])
async def test_a_step_that_was_not_done_is_run_again(store_url: str, point: str, drawn: int) -> None:
    assert len((await crashed(store_url, "a#1", point)).drawn) == drawn
    async with life(store_url, "a#2") as (engine, steps):
        await engine.resume([1])
        await steps.news()
        assert steps.runs == [(1, 900)]
        assert steps.told == {1: "picture 1"}


async def test_a_step_that_was_done_is_not_run_again(store_url: str) -> None:
    first = await crashed(store_url, "a#1", "after")
    assert first.drawn == [1]
    async with life(store_url, "a#2") as (engine, steps):
        await engine.resume([1])
        await steps.news()
        assert (steps.runs, steps.drawn) == ([(1, 900)], [])
        assert steps.told == {1: "picture 1"}


async def test_a_job_outlives_many_lives(store_url: str) -> None:
    await crashed(store_url, "a#1", "after")
    for number in (2, 3):
        async with life(store_url, f"a#{number}") as (engine, steps):
            steps.hold = "after"
            await engine.resume([1])
            await steps.news()
            assert steps.drawn == []
            await interrupt(steps)


async def test_what_was_never_written_down_begins(store_url: str) -> None:
    async with life(store_url, "a#1") as (engine, steps):
        await engine.resume([7])
        await steps.news()
        assert steps.runs == [(7, None)]


async def test_what_had_ended_is_looked_at_once_more(store_url: str) -> None:
    async with life(store_url, "a#1") as (engine, steps):
        await engine.start(1, 900)
        await steps.news()
    async with life(store_url, "a#2") as (engine, steps):
        await engine.resume([1])
        await steps.news()
        assert steps.runs == [(1, None)]


async def test_resuming_nothing_is_nothing(store_url: str) -> None:
    async with life(store_url, "a#1") as (engine, steps):
        await engine.resume([])
        assert steps.runs == []


# --- several processes --------------------------------------------------------------------------------


@asynccontextmanager
async def another_process(url: str, owner: str, job_id: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process at work on a job, until it is killed or the test ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LIVES, url, owner, str(job_id), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        assert await process.stdout.readline() == f"runs {job_id}\n".encode()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_process_runs_its_own_jobs_and_those_it_takes_over(store_url: str) -> None:
    await crashed(store_url, "c#1", "in", job_id=3)
    async with another_process(store_url, "b#1", 1) as other, life(store_url, "a#1") as (engine, steps):
        await engine.resume([3])
        await steps.news()
        await engine.start(2, None)
        await steps.news()
        assert steps.runs == [(3, 900), (2, None)]

        other.kill()
        await other.wait()
        await engine.resume([1])
        await steps.news()
        assert steps.runs == [(3, 900), (2, None), (1, None)]


# --- clearing up --------------------------------------------------------------------------------------


async def test_what_ended_long_ago_is_forgotten(store_url: str) -> None:
    await crashed(store_url, "b#1", "in", job_id=3)
    async with life(store_url, "a#1") as (engine, steps):
        for job_id in (1, 2):
            await engine.start(job_id, None)
            await steps.news()
            await asyncio.wait((steps.tasks[job_id],))
        while "1" in (left := await engine.unfinished()) or "2" in left:
            await asyncio.sleep(0.01)
        assert await engine.forget(older_than=3600, dead=()) == 0
        assert await engine.forget(older_than=-3600, dead={"b#1"}) == 2
        assert await engine.forget(older_than=-3600, dead=()) == 0
        assert set(await engine.unfinished()) == {"3"}
        await engine.erase(["3"])
        assert await engine.unfinished() == {}
