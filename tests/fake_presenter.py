"""A stand-in for Discord, as the jobs see it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.jobs.drawing import Painting
    from bot.jobs.job import Address, Job
    from bot.queue.estimates import Place


class FakePresenter:
    """Discord as a job sees it: what its message shows outlives whoever works on it.

    A job that is to be caught in the middle of something is held there: ``hold("deliver")`` before it has
    an effect, ``hold("deliver", True)`` when it has had it.

    Attributes:
        told: the remarks, pictures and failures in order: the job's id and the method.
        shown: how many pictures each job's message shows.
        errors: why each job failed, as its member was told, in order.
        uploads: how often pictures were sent.
        message_id: the answer's; None if there is none, or why that cannot be found out.
        lands: whether messages are still there when pictures come.
        trouble: why pictures are not taken.
        held: set once a job is held.
    """

    def __init__(self) -> None:
        self.told: list[tuple[int, str]] = []
        self.shown: dict[int, int] = {}
        self.errors: dict[int, list[BaseException]] = {}
        self.uploads = 0
        self.message_id: int | Exception | None = 1
        self.lands = True
        self.trouble: Exception | None = None
        self.held = asyncio.Event()
        self._go_on = asyncio.Event()
        self._hold: tuple[str, bool] | None = None

    def hold(self, method: str, after: bool = False) -> None:
        """Let nobody get past that."""
        self._hold = (method, after)
        self.held.clear()
        self._go_on.clear()

    def let_go(self) -> None:
        """Hold nobody any more."""
        self._hold = None
        self._go_on.set()

    async def find(self, address: Address) -> int | None:
        """As ``Presenter.find``."""
        del address
        if isinstance(self.message_id, Exception):
            raise self.message_id
        return self.message_id

    async def queued(self, job: Job, place: Place) -> None:
        """As ``Presenter.queued``."""
        del place
        async with self._held_at("queued"):
            self.told.append((job.job_id, "queued"))

    async def waits(self, job: Job, seconds: float) -> None:
        """As ``Presenter.waits``."""
        del seconds
        self.told.append((job.job_id, "waits"))

    async def drawing(self, job: Job) -> None:
        """As ``Presenter.drawing``."""
        self.told.append((job.job_id, "drawing"))

    async def interrupted(self, job: Job) -> None:
        """As ``Presenter.interrupted``."""
        self.told.append((job.job_id, "interrupted"))

    async def deliver(self, job: Job, painting: Painting, *, again: bool = False) -> bool:
        """As ``Presenter.deliver``."""
        async with self._held_at("deliver"):
            if again and self.shown.get(job.job_id) == len(painting.shown):
                return True
            self.told.append((job.job_id, "deliver"))
            if self.trouble is not None:
                raise self.trouble
            self.uploads += 1
            if self.lands:
                self.shown[job.job_id] = len(painting.shown)
            return self.lands

    async def pictures(self, job: Job) -> int:
        """As ``Presenter.pictures``."""
        return self.shown.get(job.job_id, 0)

    async def fail(self, job: Job, error: BaseException) -> None:
        """As ``Presenter.fail``."""
        async with self._held_at("fail"):
            self.told.append((job.job_id, "fail"))
            self.errors.setdefault(job.job_id, []).append(error)

    @contextlib.asynccontextmanager
    async def _held_at(self, method: str) -> AsyncIterator[None]:
        await self._stop_at(method, after=False)
        yield
        await self._stop_at(method, after=True)

    async def _stop_at(self, method: str, *, after: bool) -> None:
        if self._hold == (method, after):
            self.held.set()
            await self._go_on.wait()
