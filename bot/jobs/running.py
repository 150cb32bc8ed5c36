"""The jobs this process is working on, from the start of their task to its end."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import functools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import JobCancelled

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from bot.jobs.job import Job

_log = logging.getLogger(__name__)

LAST_WORDS = 5.0
"""Seconds for interrupted jobs to stop, and for their members to be told."""

TOLD_AT_ONCE = 20
"""How many members are told at the same time that their job is resumed later."""


Tell = Callable[["Job"], Awaitable[None]]
"""Tells a job's member that it is resumed later."""


class Stage(enum.Enum):
    """How far a job is."""

    WAITING = enum.auto()
    """It costs nothing yet."""
    DRAWING = enum.auto()
    """Azure may be at work."""
    DELIVERING = enum.auto()
    """It can no longer be cancelled."""


class Cancelling(enum.Enum):
    """The result of a request to cancel a job."""

    CANCELLED = enum.auto()
    """Its answer will say so."""
    OVER = enum.auto()
    """It has ended, or is being delivered."""
    NOT_YOURS = enum.auto()
    """Only its member and moderators may cancel it."""
    ELSEWHERE = enum.auto()
    """It is not at work here; the process that owns it will see that it is cancelled."""


@dataclass(eq=False, slots=True)
class Run:
    """A job at work.

    Attributes:
        job: the job itself.
        task: the task that carries it out.
        stage: how far it is.
        cancelled: set once somebody cancelled it.
    """

    job: Job
    task: asyncio.Task[object]
    stage: Stage = Stage.WAITING
    cancelled: JobCancelled | None = None

    def cancel(self, *, by_moderator: bool) -> bool:
        """Cancel the job; return False if it is too late for that."""
        if self.stage is Stage.DELIVERING:
            return False
        if self.cancelled is None:
            self.cancelled = JobCancelled(by_moderator=by_moderator, drawing=self.stage is Stage.DRAWING)
            self.task.cancel()
        return True

    def caught(self) -> JobCancelled | None:
        """Return the cancellation to report; None if the bot is stopping, so the error has to propagate."""
        if self.cancelled is not None:
            self.stage = Stage.DELIVERING  # of the news, which nothing may interrupt
            self.task.uncancel()
        return self.cancelled


class RunningJobs:
    """Keeps the jobs' tasks, and at shutdown waits for those at work and interrupts the rest."""

    def __init__(self) -> None:
        self.closing = False
        """Whether the bot is stopping, so that any further job is left to its next start."""
        self._runs: dict[int, Run] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def start(self, job_id: int, work: Callable[[], Coroutine[object, object, None]]) -> None:
        """Run a job's work in a task; do nothing if it has one already, or if the bot is stopping.

        The event loop holds only weak references to tasks, which may be garbage-collected in mid-work (Python
        docs, ``asyncio.create_task``), so the task is kept here until it is done.
        """
        if self.closing or job_id in self._tasks:
            return
        task = self._tasks[job_id] = asyncio.create_task(work(), name=f"job {job_id}")
        task.add_done_callback(functools.partial(self._ended, job_id))

    def _ended(self, job_id: int, task: asyncio.Task[None]) -> None:
        del self._tasks[job_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            # A bug of ours. The row is still there, so recovery resumes the job.
            _log.error("job %d broke off", job_id, exc_info=error)

    def is_at_work(self, job_id: int) -> bool:
        """Return whether the job has a task in this process."""
        return job_id in self._tasks

    def __iter__(self) -> Iterator[Run]:
        """Iterate over every job at work."""
        return iter(tuple(self._runs.values()))

    def get(self, job_id: int) -> Run | None:
        """Return the run of a job; None if this process is not working on it."""
        return self._runs.get(job_id)

    @contextlib.contextmanager
    def job(self, job: Job) -> Iterator[Run]:
        """Register the calling task as a job at work, which can be cancelled."""
        task = asyncio.current_task()
        assert task is not None, "a job runs in a task"  # noqa: S101 - true of every coroutine of ours
        run = self._runs[job.job_id] = Run(job, task)
        try:
            yield run
        finally:
            del self._runs[job.job_id]

    async def drain(self, seconds: float, tell: Tell) -> None:
        """Leave waiting jobs to the next start, and give those at work ``seconds`` to finish.

        Jobs that are not finished by then are left to the next start too, as are those that would start from
        now on. Nothing is refunded.
        """
        self.closing = True
        for job_id, task in self._tasks.items():
            if job_id not in self._runs:
                task.cancel()  # it is being resumed, and has not read its row yet
        waiting = [run for run in self._runs.values() if run.stage is Stage.WAITING]
        at_work = [run for run in self._runs.values() if run.stage is not Stage.WAITING]
        if not waiting and not at_work:
            return
        _log.info("stopping: %d jobs at work, %d waiting; up to %.0f s", len(at_work), len(waiting), seconds)
        leaving = asyncio.create_task(self._leave(waiting, tell))
        if at_work:
            await asyncio.wait([run.task for run in at_work], timeout=seconds)
        await leaving
        unfinished = [run for run in at_work if not run.task.done()]
        if unfinished:
            _log.warning("stopping: %d jobs not finished in time, left to the next start", len(unfinished))
            await self._leave(unfinished, tell)

    async def _leave(self, runs: list[Run], tell: Tell) -> None:
        """Interrupt jobs, and tell their members, as far as time allows, that they are resumed later."""
        for run in runs:
            if run.cancelled is None:
                run.task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                if runs:
                    await asyncio.wait([run.task for run in runs])
                limit = asyncio.Semaphore(TOLD_AT_ONCE)
                await asyncio.gather(*(_tell(run, tell, limit) for run in runs if run.cancelled is None))


async def _tell(run: Run, tell: Tell, limit: asyncio.Semaphore) -> None:
    async with limit:
        await tell(run.job)
