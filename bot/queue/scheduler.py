"""The scheduler: lets a waiting job draw when there is capacity for it and it is its turn.

Every model has a line of its own, since its deployments draw for nobody else. The scheduler knows of the
deployments only what ``Capacity`` tells, and asks again whenever a job came or ended, and by time.
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
"""Seconds after which a job with a turn is taken to have made its call, whether it says so or not."""

LOOK_AGAIN: Final = 0.25
"""Most seconds between two looks at the capacity while somebody waits: it may come back early."""

SOONEST: Final = 0.01
"""Least seconds between two looks that only time calls for."""

HOPELESS: Final = 900.0
"""Seconds for which an answer can be edited (Discord's interaction tokens): nobody can wait longer."""


class Capacity(Protocol):
    """What the deployments can take, by model."""

    def room(self, model: str) -> int:
        """How many calls could begin at this moment."""

    def ready_in(self, model: str) -> float:
        """Seconds until another call can begin; 0 now, infinite if never."""

    def capacity(self, model: str) -> float | None:
        """Most calls a minute; None if that is not known."""


class _Line:
    """Who waits for a model and who has a turn.

    Attributes:
        drawing: how many have a turn.
        unbegun: how many of those have yet to make their calls, and take the room they were let in for.
        timer: the next look.
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

    The scheduler keeps room for a turn until its call is made. It has to be told, as the deployments do not
    know which job a call is for: ``begun`` with each call, ``waits`` when the job waits for another one. A
    job that says nothing is taken to have begun after ``BEGIN_WITHIN``.

    A context manager: the turn is over when the context is left, which counts as a picture drawn unless an
    error leaves it.
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
        """The job's call is made, and the deployments count it from now on."""
        self._grace.cancel()
        if self._unbegun:
            self._unbegun = False
            self._line.unbegun -= 1

    def waits(self) -> None:
        """The job is going to make a call, as soon as there is room."""
        self._grace.cancel()
        if not self._unbegun:
            self._unbegun = True
            self._line.unbegun += 1

    def end(self, *, drew: bool) -> None:
        """Give the turn back; ``drew`` says whether it took as long as a picture takes."""
        self.begun()
        self._line.drawing -= 1
        if drew:
            self._line.pace.drew(asyncio.get_running_loop().time() - self._since)
        self._scheduler.look()


class Scheduler:
    """Gives turns to jobs, in the order of ``FairQueue``, as the deployments have room."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._lines: dict[str, _Line] = {}
        self._closing = False

    def __len__(self) -> int:
        """How many jobs wait."""
        return sum(len(line.queue) for line in self._lines.values())

    def __iter__(self) -> Iterator[Ticket]:
        """Who waits, by model and arrival."""
        return itertools.chain.from_iterable(line.queue for line in self._lines.values())

    def turn_now(self, ticket: Ticket) -> Turn | None:
        """Give a turn to a job that need not wait for it, as there is room and nobody waits; else None.

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
            ticket: whose turn it is to be.
            patience: seconds to wait at most.

        Raises:
            QueueTooLong: the turn did not come in that time.
            ModelNotOffered: no deployment draws that model.
            ValueError: the job waits already.
        """
        self._capacity.ready_in(ticket.model)  # who asks for a model that nobody draws does not get in line
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
        """Where a job stands; None if it does not wait."""
        for line in self._lines.values():
            position = line.queue.position(job_id)
            if position is not None:
                return self._place(line, position)
        return None

    def refuse_if_hopeless(self, ticket: Ticket, time_left: float) -> None:
        """Refuse a new job that would get its turn too late.

        Where it is no matter of the queue, because no deployment can be called for longer than anybody can
        wait, the job passes, here and at ``turn``: the call fails at once, and its error tells why.

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
        """Give the turns that can be given now. To be called when there may be room earlier than was said."""
        for line in self._lines.values():
            self._look(line)

    def close(self) -> None:
        """Give no more turns, as the bot is stopping. Who waits goes on waiting until cancelled."""
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
            waiter.result().end(drew=False)  # given in the moment of giving up: it is the next one's
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
        if not waiter.done():  # or else it was cancelled, and is about to give up
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
