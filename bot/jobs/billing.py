"""One job's money, from its reservation to its end: what it may have cost, and its settlement or refund."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.errors import JobCutOff, StoreUnavailable
from bot.limits.entries import Ending, Kind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.jobs.job import Job
    from bot.jobs.rows import JobRows
    from bot.limits.closing import Closer
    from bot.limits.ledger import Ledger
    from bot.queue.scheduler import Turn

_log = logging.getLogger(__name__)


class Billing:
    """The reservation of a job at work, and a ``Watch`` of the calls it pays for.

    Each step is written to the database before it can cost anything, so that after a crash another billing
    of the same job can continue from the job's row.
    """

    def __init__(self, job: Job, rows: JobRows, ledger: Ledger, closer: Closer, *, call_budget: int) -> None:
        """Make a billing.

        Args:
            job: the job to bill.
            rows: counts the calls made.
            ledger: books calls that may have been billed.
            closer: ends the reservation.
            call_budget: most calls of a job that may be billed, crashes included.
        """
        self._job = job
        self._rows = rows
        self._ledger = ledger
        self._closer = closer
        self._call_budget = call_budget
        self._turn: Turn | None = None
        self._tell: Callable[[float], Awaitable[None]] | None = None
        self.cost = 0
        """Micro-dollars that Azure certainly billed, not counting the unclear calls."""
        self.unclear_calls = 0
        """Calls with an unknown outcome."""

    # --- following the calls: see bot.generation.service.Watch ------------------------------------

    def follow(self, turn: Turn, tell: Callable[[float], Awaitable[None]]) -> None:
        """Follow the calls of a job that has its turn.

        Args:
            turn: is told when a call is made, and when the job waits to make another one.
            tell: tells the member how many seconds the wait may take.
        """
        self._turn, self._tell = turn, tell

    async def calling(self) -> None:
        """Take a call to Azure from the call budget, before it is made.

        Raises:
            JobCutOff: no call is left, the job is cancelled, or another process owns it by now.
            StoreUnavailable: the database cannot say.
        """
        if self._turn is not None:
            self._turn.begun()
        message_id = self._job.address.message_id
        if not await self._rows.take_call(self._job.job_id, self._call_budget, message_id):
            raise JobCutOff("no call left")

    async def free(self) -> None:
        """Give back a call that certainly cost nothing."""
        self._waits()
        try:
            await self._rows.give_back_call(self._job.job_id)
        except StoreUnavailable as error:
            _log.warning("job %d: a call that cost nothing counts: %s", self._job.job_id, error)

    async def waiting(self, seconds: float) -> None:
        """Tell the member of a wait."""
        if self._tell is not None:
            await self._tell(seconds)

    async def unclear(self) -> bool:
        """Book a failed call that Azure may bill: at once, in case the job gets no further.

        Returns:
            Whether the budgets, of money and of calls, allow another call.
        """
        self._waits()
        self.unclear_calls += 1
        return await self._book(self.unclear_calls)

    def abandoned(self) -> None:
        """Count a call that was abandoned while under way; no other follows."""
        self.unclear_calls += 1

    def _waits(self) -> None:
        if self._turn is not None:
            self._turn.waits()

    # --- what it costs --------------------------------------------------------------------------

    def billed(self, cost: int | None) -> None:
        """Count a call that Azure billed, at its cost in micro-dollars, or at the estimate if None."""
        self.cost += self._job.plan.estimate if cost is None else cost

    async def cut_off(self, calls: int) -> None:
        """Book calls that a crash cut off, any of which Azure may bill.

        Raises:
            JobCutOff: the budgets, of money and of calls, allow no other call.
        """
        self.unclear_calls = max(self.unclear_calls, calls)
        affordable = [await self._book(attempt) for attempt in range(1, calls + 1)]
        if affordable and not affordable[-1]:
            raise JobCutOff("a crash cut off its last call")

    async def _book(self, attempt: int) -> bool:
        """Book an unclear call; return whether the budgets allow another call."""
        try:
            affordable = await self._ledger.book_unclear(
                self._job.job_id,
                attempt,
                server_budget=self._job.server_budget,
                operator_budget=self._job.operator_budget,
            )
        except StoreUnavailable:
            return False  # booked when the reservation ends
        return affordable and attempt < self._call_budget

    # --- the end --------------------------------------------------------------------------------

    async def settle(self, delivered: int, drawn: int) -> None:
        """End the reservation with pictures, which the member pays for.

        Args:
            delivered: pictures the member received.
            drawn: pictures Azure drew, including those that its filter held back.
        """
        # A share of the whole: the member does not pay for pictures that did not arrive.
        charge = self.cost * delivered // max(drawn, self._job.plan.request.count)
        await self._end(Kind.SETTLE, images=delivered, charge=charge)

    async def refund(self) -> None:
        """End the reservation without pictures: the member pays nothing, the operator what Azure billed."""
        await self._end(Kind.REFUND)

    async def _end(self, kind: Kind, *, images: int = 0, charge: int = 0) -> None:
        await self._closer.end(
            Ending(
                self._job.job_id,
                kind,
                images=images,
                charge=charge,
                cost=self.cost,
                unclear_calls=self.unclear_calls,
                worker=self._rows.owner,
            )
        )
