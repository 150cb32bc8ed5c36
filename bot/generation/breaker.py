"""When to leave a deployment alone: after failures of its own, and after a "too many requests".

Both are pure: they are handed the time. ``jitter`` draws a factor of 1 or a little more, so that several
processes do not come back in step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bot.generation.budgets import a_little_late

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURES = 3
"""Failures in a row that open a breaker."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds that a deployment is left alone at first, doubled each time it fails again, and at most."""

LAST_RESORT_PAUSE = 2.0
"""Seconds between calls of a deployment that keeps failing where nothing else draws: one for members who want
to hear soon that it does, or does not."""

BLOCKED_PAUSE = 3600.0
"""Seconds between looks at a blocked resource: Azure lifts a block after days, if at all (reports in
pollinations/pollinations #12446), and asking on is what it is blocked for."""

LONGEST_COOLING = 3600.0
"""Seconds to believe a Retry-After at most; Azure has been seen to say a day (jasonacox/TinyLLM#17)."""

RECOVERY = 0.8
"""What each success leaves of the space between calls that a 429 taught. Less, and every second call would be
refused again; more, and half an hour would be lost to one bad minute."""

ASK_AGAIN = 1.0
"""Seconds after which to ask again where nobody can know: a trial, or all slots, are under way."""


class Breaker:
    """Closed while a deployment works; open, and then half open for one trial at a time, after failures.

    Attributes:
        is_open: whether it is left alone, but for trials.
    """

    def __init__(
        self,
        jitter: Callable[[], float],
        *,
        failures: int = FAILURES,
        first_pause: float = FIRST_PAUSE,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        self._jitter = jitter
        self._threshold = failures
        self._first, self._longest = first_pause, longest_pause
        self.is_open = False
        self._in_a_row = 0
        self._openings = 0
        self._opened_at = self._until = -math.inf
        self._trial = False

    def ready_in(self, now: float) -> float:
        """Seconds until a call may be made, as far as this is concerned."""
        if not self.is_open:
            return 0.0
        return ASK_AGAIN if self._trial else max(0.0, self._until - now)

    @property
    def opened_at(self) -> float:
        """When it opened, or was kept open by a trial, the last time."""
        return self._opened_at

    def begin(self) -> bool:
        """Note that a call begins, and say whether it is a trial."""
        self._trial = self.is_open
        return self._trial

    def leave(self, *, trial: bool) -> None:
        """Note that a call ended and says nothing about the deployment; another may be the trial."""
        if trial:
            self._trial = False

    def succeed(self, started: float, *, trial: bool) -> bool:
        """Note that a call begun at ``started`` found all well, and say whether that is news."""
        self.leave(trial=trial)
        if self._is_old(started, trial=trial):
            return False
        was_open, self.is_open = self.is_open, False
        self._trial = False
        self._in_a_row = self._openings = 0
        return was_open

    def fail(self, now: float, started: float, *, trial: bool) -> float | None:
        """Note a failure of a call begun at ``started``.

        Returns:
            Seconds until the next trial, if this opened the breaker, for the first time or again.
        """
        self.leave(trial=trial)
        if self._is_old(started, trial=trial):
            return None
        self._in_a_row += 1
        if not self.is_open and self._in_a_row < self._threshold:
            return None
        pause = min(self._longest, self._first * 2.0 ** min(self._openings, 16)) * self._jitter()
        self._openings += 1
        self.is_open, self._opened_at, self._until = True, now, now + pause
        return pause

    def _is_old(self, started: float, *, trial: bool) -> bool:
        """Whether a call was under way already when the breaker opened, and so says nothing new."""
        return self.is_open and not trial and started <= self._opened_at


class Cooling:
    """What 429s teach: how long to keep away, and with how much space between calls to come back.

    The space is what keeps a crowd that waited from being refused all at once again. It doubles with each
    further 429 and goes away with successes, so where nobody says what the limit is, the rate finds it.

    Attributes:
        until: when the deployment takes calls again.
        space: seconds between the starts of two calls.
    """

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._refused_at = -math.inf
        self.until = -math.inf
        self.space = 0.0

    def refuse(self, now: float, started: float, retry_after: float | None) -> None:
        """Note a 429 to a call begun at ``started``; ``retry_after`` is in seconds, None if not said."""
        if started > self._refused_at:  # not one of a crowd of which the first was refused already
            self._refused_at = now
            self.space = min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self.space))
        wait = self.space * self._jitter() if retry_after is None else a_little_late(retry_after)
        self.until = max(self.until, now + min(wait, LONGEST_COOLING))

    def rest(self, now: float, seconds: float) -> None:
        """Keep away for ``seconds`` because Azure asked for it together with some other failure."""
        self.until = max(self.until, now + min(a_little_late(seconds), LONGEST_COOLING))

    def succeed(self) -> None:
        """Note a call that was taken."""
        self.space = self.space * RECOVERY if self.space * RECOVERY >= FIRST_PAUSE else 0.0
