"""The time of day, in one place; whatever needs it takes it as an argument, so that tests can set it."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """The time, aware, in UTC."""
    return dt.datetime.now(dt.UTC)
