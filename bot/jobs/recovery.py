"""Jobs that nobody is working on: those of dead processes, and those that this process dropped.

The jobs table says which jobs are open and who owns them. A process that finds jobs of a dead one makes
itself their owner; only one process can. A reservation without a row is from an earlier version without this
table, and is refunded.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from bot.errors import StoreUnavailable
from bot.jobs.rows import BY_MODERATOR
from bot.jobs.running import Stage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.jobs.notices import Notices
    from bot.jobs.rows import JobRows
    from bot.jobs.running import Run, RunningJobs
    from bot.limits.closing import Closer
    from bot.limits.ledger import Ledger
    from bot.runtime.underway import CommandsUnderway
    from bot.storage.presence import Presence

_log = logging.getLogger(__name__)

LOOK_EVERY = 15.0
"""Seconds between two checks for jobs that nobody is working on, while their members wait."""

LOOK_AGAIN = 2.0
"""Seconds until the next check while this process has rows that nothing seems to hold."""

UNHELD_FOR = 10.0
"""Seconds that no task, command or end may hold a row of this process before recovery resumes its job.

There is no gap between two holders, such as a command and the task it starts; but a row may have been read
just before its end was written.
"""

NOTICES_EVERY = 3600.0
"""Seconds between two loads of notices left by other processes, which also delete old ones."""


class Workflow(Protocol):
    """The workflow that resumes jobs; see ``bot.jobs.imagine``."""

    def resume(self, job_id: int) -> None:
        """Resume a job that nobody is working on, from its row."""


class Recovery:
    """Makes sure that somebody is working on every open job."""

    def __init__(
        self,
        workflow: Workflow,
        rows: JobRows,
        running: RunningJobs,
        commands: CommandsUnderway,
        ledger: Ledger,
        closer: Closer,
        notices: Notices,
        presence: Presence,
        *,
        look_every: float = LOOK_EVERY,
        unheld_for: float = UNHELD_FOR,
    ) -> None:
        """Make a recovery.

        Args:
            workflow: resumes jobs.
            rows: the jobs' rows in the database.
            running: the jobs that this process is working on.
            commands: the interactions that are being answered.
            ledger: knows which reservations are open.
            closer: knows which reservations are being ended.
            notices: messages that could not be delivered to members.
            presence: knows which processes are dead.
            look_every: see ``LOOK_EVERY``.
            unheld_for: see ``UNHELD_FOR``.
        """
        self._workflow = workflow
        self._rows = rows
        self._running = running
        self._commands = commands
        self._ledger = ledger
        self._closer = closer
        self._notices = notices
        self._presence = presence
        self._look_every = look_every
        self._unheld_for = unheld_for
        self._unheld: dict[int, float] = {}
        self._looked = False

    async def run(self) -> None:
        """Call ``look`` at intervals until the bot stops."""
        loop = asyncio.get_running_loop()
        load_at = loop.time() + NOTICES_EVERY
        while not self._running.closing:
            try:
                await self.look()
                if loop.time() >= load_at:
                    load_at = loop.time() + NOTICES_EVERY
                    await self._notices.load()
            except StoreUnavailable as error:
                _log.warning("jobs that nobody works on wait for the store: %s", error)
            except Exception:  # noqa: BLE001 - members wait, so nothing may end this
                _log.exception("jobs that nobody works on cannot be looked after")
            await asyncio.sleep(min(LOOK_AGAIN, self._look_every) if self._unheld else self._look_every)

    async def look(self) -> None:
        """Take over the jobs of dead processes, and resume dropped jobs of this one.

        Raises:
            StoreUnavailable: the database did not answer, so some or all of it is left to the next look.
        """
        owners = await self._rows.other_owners()
        if not self._looked:
            owners |= {entry.owner for entry in await self._ledger.open_jobs()}
        dead = await self._presence.dead(owners)
        if dead:
            if not self._looked:
                await self._close_rowless(dead)
            await self._claim_from(dead)
        self._looked = True
        at_work = tuple(self._running)  # read before the rows, to leave out jobs started meanwhile
        ours = await self._rows.ours()
        self._compare(at_work, ours)
        await self._take_up(ours)

    async def _claim_from(self, dead: Collection[str]) -> None:
        claimed = await self._rows.claim_from(dead)
        if claimed:
            _log.warning("jobs cut off by a crash: %d; going on with them", len(claimed))
        for job_id in claimed:
            self._workflow.resume(job_id)

    def _compare(self, at_work: Collection[Run], ours: Mapping[int, int]) -> None:
        """Stop jobs whose row this process no longer owns; cancel those that another process marked."""
        for run in at_work:
            cancelled = ours.get(run.job.job_id)
            if cancelled is None and run.stage is not Stage.DELIVERING:
                run.task.cancel()
            elif cancelled:
                run.cancel(by_moderator=cancelled == BY_MODERATOR)

    async def _take_up(self, ours: Collection[int]) -> None:
        """Resume jobs whose rows no task, command or unfinished end has held for ``unheld_for`` seconds."""
        now = asyncio.get_running_loop().time()
        self._unheld = {job_id: self._unheld.get(job_id, now) for job_id in ours if not self._holds(job_id)}
        due = [job_id for job_id, since in self._unheld.items() if now - since >= self._unheld_for]
        for job_id in due:
            if await self._rows.take_up(job_id):
                _log.warning("job %d was worked on by nobody; going on with it", job_id)
                self._workflow.resume(job_id)
            del self._unheld[job_id]

    def _holds(self, job_id: int) -> bool:
        return self._running.is_at_work(job_id) or self._closer.is_ending(job_id) or job_id in self._commands

    async def _close_rowless(self, dead: Collection[str]) -> None:
        """Refund those reservations of dead processes that have no row."""
        left_open = await self._ledger.open_jobs(dead)
        kept = {entry.job_id for entry in left_open if await self._rows.read(entry.job_id) is not None}
        count = await self._ledger.close_left_open(dead, keeping=kept)
        if count:
            _log.warning("requests of an earlier version cut off by a crash: %d; refunded", count)
