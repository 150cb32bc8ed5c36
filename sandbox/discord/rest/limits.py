"""Rate limits: buckets per route and resource, and the global limit.

Discord does not publish the sizes of its buckets and may change them; these are the sizes usually seen.
Interaction callbacks and interaction webhooks are outside the global limit.

Source: https://discord.com/developers/docs/topics/rate-limits
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMITS: dict[str, tuple[int, float]] = {
    "interaction-callback": (5, 1.0),
    "webhook-send": (5, 2.0),
    "webhook-edit": (5, 2.0),
    "webhook-read": (5, 1.0),
    "webhook-delete": (5, 1.0),
    "message-send": (5, 5.0),
    "message-edit": (5, 5.0),
    "message-read": (5, 5.0),
    "message-delete": (5, 1.0),
    "commands-read": (5, 5.0),
    "commands-write": (5, 20.0),
    "commands-bulk": (2, 20.0),
    "gateway": (2, 5.0),
    "self": (30, 30.0),
    "channel": (5, 5.0),
    "guild": (5, 5.0),
    "member": (5, 5.0),
    "role-counts": (5, 5.0),
}
"""Bucket to (calls, seconds)."""
GLOBAL = (50, 1.0)
"""Calls with the bot's token per second, over all routes."""
MOST_BUCKETS = 4096


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for one call, which is refused if ``retry_after`` (in seconds) is set."""

    headers: Mapping[str, str]
    retry_after: float | None = None
    is_global: bool = False


@dataclass(slots=True)
class _Window:
    ends_at: float
    used: int = 0


class RateLimiter:
    """Counts calls in fixed windows, which is how Discord's buckets behave from outside."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], _Window] = {}
        self._global = _Window(0.0)

    def count(
        self, bucket: str, major: str, *, exempt: bool, overrides: Mapping[str, tuple[int, float]]
    ) -> Verdict:
        """Count one call.

        Args:
            bucket: A name in `LIMITS`.
            major: The channel, guild or interaction token it is about.
            exempt: Whether the global limit does not count this call.
            overrides: Limits that replace those in `LIMITS`.
        """
        now = time.monotonic()
        if not exempt and (wait := self._count_global(now)) is not None:
            return Verdict(
                {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}, wait, is_global=True
            )
        most, seconds = overrides.get(bucket, LIMITS[bucket])
        window = self._windows.get((bucket, major))
        if window is None or window.ends_at <= now:
            self._prune(now)
            window = self._windows[bucket, major] = _Window(now + seconds)
        headers = {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(most - window.used - 1, 0)),
            "X-RateLimit-Reset": f"{time.time() + window.ends_at - now:.3f}",
            "X-RateLimit-Reset-After": f"{window.ends_at - now:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(bucket.encode(), usedforsecurity=False).hexdigest(),
        }
        if window.used >= most:
            return Verdict({**headers, "X-RateLimit-Scope": "user"}, window.ends_at - now)
        window.used += 1
        return Verdict(headers)

    def _count_global(self, now: float) -> float | None:
        most, seconds = GLOBAL
        if self._global.ends_at <= now:
            self._global = _Window(now + seconds)
        if self._global.used >= most:
            return self._global.ends_at - now
        self._global.used += 1
        return None

    def _prune(self, now: float) -> None:
        if len(self._windows) >= MOST_BUCKETS:
            self._windows = {key: item for key, item in self._windows.items() if item.ends_at > now}
