"""One job from its reservation to its end: what it may have cost so far, and the one end it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from bot.errors import StoreUnavailable

if TYPE_CHECKING:
    from types import TracebackType

    from bot.limits.closing import Closer
    from bot.limits.ledger import Allowance, Ledger
    from bot.planner import Plan


class Commission:
    """A reservation in the hands of whoever does the work.

    Used as ``async with``: whatever happens inside, the reservation has ended afterwards, and is refunded
    unless it was settled.

    Attributes:
        job_id: the interaction's id.
        plan: what is to be drawn.
    """

    def __init__(self, job_id: int, plan: Plan, allowance: Allowance, ledger: Ledger, closer: Closer) -> None:
        self.job_id = job_id
        self.plan = plan
        self._allowance = allowance
        self._ledger = ledger
        self._closer = closer
        self._unclear_calls = 0
        self._cost = 0
        self._ended = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.release()

    # --- what it costs --------------------------------------------------------------------------

    def billed(self, cost: int | None) -> None:
        """Azure billed a call; micro-dollars, None if all that is known is that it did."""
        self._cost += self.plan.estimate if cost is None else cost

    def abandoned(self) -> None:
        """A call was given up while under way, and no other follows."""
        self._unclear_calls += 1

    async def unclear(self) -> bool:
        """A call failed that Azure may bill. It is booked at once, in case nothing else ever is.

        Returns:
            Whether there is money for another call.
        """
        self._unclear_calls += 1
        try:
            return await self._ledger.book_unclear(self.job_id, self._unclear_calls, self._allowance)
        except StoreUnavailable:
            return False  # the end books it

    # --- the end --------------------------------------------------------------------------------

    async def settle(self, delivered: int, drawn: int) -> None:
        """The member has the pictures, and pays for those.

        Args:
            delivered: pictures the member received.
            drawn: pictures Azure drew, those included that its filter held back.
        """
        self._ended = True
        await self._closer.settle(
            self.job_id,
            images=delivered,
            # A share of the whole: what was asked for and did not come is not the member's to pay.
            charge=self._cost * delivered // max(drawn, self.plan.request.count),
            cost=self._cost,
            unclear_calls=self._unclear_calls,
        )

    async def release(self) -> None:
        """Refund, unless the job has ended."""
        if not self._ended:
            await self.refund()

    async def refund(self) -> None:
        """The member has nothing, and pays nothing; what Azure billed all the same is the operator's."""
        self._ended = True
        await self._closer.refund(self.job_id, cost=self._cost, unclear_calls=self._unclear_calls)
