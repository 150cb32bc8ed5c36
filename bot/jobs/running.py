"""The jobs this process works on, from the start of their task to its end."""

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
"""Seconds that interrupted jobs get to tell their members."""

TOLD_AT_ONCE = 20
"""Members told at a time that their job goes on later."""


Tell = Callable[["Job"], Awaitable[None]]
"""Tells a job's member that it goes on later."""


class Stage(enum.Enum):
    """How far a job is."""

    WAITING = enum.auto()
    """It costs nothing yet."""
    DRAWING = enum.auto()
    """Azure may be at work."""
    DELIVERING = enum.auto()
    """It can no longer be cancelled."""


class Cancelling(enum.Enum):
    """What became of the wish to cancel a job."""

    CANCELLED = enum.auto()
    """Its answer will say so."""
    OVER = enum.auto()
    """It has ended, or is being delivered."""
    NOT_YOURS = enum.auto()
    """Only its member and moderators may."""
    ELSEWHERE = enum.auto()
    """Another process works on it, and will see that it is to be cancelled."""


@dataclass(eq=False, slots=True)
class Run:
    """A job at work.

    Attributes:
        job: what it is.
        task: what sees it through.
        stage: how far it is.
        cancelled: set once somebody cancelled it.
    """

    job: Job
    task: asyncio.Task[object]
    stage: Stage = Stage.WAITING
    cancelled: JobCancelled | None = None

    def cancel(self, *, by_moderator: bool) -> bool:
        """Cancel the job; False if it is too late for that."""
        if self.stage is Stage.DELIVERING:
            return False
        if self.cancelled is None:
            self.cancelled = JobCancelled(by_moderator=by_moderator, drawing=self.stage is Stage.DRAWING)
            self.task.cancel()
        return True

    def caught(self) -> JobCancelled | None:
        """Why the task's cancellation was caught; None if it has to be passed on, as the bot stops."""
        if self.cancelled is not None:
            self.stage = Stage.DELIVERING  # of the news: nothing may interrupt that
            self.task.uncancel()
        return self.cancelled


class RunningJobs:
    """Keeps the jobs' tasks, cancels one, and at shutdown waits for some and interrupts the rest."""

    def __init__(self) -> None:
        self.closing = False
        """Whether no more jobs are begun: what is not at work is left to the next start."""
        self._runs: dict[int, Run] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def start(self, job_id: int, work: Callable[[], Coroutine[object, object, None]]) -> None:
        """Run a job's work in a task; does nothing if one runs already, or no more jobs are begun.

        The event loop itself keeps no task from being collected as garbage in mid-work (Python docs,
        ``asyncio.create_task``), so it is kept here to its end.
        """
        if self.closing or job_id in self._tasks:
            return
        task = self._tasks[job_id] = asyncio.create_task(work(), name=f"job {job_id}")
        task.add_done_callback(functools.partial(self._ended, job_id))

    def _ended(self, job_id: int, task: asyncio.Task[None]) -> None:
        del self._tasks[job_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            # A mistake of ours; its row is still there, and is gone on with.
            _log.error("job %d broke off", job_id, exc_info=error)

    def is_at_work(self, job_id: int) -> bool:
        """Whether a task of the job runs here."""
        return job_id in self._tasks

    def __iter__(self) -> Iterator[Run]:
        """Every job at work."""
        return iter(tuple(self._runs.values()))

    def get(self, job_id: int) -> Run | None:
        """The run of a job; None if this process does not work on it."""
        return self._runs.get(job_id)

    @contextlib.contextmanager
    def job(self, job: Job) -> Iterator[Run]:
        """Have the calling task be a job at work, which can be cancelled."""
        task = asyncio.current_task()
        assert task is not None, "a job runs in a task"  # noqa: S101 - true of every coroutine of ours
        run = self._runs[job.job_id] = Run(job, task)
        try:
            yield run
        finally:
            del self._runs[job.job_id]

    async def drain(self, seconds: float, tell: Tell) -> None:
        """Leave the jobs that wait to the next start, and give those at work ``seconds`` to finish.

        What is not finished by then is left to the next start as well, and so is whatever would begin from
        now on. Nothing is refunded.
        """
        self.closing = True
        for job_id, task in self._tasks.items():
            if job_id not in self._runs:
                task.cancel()  # it is to be gone on with, and has not got hold of its row yet
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
        """Interrupt jobs, and tell their members that they go on later, as far as there is time."""
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
