"""How many requests a minute one deployment takes, and when the next one fits. Pure: the time is passed in.

Azure expects a minute's requests to be spread evenly, and checks windows of 1 s and 10 s: more than their
share is refused, and so are bursts far below the minute's figure (Microsoft, "Manage Azure OpenAI quota",
"Understanding rate limits"; quota page of 2026-05-06). Each process counts only its own requests: two
on one deployment each know half, and learn of each other from the remaining requests in headers and 429s.
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
"""Windows over which Azure counts requests, in seconds."""

_MINUTE = SLICES[-1]


def a_little_late(seconds: float) -> float:
    """Return ``seconds`` and a little more: Azure counts requests as they arrive, and some travel longer."""
    return seconds * 1.02 + 0.05


@dataclass(frozen=True, slots=True)
class RateHint:
    """The rate-limit headers of one answer; None for what is missing or makes no sense.

    Attributes:
        limit: requests allowed in a minute.
        remaining: how many of them were left after the request that was answered.
        reset: seconds until there are more.

    The header names are those of chat models. ``x-ratelimit-renewalperiod-requests`` is on no page of
    Microsoft's, but in recorded answers it is 60 (seconds), beside the figure for the minute. The reset
    header is in seconds for small limits; for large ones, recorded values only make sense as milliseconds.
    """

    limit: float | None = None
    remaining: int | None = None
    reset: float | None = None

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> RateHint:
        """Read the figures for requests from ``headers``, whose names are looked up in lower case."""
        limit = _number(headers.get("x-ratelimit-limit-requests"))
        period = _number(headers.get("x-ratelimit-renewalperiod-requests")) or 60.0
        remaining = _number(headers.get("x-ratelimit-remaining-requests"))
        return cls(
            # If Azure has no figure, it writes -1 or 0 (openai/openai-dotnet#838).
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
    """The requests to one deployment within the last minute, and the limits they must keep to."""

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
        """Requests per minute, or None while unknown."""
        known = [limit for limit in (self._configured, self._told) if limit is not None]
        return min(known, default=None)

    @property
    def told(self) -> float | None:
        """Azure's own figure, or None while unknown."""
        return self._told

    def learn(self, hint: RateHint, started: float) -> None:
        """Learn from the headers of the answer to the request made at ``started``."""
        if started < self._heard:
            return  # the answer to a later request came first and is more recent
        self._heard = started
        self._told = hint.limit or self._told
        if hint.remaining is not None:
            self._left = hint.remaining
            self._left_until = started + a_little_late(self._longest_hold(hint))

    def _longest_hold(self, hint: RateHint) -> float:
        """Return for how many seconds "none remaining" holds.

        At most 10 s, or the time of one request if that is longer: what the reset header measures, and in
        which unit, is not documented, and a mistake here costs no more than a 429.
        """
        most = max(SLICES[1], _MINUTE / (self.limit or _MINUTE))
        return most if hint.reset is None else min(hint.reset, most)

    def take(self, now: float) -> None:
        """Count a request that begins."""
        self._forget(now)
        self._starts.append(now)

    def give_back(self, started: float) -> None:
        """Stop counting a request that was withdrawn, or refused: the wait Azure named covers that one."""
        if started in self._starts:
            self._starts.remove(started)

    def ready_at(self, now: float) -> float:
        """Return when the next request fits, which may be in the past."""
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
        """Return how many requests may begin right now; infinity while no limit is known."""
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
        """Return how many requests Azure said were left, less those that began since."""
        since = itertools.takewhile(lambda start: start > self._heard, reversed(self._starts))
        return self._left - sum(1 for _ in since)

    def _forget(self, now: float) -> None:
        while self._starts and self._starts[0] + a_little_late(_MINUTE) <= now:
            self._starts.popleft()


def _share(limit: float, span: float) -> int:
    """Return how many of ``limit`` requests a minute fit into any ``span`` seconds.

    Rounded up, because 9 evenly spread requests a minute put two into some spans of 10 s.
    """
    return math.ceil(limit * span / _MINUTE)
