from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.archive.keys import MAX_LENGTH, is_key, original_key


def test_an_original_is_named_by_its_day_in_utc_and_its_interaction() -> None:
    at = datetime(2026, 11, 23, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert original_key(at, 1234567890, 2, "png") == "2026/11/22/1234567890-2.png"
    assert is_key(original_key(datetime.now(UTC), 2**63, 10, "jpeg"))


def test_a_naive_time_names_no_day() -> None:
    with pytest.raises(ValueError, match="naive"):
        original_key(datetime(2026, 11, 22), 1, 1, "png")  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize("key", ["a", "2026/11/22/1-1.png", "a_b/c-d.e.f", "x" * MAX_LENGTH])
def test_keys(key: str) -> None:
    assert is_key(key)


@pytest.mark.parametrize(
    "key",
    [
        *("", "/", "/a", "a/", "a//b"),
        *("..", "../a", "a/../b", "a/./b", ".hidden", "~a"),
        *("a b", "a\\b", "C:a", "a\n", "é", "a#1", "a%2e"),
        "x" * (MAX_LENGTH + 1),
    ],
)
def test_what_is_no_key(key: str) -> None:
    assert not is_key(key)
