"""``imagine.v1``: an accepted command from its reservation to its end, whatever happens on the way.

Written as if nothing could go wrong half-way. What makes that true: each thing is done so that doing it
again changes nothing, and in an order in which a crash between two of them leaves the first to be found.

* A call is taken from the budget before it is made, and the pictures are kept before anything else happens,
  so a second life finds them, or knows that a call was cut off.
* The member is told before the reservation ends, because its end erases the job; telling twice shows one.
* ``CancelledError`` without a cancelling member is the process going down: nothing is ended, and the next
  start goes on from here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from bot.errors import (
    ArchiveError,
    DeliveryFailed,
    DeploymentBusy,
    EaselError,
    JobCancelled,
    JobCutOff,
    OutputFiltered,
    PromptRefused,
    StoreUnavailable,
)
from bot.generation.retries import SHORTEST_DRAWING
from bot.jobs.billing import Commission
from bot.jobs.drawing import Record
from bot.jobs.job import DELIVERY_RESERVE, TOKEN_LIFE
from bot.jobs.rows import BY_MODERATOR
from bot.jobs.running import Stage
from bot.queue.fair import Ticket

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.jobs import engine
    from bot.jobs.drawing import Painter, Painting
    from bot.jobs.presenter import Presenter
    from bot.jobs.rows import JobRows, Row
    from bot.jobs.running import Run, RunningJobs
    from bot.jobs.sealing import Seal
    from bot.limits.closing import Closer
    from bot.limits.ledger import Ledger
    from bot.queue.estimates import Place
    from bot.queue.scheduler import FairGate, Turn
    from bot.queue.updates import Notes
    from bot.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

T = TypeVar("T")

WORTH_TELLING = 3.0
"""Seconds a job is drawn before its message says so, and has a button to cancel it."""

MOST_LIVES = 10
"""Crashes that a job goes on after; one that was there each time may be what causes them."""

ASKED_WITHIN = 2.0
"""Seconds the store may take to say whose a job is, when its member waits for no more than that."""

ARCHIVE_PAUSE = 5.0
"""Seconds between two looks into an archive that does not answer."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the workflow needs.

    Attributes:
        rows: where jobs are kept.
        seal: opens them.
        painter: draws.
        gate: gives turns.
        notes: tells who waits for one.
        running: counts jobs in and out.
        presenter: talks to members.
        ledger: books.
        closer: ends reservations.
        metrics: counts.
        call_budget: most calls of a job that may be billed.
        clock: tells the time, aware.
    """

    rows: JobRows
    seal: Seal
    painter: Painter
    gate: FairGate
    notes: Notes
    running: RunningJobs
    presenter: Presenter
    ledger: Ledger
    closer: Closer
    metrics: Metrics
    call_budget: int
    clock: Callable[[], dt.datetime]


class Imagine:
    """One run of the workflow.

    Args:
        parts: what it needs.
        run: the job at work.
        row: the job's as an earlier life left it; None if this is its first.
        record: runs what is to be done once.
    """

    def __init__(self, parts: Parts, run: Run, row: Row | None, record: engine.Record) -> None:
        self._parts = parts
        self._run = run
        self._row = row
        self._record = record
        self._commission = Commission(
            run.job, parts.rows, parts.ledger, parts.closer, call_budget=parts.call_budget
        )
        if row is not None:
            self._commission.unclear_calls = row.calls  # until more is known of how they ended
        self._painting: Painting | None = None
        self._shown = 0
        self._failure: Exception | None = None
        age = (parts.clock() - run.job.received_at).total_seconds()
        self._deadline = asyncio.get_running_loop().time() + TOKEN_LIFE - DELIVERY_RESERVE - max(0.0, age)

    async def see_through(self) -> None:
        """Do the job, and make its end, whatever it is, the answer."""
        try:
            if not await self._find_message():
                # Never acknowledged, so Discord has told the member that the bot did not respond.
                await self._commission.refund()
                return
            if self._row is not None:
                await self._look_back(self._row)
            await self._deliver(Record.of_text(await self._record(self._draw)))
        except asyncio.CancelledError:
            cancelled = self._run.caught()
            if cancelled is None:
                raise
            await self._fail(cancelled)
        except Exception as error:  # noqa: BLE001 - the last line of defence against silence
            await self._fail(error)

    async def _is_ours(self) -> bool:
        """Whether this process still has the job; one that froze for long may have been taken for dead."""
        try:
            async with asyncio.timeout(ASKED_WITHIN):
                ours = await self._parts.rows.is_ours(self._run.job.job_id)
        except (StoreUnavailable, TimeoutError):
            return True  # whoever takes over asks the same store
        if not ours:
            _log.warning("job %d has ended, or is another process's by now", self._run.job.job_id)
        return ours

    async def _find_message(self) -> bool:
        """Whether there is a message to answer in; a crash may have been before the acknowledgement."""
        address = self._run.job.address
        if self._row is None or address.message_id is not None:
            return True
        try:
            message_id = await self._parts.presenter.find(address)
        except DeliveryFailed as error:
            _log.warning("job %d: its message cannot be looked for: %s", self._run.job.job_id, error)
            return True
        if message_id is None:
            return False
        self._run.job = replace(self._run.job, address=replace(address, message_id=message_id))
        return True

    async def _look_back(self, row: Row) -> None:
        """See what an earlier life got as far as.

        Raises:
            JobCancelled: somebody wanted that.
        """
        self._shown = await self._parts.presenter.pictures(self._run.job)
        if self._shown:
            return  # all that is left to do is to write it down
        if row.cancelled:
            raise JobCancelled(by_moderator=row.cancelled == BY_MODERATOR, drawing=row.calls > 0)

    def _check_lives(self) -> None:
        """Give a job up that was there at each of many crashes.

        Raises:
            JobCutOff: it is one.
        """
        if self._row is not None and self._row.lives > MOST_LIVES:
            raise JobCutOff(f"cut off {self._row.lives} times")

    # --- drawing --------------------------------------------------------------------------------

    async def _draw(self) -> str:
        """Have the pictures drawn, when it is the job's turn, unless an earlier life has.

        Returns:
            What is written down of it, failures included.
        """
        try:
            self._painting, drawn = await self._find_painting() or await self._paint_in_turn()
        except EaselError as error:
            self._failure = error
            drawn = Record(
                failed=type(error).__name__,
                cost=self._commission.cost,
                unclear_calls=self._commission.unclear_calls,
            )
        return drawn.to_text()

    async def _find_painting(self) -> tuple[Painting | None, Record] | None:
        """What an earlier life had drawn and kept, when it could not write down any more that it had.

        Raises:
            JobCutOff: there is nothing, and nothing more may be tried.
        """
        if not self._shown:
            self._check_lives()
        if self._row is None or not (self._row.calls or self._shown):
            return None
        found: tuple[Painting | None, Record] | None = None, Record()
        if not self._shown:
            found = await self._archived(lambda: self._parts.painter.find(self._run.job))
        if found is None:
            await self._commission.cut_off(self._row.calls)
            return None
        self._commission.unclear_calls = max(0, self._row.calls - 1)
        self._commission.billed(None)
        painting, drawn = found
        return painting, replace(
            drawn, cost=self._commission.cost, unclear_calls=self._commission.unclear_calls
        )

    async def _archived(self, look: Callable[[], Awaitable[T]]) -> T:
        """What the archive has; one that is away for a moment is waited for, as what it has was paid for.

        Raises:
            JobCutOff: it is away for longer than can be waited.
        """
        while True:
            try:
                return await look()
            except ArchiveError as error:
                _log.warning("job %d waits for the archive: %s", self._run.job.job_id, error)
                if self._time_left < ARCHIVE_PAUSE:
                    raise JobCutOff("what was drawn cannot be read") from error
            await asyncio.sleep(ARCHIVE_PAUSE)

    async def _paint_in_turn(self) -> tuple[Painting, Record]:
        job, parts = self._run.job, self._parts
        if self._row is not None and self._time_left < SHORTEST_DRAWING:
            raise JobCutOff("the bot was away for too long")
        ticket = Ticket(
            job.job_id, job.address.guild_id, job.address.member_id, job.plan.request.model, job.priority
        )

        async def tell(place: Place) -> None:
            await parts.presenter.queued(job, place)

        async with contextlib.AsyncExitStack() as waiting:
            await waiting.enter_async_context(parts.notes.about(job.job_id, tell))
            async with parts.gate.slot(ticket, patience=max(0.0, self._time_left - SHORTEST_DRAWING)) as turn:
                await waiting.aclose()
                self._run.stage = Stage.DRAWING
                async with self._remark():
                    watch = _Watch(self._commission, turn, self._tell_wait)
                    return await parts.painter.paint(
                        job, self._commission, time_left=self._time_left, watch=watch
                    )

    @contextlib.asynccontextmanager
    async def _remark(self) -> AsyncIterator[None]:
        """Say that the job is being drawn, if that takes long enough to wonder."""

        async def say() -> None:
            await asyncio.sleep(WORTH_TELLING)
            await self._parts.presenter.drawing(self._run.job)

        remark = asyncio.create_task(say(), name="remark")
        try:
            yield
        finally:
            remark.cancel()
            await asyncio.wait((remark,))

    async def _tell_wait(self, seconds: float) -> None:
        await self._parts.presenter.waits(self._run.job, seconds)

    @property
    def _time_left(self) -> float:
        return self._deadline - asyncio.get_running_loop().time()

    # --- delivering -----------------------------------------------------------------------------

    async def _deliver(self, drawn: Record) -> None:
        """Show the pictures, and have the member pay for what they got."""
        self._run.stage = Stage.DELIVERING
        job, commission = self._run.job, self._commission
        if not await self._is_ours():
            return
        commission.cost, commission.unclear_calls = drawn.cost, drawn.unclear_calls
        if self._shown:
            await commission.settle(self._shown, self._shown + drawn.filtered)
            return
        if drawn.failed:
            raise self._failure or _recalled(drawn.failed)
        self._check_lives()
        painting = self._painting or await self._archived(lambda: self._parts.painter.reload(job, drawn))
        if painting is None:
            raise JobCutOff("what was drawn was not kept")
        if await self._lands(painting, drawn.seconds):
            await commission.settle(len(painting.shown), painting.drawn)
            self._parts.metrics.pictures.inc(len(painting.shown))
        else:
            _log.info("job %d: its message was deleted, so nothing was posted", job.job_id)
            await commission.refund()

    async def _lands(self, painting: Painting, seconds: float) -> bool:
        """Show the pictures; say whether the member has them."""
        presenter, job = self._parts.presenter, self._run.job
        try:
            return await presenter.deliver(job, painting, seconds, again=self._row is not None)
        except EaselError as error:
            # An upload that failed from here may have taken effect there: who has the pictures pays.
            if await presenter.pictures(job) == len(painting.shown):
                return True
            if self._parts.running.closing:
                # The connection to Discord may be closed already; the pictures are kept for the next start.
                raise asyncio.CancelledError from error
            raise

    async def _fail(self, error: Exception) -> None:
        """Tell the member why there are no pictures, and give back what was held.

        In this order: with the reservation the job is erased.
        """
        self._run.stage = Stage.DELIVERING
        if not await self._is_ours():
            return
        if isinstance(error, JobCancelled):
            await self._note_cancelled(error)
        await self._parts.presenter.fail(self._run.job, error)
        await self._commission.refund()

    async def _note_cancelled(self, error: JobCancelled) -> None:
        """Write it down, so that a crash between this and the job's end does not bring it back."""
        try:
            await self._parts.rows.cancel(self._run.job.job_id, by_moderator=error.by_moderator)
        except StoreUnavailable as trouble:
            _log.warning(
                "job %d: that it is cancelled is not written down: %s", self._run.job.job_id, trouble
            )


def _recalled(name: str) -> EaselError:
    """The failure that an earlier life wrote down; what matters is whether asking again would help."""
    known = {kind.__name__: kind for kind in (PromptRefused, OutputFiltered, DeploymentBusy)}
    return known[name]() if name in known else JobCutOff(f"it had failed: {name}")


@dataclass(frozen=True, slots=True)
class _Watch:
    """Follows a job's calls, for whoever has to know: the commission, the gate and the member."""

    commission: Commission
    turn: Turn
    tell: Callable[[float], Awaitable[None]]

    async def calling(self) -> None:
        self.turn.begun()
        await self.commission.call()

    async def free(self) -> None:
        self.turn.waits()
        await self.commission.free()

    async def waiting(self, seconds: float) -> None:
        await self.tell(seconds)

    async def unclear(self) -> bool:
        self.turn.waits()
        return await self.commission.unclear()

    def abandoned(self) -> None:
        self.commission.abandoned()
