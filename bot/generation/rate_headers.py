"""What Azure's rate headers say, as far as it can be relied on.

The names are those of chat models; ``x-ratelimit-renewalperiod-requests`` is in no page of Microsoft's, but
in recorded answers, where it says 60 (seconds) beside the minute's figure. The reset header is in seconds
on small limits; on large ones recorded values only make sense as milliseconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class RateHint:
    """The rate headers of one answer; None for what it did not say, or not sensibly.

    Attributes:
        limit: requests allowed in a minute.
        remaining: how many of them were left after the request that was answered.
        reset: seconds until there are more.
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
