"""What commands and buttons do with an admitted job: release it, or cancel it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.jobs.running import Cancelling
from bot.jobs.sealing import Unreadable

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.jobs.rows import JobRows, Row
    from bot.jobs.running import RunningJobs
    from bot.jobs.sealing import Seal
    from bot.limits.closing import Closer

__all__ = ["Cancelling", "JobService"]


class JobService:
    """Releases and cancels jobs."""

    def __init__(self, running: RunningJobs, rows: JobRows, seal: Seal, closer: Closer) -> None:
        self._running = running
        self._rows = rows
        self._seal = seal
        self._closer = closer

    async def release(self, job: Job) -> None:
        """Refund an admitted job that was not started."""
        await self._closer.refund(job.job_id)

    async def cancel(self, job_id: int, member_id: int, *, moderator: bool) -> Cancelling:
        """Cancel a job for its member, or for a moderator of its server; its own answer will say so.

        Raises:
            StoreUnavailable: it is not at work here, and the database cannot say more.
        """
        run = self._running.get(job_id)
        row = await self._rows.read(job_id) if run is None else None
        job = run.job if run else self._opened(row)
        if job is None:
            return Cancelling.OVER
        mine = job.address.member_id == member_id
        if not mine and not moderator:
            return Cancelling.NOT_YOURS
        if run is not None:
            return Cancelling.CANCELLED if run.cancel(by_moderator=not mine) else Cancelling.OVER
        # The process that works on it, or is about to, sees the mark in the row.
        await self._rows.cancel(job_id, by_moderator=not mine)
        return Cancelling.ELSEWHERE

    def _opened(self, row: Row | None) -> Job | None:
        try:
            return self._seal.open(row.sealed) if row else None
        except Unreadable:
            return None
