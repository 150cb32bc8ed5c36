"""What the bot asked of Discord, call by call, for tests and for a curious visitor."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

MOST_KEPT = 20_000


@dataclass(slots=True)
class DiscordRequest:
    """One call to the REST API.

    Attributes:
        method: The HTTP method.
        path: The path without ``/api/v10``.
        query: The query parameters.
        headers: With lower-case names.
        body: The decoded JSON, of the payload_json part for a form.
        files: Field name to file name and length in bytes.
        at: When its body had arrived, as `time.monotonic`.
        status: The HTTP status answered; None while under way, or if the connection was cut instead.
        answer: The JSON answered.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any = None
    files: dict[str, tuple[str, int]] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)
    status: int | None = None
    answer: Any = None


class RequestLog(list[DiscordRequest]):
    """All calls in order; the oldest are dropped when there are very many."""

    def note(self, request: DiscordRequest) -> None:
        """Add one."""
        self.append(request)
        if len(self) > MOST_KEPT:
            del self[: MOST_KEPT // 10]
