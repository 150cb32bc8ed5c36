"""Days, weeks and months in a server's time zone. Pure.

A day begins at the first instant at which the zone's clocks show its date or a later one. That is
midnight, except where clocks are changed at midnight: in Cairo a day may begin at one, and Apia skipped
2011-12-30. Once a day has begun, setting clocks back over midnight does not return to the day before.
"""

from __future__ import annotations

import bisect
import datetime as dt
import difflib
import functools
import zoneinfo
from dataclasses import dataclass

from bot.errors import RuleFault, RuleRefused

_DAY = dt.timedelta(days=1)
_SECOND = dt.timedelta(seconds=1)

_NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})
"""Names in the zone database that are not zones anybody could mean."""

_LONGEST_NAME = 64
"""Most characters of a misspelt zone that are compared."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows that an instant lies in: labels to count under, and when each ends.

    Attributes:
        day: such as ``2026-11-22``, in the server's zone.
        week: such as ``2026-W47``, ISO: it begins on Monday, and has its own year.
        month: such as ``2026-11``.
        day_ends, week_ends, month_ends: the first instant of the next one; aware, UTC.
        budget_month: the operator's month, in UTC.
        budget_month_ends: when it ends; aware, UTC.
    """

    day: str
    day_ends: dt.datetime
    week: str
    week_ends: dt.datetime
    month: str
    month_ends: dt.datetime
    budget_month: str
    budget_month_ends: dt.datetime


def windows_at(now: dt.datetime, zone: str) -> Windows:
    """Return the windows that ``now`` (aware) lies in; a zone not known (any more) counts as UTC."""
    clock = _clock_of(zone)
    today, day_ends = _day_at(now, clock)
    next_monday = today + (7 - today.weekday()) * _DAY
    year, week, _ = today.isocalendar()
    budget_day = now.astimezone(dt.UTC).date()
    return Windows(
        day=today.isoformat(),
        day_ends=day_ends,
        week=f"{year}-W{week:02}",
        week_ends=_start(next_monday, clock),
        month=_month(today),
        month_ends=_start(_next_month(today), clock),
        budget_month=_month(budget_day),
        budget_month_ends=_start(_next_month(budget_day), dt.UTC),
    )


@functools.cache
def known_zones() -> tuple[str, ...]:
    """Return the names of all time zones, sorted.

    The first call opens every file of the zone database, which takes about 30 ms: make it in a thread,
    before anybody waits for the event loop.
    """
    return tuple(sorted(zoneinfo.available_timezones() - _NO_PLACES))


def checked_zone(text: str) -> str:
    """Return the proper spelling of a zone typed in any case, with or without underscores.

    Raises:
        RuleRefused: there is no such zone; the fault names similar ones.
    """
    wanted = _folded(text)
    for zone in known_zones():
        if _folded(zone) == wanted:
            return zone
    raise RuleRefused([("zone", RuleFault.UNKNOWN_ZONE, ", ".join(_nearest(wanted)))])


def _folded(text: str) -> str:
    return "_".join(text.casefold().split())


def _nearest(wanted: str) -> list[str]:
    """Return up to three zones that contain ``wanted`` or have a similar city; else three examples."""
    # Etc/GMT+2 is two hours behind UTC: whoever types "GMT+2" means the opposite.
    zones = {_folded(zone): zone for zone in known_zones() if not zone.startswith("Etc/")}
    cities = {name.rpartition("/")[2]: zone for name, zone in zones.items()}
    parts = [zone for name, zone in zones.items() if wanted and wanted in name]
    alike = difflib.get_close_matches(wanted[:_LONGEST_NAME].rpartition("/")[2], cities, 3)
    return (parts or [cities[city] for city in alike] or ["UTC", "Europe/Berlin", "America/New_York"])[:3]


@functools.lru_cache(maxsize=1024)
def _clock_of(zone: str) -> dt.tzinfo:
    try:
        return zoneinfo.ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # unknown; not a name at all; a folder of the database
        return dt.UTC


def _day_at(now: dt.datetime, clock: dt.tzinfo) -> tuple[dt.date, dt.datetime]:
    """Return the day that ``now`` lies in, and when it ends."""
    day = now.astimezone(clock).date()
    ends = _start(day + _DAY, clock)
    while ends <= now:  # clocks were set back over midnight: stay in the new day
        day += _DAY
        ends = _start(day + _DAY, clock)
    return day, ends


def _start(day: dt.date, clock: dt.tzinfo) -> dt.datetime:
    """Return the first instant at which ``clock`` shows ``day`` or a later one."""
    midnight = dt.datetime.combine(day, dt.time(), clock)
    # If there are two midnights (clocks set back), fold=0 is the first. If there is none (set forward), the
    # fold that uses the new offset is before the change, and the other one is after it.
    first, other = (midnight.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if first <= other:
        return first

    def has_begun(second: int) -> bool:
        return (other + second * _SECOND).astimezone(clock).date() >= day

    return other + bisect.bisect_left(range((first - other) // _SECOND), True, key=has_begun) * _SECOND


def _month(day: dt.date) -> str:
    return day.isoformat()[:7]


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + 31 * _DAY).replace(day=1)
