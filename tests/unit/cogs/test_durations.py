from __future__ import annotations

import datetime as dt

import pytest

from cogs.studio.durations import LONGEST, SUGGESTED, UntilFault, UntilRefused, read_until, suggest_until

NOW = dt.datetime(2026, 11, 22, 15, 30, tzinfo=dt.UTC)


def until(text: str, zone: str = "UTC") -> dt.datetime:
    return read_until(text, NOW, zone)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30m", dt.timedelta(minutes=30)),
        ("30 min", dt.timedelta(minutes=30)),
        ("12h", dt.timedelta(hours=12)),
        (" 12 H ", dt.timedelta(hours=12)),
        ("1 hour", dt.timedelta(hours=1)),
        ("7d", dt.timedelta(days=7)),
        ("2 weeks", dt.timedelta(weeks=2)),
        ("1d6h", dt.timedelta(days=1, hours=6)),
        ("1d 6h 30m", dt.timedelta(days=1, hours=6, minutes=30)),
        ("1 day, 6 hours", dt.timedelta(days=1, hours=6)),
        ("٧d", dt.timedelta(days=7)),
    ],
)
def test_a_duration_counts_from_now(text: str, length: dt.timedelta) -> None:
    assert until(text) == NOW + length


@pytest.mark.parametrize(
    ("text", "zone", "end"),
    [
        ("2026-12-31", "UTC", "2026-12-31T00:00+00:00"),
        ("2026-12-31", "Europe/Berlin", "2026-12-30T23:00+00:00"),
        ("2026-12-31 18:00", "Europe/Berlin", "2026-12-31T17:00+00:00"),
        ("2027-07-01 18:00", "Europe/Berlin", "2027-07-01T16:00+00:00"),
        ("2026-12-31T18:00Z", "Europe/Berlin", "2026-12-31T18:00+00:00"),
        ("2026-12-31T18:00+05:30", "America/New_York", "2026-12-31T12:30+00:00"),
        ("2026-12-31", "Atlantis/Capital", "2026-12-31T00:00+00:00"),
        ("2026-12-31", "../../etc", "2026-12-31T00:00+00:00"),
        ("<t:1800000000:R>", "Europe/Berlin", "2027-01-15T08:00+00:00"),
        ("<t:1800000000>", "UTC", "2027-01-15T08:00+00:00"),
    ],
)
def test_a_date_is_meant_in_the_server_s_time(text: str, zone: str, end: str) -> None:
    assert until(text, zone) == dt.datetime.fromisoformat(end)


def test_every_end_is_in_utc() -> None:
    berlin = dt.timezone(dt.timedelta(hours=1))
    for text in ("7d", "2026-12-31", "2026-12-31T18:00+05:30", "<t:1800000000>"):
        assert read_until(text, NOW.astimezone(berlin), "Asia/Tokyo").tzinfo is dt.UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "7",
        "d",
        "7x",
        "-7d",
        "+7d",
        "1.5h",
        "7d or so",
        "3 months",
        "1y",
        "tomorrow",
        "31.12.2026",
        "2026-13-01",
        "2026-02-30",
        "12:30",
        "7d\0",
        "1234567d",
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UntilRefused) as refused:
        until(text)
    assert refused.value.fault is UntilFault.NOT_UNDERSTOOD
    assert refused.value.asked == text


@pytest.mark.parametrize("text", ["0m", "0d", "2026-11-22", "2026-11-22 15:30", "2020-01-01", "<t:0>"])
def test_what_is_over_already_is_refused(text: str) -> None:
    with pytest.raises(UntilRefused) as refused:
        until(text)
    assert refused.value.fault is UntilFault.PAST


@pytest.mark.parametrize(
    "text",
    [
        "999999w",
        "9999-12-31",
        "<t:999999999999>",
        "1826d",
        "9999-12-31T23:59-12:00",
        "0001-01-01T00:00+14:00",
    ],
)
def test_what_is_out_of_reach_is_refused(text: str) -> None:
    with pytest.raises(UntilRefused):
        until(text)


def test_the_longest_block_is_as_long_as_is_said() -> None:
    assert until(f"{LONGEST.days}d") == NOW + LONGEST
    with pytest.raises(UntilRefused) as refused:
        until(f"{LONGEST.days}d 1m")
    assert refused.value.fault is UntilFault.TOO_FAR


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("", list(SUGGESTED)),
        ("1", ["1m", "1h", "1d", "1w"]),
        ("36", ["36m", "36h", "36d", "36w"]),
        ("12", ["12m", "12h", "12d", "12w"]),
        ("30d", ["30d"]),
        ("2 weeks", ["2 weeks"]),
        ("99999", ["99999"]),
    ],
)
def test_what_is_typed_is_completed(typed: str, suggested: list[str]) -> None:
    assert list(suggest_until(typed)) == suggested


def test_every_suggestion_can_be_read() -> None:
    assert all(until(text) > NOW for text in (*SUGGESTED, *suggest_until("3")))
