"""The ledger: what is held for a job before anything is paid, and what becomes of it.

A reservation is one transaction: its entry, all counters and every limit, or none of it. It ends once, by
being settled or refunded, in the windows it was made in. The idempotency key of every write is its job and
its phase, so repeating one changes nothing, and a caller who gave up waiting can simply ask again.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from bot.limits import bookings, counters
from bot.limits.auditing import differences
from bot.limits.entries import (
    BEGIN,
    MOST_MONEY,
    UNCLEAR_CALLS,
    Allowance,
    Ending,
    Entry,
    Kind,
    Outcome,
    Stamp,
    open_reservations,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bot.limits.auditing import Discrepancy
    from bot.limits.counters import Count, Counts
    from bot.limits.policy import Asker
    from bot.limits.windows import Windows
    from bot.storage.database import Database


__all__ = ["Allowance", "Ending", "Ledger", "Outcome"]


class Ledger:
    """Reserves, settles and refunds, each in one transaction.

    Every method raises ``StoreUnavailable`` when the database does not answer. The change may have been
    committed all the same; asking again finds out.
    """

    def __init__(self, database: Database, *, owner: str, clock: Callable[[], dt.datetime]) -> None:
        """Make a ledger.

        Args:
            database: where the ledger is kept.
            owner: this process, among those that use the database.
            clock: tells the time, aware.
        """
        self._database = database
        self._owner = owner
        self._clock = clock

    async def reserve(
        self,
        job_id: int,
        asker: Asker,
        *,
        images: int,
        estimate: int,
        seal: Callable[[], bytes],
        allowance: Allowance,
    ) -> Outcome:
        """Hold what a job needs, if every limit has room for it, and add its row.

        After ``StoreUnavailable``, or when the caller was cancelled, ``refund`` makes sure that nothing
        stays held, even by a transaction that is still under way.

        Args:
            job_id: the interaction's id; a job gets one reservation.
            asker: who asks, and in which server.
            images: pictures asked for.
            estimate: the most they can cost, in micro-dollars; held of the member's and the operator's money.
            seal: seals the job for its row. Called in the transaction's thread, off the event loop, once
                everything is granted, and called again if the transaction is retried.
            allowance: the limits.

        Raises:
            LimitReached: there is not enough left. Nothing was written.
            StoreUnavailable: see the class.
            ValueError: a figure is out of range: it would give back instead of take, or count for nobody.
        """
        if min(job_id, asker.guild_id, asker.member_id, images) < 1 or not 0 <= estimate <= MOST_MONEY:
            raise ValueError(f"not a reservation: job {job_id} of {asker}, {images} images, {estimate}")
        stamp = self._stamp()
        windows = allowance.windows
        begin = Entry(
            job_id=job_id,
            phase=BEGIN,
            kind=Kind.RESERVE,
            at_ms=stamp.at_ms,
            owner=stamp.owner,
            guild_id=asker.guild_id,
            member_id=asker.member_id,
            day=windows.day,
            week=windows.week,
            month=windows.month,
            budget_month=windows.budget_month,
            images=images,
            charge=estimate,
            cost=estimate,
        )
        try:
            known = not await self._database.run(
                lambda connection: bookings.reserve(connection, begin, allowance, seal)
            )
        except bookings.Stale:
            return Outcome.STALE
        return Outcome.DUPLICATE if known else Outcome.GRANTED

    async def book_unclear(
        self, job_id: int, attempt: int, *, server_budget: int | None, operator_budget: int | None
    ) -> bool:
        """Book a call whose outcome is unknown as billed, at the estimate, and ask for another one.

        Args:
            job_id: the job.
            attempt: 1 for its first such call, 2 for its second; each is booked only once.
            server_budget: the operator's money for the server, micro-dollars a month; None is unlimited.
            operator_budget: the operator's money for all servers, likewise.

        Returns:
            Whether another call may be made. If so, the same amount is held for it; if not, nothing is held.

        Raises:
            ValueError: ``attempt`` is out of range.
            StoreUnavailable: see the class. Make no other call, and end the job with ``unclear_calls``.
        """
        if not 1 <= attempt <= len(UNCLEAR_CALLS):
            raise ValueError(f"a job makes {len(UNCLEAR_CALLS)} calls at most, not {attempt}")
        stamp = self._stamp()
        return await self._database.run(
            lambda connection: bookings.book_unclear(
                connection, job_id, attempt, (server_budget, operator_budget), stamp
            )
        )

    async def settle(
        self, job_id: int, *, images: int, charge: int, cost: int, unclear_calls: int = 0
    ) -> bool:
        """End a job whose pictures were delivered; the rest of what it held comes back.

        Args:
            job_id: the job.
            images: how many were delivered.
            charge: what the member pays for them; never more than was held.
            cost: what Azure billed, without the calls that are booked, or counted below, as unclear.
            unclear_calls: see ``Ending``.

        Returns:
            Whether this call ended it.
        """
        return await self.end(Ending(job_id, Kind.SETTLE, images, charge, cost, unclear_calls))

    async def refund(self, job_id: int, *, cost: int = 0, unclear_calls: int = 0) -> bool:
        """End a job that delivered nothing; arguments and result are those of ``settle``.

        If the job's reservation was not made yet, it is refused when it comes.
        """
        return await self.end(Ending(job_id, Kind.REFUND, cost=cost, unclear_calls=unclear_calls))

    async def end(self, ending: Ending) -> bool:
        """End a job; return whether this call did."""
        stamp = self._stamp()
        return await self._database.run(lambda connection: bookings.end(connection, ending, stamp))

    async def counts(self, guild_id: int, member_id: int, windows: Windows) -> Counts:
        """Return what a member, the server and the operator have used and hold."""
        return await self._database.run(
            lambda connection: counters.read(connection, guild_id, member_id, windows)
        )

    async def spent(self, budget_month: str) -> Count:
        """Return the operator's micro-dollars, used and held, in a month (``Windows.budget_month``)."""
        return await self._database.run(lambda connection: counters.read_operator(connection, budget_month))

    async def cooling_until(self, guild_id: int, member_id: int, cooldown: int | None) -> dt.datetime | None:
        """Return when a member's cooldown (in seconds) is over, aware; None if none is running."""
        if not cooldown:
            return None
        now_ms = self._stamp().at_ms
        return await self._database.run(
            lambda connection: bookings.cooling_until(connection, guild_id, member_id, cooldown, now_ms)
        )

    async def open_jobs(self, owners: Collection[str] | None = None) -> list[Entry]:
        """Return the reservations that have not ended, oldest first: of these processes, or of all."""
        found = await self._database.run(open_reservations)
        return found if owners is None else [entry for entry in found if entry.owner in owners]

    async def close_left_open(self, dead_owners: Collection[str], *, keeping: Collection[int] = ()) -> int:
        """End the jobs of dead processes: the member pays nothing, the operator all that is still held.

        The operator's money that is still held may have been billed, so it is booked. A process that got
        the name of an earlier one closes what that one left open before it reserves anything itself.

        Args:
            dead_owners: those processes.
            keeping: jobs that are resumed instead.

        Returns:
            How many were ended.
        """
        left_open = {entry.job_id for entry in await self.open_jobs(dead_owners)} - set(keeping)
        ended = [await self.end(Ending(job_id, Kind.REFUND, cost=None)) for job_id in sorted(left_open)]
        return sum(ended)

    async def audit(self) -> list[Discrepancy]:
        """Recompute every counter from the entries; return those that differ, none if all is well."""
        return await self._database.read(differences)

    def _stamp(self) -> Stamp:
        since = self._clock() - bookings.EPOCH
        return Stamp(since // dt.timedelta(milliseconds=1), self._owner)
