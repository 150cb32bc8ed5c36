"""Admission of requests: checks them against models and limits, reserves what they need, and saves them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.errors import AlreadyTaken, BudgetUsedUp, MemberError, StoreUnavailable
from bot.jobs.job import DELIVERY_RESERVE, TOKEN_LIFE, Job
from bot.limits.entries import Outcome
from bot.limits.policy import allowance_of, resolve, standing_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from bot.jobs.job import Address
    from bot.jobs.sealing import Seal
    from bot.limits.book import PolicyBook
    from bot.limits.closing import Closer
    from bot.limits.entries import Allowance
    from bot.limits.ledger import Ledger
    from bot.limits.operator import OperatorLimits
    from bot.limits.policy import Asker
    from bot.planning.plan import Draft
    from bot.planning.planner import Planner
    from bot.queue.scheduler import Scheduler

_log = logging.getLogger(__name__)

JUDGEMENTS = 4
"""Most times a request is judged: once more each time a moderator changed the policy at that moment."""


class Admission:
    """Admits requests that can be drawn, that the rules allow, and that fit into the remaining limits."""

    def __init__(
        self,
        planner: Planner,
        book: PolicyBook,
        operator: OperatorLimits,
        queue: Scheduler,
        ledger: Ledger,
        closer: Closer,
        seal: Seal,
        *,
        clock: Callable[[], dt.datetime],
    ) -> None:
        """Make an admission.

        Args:
            planner: judges requests by what models can draw, and by limits.
            book: the servers' policies.
            operator: defaults, caps and budget.
            queue: where jobs wait for their turn.
            ledger: amounts used and held.
            closer: takes back a reservation whose caller is gone.
            seal: encrypts jobs for the database.
            clock: tells the time, aware.
        """
        self._planner = planner
        self._book = book
        self._operator = operator
        self._queue = queue
        self._ledger = ledger
        self._closer = closer
        self._seal = seal
        self._clock = clock
        self._told = ""

    async def admit(self, draft: Draft, asker: Asker, address: Address) -> Job:
        """Judge a draft by the member's limits, reserve what it needs, and save the job.

        If the caller is cancelled, nothing stays reserved: a reservation that the database makes late is
        taken back.

        Raises:
            MemberError: it cannot or may not be drawn, a limit is reached, or its turn would come too late.
            AlreadyTaken: the job was admitted before, here or in another process.
            StoreUnavailable: the database does not answer, or the policy changes too fast.
        """
        try:
            return await self._admit(draft, asker, address, self._clock())
        except (StoreUnavailable, asyncio.CancelledError):
            self._closer.withdraw(address.interaction_id)
            raise

    async def _admit(self, draft: Draft, asker: Asker, address: Address, received_at: dt.datetime) -> Job:
        operator = self._operator
        if self._book.cached(asker.guild_id) is None:
            # The database may be slow, so refuse what no model can draw without asking it.
            self._planner.check(draft, asker.member_id)
        for judgement in range(JUDGEMENTS):
            policy = await self._book.policy(asker.guild_id, fresh=judgement > 0)
            now = self._clock()
            try:
                standing_of(policy, asker, now)
                limits = resolve(policy, asker, operator.defaults, operator.caps)
                allowance = allowance_of(policy, limits, operator.budget, now)
                plan = self._planner.plan(draft, asker.member_id, limits)
                job = Job(
                    address=address,
                    plan=plan,
                    received_at=received_at,
                    priority=allowance.priority,
                    server_budget=allowance.server_cost_per_month,
                    operator_budget=allowance.operator_cost_per_month,
                )
                self._queue.refuse_if_hopeless(job.ticket, TOKEN_LIFE - DELIVERY_RESERVE)
            except MemberError:
                self._planner.check(draft, asker.member_id)
                # Another process may have loosened the rule since it was read.
                if judgement == 0 and policy != await self._book.policy(asker.guild_id, fresh=True):
                    continue
                raise
            outcome = await self._reserve(job, asker, allowance)
            if outcome is Outcome.DUPLICATE:
                raise AlreadyTaken("the job was taken before")
            if outcome is Outcome.GRANTED:
                return job
        raise StoreUnavailable("the policy changes faster than it can be read")

    async def _reserve(self, job: Job, asker: Asker, allowance: Allowance) -> Outcome:
        try:
            return await self._ledger.reserve(
                job.job_id,
                asker,
                images=job.plan.request.count,
                estimate=job.plan.estimate,
                seal=lambda: self._seal.close(job),
                allowance=allowance,
            )
        except BudgetUsedUp as error:
            month = allowance.windows.budget_month
            if error.whose == "operator" and month != self._told:
                self._told = month  # once is enough: further requests are refused alike
                _log.error(
                    "a request was refused: it does not fit into what is left of the budget for %s", month
                )
            raise
