"""Rate limits: requests per minute, and the matching share of them in any 1 or 10 seconds."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SLICES = (1.0, 10.0, 60.0)
"""Window lengths in seconds. Azure enforces the limit over 1 s and 10 s too (its quota page, 2026-05-06)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The limiter's decision on one request.

    Attributes:
        limit: Requests allowed per minute.
        remaining: How many of them are left.
        reset: Seconds until the oldest counted request leaves the one-minute window.
        retry_after: Seconds to wait if the request is refused; else None.
    """

    limit: int
    remaining: int
    reset: float
    retry_after: float | None = None

    def headers(self) -> dict[str, str]:
        """Return the rate limit headers; images have no token limit, which Azure writes as -1."""
        return {
            "x-ratelimit-limit-requests": str(self.limit),
            "x-ratelimit-remaining-requests": str(self.remaining),
            "x-ratelimit-reset-requests": str(math.ceil(self.reset)),
            "x-ratelimit-limit-tokens": "-1",
            "x-ratelimit-remaining-tokens": "-1",
        }


class Capacity:
    """Counts the requests of each deployment over sliding windows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start empty; `clock` returns seconds."""
        self._clock = clock
        self._taken: defaultdict[str, deque[float]] = defaultdict(deque)

    def take(self, deployment: str, limit: int) -> Verdict:
        """Count one request against `limit` requests per minute, or refuse it without counting it.

        Requests that fail later stay counted, as on Azure.
        """
        now = self._clock()
        taken = self._taken[deployment]
        while taken and taken[0] <= now - SLICES[-1]:
            taken.popleft()
        wait = max(self._wait(taken, now, span, math.ceil(limit * span / SLICES[-1])) for span in SLICES)
        if wait <= 0:
            taken.append(now)
        reset = taken[0] + SLICES[-1] - now if taken else SLICES[-1]
        return Verdict(limit, max(0, limit - len(taken)), reset, wait if wait > 0 else None)

    @staticmethod
    def _wait(taken: deque[float], now: float, span: float, share: int) -> float:
        """Return the seconds until a window of `span` seconds has room for another request."""
        if share == 0:
            return span
        if len(taken) < share:
            return 0.0
        return taken[-share] + span - now
