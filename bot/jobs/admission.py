"""The gate: whether a member may draw this, here and now, and the reservation that goes with a yes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.errors import AlreadyTaken, BudgetUsedUp, MemberError, StoreUnavailable
from bot.generation.prices import micro_dollars
from bot.limits.ledger import Allowance, Ask, Outcome
from bot.limits.policy import GuildPolicy, resolve, standing_of
from bot.limits.rules import ORDINARY
from bot.limits.windows import windows_at

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from decimal import Decimal

    from bot.limits.book import PolicyBook
    from bot.limits.bookings import Also
    from bot.limits.ledger import Ledger
    from bot.limits.operator import OperatorLimits
    from bot.limits.policy import Asker, Limits

_log = logging.getLogger(__name__)

PlanT = TypeVar("PlanT")

SUGGEST_WITHIN = 0.5
"""Seconds that suggestions wait for the store; a member types on meanwhile."""

JUDGEMENTS = 4
"""Times a request is judged anew because a moderator changed the policy in that very moment."""


@dataclass(frozen=True, slots=True)
class Order(Generic[PlanT]):
    """What is to be reserved for.

    Attributes:
        plan: what is to be drawn, whatever that means to the caller.
        images: pictures asked for.
        estimate: the most they can cost, in micro-dollars.
    """

    plan: PlanT
    images: int
    estimate: int


class Gate:
    """Lets requests in that the rules allow and the counts have room for."""

    def __init__(
        self,
        book: PolicyBook,
        ledger: Ledger,
        operator: OperatorLimits,
        *,
        clock: Callable[[], dt.datetime],
    ) -> None:
        """Make a gate.

        Args:
            book: the servers' policies.
            ledger: what is used and held.
            operator: defaults, caps and budget.
            clock: tells the time, aware.
        """
        self._book = book
        self._ledger = ledger
        self._operator = operator
        self._clock = clock
        self._told = ""

    def limits(self, policy: GuildPolicy, asker: Asker) -> Limits:
        """What holds for a member in a channel."""
        return resolve(policy, asker, self._operator.defaults, self._operator.caps)

    async def likely_limits(self, asker: Asker) -> Limits:
        """The same for suggestions, which must come at once rather than be exact: no look at what changed.

        Only the first suggestion in a server has to ask the store, and does not wait for it long.
        """
        try:
            async with asyncio.timeout(SUGGEST_WITHIN):
                policy = await self._book.policy(asker.guild_id)
        except (StoreUnavailable, TimeoutError):
            policy = GuildPolicy(asker.guild_id)
        return self.limits(policy, asker)

    async def enter(
        self,
        asker: Asker,
        job_id: int,
        order: Callable[[Limits], Order[PlanT]],
        also: Callable[[PlanT, Allowance], Also] | None = None,
    ) -> tuple[PlanT, Allowance]:
        """Reserve what ``order`` makes of the member's limits.

        Args:
            asker: who asks, and where.
            job_id: the interaction's id; a job is let in once.
            order: judges the request by the limits, and says what it needs; may be called several times.
            also: makes, of what is returned here, what is to be written in the same transaction; may be
                called several times too. See ``Ledger.reserve``.

        Returns:
            The order's plan, and what it was let in by.

        Raises:
            MemberError: the rules forbid it, or nothing is left.
            AlreadyTaken: the job was let in before, here or in another process.
            StoreUnavailable: the store does not answer.
        """
        for attempt in range(JUDGEMENTS):
            policy = await self._book.policy(asker.guild_id, fresh=attempt > 0)
            now = self._clock()
            try:
                standing_of(policy, asker, now)
                wanted = order(self.limits(policy, asker))
            except MemberError:
                # Another process may have loosened the rule since it was read.
                if attempt == 0 and policy != await self._book.policy(asker.guild_id, fresh=True):
                    continue
                raise
            ask = Ask(job_id, asker.guild_id, asker.member_id, wanted.images, wanted.estimate)
            allowance = self._allowance(policy, asker, now)
            write = None if also is None else also(wanted.plan, allowance)
            outcome = await self._reserve(ask, allowance, write)
            if outcome is Outcome.DUPLICATE:
                raise AlreadyTaken("the job was taken before")
            if outcome is Outcome.GRANTED:
                return wanted.plan, allowance
        raise StoreUnavailable("the policy changes faster than it can be read")

    async def _reserve(self, ask: Ask, allowance: Allowance, also: Also | None) -> Outcome:
        try:
            return await self._ledger.reserve(ask, allowance, also)
        except BudgetUsedUp as error:
            month = allowance.windows.budget_month
            if error.whose == "operator" and month != self._told:
                self._told = month  # once is enough: every further request is refused likewise
                _log.error(
                    "a request was refused: it does not fit into what is left of the budget for %s", month
                )
            raise

    def _allowance(self, policy: GuildPolicy, asker: Asker, now: dt.datetime) -> Allowance:
        limits = self.limits(policy, asker)
        return Allowance(
            windows=windows_at(now, policy.zone),
            revision=policy.revision,
            images_per_day=limits.images_per_day.value,
            images_per_week=limits.images_per_week.value,
            charge_per_month=_micro(limits.dollars_per_month.value),
            concurrent=limits.concurrent.value,
            priority=limits.priority.value or ORDINARY,
            cooldown=limits.cooldown.value,
            server_concurrent=limits.server_concurrent.value,
            server_cost_per_month=_micro(limits.server_dollars_per_month.value),
            operator_cost_per_month=self._operator.budget,
        )


def _micro(dollars: Decimal | None) -> int | None:
    return None if dollars is None else micro_dollars(dollars)
