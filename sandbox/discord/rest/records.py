"""A log of the bot's calls to Discord, for tests and for curious visitors."""

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
        headers: The headers, with lower-case names.
        body: The decoded JSON; for a form, that of its payload_json part.
        files: Field name to file name and length in bytes.
        at: When its body had fully arrived, by `time.monotonic`.
        status: The HTTP status of the answer; None until then, or if the connection was cut instead.
        answer: The JSON of the answer.
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
    """The calls in order; beyond `MOST_KEPT` the oldest are dropped."""

    def note(self, request: DiscordRequest) -> None:
        """Add a call."""
        self.append(request)
        if len(self) > MOST_KEPT:
            del self[: MOST_KEPT // 10]
