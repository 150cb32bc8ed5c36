"""The time of day, in one place; code that needs it takes it as an argument, so that tests can set it."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """Return the current time, timezone-aware, in UTC."""
    return dt.datetime.now(dt.UTC)
