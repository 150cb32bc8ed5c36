"""How long a block lasts, as a moderator types it: ``12h``, ``1d 6h``, ``2026-12-31``, ``2026-12-31 18:00``.

Pure. A date alone ends the block as that day begins, in the server's time zone. Months and years are not
accepted as durations: nobody agrees on how long they are.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.errors import MemberError

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = dt.timedelta(days=5 * 365)
"""How far ahead an end may lie; to block somebody for longer, leave the end out."""

UNITS = {
    dt.timedelta(minutes=1): ("m", "min", "mins", "minute", "minutes"),
    dt.timedelta(hours=1): ("h", "hr", "hrs", "hour", "hours"),
    dt.timedelta(days=1): ("d", "day", "days"),
    dt.timedelta(weeks=1): ("w", "wk", "wks", "week", "weeks"),
}
"""The units of a duration, and the ways to write them."""

SUGGESTED = ("1h", "12h", "1d", "7d", "30d")
"""Durations to offer while nothing is typed."""

_UNIT = {name: length for length, names in UNITS.items() for name in names}
_PART = re.compile(r"(\d{1,6})\s*([a-z]+)[\s,]*")
_TIMESTAMP = re.compile(r"<t:(\d{1,11})(?::[a-z])?>", re.IGNORECASE | re.ASCII)


class UntilFault(enum.Enum):
    """What is wrong with the end of a block."""

    NOT_UNDERSTOOD = "not understood"
    PAST = "past"
    TOO_FAR = "too far ahead"


class UntilRefused(MemberError):
    """The end of a block, typed as ``asked``, is not possible."""

    def __init__(self, asked: str, fault: UntilFault) -> None:
        super().__init__(f"until: {fault.value}")
        self.asked = asked
        self.fault = fault


def read_until(text: str, now: dt.datetime, zone: str) -> dt.datetime:
    """Read when a block ends.

    Args:
        text: a duration, a date, a date and time, or a timestamp copied from Discord.
        now: aware.
        zone: the time zone of a date that names none; an unknown one counts as UTC.

    Returns:
        An aware time in UTC, later than ``now``.

    Raises:
        UntilRefused: it cannot be read, or lies in the past, or too far ahead.
    """
    try:
        until = _after(text, now) or _timestamp(text) or _date(text, _zone(zone))
    except OverflowError as error:  # beyond what a date can hold
        raise UntilRefused(text, UntilFault.TOO_FAR) from error
    if until is None:
        raise UntilRefused(text, UntilFault.NOT_UNDERSTOOD)
    if until <= now:
        raise UntilRefused(text, UntilFault.PAST)
    if until > now + LONGEST:
        raise UntilRefused(text, UntilFault.TOO_FAR)
    return until


def suggest_until(typed: str) -> Sequence[str]:
    """Suggest durations for what was typed; for a bare number, that many of each unit."""
    typed = typed.strip().lower()
    if typed.isascii() and typed.isdigit() and len(typed) <= 4:
        return [f"{int(typed)}{names[0]}" for names in UNITS.values()]
    return [duration for duration in SUGGESTED if duration.startswith(typed)] or [typed]


def _after(text: str, now: dt.datetime) -> dt.datetime | None:
    """Add a duration of one or more parts to ``now``; return None if ``text`` is something else."""
    rest = text.strip().lower()
    length = dt.timedelta()
    while rest:
        part = _PART.match(rest)
        if part is None or part[2] not in _UNIT:
            return None
        length += int(part[1]) * _UNIT[part[2]]
        rest = rest[part.end() :]
    return now.astimezone(dt.UTC) + length if text.strip() else None


def _timestamp(text: str) -> dt.datetime | None:
    match = _TIMESTAMP.fullmatch(text.strip())
    return dt.datetime.fromtimestamp(int(match[1]), dt.UTC) if match else None


def _date(text: str, zone: ZoneInfo) -> dt.datetime | None:
    """Read an ISO date, with or without a time and an offset; return None for anything else."""
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # no such file, or it is not a zone
        return ZoneInfo("UTC")
