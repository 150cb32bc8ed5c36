"""The scheduler: lets a waiting job draw when it is its turn and there is capacity.

Every model has a queue of its own, since a deployment serves one model only. All that the scheduler knows of
the deployments is ``Capacity``, which it checks whenever a job arrives or ends, and at intervals.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Final, Protocol, Self

from bot.errors import QueueTooLong
from bot.queue.estimates import Pace, Place
from bot.queue.fair import FairQueue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from bot.queue.fair import Ticket

BEGIN_WITHIN: Final = 0.25
"""Seconds after which a job with a turn is assumed to have made its call, if it does not say so."""

LOOK_AGAIN: Final = 0.25
"""Most seconds between two checks of the capacity while somebody waits: it may come back early."""

SOONEST: Final = 0.01
"""Least seconds between two checks by the timer."""

HOPELESS: Final = 900.0
"""Seconds for which an answer can be edited (Discord's interaction tokens): no job can wait longer."""


class Capacity(Protocol):
    """How much the deployments can take, by model."""

    def room(self, model: str) -> int:
        """Return how many calls could start at this moment."""

    def ready_in(self, model: str) -> float:
        """Return the seconds until another call can start: 0 for now, infinite for never."""

    def capacity(self, model: str) -> float | None:
        """Return the most calls a minute; None if unknown."""


class _Line:
    """The jobs that wait for one model, and counts of those that have a turn.

    Attributes:
        drawing: how many jobs have a turn.
        unbegun: how many of those have yet to make their call, for which room is kept.
        timer: the next check of the capacity.
    """

    __slots__ = ("drawing", "model", "pace", "queue", "timer", "unbegun", "waiters")

    def __init__(self, model: str) -> None:
        self.model = model
        self.queue = FairQueue()
        self.waiters: dict[int, asyncio.Future[Turn]] = {}
        self.pace = Pace()
        self.drawing = 0
        self.unbegun = 0
        self.timer: asyncio.TimerHandle | None = None

    def disarm(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Turn:
    """A job's right to draw.

    The scheduler keeps room for a turn until its call is made. The job has to report that, as the deployments
    do not know which job a call is for: ``begun`` with each call, ``waits`` when it waits to make another
    one. A job that reports nothing is assumed to have made its call after ``BEGIN_WITHIN``.

    A context manager: leaving the context ends the turn, and counts as a picture drawn unless it is left by
    an error.
    """

    __slots__ = ("_grace", "_line", "_scheduler", "_since", "_unbegun")

    def __init__(self, scheduler: Scheduler, line: _Line) -> None:
        loop = asyncio.get_running_loop()
        self._scheduler = scheduler
        self._line = line
        self._since = loop.time()
        self._unbegun = True
        self._grace = loop.call_later(BEGIN_WITHIN, self.begun)
        line.drawing += 1
        line.unbegun += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(drew=kind is None)

    def begun(self) -> None:
        """Report that the job makes its call, which the deployments count from now on."""
        self._grace.cancel()
        if self._unbegun:
            self._unbegun = False
            self._line.unbegun -= 1

    def waits(self) -> None:
        """Report that the job waits to make a call, as soon as there is room."""
        self._grace.cancel()
        if not self._unbegun:
            self._unbegun = True
            self._line.unbegun += 1

    def end(self, *, drew: bool) -> None:
        """Give the turn back; ``drew`` says whether a picture was drawn, so that its time counts."""
        self.begun()
        self._line.drawing -= 1
        if drew:
            self._line.pace.drew(asyncio.get_running_loop().time() - self._since)
        self._scheduler.look()


class Scheduler:
    """Gives jobs their turns, in the order of ``FairQueue``, when the deployments have room."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._lines: dict[str, _Line] = {}
        self._closing = False

    def __len__(self) -> int:
        """Count the waiting jobs."""
        return sum(len(line.queue) for line in self._lines.values())

    def __iter__(self) -> Iterator[Ticket]:
        """Iterate over the waiting tickets, by model and in order of arrival."""
        return itertools.chain.from_iterable(line.queue for line in self._lines.values())

    def turn_now(self, ticket: Ticket) -> Turn | None:
        """Give a job a turn at once if there is room and nobody waits; else return None.

        Raises:
            ModelNotOffered: no deployment draws that model.
        """
        line = self._line(ticket.model)
        if not self._has_room(line) or line.waiters or self._closing:
            return None
        line.pace.turn(asyncio.get_running_loop().time(), more=False)
        return Turn(self, line)

    async def turn(self, ticket: Ticket, *, patience: float | None = None) -> Turn:
        """Wait for a turn.

        Args:
            ticket: the job's claim.
            patience: most seconds to wait; None waits for ever.

        Raises:
            QueueTooLong: the turn did not come within ``patience``.
            ModelNotOffered: no deployment draws that model.
            ValueError: the job waits already.
        """
        self._capacity.ready_in(ticket.model)  # raises if no deployment draws that model
        line = self._line(ticket.model)
        line.queue.add(ticket)
        waiter: asyncio.Future[Turn] = asyncio.get_running_loop().create_future()
        line.waiters[ticket.job_id] = waiter
        self._look(line)
        try:
            async with asyncio.timeout(patience):
                try:
                    return await waiter
                except asyncio.CancelledError:
                    self._give_up(line, ticket.job_id, waiter)
                    raise
        except TimeoutError as error:
            raise QueueTooLong from error

    def place(self, job_id: int) -> Place | None:
        """Return a job's place in its queue; None if it does not wait."""
        for line in self._lines.values():
            position = line.queue.position(job_id)
            if position is not None:
                return self._place(line, position)
        return None

    def refuse_if_hopeless(self, ticket: Ticket, time_left: float) -> None:
        """Refuse a new job that would get its turn too late.

        If no deployment can be called for longer than any job can wait, the queue is not the cause, and the
        job passes, here and at ``turn``: its call fails at once, with an error that tells why.

        Raises:
            QueueTooLong: its turn and its picture may take longer than ``time_left`` seconds.
        """
        line = self._line(ticket.model)
        ready_in = self._capacity.ready_in(ticket.model)
        if ready_in > HOPELESS or (ready_in <= 0 and not line.waiters):
            return
        wait = self._place(line, line.queue.position_of(ticket)).wait
        if wait is None:
            return
        excess = wait.at_most + line.pace.drawing - time_left
        if excess > 0:
            raise QueueTooLong(wait.at_most, excess)

    def look(self) -> None:
        """Give all turns that can be given now. Call this when there may be room earlier than expected."""
        for line in self._lines.values():
            self._look(line)

    def close(self) -> None:
        """Give no more turns, as the bot is stopping. Waiting jobs keep waiting until they are cancelled."""
        self._closing = True
        for line in self._lines.values():
            line.disarm()

    # --- inside -----------------------------------------------------------------------------------

    def _line(self, model: str) -> _Line:
        line = self._lines.get(model)
        if line is None:
            line = self._lines[model] = _Line(model)
        return line

    def _give_up(self, line: _Line, job_id: int, waiter: asyncio.Future[Turn]) -> None:
        if not waiter.cancelled() and waiter.done():
            waiter.result().end(drew=False)  # given at the very moment of giving up: pass it on
        elif line.queue.remove(job_id):
            del line.waiters[job_id]
            if not line.queue:
                line.pace.idle()
                line.disarm()

    def _look(self, line: _Line) -> None:
        line.disarm()
        if self._closing or not line.waiters:
            return
        while line.queue and self._has_room(line):
            self._give(line)
        if line.queue:
            pause = min(max(self._capacity.ready_in(line.model), SOONEST), LOOK_AGAIN)
            line.timer = asyncio.get_running_loop().call_later(pause, self._look, line)

    def _has_room(self, line: _Line) -> bool:
        return (
            line.unbegun < self._capacity.room(line.model) or self._capacity.ready_in(line.model) > HOPELESS
        )

    def _give(self, line: _Line) -> None:
        ticket = line.queue.take_next()
        assert ticket is not None, "somebody waits"  # noqa: S101 - the caller has looked
        waiter = line.waiters.pop(ticket.job_id)
        if not waiter.done():  # otherwise it was cancelled, and is about to give up
            line.pace.turn(asyncio.get_running_loop().time(), more=bool(line.queue))
            waiter.set_result(Turn(self, line))

    def _place(self, line: _Line, position: int) -> Place:
        wait = line.pace.estimate(
            position,
            asyncio.get_running_loop().time(),
            ready_in=self._capacity.ready_in(line.model),
            per_minute=self._capacity.capacity(line.model),
            drawing=line.drawing,
        )
        return Place(position, wait)
