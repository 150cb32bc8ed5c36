"""What commands and buttons do with a job that was let in: release it, or cancel it."""

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
        """Take back a job that did not begin."""
        await self._closer.refund(job.job_id)

    async def cancel(self, job_id: int, member_id: int, *, moderator: bool) -> Cancelling:
        """Cancel a job for its member, or for a moderator of its server; its own answer will say so.

        Raises:
            StoreUnavailable: it is not this process's, and the store does not say whose.
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
        # Whoever works on it, or is about to, sees it there.
        await self._rows.cancel(job_id, by_moderator=not mine)
        return Cancelling.ELSEWHERE

    def _opened(self, row: Row | None) -> Job | None:
        try:
            return self._seal.open(row.sealed) if row else None
        except Unreadable:
            return None
