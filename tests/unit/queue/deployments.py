"""Deployments as the gate sees them, and jobs that draw on them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from bot.queue.fair import Ticket
from bot.queue.scheduler import Scheduler
from tests.fakes import elapsed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.queue.scheduler import Turn

MODEL = "gpt-image-2"


@contextlib.asynccontextmanager
async def slot(gate: Scheduler, ticket: Ticket, *, patience: float | None = None) -> AsyncIterator[Turn]:
    """A turn, at once or when it comes, as the workflow takes it."""
    with gate.turn_now(ticket) or await gate.turn(ticket, patience=patience) as turn:
        yield turn


class Deployments:
    """Room for calls: so many at once, evenly spread over each minute, and none before ``open_at``.

    Attributes:
        told_rate: what is known of ``per_minute``.
        in_flight: calls under way.
        most: the most there ever were at once.
        overdrawn: calls for which there was no room.
    """

    def __init__(self, *, slots: int = 1000, per_minute: float | None = None) -> None:
        self.slots = slots
        self.per_minute = per_minute
        self.told_rate = per_minute
        self.open_at = 0.0
        self.in_flight = 0
        self.most = 0
        self.overdrawn = 0

    def room(self, model: str) -> int:  # noqa: ARG002 - it is the same for every model here
        """How many calls could begin now."""
        if elapsed() < self.open_at:
            return 0
        free = self.slots - self.in_flight
        return free if self.per_minute is None else min(1, free)

    def ready_in(self, model: str) -> float:  # noqa: ARG002
        """Seconds until there is room, one more where that is for others to say."""
        wait = max(0.0, self.open_at - elapsed())
        return wait or (0.0 if self.in_flight < self.slots else 1.0)

    def capacity(self, model: str) -> float | None:  # noqa: ARG002
        """Calls a minute, if told."""
        return self.told_rate

    async def call(self, seconds: float) -> None:
        """A call that takes so long."""
        self.overdrawn += not self.room(MODEL)
        if self.per_minute is not None:
            self.open_at = elapsed() + 60 / self.per_minute
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.in_flight -= 1


class Jobs:
    """Jobs that ask the gate for a turn, and draw when they have it.

    Attributes:
        order: the jobs that had a turn, in that order.
        turns: when each had it.
    """

    def __init__(self, gate: Scheduler, deployments: Deployments, *, seconds: float = 20.0) -> None:
        self.gate = gate
        self.deployments = deployments
        self.seconds = seconds
        self.turns: dict[int, float] = {}
        self._ids = iter(range(1, 1_000_000))

    @property
    def order(self) -> list[int]:
        """The jobs that had a turn, by the time of it."""
        return list(self.turns)

    def ticket(self, guild: int = 1, member: int = 1, priority: int = 0, model: str = MODEL) -> Ticket:
        """A new job's."""
        return Ticket(next(self._ids), guild, member, model, priority)

    def ask(self, ticket: Ticket, patience: float | None = None) -> asyncio.Task[None]:
        """Start the job."""
        return asyncio.create_task(self.draw(ticket, patience))

    def flood(self, count: int, guild: int = 1) -> Iterator[tuple[Ticket, asyncio.Task[None]]]:
        """Start many jobs of one guild."""
        for _ in range(count):
            ticket = self.ticket(guild)
            yield ticket, self.ask(ticket)

    async def draw(self, ticket: Ticket, patience: float | None = None) -> None:
        """Wait for a turn, and call."""
        async with slot(self.gate, ticket, patience=patience) as turn:
            self.turns[ticket.job_id] = elapsed()
            turn.begun()
            await self.deployments.call(self.seconds)


def site(*, slots: int = 1000, per_minute: float | None = None, seconds: float = 20.0) -> Jobs:
    """A gate before deployments, and jobs whose calls take so long."""
    deployments = Deployments(slots=slots, per_minute=per_minute)
    return Jobs(Scheduler(deployments), deployments, seconds=seconds)


def idle(gate: Scheduler) -> bool:
    """Whether the gate remembers nobody."""
    lines = gate._lines.values()
    return not any(line.waiters or line.queue or line.drawing or line.unbegun or line.timer for line in lines)


async def tick() -> None:
    """Let everybody get as far as they can without time passing."""
    for _ in range(5):
        await asyncio.sleep(0)


async def cancelled(*tasks: asyncio.Task[None]) -> None:
    """Cancel them, and wait until they are."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
