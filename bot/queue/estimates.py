"""How fast a line moves, measured, and what that says about a wait: a range, or nothing.

Two things are measured: how long a picture takes, and how many turns there were while somebody waited for
one. Where neither is known yet nor the deployments' own limit, nothing is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

QUICKEST: Final = 10.0
SLOWEST: Final = 60.0
"""Seconds a picture takes by Microsoft's image generation guide: 10 to 30, up to 60."""

TYPICAL: Final = 30.0
"""Seconds to expect of a picture while too few were measured."""

ENOUGH: Final = 3
"""Pictures measured before their mean says more than Microsoft's figures."""

FRESH: Final = 0.1
"""Least weight of the latest picture in the mean, which so follows a change within some 20 pictures."""

MEMORY: Final = 120.0
"""Seconds of waiting after which a turn counts a third: 12 turns at 6 a minute, the smallest usual limit."""

STALE: Final = 600.0
"""Seconds after which the last turns say nothing about the next."""

STEPS: Final = ((60.0, 5.0), (300.0, 15.0))
COARSEST: Final = 60.0
"""Seconds an estimate is rounded to: 5 below a minute, 15 below five, whole minutes from there on."""

SLACK: Final = 0.15
"""How far the truth may lie outside what was measured."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds until a turn, if nobody else comes; rounded, outwards, to what is worth saying."""

    at_least: float
    at_most: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands.

    Attributes:
        position: how many are before it.
        wait: until its turn; None where any number would be a guess.
    """

    position: int
    wait: Estimate | None


class Pace:
    """What was measured of one model's line. Times are in seconds, on whatever clock the caller uses."""

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
        """Seconds to expect of a picture."""
        return self._drawing if self._drawn >= ENOUGH else TYPICAL

    def drew(self, seconds: float) -> None:
        """A picture took that long."""
        self._drawn += 1
        self._drawing += (seconds - self._drawing) * max(FRESH, 1 / self._drawn)

    def turn(self, now: float, *, more: bool) -> None:
        """A turn was given; ``more`` says whether somebody waits for the next one from now on."""
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
        """Nobody waits any longer, so the time until the next turn will say nothing."""
        self._waited_for = False

    def estimate(
        self, position: int, now: float, *, ready_in: float, per_minute: float | None, drawing: int
    ) -> Estimate | None:
        """The wait of whoever has ``position`` others before them.

        Args:
            position: how many are before.
            now: the time.
            ready_in: seconds until the next turn can be given; infinite if there is none in sight.
            per_minute: most turns a minute, as far as known.
            drawing: how many jobs have a turn just now.
        """
        interval = self._interval(now, per_minute, drawing)
        if interval is None or math.isinf(ready_in):
            return None
        quick, slow = interval
        # Turns come evenly by a known rate, but several at once where slots are what is short.
        by_rate = per_minute is not None and slow <= 60 / per_minute * (1 + SLACK) ** 2
        uneven = 0.0 if by_rate else self.drawing
        return Estimate(
            _rounded(max(ready_in, ready_in + position * quick - uneven), math.floor),
            _rounded(max(ready_in, slow) + position * slow + uneven, math.ceil),
        )

    def _interval(self, now: float, per_minute: float | None, drawing: int) -> tuple[float, float] | None:
        """Fewest and most seconds from one turn to the next."""
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
        """Seconds from one turn to the next; None before they were waited for as long as a picture takes.

        In a shorter time all slots may have been given away at once, and none come back.
        """
        since = now - self._last
        if since > STALE or self._seconds < self.drawing:
            return None
        mean = self._seconds / self._turns
        # The turn that is being waited for counts as soon as it makes the mean longer.
        return max(mean, (self._seconds + since) / (self._turns + 1)) if self._waited_for else mean


def _rounded(seconds: float, way: Callable[[float], int]) -> float:
    step = next((step for limit, step in STEPS if seconds < limit), COARSEST)
    return way(seconds / step) * step
