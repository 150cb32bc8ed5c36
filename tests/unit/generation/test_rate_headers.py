from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.generation.rate_limiter import RateHint
from tests.properties import UNHURRIED

LIMIT = "x-ratelimit-limit-requests"


def test_a_recorded_answer_is_read() -> None:
    hint = RateHint.read(
        {
            "x-ratelimit-abusepenalty-active": "False",
            "x-ratelimit-limit-requests": "5",
            "x-ratelimit-remaining-requests": "4",
            "x-ratelimit-renewalperiod-requests": "60",
            "x-ratelimit-reset-requests": "12",
            "x-ratelimit-limit-tokens": "-1",
        }
    )
    assert hint == RateHint(limit=5, remaining=4, reset=12)


def test_a_limit_for_another_time_than_a_minute_is_told_for_a_minute() -> None:
    assert RateHint.read({LIMIT: "2", "x-ratelimit-renewalperiod-requests": "10"}).limit == 12


def test_without_headers_nothing_is_said() -> None:
    assert RateHint.read({}) == RateHint()


@pytest.mark.parametrize("value", ["-1", "0", "", "nan", "inf", "many", "6m0s"])
def test_what_is_no_limit_is_none(value: str) -> None:
    assert RateHint.read({LIMIT: value}).limit is None


@pytest.mark.parametrize("value", ["0", "-1", "never"])
def test_a_renewal_in_no_time_is_taken_for_a_minute_s(value: str) -> None:
    assert RateHint.read({LIMIT: "6", "x-ratelimit-renewalperiod-requests": value}).limit == 6


@UNHURRIED
@given(st.dictionaries(st.sampled_from(sorted({LIMIT, LIMIT.replace("limit-", "remaining-")})), st.text()))
def test_no_header_is_ever_a_mistake_of_ours(headers: dict[str, str]) -> None:
    hint = RateHint.read(headers)
    assert hint.limit is None or hint.limit > 0
    assert hint.remaining is None or hint.remaining >= 0
