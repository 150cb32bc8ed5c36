"""Notes to waiting jobs about their place: rare, only when it changes, and never more than Discord takes.

The further back a job is, the less often it is told, so that the many at the back leave room for the few at
the front, and for jobs that have not been told anything yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.queue.estimates import Place

_log = logging.getLogger(__name__)

FIRST_AFTER: Final = 2.0
"""Seconds until a job's first note; shorter waits are not worth one."""

AT_MOST_EVERY: Final = 5.0
"""Least seconds between two notes to one job; Discord allows about five edits of a message in two seconds."""

PER_POSITION: Final = 1.0
"""Seconds between two notes to one job per job ahead of it: 6 notes a second for a thousand jobs."""

PER_SECOND: Final = 10.0
"""Most notes a second to all jobs. Each is a request to Discord, of the 50 a second that a bot may make apart
from answers to interactions."""

LONGEST: Final = 10.0
"""Most seconds that a note may take, and so that a job waits for its last one."""

LOOKS: Final = 5
"""Most jobs checked in one go, to yield to other tasks: finding a place takes 0.6 ms among a thousand waiting
members, 6 ms among ten thousand."""

Tell = Callable[["Place"], Awaitable[None]]
"""Tells a member their place."""


class _Follower:
    """A job that is told its place."""

    __slots__ = ("job_id", "task", "tell", "told")

    def __init__(self, job_id: int, tell: Tell) -> None:
        self.job_id = job_id
        self.tell = tell
        self.told: Place | None = None
        self.task: asyncio.Task[None] | None = None


class QueueUpdates:
    """Sends notes to jobs while they wait."""

    def __init__(self, place: Callable[[int], Place | None]) -> None:
        """Follow nobody yet.

        Args:
            place: returns a job's place by its id, None if it does not wait; such as ``Scheduler.place``.
        """
        self._place = place
        self._followers: dict[int, _Follower] = {}
        self._due: list[tuple[float, int]] = []
        self._next_number = 0
        self._last = -PER_SECOND
        self._timer: asyncio.TimerHandle | None = None

    @contextlib.asynccontextmanager
    async def about(self, job_id: int, tell: Tell) -> AsyncIterator[None]:
        """Keep a job informed of its place, through ``tell``, as long as the context lasts.

        Once it is left, no note is under way that could overwrite what the job says next. A note that fails
        is the job's last: more of them would not fix whatever is wrong with its message.
        """
        number = self._next_number
        self._next_number += 1
        follower = self._followers[number] = _Follower(job_id, tell)
        self._schedule(number, FIRST_AFTER)
        try:
            yield
        finally:
            self._followers.pop(number, None)
            self._arm()
            if follower.task is not None:
                await asyncio.wait([follower.task])

    def _schedule(self, number: int, seconds: float) -> None:
        heapq.heappush(self._due, (asyncio.get_running_loop().time() + seconds, number))
        self._arm()

    def _arm(self) -> None:
        """Set the timer to the next note due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._followers:
            self._due.clear()
        if self._due:
            when = max(self._due[0][0], self._last + 1 / PER_SECOND)
            self._timer = asyncio.get_running_loop().call_at(when, self._tick)

    def _tick(self) -> None:
        now = asyncio.get_running_loop().time()
        for _ in range(LOOKS):
            if not self._due or self._due[0][0] > now:
                break
            number = heapq.heappop(self._due)[1]
            if number in self._followers and self._visit(number):
                self._last = now
                break
        self._arm()

    def _visit(self, number: int) -> bool:
        """Send a job a note if there is something new to say.

        Returns:
            Whether one was sent.
        """
        follower = self._followers[number]
        place = self._place(follower.job_id)
        if place is None or place == follower.told:
            self._schedule(number, _pause(place))
            return False
        follower.task = asyncio.get_running_loop().create_task(self._note(number, follower, place))
        return True

    async def _note(self, number: int, follower: _Follower, place: Place) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                await follower.tell(place)
        except Exception as error:  # noqa: BLE001 - whatever it is, the job itself goes on
            _log.warning("job %d was not told its place: %r", follower.job_id, error)
            self._followers.pop(number, None)
            return
        follower.told = place
        if number in self._followers:
            self._schedule(number, _pause(place))


def _pause(place: Place | None) -> float:
    """Return the seconds until the next check of a job."""
    return max(AT_MOST_EVERY, place.position * PER_POSITION if place else 0.0)
