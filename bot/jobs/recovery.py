"""Jobs that nobody works on: those of processes that are no more, and those whose workflow did not start.

The jobs' table says what is open and whose it is. A process that finds jobs of a dead one writes itself in
as their owner; only one can, whatever the engine believes. A reservation without a row is from before there
were jobs, and is refunded.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from bot.errors import StoreUnavailable
from bot.jobs.rows import BY_MODERATOR
from bot.jobs.running import Stage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.jobs.engine import Engine
    from bot.jobs.notices import Notices
    from bot.jobs.rows import JobRows, Sight
    from bot.jobs.running import Run, RunningJobs
    from bot.limits.closing import Closer
    from bot.limits.ledger import Ledger
    from bot.storage.presence import Presence

_log = logging.getLogger(__name__)

LOOK_EVERY = 15.0
"""Seconds between two looks for jobs of dead processes, whose members wait."""

LOOK_AGAIN = 2.0
"""Seconds until the next look while some jobs are not seen to go on yet."""

KEPT = 24 * 3600.0
"""Seconds that ended workflows stay in the engine's tables, for whoever wants to look."""

FORGET_EVERY = 3600.0
"""Seconds between two clearings of those tables."""


class Recovery:
    """Sees that every open job is worked on by somebody."""

    def __init__(
        self,
        rows: JobRows,
        engine: Engine,
        running: RunningJobs,
        ledger: Ledger,
        closer: Closer,
        notices: Notices,
        presence: Presence,
    ) -> None:
        self._rows = rows
        self._engine = engine
        self._running = running
        self._ledger = ledger
        self._closer = closer
        self._notices = notices
        self._presence = presence
        self._adopted: set[int] = set()
        self._news = asyncio.Event()
        self._dead: set[str] = set()
        self._looked = False

    def adopt(self, job_id: int) -> None:
        """See to a job of this process whose workflow may not have started."""
        self._adopted.add(job_id)
        self._news.set()

    async def run(self) -> None:
        """Look now and then, until the bot stops."""
        loop = asyncio.get_running_loop()
        forget_at = loop.time()
        while not self._running.closing:
            self._news.clear()
            try:
                await self.look()
                if loop.time() >= forget_at:
                    forget_at = loop.time() + FORGET_EVERY
                    await self._clear()
            except StoreUnavailable as error:
                _log.warning("jobs that nobody works on wait for the store: %s", error)
            except Exception:  # noqa: BLE001 - members wait, so nothing may end this
                _log.exception("jobs that nobody works on cannot be looked after")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN if self._adopted else LOOK_EVERY):
                    await self._news.wait()

    async def look(self) -> None:
        """Take over what dead processes left, and see that all that is this process's is worked on.

        Raises:
            StoreUnavailable: it cannot be found out now, or not all of it.
        """
        owners = await self._rows.other_owners()
        if not self._looked:
            owners |= {entry.owner for entry in await self._ledger.open_jobs()}
        dead = await self._presence.dead(owners)
        if dead:
            self._dead |= dead
            if not self._looked:
                await self._close_rowless(dead)
            claimed = await self._rows.claim_from(dead)
            if claimed:
                _log.warning("jobs cut off by a crash: %d; going on with them", len(claimed))
        self._looked = True
        at_work = tuple(self._running)  # before the rows are read: what begins meanwhile is none of this
        await self._go_on(at_work, await self._rows.ours())

    async def _go_on(self, at_work: Collection[Run], ours: Mapping[int, Sight]) -> None:
        """Compare this process's rows with what it works on, and make good what differs.

        A row that was taken over, however long ago and whether or not the store said that it was, is worked
        on or about to be. What is worked on and has no row is another process's by now.
        """
        for run in at_work:
            sight = ours.get(run.job.job_id)
            if sight is None and run.stage is not Stage.DELIVERING:
                run.task.cancel()
            elif sight is not None and sight.cancelled:
                run.cancel(by_moderator=sight.cancelled == BY_MODERATOR)
        self._adopted = {
            job_id
            for job_id, sight in ours.items()
            if (sight.lives or job_id in self._adopted)
            and not self._running.is_at_work(job_id)
            and not self._closer.is_ending(job_id)
        }
        if self._adopted:
            await self._engine.resume(self._adopted)

    async def _clear(self) -> None:
        """Erase what the engine keeps and nobody needs: what has ended, or was cut off at its very end."""
        await self._engine.forget(older_than=KEPT, dead=self._dead)
        self._dead.clear()
        await self._notices.load()  # another process may have left some
        unfinished = await self._engine.unfinished()
        dead = await self._presence.dead({owner for _, owner in unfinished.values()})
        await self._engine.erase(
            [
                workflow
                for workflow, (job_id, owner) in unfinished.items()
                if owner in dead and await self._rows.read(job_id) is None
            ]
        )

    async def _close_rowless(self, dead: Collection[str]) -> None:
        """Refund the reservations of dead processes that have no row."""
        left_open = await self._ledger.open_jobs(dead)
        kept = {entry.job_id for entry in left_open if await self._rows.read(entry.job_id) is not None}
        count = await self._ledger.close_left_open(dead, keeping=kept)
        if count:
            _log.warning("requests of an earlier version cut off by a crash: %d; refunded", count)
