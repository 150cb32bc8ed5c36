"""The use cases: what a member can ask the bot to do, free of Discord and of Azure.

``check`` and the suggestions work from memory alone, so that a command can be judged, and refused in
private, before it is acknowledged. ``admit`` asks the store, and ``begin`` starts the work.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.errors import StoreUnavailable
from bot.jobs.job import DELIVERY_RESERVE, TOKEN_LIFE, Job
from bot.jobs.running import Cancelling
from bot.jobs.sealing import Unreadable
from bot.queue.fair import Ticket

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.jobs.admission import Gate, Order
    from bot.jobs.engine import Engine
    from bot.jobs.job import Address
    from bot.jobs.recovery import Recovery
    from bot.jobs.rows import JobRows, Row
    from bot.jobs.running import RunningJobs
    from bot.jobs.sealing import Seal
    from bot.jobs.workflow import ImagineWorkflow
    from bot.limits.closing import Closer
    from bot.limits.policy import Asker, Limits
    from bot.limits.terms import Allowance
    from bot.planning.planner import Draft, Plan, Planner
    from bot.queue.scheduler import FairGate

__all__ = ["Cancelling", "Studio"]

_log = logging.getLogger(__name__)


class Studio:
    """Lets members' requests in, and starts and cancels the work on them."""

    def __init__(
        self,
        planner: Planner,
        gate: Gate,
        line: FairGate,
        closer: Closer,
        rows: JobRows,
        seal: Seal,
        running: RunningJobs,
        workflow: ImagineWorkflow,
        engine: Engine,
        recovery: Recovery,
        *,
        clock: Callable[[], dt.datetime],
    ) -> None:
        """Make a studio.

        Args:
            planner: judges by what models can draw.
            gate: judges by members' limits, and reserves.
            line: where jobs wait for their turn.
            closer: ends reservations.
            rows: keeps jobs.
            seal: seals them for that.
            running: the jobs at work.
            workflow: does the work.
            engine: runs it.
            recovery: sees to what the engine could not start.
            clock: tells the time, aware.
        """
        self._planner = planner
        self._gate = gate
        self._line = line
        self._closer = closer
        self._rows = rows
        self._seal = seal
        self._running = running
        self._workflow = workflow
        self._engine = engine
        self._recovery = recovery
        self._clock = clock

    # --- from memory ----------------------------------------------------------------------------

    def check(self, draft: Draft, asker: Asker) -> None:
        """Judge a draft by what the models can draw.

        Raises:
            MemberError: as ``Planner.check``.
        """
        self._planner.check(draft, asker.member_id)

    # --- suggestions, from memory but for the first in a server ---------------------------------

    async def suggest_sizes(self, model: str | None, typed: str, asker: Asker) -> tuple[str, ...]:
        """Sizes to offer while a member types."""
        return self._planner.suggest_sizes(model, typed, await self._gate.likely_limits(asker))

    async def suggest_qualities(self, model: str | None, typed: str, asker: Asker) -> tuple[str, ...]:
        """Qualities to offer while a member types."""
        return self._planner.suggest_qualities(model, typed, await self._gate.likely_limits(asker))

    async def suggest_counts(self, model: str | None, asker: Asker) -> range:
        """Numbers of pictures to offer while a member types."""
        return self._planner.suggest_counts(model, await self._gate.likely_limits(asker))

    async def suggest_models(self, typed: str, asker: Asker) -> tuple[tuple[str, str], ...]:
        """Label and name of the models to offer while a member types."""
        return self._planner.suggest_models(typed, await self._gate.likely_limits(asker))

    # --- letting in -----------------------------------------------------------------------------

    async def admit(self, draft: Draft, asker: Asker, address: Address) -> Job:
        """Judge a draft by the member's limits, reserve what it needs, and write the job down, all in one.

        Whoever stops waiting has nothing reserved: what the store may do late is taken back.

        Raises:
            MemberError: it cannot be drawn, may not, nothing is left for it, or its turn would come too late.
            AlreadyTaken: the job was let in before, here or in another process.
            StoreUnavailable: the store does not answer.
        """
        job_id, received_at = address.interaction_id, self._clock()

        def order(limits: Limits) -> Order[Plan]:
            wanted = self._planner.order(draft, asker.member_id, limits)
            ticket = Ticket(
                job_id, asker.guild_id, asker.member_id, wanted.plan.request.model, limits.priority.value or 0
            )
            self._line.refuse_if_hopeless(ticket, TOKEN_LIFE - DELIVERY_RESERVE)
            return wanted

        def job_of(plan: Plan, allowance: Allowance) -> Job:
            return Job(
                address=address,
                plan=plan,
                received_at=received_at,
                priority=allowance.priority,
                server_budget=allowance.server_cost_per_month,
                operator_budget=allowance.operator_cost_per_month,
            )

        def also(plan: Plan, allowance: Allowance) -> Callable[[sa.Connection], None]:
            job = job_of(plan, allowance)
            return self._rows.adding(job_id, lambda: self._seal.close(job))

        try:
            plan, allowance = await self._gate.enter(asker, job_id, order, also)
        except (StoreUnavailable, asyncio.CancelledError):
            self._closer.withdraw(job_id)
            raise
        return job_of(plan, allowance)

    async def release(self, job: Job) -> None:
        """Take back a job that did not begin."""
        await self._closer.refund(job.job_id)

    # --- the work -------------------------------------------------------------------------------

    async def begin(self, job: Job, message_id: int | None) -> None:
        """Start the work on a job that was let in, whose answer is waited for in that message.

        Returns as soon as the work is sure to be done; what comes of it is told by the presenter.
        """
        self._workflow.expect(job)
        try:
            await self._engine.start(job.job_id, message_id)
        except StoreUnavailable as error:
            _log.warning("job %d could not be started, and is seen to: %s", job.job_id, error)
            self._workflow.forget(job.job_id)
            self._recovery.adopt(job.job_id)

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
