"""Checks that the bot is working on every job with a row, from its metrics and its table of jobs."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING

from bench.chaos.evidence import AtWork
from bench.chaos.gathering import count_jobs
from bench.measure import jobs_at_work
from bot.storage.database import open_database

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PATIENCE = 40.0
"""Seconds within which every row must have its task: every 15 s the bot looks for rows without one, and it
resumes those that nothing has held for 10 s (`bot.jobs.recovery`)."""

PAUSE = 0.5
"""Seconds between two checks."""


async def rows_and_tasks(url: str, port: int) -> AtWork:
    """Compare the rows of jobs with the running bot's tasks, until each row can have one.

    Args:
        url: of the bot's database.
        port: of the bot's metrics.
    """
    async with open_database(url) as database:

        async def look() -> AtWork:
            # In this order: a job that ends in between looks like a row too many, and is checked again. The
            # other way round, its task would be counted for a row that has none.
            rows = await database.read(count_jobs)
            return AtWork(rows, await jobs_at_work(port))

        return await until_each_has_a_task(look)


async def until_each_has_a_task(
    look: Callable[[], Awaitable[AtWork]], *, patience: float = PATIENCE, pause: float = PAUSE
) -> AtWork:
    """Check until there is no row too many or `patience` seconds have passed; return the last result."""
    began = time.monotonic()
    while True:
        seen = dataclasses.replace(await look(), waited=time.monotonic() - began)
        if seen.each_has_a_task or seen.waited > patience:
            return seen
        await asyncio.sleep(pause)
