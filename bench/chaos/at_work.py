"""Whether the bot works on every job it has a row of: asked of the living bot and of its table."""

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
"""Seconds until a row has to have its task: the bot looks for those without one every 15 s, and gives each
10 s first in which it may be about to be begun."""

PAUSE = 0.5
"""Seconds between two looks."""


async def rows_and_tasks(url: str, port: int) -> AtWork:
    """Compare the rows of jobs with the tasks that a living bot has, until each row may have one.

    Args:
        url: of the bot's database.
        port: where the bot serves its metrics.
    """
    async with open_database(url) as database:

        async def look() -> AtWork:
            # In this order: a job that ends in between has a row too many, and is looked at again. The
            # other way round its task would be taken for that of a row which has none.
            rows = await database.read(count_jobs)
            return AtWork(rows, await jobs_at_work(port))

        return await until_each_has_a_task(look)


async def until_each_has_a_task(
    look: Callable[[], Awaitable[AtWork]], *, patience: float = PATIENCE, pause: float = PAUSE
) -> AtWork:
    """Look until there is no row too many, or for as long as is bearable; return the last look."""
    began = time.monotonic()
    while True:
        seen = dataclasses.replace(await look(), waited=time.monotonic() - began)
        if seen.each_has_a_task or seen.waited > patience:
            return seen
        await asyncio.sleep(pause)
