"""How many requests a minute one deployment takes, and when the next one fits: pure but for times handed in.

Azure expects a minute's requests evenly and looks at 1 s and 10 s of them: more than their share of the
minute is refused, and so are bursts far below the minute's figure (Microsoft, "Manage Azure OpenAI quota",
"Understanding rate limits"; quota page of 2026-05-06). One process counts for itself: two on one deployment
each know half of it, and learn of the other by the remaining requests in the headers and by 429s.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SLICES = (1.0, 10.0, 60.0)
"""Seconds over which Azure counts."""

_MINUTE = SLICES[-1]


def a_little_late(seconds: float) -> float:
    """``seconds`` and a moment more: Azure counts when a request arrives, and not all take equally long."""
    return seconds * 1.02 + 0.05


@dataclass(frozen=True, slots=True)
class RateHint:
    """The rate headers of one answer; None for what it did not say, or not sensibly.

    Attributes:
        limit: requests allowed in a minute.
        remaining: how many of them were left after the request that was answered.
        reset: seconds until there are more.

    The names are those of chat models; ``x-ratelimit-renewalperiod-requests`` is in no page of Microsoft's,
    but in recorded answers, where it says 60 (seconds) beside the minute's figure. The reset header is in
    seconds on small limits; on large ones recorded values only make sense as milliseconds.
    """

    limit: float | None = None
    remaining: int | None = None
    reset: float | None = None

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> RateHint:
        """Find the figures for requests among ``headers``, whose names are looked up in lower case."""
        limit = _number(headers.get("x-ratelimit-limit-requests"))
        period = _number(headers.get("x-ratelimit-renewalperiod-requests")) or 60.0
        remaining = _number(headers.get("x-ratelimit-remaining-requests"))
        return cls(
            # Where Azure has no figure it writes -1 or 0 (openai/openai-dotnet#838).
            limit=limit * 60.0 / period if limit else None,
            remaining=None if remaining is None else int(remaining),
            reset=_number(headers.get("x-ratelimit-reset-requests")),
        )


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) and number >= 0 else None


class RateLimiter:
    """The requests of one deployment within the last minute, and the limits they must fit."""

    def __init__(self, configured: int | None) -> None:
        """``configured`` is the operator's requests per minute, which Azure's own figure can only lower."""
        self._configured = configured
        self._told: float | None = None
        self._heard = -math.inf
        self._left = math.inf
        self._left_until = -math.inf
        self._starts: deque[float] = deque()

    @property
    def limit(self) -> float | None:
        """Requests per minute, or None while nobody has said."""
        known = [limit for limit in (self._configured, self._told) if limit is not None]
        return min(known, default=None)

    @property
    def told(self) -> float | None:
        """Azure's own figure."""
        return self._told

    def learn(self, hint: RateHint, started: float) -> None:
        """Take in the headers of an answer to the request begun at ``started``."""
        if started < self._heard:
            return  # the answer to a later request came first, and says more
        self._heard = started
        self._told = hint.limit or self._told
        if hint.remaining is not None:
            self._left = hint.remaining
            self._left_until = started + a_little_late(self._longest_hold(hint))

    def _longest_hold(self, hint: RateHint) -> float:
        """Seconds for which "none remaining" counts.

        At most a slice, or the time of one request: what the reset header measures, and in which unit, is
        not documented, and to be wrong here costs no more than a 429.
        """
        most = max(SLICES[1], _MINUTE / (self.limit or _MINUTE))
        return most if hint.reset is None else min(hint.reset, most)

    def take(self, now: float) -> None:
        """Count a request that begins."""
        self._forget(now)
        self._starts.append(now)

    def give_back(self, started: float) -> None:
        """Uncount a request that Azure refused: the time it named says all about how that one counts."""
        if started in self._starts:
            self._starts.remove(started)

    def ready_at(self, now: float) -> float:
        """When the next request fits, which may be in the past."""
        self._forget(now)
        ready = self._left_until if now < self._left_until and self._left_now() <= 0 else -math.inf
        if self.limit is None:
            return ready
        for span in SLICES:
            share = _share(self.limit, span)
            if len(self._starts) >= share:
                ready = max(ready, self._starts[-share] + a_little_late(span))
        return ready

    def room(self, now: float) -> float:
        """How many requests may begin at this very moment; infinity while no limit is known."""
        if self.ready_at(now) > now:
            return 0
        room = self._left_now() if now < self._left_until else math.inf
        if self.limit is None:
            return room
        for span in SLICES:
            recent = sum(start + a_little_late(span) > now for start in self._starts)
            room = min(room, _share(self.limit, span) - recent)
        return room

    def _left_now(self) -> float:
        """What Azure said was left, without what began since."""
        since = itertools.takewhile(lambda start: start > self._heard, reversed(self._starts))
        return self._left - sum(1 for _ in since)

    def _forget(self, now: float) -> None:
        while self._starts and self._starts[0] + a_little_late(_MINUTE) <= now:
            self._starts.popleft()


def _share(limit: float, span: float) -> int:
    """How many of ``limit`` requests a minute fit into any ``span`` seconds.

    Rounded up, for at 9 a minute even requests are two in some 10 s.
    """
    return math.ceil(limit * span / _MINUTE)
