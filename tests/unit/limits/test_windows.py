from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RuleFault, RuleRefused
from bot.limits.windows import Windows, checked_zone, known_zones, windows_at
from tests.properties import UNHURRIED

INSTANT = dt.timedelta(microseconds=1)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


# --- labels ---------------------------------------------------------------------------------------


def test_an_instant_has_its_day_week_and_months_and_their_ends() -> None:
    assert windows_at(utc("2026-11-22 23:30"), "Europe/Berlin") == Windows(
        day="2026-11-23",
        day_ends=utc("2026-11-23 23:00"),
        week="2026-W48",
        week_ends=utc("2026-11-29 23:00"),
        month="2026-11",
        month_ends=utc("2026-11-30 23:00"),
        budget_month="2026-11",
        budget_month_ends=utc("2026-12-01 00:00"),
    )


def test_the_operators_month_is_utc_wherever_the_server_is() -> None:
    found = windows_at(utc("2026-12-31 13:00"), "Pacific/Kiritimati")  # 14 hours ahead
    assert (found.day, found.month, found.budget_month) == ("2027-01-01", "2027-01", "2026-12")
    assert found.budget_month_ends == utc("2027-01-01 00:00")


def test_now_may_be_in_any_zone() -> None:
    now = utc("2026-11-22 23:30")
    assert windows_at(now.astimezone(ZoneInfo("Asia/Tokyo")), "America/New_York") == windows_at(
        now, "America/New_York"
    )


@pytest.mark.parametrize(
    ("day", "week", "ends"),
    [
        ("2026-11-22", "2026-W47", "2026-11-23"),  # Sunday
        ("2026-11-23", "2026-W48", "2026-11-30"),  # Monday
        ("2027-01-01", "2026-W53", "2027-01-04"),  # the new year is in the old one's last week
        ("2024-12-30", "2025-W01", "2025-01-06"),  # the old year is in the new one's first week
    ],
)
def test_weeks_are_iso_weeks_which_begin_on_monday_and_have_years_of_their_own(
    day: str, week: str, ends: str
) -> None:
    found = windows_at(utc(f"{day} 12:00"), "UTC")
    assert (found.week, found.week_ends) == (week, utc(f"{ends} 00:00"))


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "America", "../UTC", "/UTC", "Europe/Berlin\0", "\ud800"]
)
def test_a_zone_that_is_not_known_counts_as_utc(zone: str) -> None:
    now = utc("2026-11-22 23:30")
    assert windows_at(now, zone) == windows_at(now, "UTC")


# --- days on which clocks change ------------------------------------------------------------------


@dataclass(frozen=True)
class Day:
    zone: str
    label: str
    begins: str
    ends: str
    then: str
    why: str


DAYS = [
    Day("Europe/Berlin", "2026-03-29", "2026-03-28 23:00", "2026-03-29 22:00", "2026-03-30", "23 hours"),
    Day("Europe/Berlin", "2026-10-25", "2026-10-24 22:00", "2026-10-25 23:00", "2026-10-26", "25 hours"),
    Day("Australia/Lord_Howe", "2026-04-05", "2026-04-04 13:00", "2026-04-05 13:30", "2026-04-06", "24.5"),
    Day(
        "America/Sao_Paulo", "2018-11-04", "2018-11-04 03:00", "2018-11-05 02:00", "2018-11-05", "begins at 1"
    ),
    Day("America/Sao_Paulo", "2018-02-17", "2018-02-17 02:00", "2018-02-18 03:00", "2018-02-18", "two 23 h"),
    Day("Africa/Cairo", "2024-04-26", "2024-04-25 22:00", "2024-04-26 21:00", "2024-04-27", "begins at 1"),
    Day("Africa/Cairo", "2024-10-31", "2024-10-30 21:00", "2024-10-31 22:00", "2024-11-01", "two 23 h"),
    Day("Asia/Beirut", "2024-03-31", "2024-03-30 22:00", "2024-03-31 21:00", "2024-04-01", "begins at 1"),
    Day("Asia/Beirut", "2024-10-26", "2024-10-25 21:00", "2024-10-26 22:00", "2024-10-27", "two 23 h"),
    Day(
        "America/Havana", "2026-11-01", "2026-11-01 04:00", "2026-11-02 05:00", "2026-11-02", "two midnights"
    ),
    Day("America/Nuuk", "2026-03-28", "2026-03-28 02:00", "2026-03-29 01:00", "2026-03-29", "ends at 23"),
    Day(
        "America/Toronto", "1919-03-30", "1919-03-30 05:00", "1919-03-31 04:30", "1919-03-31", "ends at 23:30"
    ),
    Day("Pacific/Apia", "2011-12-29", "2011-12-29 10:00", "2011-12-30 10:00", "2011-12-31", "no 30th"),
    Day("Pacific/Kiritimati", "1994-12-30", "1994-12-30 10:00", "1994-12-31 10:00", "1995-01-01", "no 31st"),
    Day("America/St_Johns", "2010-11-06", "2010-11-06 02:30", "2010-11-07 02:30", "2010-11-07", "ends twice"),
]


@pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day.zone} {day.label}: {day.why}")
def test_a_day_begins_and_ends_with_its_date(day: Day) -> None:
    begins, ends = utc(day.begins), utc(day.ends)
    for now in (begins, begins + (ends - begins) / 2, ends - INSTANT):
        found = windows_at(now, day.zone)
        assert (found.day, found.day_ends) == (day.label, ends)
    assert windows_at(begins - INSTANT, day.zone).day < day.label
    assert windows_at(ends, day.zone).day == day.then


def test_a_day_that_has_begun_stays_begun_when_clocks_are_set_back_over_midnight() -> None:
    """At 00:01 on November 7 the clocks of St. John's went back to 23:01."""
    zone = "America/St_Johns"
    for minute in range(29, 95):
        now = utc("2010-11-07 02:00") + dt.timedelta(minutes=minute)
        expected = "2010-11-06" if minute < 30 else "2010-11-07"
        assert windows_at(now, zone).day == expected
    assert utc("2010-11-07 02:45").astimezone(ZoneInfo(zone)).date() == dt.date(2010, 11, 6)


def test_a_month_without_its_last_day_ends_with_the_day_before() -> None:
    found = windows_at(utc("1994-12-30 12:00"), "Pacific/Kiritimati")
    assert found.month_ends == utc("1994-12-31 10:00")
    assert windows_at(found.month_ends, "Pacific/Kiritimati").month == "1995-01"


# --- properties -----------------------------------------------------------------------------------

instants = st.integers(-70 * 366 * 86_400, 230 * 365 * 86_400).map(  # seconds since 1970: 1900 to 2200
    lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC)
)
anywhere = st.tuples(st.sampled_from(known_zones()), instants)
near_a_change = st.builds(
    lambda day, seconds: (day.zone, utc(day.ends) + dt.timedelta(seconds=seconds)),
    st.sampled_from(DAYS),
    st.integers(-90_000, 90_000),
)
places = anywhere | near_a_change

ENDS = {"day": "day_ends", "week": "week_ends", "month": "month_ends", "budget_month": "budget_month_ends"}


@UNHURRIED
@given(places, st.floats(0, 1, exclude_max=True))
def test_every_window_lasts_until_its_end_which_is_the_first_instant_of_the_next(
    place: tuple[str, dt.datetime], part: float
) -> None:
    zone, now = place
    found = windows_at(now, zone)
    for label, end in ENDS.items():
        ends: dt.datetime = getattr(found, end)
        assert ends > now
        assert ends.tzinfo is dt.UTC
        later = min(now + (ends - now) * part, ends - INSTANT)
        for within in (later, ends - INSTANT):
            again = windows_at(within, zone)
            assert (getattr(again, label), getattr(again, end)) == (getattr(found, label), ends)
        assert getattr(windows_at(ends, zone), label) > getattr(found, label)


@UNHURRIED
@given(places, st.timedeltas(dt.timedelta(0), dt.timedelta(days=40)))
def test_labels_never_go_back(place: tuple[str, dt.datetime], step: dt.timedelta) -> None:
    zone, now = place
    earlier, later = windows_at(now, zone), windows_at(now + step, zone)
    for label in ENDS:
        assert getattr(earlier, label) <= getattr(later, label)


@UNHURRIED
@given(places)
def test_the_day_is_the_latest_date_the_clocks_have_shown(place: tuple[str, dt.datetime]) -> None:
    zone, now = place
    clock = ZoneInfo(zone)
    past = [now - dt.timedelta(hours=n) for n in range(26)]  # Kwajalein once went back by 23 hours
    past += [now.replace(second=0) - dt.timedelta(minutes=n) for n in range(180)]
    shown = max(then.astimezone(clock).date() for then in (now, *past))
    found = windows_at(now, zone)
    assert found.day == shown.isoformat()
    assert found.month == found.day[:7]
    assert dt.date.fromisoformat(found.day).strftime("%G-W%V") == found.week


# --- names of zones -------------------------------------------------------------------------------


def test_zones_are_listed_by_name() -> None:
    assert {"UTC", "Europe/Berlin", "Asia/Kathmandu"} <= set(known_zones())
    assert list(known_zones()) == sorted(known_zones())
    assert not {"Factory", "localtime"} & set(known_zones())
    assert max(map(len, known_zones())) <= 64  # what the store has room for


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+12"])
def test_a_zone_may_be_typed_in_any_case_and_with_spaces(zone: str) -> None:
    assert checked_zone(zone) == zone
    assert checked_zone(f"  {zone.upper().replace('_', ' ')} ") == zone


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("Londn", "Europe/London"),
        ("Europe/Berlim", "Europe/Berlin"),
        ("", "UTC, Europe/Berlin, America/New_York"),
        ("x" * 10_000, "UTC, Europe/Berlin, America/New_York"),
        ("?/?", "UTC, Europe/Berlin, America/New_York"),
    ],
)
def test_an_unknown_zone_is_refused_with_some_that_come_close(typed: str, nearest: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        checked_zone(typed)
    ((field, fault, right),) = refused.value.faults
    assert (field, fault) == ("zone", RuleFault.UNKNOWN_ZONE)
    assert f"{right}, ".startswith(f"{nearest}, ")


def test_gmt_plus_is_not_taken_for_its_opposite() -> None:
    with pytest.raises(RuleRefused) as refused:
        checked_zone("GMT+2")
    assert "Etc/" not in refused.value.faults[0][2]
