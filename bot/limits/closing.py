"""Ends reservations, even while the database is down, and whatever happens to the caller.

A delivered picture has to be paid for, and one that was not delivered must not stay held. So no end may be
lost because the database restarts at that moment or because the member's job is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from typing import TYPE_CHECKING, Self

from bot.errors import StoreUnavailable
from bot.limits.entries import Ending, Kind

if TYPE_CHECKING:
    from types import TracebackType

    from bot.limits.ledger import Ledger

_log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
"""Seconds until a failed end is retried; doubled each time."""

LONGEST_PAUSE = 30.0
"""Most seconds between two retries."""

LAST_ATTEMPT = 3.0
"""Most seconds that leaving the context may take: whoever stops the bot waits for it."""


class Closer:
    """Ends jobs in the ledger. Use as an async context manager.

    Leaving the context waits for ends under way and retries the failed ones once, within a bounded time. What
    still cannot be written is logged, and closed at the next start like any job left open.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        first_pause: float = FIRST_PAUSE,
        longest_pause: float = LONGEST_PAUSE,
        last_attempt: float = LAST_ATTEMPT,
    ) -> None:
        """Make a closer.

        Args:
            ledger: where the jobs are.
            first_pause: see ``FIRST_PAUSE``.
            longest_pause: see ``LONGEST_PAUSE``.
            last_attempt: see ``LAST_ATTEMPT``.
        """
        self._ledger = ledger
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._last_attempt = last_attempt
        self._attempts: dict[asyncio.Task[None], Ending] = {}
        self._failed: deque[Ending] = deque()
        self._store_is_back = asyncio.Event()
        self._repeater: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many ends wait for the database to come back."""
        return len(self._failed)

    def is_ending(self, job_id: int) -> bool:
        """Return whether an end of the job is under way, or waits for the database to come back."""
        return any(ending.job_id == job_id for ending in (*self._attempts.values(), *self._failed))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        reason = "no answer in time"
        try:
            async with asyncio.timeout(self._last_attempt):
                while self._attempts:
                    await asyncio.wait(self._attempts)
                await self._stop_repeating()
                await self._write_failed()
        except TimeoutError:
            await self._stop_repeating()
        except StoreUnavailable as failure:
            reason = str(failure)
        self._closed = True
        for ending in (*self._attempts.values(), *self._failed):
            _log_left_open(ending, reason)

    async def settle(
        self, job_id: int, *, images: int, charge: int, cost: int, unclear_calls: int = 0
    ) -> None:
        """End a job that delivered pictures, now or when the database is back; see ``Ledger.settle``."""
        await self.end(Ending(job_id, Kind.SETTLE, images, charge, cost, unclear_calls))

    async def refund(self, job_id: int, *, cost: int = 0, unclear_calls: int = 0) -> None:
        """End a job that delivered nothing, now or when the database is back; see ``Ledger.refund``."""
        await self.end(Ending(job_id, Kind.REFUND, cost=cost, unclear_calls=unclear_calls))

    def withdraw(self, job_id: int) -> asyncio.Task[None]:
        """Start to refund a reservation that may or may not exist, unless another process made it.

        The database did not answer just now, so waiting for the task may take long as well.
        """
        return self._begin(Ending(job_id, Kind.REFUND, ours_only=True))

    async def end(self, ending: Ending) -> None:
        """End a job, now or when the database is back; return after the first attempt."""
        # Shielded: even if the caller is cancelled, its job is ended.
        await asyncio.shield(self._begin(ending))

    def _begin(self, ending: Ending) -> asyncio.Task[None]:
        attempt = asyncio.create_task(self._attempt(ending), name=f"end of job {ending.job_id}")
        self._attempts[attempt] = ending
        attempt.add_done_callback(self._attempts.pop)
        return attempt

    async def _attempt(self, ending: Ending) -> None:
        try:
            await self._ledger.end(ending)
        except Exception as error:  # noqa: BLE001 - whatever it is, the job has to end
            if not isinstance(error, StoreUnavailable):
                _log.exception("job %d could not be ended", ending.job_id)
            self._keep(ending, error)
        else:
            self._store_is_back.set()

    def _keep(self, ending: Ending, error: Exception) -> None:
        """Keep an end for later; the first one of an outage starts the repeater."""
        if self._closed:
            _log_left_open(ending, str(error))
            return
        self._failed.append(ending)
        if self._repeater is None or self._repeater.done():
            _log.warning("jobs cannot be ended and wait for the store: %s", error)
            self._store_is_back.clear()
            self._repeater = asyncio.create_task(self._repeat(), name="ends that wait for the store")

    async def _repeat(self) -> None:
        pause = self._first_pause
        while self._failed:
            # If another end gets through, the database is back: retry at once.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._store_is_back.wait(), pause)
            self._store_is_back.clear()
            try:
                await self._write_failed()
            except StoreUnavailable:
                pause = min(2 * pause, self._longest_pause)
        _log.info("the store is back, and all jobs that waited for it are ended")

    async def _stop_repeating(self) -> None:
        if self._repeater is not None:
            self._repeater.cancel()
            await asyncio.wait((self._repeater,))

    async def _write_failed(self) -> None:
        """Write the ends that failed.

        Raises:
            StoreUnavailable: one cannot be written. It goes to the back of the queue, so that one which the
                database never accepts does not hold up the others.
        """
        while self._failed:
            try:
                await self._ledger.end(self._failed[0])
            except Exception as error:
                self._failed.rotate(-1)
                raise StoreUnavailable(str(error)) from error
            self._failed.popleft()


def _log_left_open(ending: Ending, reason: str) -> None:
    """Log what the next start will refund, so that the operator can tell it from a real refund."""
    _log.error(
        "job %d is left open, it should have been a %s of %d pictures, charge %d, cost %s: %s",
        ending.job_id,
        ending.kind,
        ending.images,
        ending.charge,
        ending.cost,
        reason,
    )
