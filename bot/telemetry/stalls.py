"""Measures how long the event loop stalls: all the time, since that costs next to nothing.

A timer rings every 25 ms; if something blocks the loop for longer, the timer rings that much too late.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

INTERVAL = 0.025
"""Seconds between rings.

A stall can be measured up to this much too short. Waking an idle process takes some 0.1 ms of
processor time on a virtual machine: 0.4 % at this pace, 1.1 % at 10 ms.
"""

ALARM = 0.100
"""Shortest stall worth a log line, in seconds: members feel 100 ms, and 3 s lose an interaction."""


class Maximum(Protocol):
    """Where the longest stall is shown; a Prometheus gauge is one."""

    def set(self, value: float, /) -> None:
        """Show ``value``, in seconds."""


class StallWatch:
    """Watches the running event loop inside a ``with`` block.

    Args:
        shown: set to the longest stall so far, in seconds, whenever a longer one occurs.
        clock: in seconds, for tests. Not ``loop.time``: uvloop reads that once an iteration, in milliseconds.
    """

    def __init__(self, shown: Maximum, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._shown = shown
        self._clock = clock
        self._longest = 0.0
        self._due = 0.0
        self._timer: asyncio.TimerHandle

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._schedule()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _schedule(self) -> None:
        self._due = self._clock() + INTERVAL
        self._timer = self._loop.call_later(INTERVAL, self._ring)

    def _ring(self) -> None:
        late = self._clock() - self._due
        if late > self._longest:
            self._longest = late
            self._shown.set(late)
        if late > ALARM:
            _log.warning("the event loop stood still for %.0f ms", late * 1000)
        self._schedule()
