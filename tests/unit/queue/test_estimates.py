from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.queue.estimates import ENOUGH, QUICKEST, SLOWEST, STALE, TYPICAL, Estimate, Pace
from tests.properties import UNHURRIED


def even_turns(pace: Pace, *, every: float, until: float) -> float:
    """Turns that somebody always waited for; when the last was."""
    now = 0.0
    while now <= until:
        pace.turn(now, more=True)
        now += every
    return now - every


def known(pace: Pace, position: int, now: float, **circumstances: float) -> Estimate:
    estimate = pace.estimate(
        position,
        now,
        ready_in=circumstances.get("ready_in", 0.0),
        per_minute=circumstances.get("per_minute"),
        drawing=int(circumstances.get("drawing", 1)),
    )
    assert estimate is not None
    return estimate


# --- pictures ---------------------------------------------------------------------------------------------


def test_what_a_picture_takes_is_expected_by_the_book_until_enough_were_measured() -> None:
    pace = Pace()
    for _ in range(ENOUGH - 1):
        pace.drew(12)
        assert pace.drawing == TYPICAL
    pace.drew(15)
    assert pace.drawing == 13


def test_what_a_picture_takes_is_followed_when_it_changes() -> None:
    pace = Pace()
    for _ in range(1000):
        pace.drew(10)
    for _ in range(30):
        pace.drew(50)
    assert 45 < pace.drawing < 50


# --- estimates --------------------------------------------------------------------------------------------


def test_before_anything_is_known_there_is_no_estimate() -> None:
    assert Pace().estimate(3, 0, ready_in=0, per_minute=None, drawing=0) is None


def test_with_no_turn_in_sight_there_is_no_estimate() -> None:
    assert Pace().estimate(3, 0, ready_in=math.inf, per_minute=6, drawing=0) is None


def test_a_known_rate_is_enough() -> None:
    estimate = known(Pace(), 10, 0, per_minute=6)
    assert estimate.at_least <= 100 <= estimate.at_most
    assert estimate.at_most <= 2 * estimate.at_least


def test_without_a_known_rate_the_jobs_being_drawn_give_a_wide_one() -> None:
    estimate = known(Pace(), 10, 0, drawing=4)
    assert estimate.at_least <= 10 * QUICKEST / 4
    assert estimate.at_most >= 10 * SLOWEST / 4


def test_measured_pictures_make_it_narrower() -> None:
    pace = Pace()
    wide = known(pace, 40, 0, drawing=4)
    for _ in range(ENOUGH):
        pace.drew(20)
    narrow = known(pace, 40, 0, drawing=4)
    assert narrow.at_least <= 200 <= narrow.at_most
    assert narrow.at_most - narrow.at_least < (wide.at_most - wide.at_least) / 2


def test_a_line_slower_than_its_known_rate_is_told_of_with_both() -> None:
    pace = Pace()
    now = even_turns(pace, every=20, until=600)
    estimate = known(pace, 10, now, per_minute=6)
    assert estimate.at_least <= 100
    assert 200 <= estimate.at_most <= 300


def test_turns_given_at_once_say_nothing_before_some_have_come_back() -> None:
    pace = Pace()
    for _ in range(8):
        pace.turn(0, more=True)
    assert known(pace, 10, 0.1, drawing=8).at_most >= 10 * SLOWEST / 8


def test_a_line_that_stands_still_is_seen_to() -> None:
    pace = Pace()
    now = even_turns(pace, every=5, until=300)
    assert known(pace, 10, now + 200).at_most > 1.5 * known(pace, 10, now).at_most


def test_time_in_which_nobody_waited_does_not_count() -> None:
    pace = Pace()
    now = even_turns(pace, every=5, until=300)
    before = known(pace, 20, now)
    pace.idle()
    pace.turn(now + 400, more=True)
    assert known(pace, 20, now + 400) == before


def test_what_was_long_ago_does_not_count() -> None:
    pace = Pace()
    now = even_turns(pace, every=60, until=1200)
    later = now + STALE + 1
    assert known(pace, 10, later, per_minute=6) == known(Pace(), 10, later, per_minute=6)
    pace.turn(later, more=True)
    assert known(pace, 10, later, per_minute=6) == known(Pace(), 10, later, per_minute=6)


def test_deployments_that_rest_are_waited_for() -> None:
    assert known(Pace(), 0, 0, ready_in=40, per_minute=60).at_least == 40
    assert known(Pace(), 10, 0, ready_in=40, per_minute=60).at_most >= 50


@pytest.mark.parametrize(("seconds", "step"), [(20, 5), (100, 15), (1000, 60)])
def test_an_estimate_is_rounded_to_what_is_worth_saying(seconds: float, step: float) -> None:
    estimate = known(Pace(), 1, 0, per_minute=60 / seconds)
    assert (estimate.at_least % step, estimate.at_most % step) == (0, 0)


@UNHURRIED
@given(
    st.integers(0, 10_000),
    st.floats(0, 900),
    st.none() | st.floats(0.1, 1000),
    st.integers(1, 100),
    st.lists(st.floats(0.01, 300), max_size=20),
    st.lists(st.tuples(st.floats(0, 700), st.booleans()), max_size=20),
)
def test_an_estimate_is_a_range_that_grows_with_the_position(
    position: int,
    ready_in: float,
    per_minute: float | None,
    drawing: int,
    pictures: list[float],
    turns: list[tuple[float, bool]],
) -> None:
    pace = Pace()
    now = 0.0
    for seconds in pictures:
        pace.drew(seconds)
    for gap, more in turns:
        now += gap
        pace.turn(now, more=more)
    near, far = (
        pace.estimate(place, now, ready_in=ready_in, per_minute=per_minute, drawing=drawing)
        for place in (position, position + 1)
    )
    assert near is not None
    assert far is not None
    assert 0 <= near.at_least <= near.at_most
    assert near.at_least <= far.at_least
    assert near.at_most <= far.at_most
