from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.generation.rate_limiter import SLICES, RateHint, RateLimiter, a_little_late
from tests.properties import UNHURRIED


def greedy(budget: RateLimiter, count: int, start: float = 0.0) -> list[float]:
    """When ``count`` requests begin, each as soon as it fits."""
    now, starts = start, []
    for _ in range(count):
        now = max(now, budget.ready_at(now))
        assert budget.ready_at(now) <= now
        budget.take(now)
        starts.append(now)
    return starts


def most_in(span: float, starts: list[float]) -> int:
    """Most of ``starts`` in any ``span`` seconds, the ends included."""
    return max(sum(start <= other <= start + span for other in starts) for start in starts)


# --- the operator's figure ----------------------------------------------------------------------


@UNHURRIED
@given(limit=st.integers(1, 400), count=st.integers(1, 60), gaps=st.lists(st.floats(0, 90), max_size=60))
def test_no_slice_ever_holds_more_than_its_share(limit: int, count: int, gaps: list[float]) -> None:
    budget, now, starts = RateLimiter(limit), 0.0, []
    for gap in itertools.islice(itertools.chain(gaps, itertools.repeat(0.0)), count):
        now = max(now + gap, budget.ready_at(now + gap))
        budget.take(now)
        starts.append(now)
    for span in SLICES:
        assert most_in(span, starts) <= math.ceil(limit * span / 60)


@UNHURRIED
@given(limit=st.integers(1, 120), take=st.integers(0, 30), wait=st.floats(0, 30))
def test_there_is_room_exactly_when_it_is_ready(limit: int, take: int, wait: float) -> None:
    budget = RateLimiter(limit)
    now = greedy(budget, take)[-1] + wait if take else wait
    assert (budget.room(now) > 0) is (budget.ready_at(now) <= now)
    for _ in range(int(budget.room(now))):
        assert budget.ready_at(now) <= now
        budget.take(now)
    assert budget.ready_at(now) > now


@pytest.mark.parametrize("limit", [1, 5, 6, 9, 36, 120, 600])
def test_almost_the_whole_limit_can_be_used(limit: int) -> None:
    starts = greedy(RateLimiter(limit), 10 * limit + 1)
    assert 600 <= starts[-1] <= 600 * 1.08


def test_six_a_minute_are_one_every_ten_seconds_and_a_little() -> None:
    assert greedy(RateLimiter(6), 4) == pytest.approx([a_little_late(10) * n for n in range(4)])


def test_after_a_rest_a_slice_s_share_goes_at_a_second_each() -> None:
    starts = greedy(RateLimiter(36), 7)
    assert starts[:6] == pytest.approx([a_little_late(1) * n for n in range(6)])
    assert starts[6] == pytest.approx(a_little_late(10))


def test_without_any_limit_everything_fits() -> None:
    budget = RateLimiter(None)
    assert greedy(budget, 100) == [0.0] * 100
    assert budget.room(0.0) == math.inf
    assert budget.limit is None


def test_a_refused_request_does_not_count() -> None:
    budget = RateLimiter(6)
    budget.take(0.0)
    budget.give_back(0.0)
    assert budget.ready_at(0.0) <= 0.0
    budget.give_back(0.0)


# --- Azure's figures ----------------------------------------------------------------------------


def test_azure_s_limit_lowers_the_operator_s_and_never_raises_it() -> None:
    budget = RateLimiter(6)
    budget.learn(RateHint(limit=3), 0.0)
    assert (budget.limit, budget.told) == (3, 3)
    budget.learn(RateHint(limit=60), 1.0)
    assert (budget.limit, budget.told) == (6, 60)


def test_a_limit_that_azure_raises_later_is_used() -> None:
    budget = RateLimiter(None)
    budget.learn(RateHint(limit=6), 0.0)
    budget.learn(RateHint(limit=36), 1.0)
    assert budget.limit == 36


def test_an_answer_without_headers_takes_nothing_back() -> None:
    budget = RateLimiter(None)
    budget.learn(RateHint(limit=6), 0.0)
    budget.learn(RateHint(), 1.0)
    assert budget.limit == 6


def test_the_headers_of_the_later_request_count_whichever_answer_comes_first() -> None:
    budget = RateLimiter(None)
    budget.learn(RateHint(limit=36), 10.0)
    budget.learn(RateHint(limit=6), 5.0)
    assert budget.limit == 36


def test_requests_made_before_a_limit_was_known_count_too() -> None:
    budget = RateLimiter(None)
    budget.take(0.0)
    budget.learn(RateHint(limit=6), 0.0)
    assert budget.ready_at(5.0) == pytest.approx(a_little_late(10))


def test_nothing_left_holds_until_there_is_more() -> None:
    budget = RateLimiter(60)
    budget.take(0.0)
    budget.learn(RateHint(limit=60, remaining=0, reset=7), 0.0)
    assert budget.ready_at(1.5) == pytest.approx(a_little_late(7))
    assert budget.room(1.5) == 0
    assert budget.ready_at(7.3) <= 7.3


def test_what_others_leave_of_the_limit_is_all_there_is() -> None:
    budget = RateLimiter(None)
    budget.take(0.0)
    budget.learn(RateHint(remaining=2, reset=8), 0.0)
    assert budget.room(1.0) == 2
    budget.take(1.0)
    budget.take(2.0)
    assert budget.ready_at(3.0) > 8


@pytest.mark.parametrize(("limit", "most"), [(60, 11), (2, 31)])
def test_a_reset_beyond_reason_is_not_waited_for(limit: float, most: float) -> None:
    budget = RateLimiter(None)
    budget.learn(RateHint(limit=limit, remaining=0, reset=24_000), 0.0)
    assert budget.ready_at(1.0) <= most


def test_nothing_left_and_no_word_of_when_is_a_slice_s_wait() -> None:
    budget = RateLimiter(None)
    budget.learn(RateHint(remaining=0), 0.0)
    assert budget.ready_at(1.0) == pytest.approx(a_little_late(10))


def test_two_processes_that_share_a_limit_do_not_exceed_it_by_what_the_headers_tell() -> None:
    one, other, taken = RateLimiter(None), RateLimiter(None), []
    now = 0.0
    for turn in range(6):
        budget = (one, other)[turn % 2]
        now = max(now, budget.ready_at(now)) + 1e-3
        budget.take(now)
        taken.append(now)
        left = 6 - sum(start > now - 60 for start in taken)
        hint = RateHint(limit=6, remaining=left, reset=taken[0] + 60 - now)
        one.learn(hint, now)
        other.learn(hint, now)
    assert most_in(59.9, taken) <= 6
    assert one.ready_at(now) > now
