from __future__ import annotations

import itertools

import pytest

from bot.generation.deployment_state import (
    ASK_AGAIN,
    FAILURES,
    FIRST_PAUSE,
    LONGEST_COOLING,
    LONGEST_PAUSE,
    Backoff,
    Breaker,
)
from bot.generation.rate_limiter import a_little_late


def exactly() -> float:
    """No jitter."""
    return 1.0


def opened(now: float = 0.0) -> Breaker:
    """A breaker that has just had enough."""
    breaker = Breaker(exactly)
    for _ in range(FAILURES):
        breaker.fail(now, now, trial=breaker.begin())
    assert breaker.is_open
    return breaker


# --- the breaker --------------------------------------------------------------------------------


def test_it_opens_after_three_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker(exactly)
    pauses = [breaker.fail(now, now, trial=breaker.begin()) for now in (0.0, 1.0, 2.0)]
    assert pauses == [None, None, FIRST_PAUSE]
    assert breaker.is_open


def test_a_success_in_between_begins_the_row_anew() -> None:
    breaker = Breaker(exactly)
    for now in range(10):
        breaker.fail(now, now, trial=breaker.begin())
        breaker.fail(now, now, trial=breaker.begin())
        assert breaker.succeed(5.0, trial=breaker.begin()) is False
    assert not breaker.is_open


def test_while_open_nothing_is_let_through_until_the_pause_is_over() -> None:
    breaker = opened(now=5.0)
    assert breaker.ready_in(5.0) == FIRST_PAUSE
    assert breaker.ready_in(5.75) == FIRST_PAUSE - 0.75
    assert breaker.ready_in(6.0) == 0


def test_one_trial_at_a_time() -> None:
    breaker = opened()
    trial = breaker.begin()
    assert trial
    assert breaker.ready_in(100.0) == ASK_AGAIN


def test_a_trial_that_succeeds_closes_it_and_that_is_news() -> None:
    breaker = opened()
    assert breaker.succeed(5.0, trial=breaker.begin()) is True
    assert (breaker.is_open, breaker.ready_in(0.0)) == (False, 0)


def test_after_closing_it_takes_three_failures_again() -> None:
    breaker = opened()
    breaker.succeed(5.0, trial=breaker.begin())
    assert breaker.fail(9.0, 9.0, trial=breaker.begin()) is None


def test_trials_that_fail_come_ever_later_up_to_a_minute() -> None:
    breaker, now, pauses = opened(), 0.0, []
    for _ in range(9):
        now += breaker.ready_in(now)
        pauses.append(breaker.fail(now, now, trial=breaker.begin()))
    assert pauses == [2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_a_trial_without_a_verdict_leaves_room_for_the_next() -> None:
    breaker = opened()
    breaker.leave(trial=breaker.begin())
    assert breaker.is_open
    assert breaker.ready_in(1.0) == 0


def test_a_crowd_that_fails_together_opens_it_once() -> None:
    breaker = Breaker(exactly)
    trials = [breaker.begin() for _ in range(20)]
    pauses = [breaker.fail(180.0, 0.0, trial=trial) for trial in trials]
    assert [pause for pause in pauses if pause is not None] == [FIRST_PAUSE]
    assert breaker.ready_in(180.0) == FIRST_PAUSE


def test_a_call_from_before_does_not_end_the_trial_by_failing() -> None:
    breaker = Breaker(exactly)
    late = breaker.begin()
    for _ in range(FAILURES):
        breaker.fail(1.0, 0.5, trial=breaker.begin())
    breaker.begin()
    breaker.fail(3.0, 0.0, trial=late)
    assert breaker.ready_in(100.0) == ASK_AGAIN


def test_a_call_from_before_that_succeeds_closes_nothing() -> None:
    breaker = Breaker(exactly)
    late = breaker.begin()
    for _ in range(FAILURES):
        breaker.fail(1.0, 0.5, trial=breaker.begin())
    assert breaker.succeed(0.0, trial=late) is False
    assert breaker.is_open


def test_jitter_lengthens_the_pause() -> None:
    breaker = Breaker(lambda: 1.2, failures=1, first_pause=10, longest_pause=10)
    assert breaker.fail(0.0, 0.0, trial=breaker.begin()) == pytest.approx(12)


# --- cooling ------------------------------------------------------------------------------------


def test_retry_after_is_kept_a_little_late() -> None:
    cooling = Backoff(exactly)
    cooling.refuse(100.0, 100.0, 20.0)
    assert cooling.until == pytest.approx(100 + a_little_late(20))


def test_a_retry_after_of_a_day_is_looked_into_after_an_hour() -> None:
    cooling = Backoff(exactly)
    cooling.refuse(0.0, 0.0, 86_400.0)
    assert cooling.until == LONGEST_COOLING


def test_a_shorter_wait_does_not_shorten_a_longer_one() -> None:
    cooling = Backoff(exactly)
    cooling.refuse(0.0, 0.0, 30.0)
    cooling.refuse(1.0, 0.5, 2.0)
    cooling.rest(2.0, 1.0)
    assert cooling.until == pytest.approx(a_little_late(30))


def test_refusals_that_name_no_time_are_waited_for_ever_longer() -> None:
    cooling, now, ends = Backoff(exactly), 0.0, [0.0]
    for _ in range(8):
        cooling.refuse(now, now, None)
        now = cooling.until
        ends.append(now)
    waits = [later - earlier for earlier, later in itertools.pairwise(ends)]
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE]


def test_a_crowd_refused_together_counts_as_one() -> None:
    cooling = Backoff(exactly)
    for number in range(20):
        cooling.refuse(0.5 + number / 100, 0.0, None)
    assert cooling.space == FIRST_PAUSE


def test_successes_take_the_space_away_again() -> None:
    cooling, now = Backoff(exactly), 0.0
    for _ in range(4):
        cooling.refuse(now, now, None)
        now = cooling.until
    spaces = [cooling.space]
    while cooling.space:
        cooling.succeed()
        spaces.append(cooling.space)
    assert spaces[0] == 8
    assert spaces == sorted(spaces, reverse=True)
    assert len(spaces) <= 12
