"""One job's money, from its reservation to its end: what it may cost so far, and the one end it gets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.errors import JobCutOff, StoreUnavailable
from bot.limits.entries import Kind
from bot.limits.terms import Allowance, Ending
from bot.limits.windows import windows_at

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.jobs.rows import JobRows
    from bot.limits.closing import Closer
    from bot.limits.ledger import Ledger

_log = logging.getLogger(__name__)


class Commission:
    """A reservation in the hands of whoever does the work.

    What is done here is known to the database before it can cost anything, so that after a crash another
    commission for the same job can go on, by what the job's row says.
    """

    def __init__(self, job: Job, rows: JobRows, ledger: Ledger, closer: Closer, *, call_budget: int) -> None:
        """Make a commission.

        Args:
            job: what it is for.
            rows: keeps how many calls were made.
            ledger: books calls that may have been billed.
            closer: ends the reservation.
            call_budget: most calls of a job that may be billed, crashes included.
        """
        self._job = job
        self._rows = rows
        self._ledger = ledger
        self._closer = closer
        self._call_budget = call_budget
        # The reservation keeps its own windows; these only go with the budgets.
        self._allowance = Allowance(
            windows=windows_at(job.received_at, "UTC"),
            server_cost_per_month=job.server_budget,
            operator_cost_per_month=job.operator_budget,
        )
        self.cost = 0
        """Micro-dollars that Azure billed for sure, beside the unclear calls."""
        self.unclear_calls = 0
        """Calls with an unknown outcome."""

    # --- what it costs --------------------------------------------------------------------------

    async def call(self) -> None:
        """Take a call to Azure from the budget, which has to be done before it is made.

        Raises:
            JobCutOff: there is none left, or the job is cancelled, or another process's by now.
            StoreUnavailable: nobody knows.
        """
        if not await self._rows.take_call(self._job.job_id, self._call_budget):
            raise JobCutOff("no call left")

    async def free(self) -> None:
        """The call cost nothing for sure."""
        try:
            await self._rows.give_back_call(self._job.job_id)
        except StoreUnavailable as error:
            _log.warning("job %d: a call that cost nothing counts: %s", self._job.job_id, error)

    def billed(self, cost: int | None) -> None:
        """Azure billed a call; micro-dollars, None if all that is known is that it did."""
        self.cost += self._job.plan.estimate if cost is None else cost

    def abandoned(self) -> None:
        """A call was given up while under way, and no other follows."""
        self.unclear_calls += 1

    async def unclear(self) -> bool:
        """A call failed that Azure may bill. It is booked at once, in case nothing else ever is.

        Returns:
            Whether the budgets, of money and of calls, have another one.
        """
        self.unclear_calls += 1
        return await self._book(self.unclear_calls)

    async def cut_off(self, calls: int) -> None:
        """A crash cut off so many calls, any of which Azure may bill.

        Raises:
            JobCutOff: there is no money, or no call in the budget, for another one.
        """
        self.unclear_calls = max(self.unclear_calls, calls)
        affordable = [await self._book(attempt) for attempt in range(1, calls + 1)]
        if affordable and not affordable[-1]:
            raise JobCutOff("a crash cut off its last call")

    async def _book(self, attempt: int) -> bool:
        """Book an unclear call; say whether the budgets have another one."""
        try:
            affordable = await self._ledger.book_unclear(self._job.job_id, attempt, self._allowance)
        except StoreUnavailable:
            return False  # the end books it
        return affordable and attempt < self._call_budget

    # --- the end --------------------------------------------------------------------------------

    async def settle(self, delivered: int, drawn: int) -> None:
        """The member has the pictures, and pays for those.

        Args:
            delivered: pictures the member received.
            drawn: pictures Azure drew, those included that its filter held back.
        """
        # A share of the whole: what was asked for and did not come is not the member's to pay.
        charge = self.cost * delivered // max(drawn, self._job.plan.request.count)
        await self._end(Kind.SETTLE, images=delivered, charge=charge)

    async def refund(self) -> None:
        """The member has nothing, and pays nothing; what Azure billed all the same is the operator's."""
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
