"""Estimates of waits, as a range, from how fast a model's queue was measured to move.

Two things are measured: how long a picture takes, and how many turns were given while somebody waited. There
is no estimate if the rate of turns is neither measured nor limited and no job is drawing, or if no turn is in
sight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

QUICKEST: Final = 10.0
SLOWEST: Final = 60.0
"""Seconds a picture takes according to Microsoft's image generation guide: 10 to 30, up to 60."""

TYPICAL: Final = 30.0
"""Seconds a picture is expected to take until enough were measured."""

ENOUGH: Final = 3
"""Measured pictures from which on their mean is preferred to Microsoft's figures."""

FRESH: Final = 0.1
"""Least weight of the latest picture in the mean, which thus follows a change within some 20 pictures."""

MEMORY: Final = 120.0
"""Seconds of waiting until a turn counts a third: 12 turns at 6 a minute, the smallest usual rate limit."""

STALE: Final = 600.0
"""Seconds after which the last turns no longer predict the next."""

STEPS: Final = ((60.0, 5.0), (300.0, 15.0))
COARSEST: Final = 60.0
"""Seconds to which estimates are rounded: 5 below a minute, 15 below five minutes, 60 from there on."""

SLACK: Final = 0.15
"""How far, as a fraction, the true interval may lie outside the measured ones."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds until a turn if no other job arrives, rounded outwards to the steps in ``STEPS``."""

    at_least: float
    at_most: float


@dataclass(frozen=True, slots=True)
class Place:
    """A job's place in the queue.

    Attributes:
        position: how many jobs are ahead of it.
        wait: how long until its turn; None if any number would be a guess.
    """

    position: int
    wait: Estimate | None


class Pace:
    """Measurements of one model's queue. Times are in seconds, on whatever clock the caller uses."""

    __slots__ = ("_drawing", "_drawn", "_last", "_seconds", "_turns", "_waited_for")

    def __init__(self) -> None:
        self._drawn = 0
        self._drawing = TYPICAL
        self._turns = 0.0
        self._seconds = 0.0
        self._last = -math.inf
        self._waited_for = False

    @property
    def drawing(self) -> float:
        """Seconds a picture is expected to take."""
        return self._drawing if self._drawn >= ENOUGH else TYPICAL

    def drew(self, seconds: float) -> None:
        """Measure a picture that took so many seconds."""
        self._drawn += 1
        self._drawing += (seconds - self._drawing) * max(FRESH, 1 / self._drawn)

    def turn(self, now: float, *, more: bool) -> None:
        """Measure a turn given now; ``more`` says whether somebody is waiting for the next one."""
        gap = now - self._last
        if gap > STALE:
            self._turns = self._seconds = 0.0
        elif self._waited_for:
            kept = math.exp(-gap / MEMORY)
            self._turns = self._turns * kept + 1
            self._seconds = self._seconds * kept + gap
        self._last = now
        self._waited_for = more

    def idle(self) -> None:
        """Stop the measurement, as nobody waits for the next turn any longer."""
        self._waited_for = False

    def estimate(
        self, position: int, now: float, *, ready_in: float, per_minute: float | None, drawing: int
    ) -> Estimate | None:
        """Estimate the wait of a job; None if any number would be a guess.

        Args:
            position: how many jobs are ahead of it.
            now: the time.
            ready_in: seconds until the next turn can be given; infinite if that is not in sight.
            per_minute: most turns a minute; None if unknown.
            drawing: how many jobs have a turn at the moment.
        """
        interval = self._interval(now, per_minute, drawing)
        if interval is None or math.isinf(ready_in):
            return None
        quick, slow = interval
        # Turns come evenly if a known rate is the bottleneck, but several at once if slots are.
        by_rate = per_minute is not None and slow <= 60 / per_minute * (1 + SLACK) ** 2
        uneven = 0.0 if by_rate else self.drawing
        return Estimate(
            _rounded(max(ready_in, ready_in + position * quick - uneven), math.floor),
            _rounded(max(ready_in, slow) + position * slow + uneven, math.ceil),
        )

    def _interval(self, now: float, per_minute: float | None, drawing: int) -> tuple[float, float] | None:
        """Return the fewest and most seconds from one turn to the next; None if unknown."""
        known = [] if per_minute is None else [60 / per_minute]
        measured = self._measured(now)
        if measured is not None:
            known.append(measured)
        if known:
            return min(known) * (1 - SLACK), max(known) * (1 + SLACK)
        if not drawing:
            return None
        if self._drawn >= ENOUGH:
            return self._drawing / drawing * (1 - SLACK), self._drawing / drawing * (1 + SLACK)
        return QUICKEST / drawing, SLOWEST / drawing

    def _measured(self, now: float) -> float | None:
        """Return the measured seconds between turns; None until the waits add up to one picture's time.

        In less time, all slots may have been given away at once, and none have come back.
        """
        since = now - self._last
        if since > STALE or self._seconds < self.drawing:
            return None
        mean = self._seconds / self._turns
        # The current wait for a turn counts as soon as it raises the mean.
        return max(mean, (self._seconds + since) / (self._turns + 1)) if self._waited_for else mean


def _rounded(seconds: float, way: Callable[[float], int]) -> float:
    step = next((step for limit, step in STEPS if seconds < limit), COARSEST)
    return way(seconds / step) * step
