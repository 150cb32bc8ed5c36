"""What the engine runs for each job: finds the job, and sees it through, alone."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.errors import StoreUnavailable
from bot.jobs.imagine import Imagine
from bot.jobs.sealing import Unreadable
from bot.limits.entries import Kind
from bot.limits.terms import Ending

if TYPE_CHECKING:
    from bot.jobs import engine
    from bot.jobs.imagine import Parts
    from bot.jobs.job import Job
    from bot.jobs.rows import Row

_log = logging.getLogger(__name__)

STORE_PAUSE = 2.0
"""Seconds between two looks for a job that the store does not give out."""


class ImagineWorkflow:
    """What the engine runs for each job."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._expected: dict[int, Job] = {}

    def expect(self, job: Job) -> None:
        """A job is about to start here: spares it the way through the store."""
        self._expected[job.job_id] = job

    def forget(self, job_id: int) -> None:
        """It will not start after all."""
        self._expected.pop(job_id, None)

    async def run(self, job_id: int, message_id: int | None, record: engine.Record) -> None:
        """Do a job, or go on with it; see ``bot.jobs.engine.Workflow``."""
        with self._parts.running.alone(job_id) as alone:
            if alone:
                await self._run(job_id, message_id, record)

    async def _run(self, job_id: int, message_id: int | None, record: engine.Record) -> None:
        job, row = self._expected.pop(job_id, None), None
        if job is None:
            row = await self._row(job_id)
            job = await self._opened(row)
        if job is None:
            return
        if message_id is not None:
            job = replace(job, address=replace(job.address, message_id=message_id))
        if row is not None:
            self._parts.metrics.jobs_resumed.inc()
        with self._parts.running.job(job) as run:
            await Imagine(self._parts, run, row, record).see_through()

    async def _row(self, job_id: int) -> Row | None:
        """The row of a job, if it is this process's to work on; waits for the store."""
        while True:
            try:
                row = await self._parts.rows.read(job_id)
            except StoreUnavailable as error:
                _log.warning("job %d waits for the store: %s", job_id, error)
                await asyncio.sleep(STORE_PAUSE)
            else:
                ours = row is not None and row.owner == self._parts.rows.owner
                return row if ours and not self._parts.closer.is_ending(job_id) else None

    async def _opened(self, row: Row | None) -> Job | None:
        if row is None:
            return None
        try:
            return self._parts.seal.open(row.sealed)
        except Unreadable:
            _log.error("job %d was left by a bot with another token or version, and is given up", row.job_id)
            # Each of its calls may have been billed; those booked already are not booked again.
            await self._parts.closer.end(Ending(row.job_id, Kind.REFUND, unclear_calls=row.calls))
            return None
