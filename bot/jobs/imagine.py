"""``/imagine`` from its reservation to its end, whatever happens on the way: a plain task for each job.

The job's row is what a crash leaves of it: how many calls were made, where its answer is, what was drawn.
The code reads as if nothing could go wrong half-way. Two rules make that safe: every step can be repeated
without harm, and their order is such that after a crash between two, the effect of the first can be found.

* A call is taken from the call budget before it is made, and the pictures are archived before anything else
  happens, so a second life finds them, or knows that a call was cut off.
* The outcome of the drawing is saved by the statement that checks whether this process still owns the row.
* The member is told before the reservation ends, because its end erases the job; telling twice shows once.
* ``CancelledError`` without somebody's cancellation means that the process is shutting down: nothing is
  ended, and the next start resumes the job.
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
from bot.jobs.billing import Billing
from bot.jobs.drawing import Record
from bot.jobs.job import DELIVERY_RESERVE, TOKEN_LIFE
from bot.jobs.rows import BY_MEMBER, BY_MODERATOR
from bot.jobs.running import Stage
from bot.jobs.sealing import Unreadable
from bot.limits.entries import Ending, Kind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from typing import Any

    from bot.jobs.drawing import Painter, Painting
    from bot.jobs.job import Job
    from bot.jobs.presenter import Presenter
    from bot.jobs.rows import JobRows, Row
    from bot.jobs.running import Run, RunningJobs
    from bot.jobs.sealing import Seal
    from bot.limits.closing import Closer
    from bot.limits.ledger import Ledger
    from bot.queue.estimates import Place
    from bot.queue.scheduler import Scheduler, Turn
    from bot.queue.updates import QueueUpdates
    from bot.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

T = TypeVar("T")

WORTH_TELLING = 3.0
"""Seconds of drawing before the job's message says so, and has a button to cancel it."""

WORTH_NOTING = 2.0
"""Seconds a job waits for its turn before the id of its message is saved in its row. After a shorter wait,
the job's first call saves it."""

MOST_LIVES = 10
"""Most crashes after which a job is resumed; one that was there each time may be their cause."""

ASKED_WITHIN = 2.0
"""Seconds the database has to confirm that a job is still this process's. After that the job continues
unconfirmed, since its member is waiting."""

ARCHIVE_PAUSE = 5.0
"""Seconds between two attempts to read an archive that does not answer."""

STORE_PAUSE = 2.0
"""Seconds between two attempts to read a job from a database that is unavailable."""


@dataclass(slots=True)
class _Life:
    """One life of a job: from its start, or from where an earlier life was cut off, to its end.

    Attributes:
        run: the job at work.
        billing: its money.
        deadline: when its answer may become undeliverable, in the loop's time.
        row: the job's row as an earlier life left it; None in the first life.
        record: the outcome of the drawing, once there is one.
    """

    run: Run
    billing: Billing
    deadline: float
    row: Row | None
    record: Record | None = None

    @property
    def job(self) -> Job:
        """The job itself."""
        return self.run.job

    @property
    def time_left(self) -> float:
        """Seconds left until the deadline."""
        return self.deadline - asyncio.get_running_loop().time()


class Imagine:
    """The workflow: carries out each job, in a task of its own."""

    def __init__(
        self,
        rows: JobRows,
        seal: Seal,
        painter: Painter,
        queue: Scheduler,
        updates: QueueUpdates,
        running: RunningJobs,
        presenter: Presenter,
        ledger: Ledger,
        closer: Closer,
        metrics: Metrics,
        *,
        call_budget: int,
        clock: Callable[[], dt.datetime],
    ) -> None:
        """Make a workflow.

        Args:
            rows: the jobs' rows in the database.
            seal: opens sealed jobs.
            painter: draws.
            queue: gives jobs their turns.
            updates: tells waiting members their place.
            running: keeps the tasks.
            presenter: talks to members.
            ledger: books calls that may have been billed.
            closer: ends reservations.
            metrics: counts.
            call_budget: most calls of a job that may be billed.
            clock: tells the time, aware.
        """
        self._rows = rows
        self._seal = seal
        self._painter = painter
        self._queue = queue
        self._updates = updates
        self._running = running
        self._presenter = presenter
        self._ledger = ledger
        self._closer = closer
        self._metrics = metrics
        self._call_budget = call_budget
        self._clock = clock

    def begin(self, job: Job, message_id: int | None) -> None:
        """Start the work on a job that was just admitted, and that is to be answered in that message.

        The presenter shows the outcome.
        """
        job = replace(job, address=replace(job.address, message_id=message_id))
        self._running.start(job.job_id, lambda: self._run(job, None))

    def resume(self, job_id: int) -> None:
        """Resume a job that nobody is working on, from its row."""
        self._running.start(job_id, lambda: self._go_on(job_id))

    # --- starting ---------------------------------------------------------------------------------

    async def _go_on(self, job_id: int) -> None:
        row = await self._row(job_id)
        job = await self._opened(row) if row else None
        if job is not None:
            self._metrics.jobs_resumed.inc()
            await self._run(job, row)

    async def _row(self, job_id: int) -> Row | None:
        """Return a job's row if this process is to work on it; retry while the database is down."""
        while True:
            try:
                row = await self._rows.read(job_id)
            except StoreUnavailable as error:
                _log.warning("job %d waits for the store: %s", job_id, error)
                await asyncio.sleep(STORE_PAUSE)
            else:
                ours = row is not None and row.owner == self._rows.owner
                return row if ours and not self._closer.is_ending(job_id) else None

    async def _opened(self, row: Row) -> Job | None:
        try:
            job = self._seal.open(row.sealed)
        except Unreadable:
            _log.error("job %d was left by a bot with another token or version, and is given up", row.job_id)
            # Any of its calls may have been billed; those booked already are not booked again.
            await self._closer.end(Ending(row.job_id, Kind.REFUND, unclear_calls=row.calls))
            return None
        if row.message_id is None:
            return job
        return replace(job, address=replace(job.address, message_id=row.message_id))

    async def _run(self, job: Job, row: Row | None) -> None:
        billing = Billing(job, self._rows, self._ledger, self._closer, call_budget=self._call_budget)
        if row is not None:
            billing.unclear_calls = row.calls  # until it is known how they ended
        age = max(0.0, (self._clock() - job.received_at).total_seconds())
        deadline = asyncio.get_running_loop().time() + TOKEN_LIFE - DELIVERY_RESERVE - age
        with self._running.job(job) as run:
            await self._see_through(_Life(run, billing, deadline, row))

    async def _see_through(self, life: _Life) -> None:
        """Do the job, and make the outcome, whatever it is, the answer."""
        try:
            self._recall(life)
            if not await self._find_message(life):
                # Never acknowledged, so Discord has told the member that the bot did not respond.
                await life.billing.refund()
                return
            shown = await self._look_back(life)
            record, painting = await self._draw(life, shown)
            await self._deliver(life, record, painting, shown)
        except asyncio.CancelledError:
            cancelled = life.run.caught()
            if cancelled is None:
                raise
            await self._fail(life, cancelled)
        except Exception as error:  # noqa: BLE001 - the last line of defence against silence
            await self._fail(life, error)

    def _recall(self, life: _Life) -> None:
        """Take over the record of an earlier life, and what its calls cost, however this one ends."""
        if life.row is not None and life.row.drawn is not None:
            record = life.record = Record.of_text(life.row.drawn)
            life.billing.cost, life.billing.unclear_calls = record.cost, record.unclear_calls

    async def _find_message(self, life: _Life) -> bool:
        """Return whether there is a message to answer in; a crash may have prevented the acknowledgement."""
        address = life.job.address
        if life.row is None or address.message_id is not None:
            return True
        try:
            message_id = await self._presenter.find(address)
        except DeliveryFailed as error:
            _log.warning("job %d: its message cannot be looked for: %s", life.job.job_id, error)
            return True
        if message_id is None:
            return False
        life.run.job = replace(life.job, address=replace(address, message_id=message_id))
        return True

    async def _look_back(self, life: _Life) -> int:
        """Return how many pictures the answer shows already, thanks to an earlier life.

        Raises:
            JobCancelled: somebody cancelled the job, and it shows none.
        """
        if life.row is None:
            return 0
        shown = await self._presenter.pictures(life.job)
        if life.row.cancelled and not shown:
            raise JobCancelled(by_moderator=life.row.cancelled == BY_MODERATOR, drawing=life.row.calls > 0)
        return shown

    def _check_lives(self, life: _Life) -> None:
        """Give up a job that has been cut off by too many crashes.

        Raises:
            JobCutOff: it was cut off more than ``MOST_LIVES`` times.
        """
        if life.row is not None and life.row.lives > MOST_LIVES:
            raise JobCutOff(f"cut off {life.row.lives} times")

    # --- drawing --------------------------------------------------------------------------------

    async def _draw(self, life: _Life, shown: int) -> tuple[Record, Painting | None]:
        """Have the pictures drawn when it is the job's turn, unless an earlier life had them drawn.

        Returns:
            The record, and the painting: None if it is shown, or has to be read from the archive.

        Raises:
            EaselError: there are no pictures.
        """
        row = life.row
        if life.record is not None:
            if life.record.failed and not shown:
                raise _recalled(life.record.failed)
            return life.record, None
        if shown:
            return self._bill_unwritten(life, Record()), None
        self._check_lives(life)
        if row is not None and row.calls:
            found = await self._archived(life, lambda: self._painter.find(life.job))
            if found is not None:
                record = self._bill_unwritten(life, found.record)
                return record, replace(found, record=record)
            await life.billing.cut_off(row.calls)
        painting = await self._paint_in_turn(life)
        return painting.record, painting

    def _bill_unwritten(self, life: _Life, record: Record) -> Record:
        """Bill a drawing, of unknown cost, whose record an earlier life could not save."""
        assert life.row is not None, "an earlier life left it"  # noqa: S101 - the callers have looked
        billing = life.billing
        billing.unclear_calls = max(0, life.row.calls - 1)
        billing.billed(None)
        return replace(record, cost=billing.cost, unclear_calls=billing.unclear_calls)

    async def _archived(self, life: _Life, look: Callable[[], Awaitable[T]]) -> T:
        """Read from the archive, and retry while it is unavailable, as its pictures are paid for.

        Raises:
            JobCutOff: it is unavailable for too long.
        """
        while True:
            try:
                return await look()
            except ArchiveError as error:
                _log.warning("job %d waits for the archive: %s", life.job.job_id, error)
                if life.time_left < ARCHIVE_PAUSE:
                    raise JobCutOff("what was drawn cannot be read") from error
            await asyncio.sleep(ARCHIVE_PAUSE)

    async def _paint_in_turn(self, life: _Life) -> Painting:
        if life.row is not None and life.time_left < SHORTEST_DRAWING:
            raise JobCutOff("the bot was away for too long")
        with self._queue.turn_now(life.job.ticket) or await self._wait(life) as turn:
            life.run.stage = Stage.DRAWING
            async with _after(WORTH_TELLING, lambda: self._presenter.drawing(life.job)):
                life.billing.follow(turn, lambda seconds: self._presenter.waits(life.job, seconds))
                return await self._painter.paint(life.job, life.billing, time_left=life.time_left)

    async def _wait(self, life: _Life) -> Turn:
        """Wait for the job's turn, and keep the member informed of their place."""
        job = life.job

        async def tell(place: Place) -> None:
            await self._presenter.queued(job, place)

        patience = max(0.0, life.time_left - SHORTEST_DRAWING)
        noting = _after(WORTH_NOTING, lambda: self._note_message(job))
        with contextlib.ExitStack() as given_back:
            async with self._updates.about(job.job_id, tell), noting:
                turn = given_back.enter_context(await self._queue.turn(job.ticket, patience=patience))
            # Until here: the job may be cancelled while its last remark is on its way to Discord.
            given_back.pop_all()
            return turn

    async def _note_message(self, job: Job) -> None:
        """Save where the answer is, so that a second life need not look for it."""
        try:
            await self._rows.note(job.job_id, message_id=job.address.message_id)
        except StoreUnavailable as error:
            _log.warning("job %d: its message is not written down: %s", job.job_id, error)

    # --- delivering -----------------------------------------------------------------------------

    async def _deliver(self, life: _Life, record: Record, painting: Painting | None, shown: int) -> None:
        """Show the pictures, and charge the member for what they received."""
        life.run.stage = Stage.DELIVERING
        life.record = record
        job, billing = life.job, life.billing
        if not await self._is_ours(life):
            return
        if shown:
            await billing.settle(shown, shown + record.filtered)
            return
        self._check_lives(life)
        painting = painting or await self._archived(life, lambda: self._painter.reload(job, record))
        if painting is None:
            raise JobCutOff("what was drawn was not kept")
        if await self._lands(life, painting):
            await billing.settle(len(painting.shown), painting.drawn)
            self._metrics.pictures.inc(len(painting.shown))
        else:
            _log.info("job %d: its message was deleted, so nothing was posted", job.job_id)
            await billing.refund()

    async def _lands(self, life: _Life, painting: Painting) -> bool:
        """Show the pictures; return whether the member has them."""
        presenter, job = self._presenter, life.job
        try:
            return await presenter.deliver(job, painting, again=life.row is not None)
        except EaselError as error:
            # An upload that seemed to fail may have reached Discord: a member who has the pictures pays.
            if await presenter.pictures(job) == len(painting.shown):
                return True
            if self._running.closing:
                # The connection to Discord may be closed already; the next start delivers the pictures.
                raise asyncio.CancelledError from error
            raise

    async def _fail(self, life: _Life, error: Exception) -> None:
        """Tell the member why there are no pictures, and then refund the reservation.

        In this order, because the end of the reservation erases the job.
        """
        life.run.stage = Stage.DELIVERING
        cancelled = 0
        if isinstance(error, JobCancelled):
            # Saved, so that a crash before the job's end does not revive it.
            cancelled = BY_MODERATOR if error.by_moderator else BY_MEMBER
        elif life.record is None:
            life.record = Record(
                failed=type(error).__name__, cost=life.billing.cost, unclear_calls=life.billing.unclear_calls
            )
        if not await self._is_ours(life, cancelled=cancelled):
            return
        await self._presenter.fail(life.job, error)
        await life.billing.refund()

    async def _is_ours(self, life: _Life, *, cancelled: int = 0) -> bool:
        """Save the job's progress, and return whether this process still owns the job.

        A process that froze for long may have been taken for dead.
        """
        job_id, record = life.job.job_id, life.record
        try:
            async with asyncio.timeout(ASKED_WITHIN):
                ours = await self._rows.note(
                    job_id,
                    message_id=life.job.address.message_id,
                    drawn=record.to_text() if record else None,
                    cancelled=cancelled,
                )
        except (StoreUnavailable, TimeoutError) as error:
            _log.warning(
                "job %d: how far it is could not be written down: %s", job_id, str(error) or "no answer"
            )
            return True  # any process that takes over asks the same database
        if not ours:
            _log.warning("job %d has ended, or is another process's by now", job_id)
        return ours


@contextlib.asynccontextmanager
async def _after(seconds: float, do: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Do something if the block takes longer than ``seconds``; cancel it when the block is left."""
    begun: list[asyncio.Task[None]] = []
    timer = asyncio.get_running_loop().call_later(seconds, lambda: begun.append(asyncio.create_task(do())))
    try:
        yield
    finally:
        timer.cancel()
        for task in begun:
            task.cancel()
            await asyncio.wait((task,))


def _recalled(name: str) -> EaselError:
    """Return the failure that an earlier life saved; all that matters is whether asking again would help."""
    known = {kind.__name__: kind for kind in (PromptRefused, OutputFiltered, DeploymentBusy)}
    return known[name]() if name in known else JobCutOff(f"it had failed: {name}")
