from __future__ import annotations

import pytest

from bot.errors import (
    AccessDenied,
    AnswerLost,
    AnswerTimedOut,
    Billed,
    DeploymentBusy,
    DeploymentMissing,
    FilterBroken,
    GenerationError,
    RequestRejected,
    ResourceBlocked,
    ServiceUnreachable,
    TokenUnavailable,
)
from bot.generation.retries import (
    BUSY_PAUSES,
    CALL_BUDGET,
    MOST_WAITS,
    QUICK_PAUSES,
    SHORTEST_DRAWING,
    pause_after,
)
from tests.fakes import failed

HOUR = 3600.0


def pauses(failure: GenerationError, rounds: int) -> list[float | None]:
    return [pause_after([failure], round_number=n, time_left=HOUR) for n in range(rounds)]


@pytest.mark.parametrize("failure", [failed(), ServiceUnreachable("refused")], ids=["5xx", "unreachable"])
def test_what_failed_at_once_is_tried_again_twice_within_seconds(failure: GenerationError) -> None:
    assert pauses(failure, 3) == [*QUICK_PAUSES, None]


def test_a_429_that_names_no_time_is_tried_again_ever_later() -> None:
    found = pauses(DeploymentBusy(), len(BUSY_PAUSES) + 1)
    assert found == [*BUSY_PAUSES, None]
    assert list(BUSY_PAUSES) == sorted(set(BUSY_PAUSES))


@pytest.mark.parametrize("failure", [DeploymentBusy(retry_after=20), failed(retry_after=20)])
def test_a_time_to_come_back_is_kept_and_never_undercut(failure: GenerationError) -> None:
    pause = pause_after([failure], round_number=0, time_left=HOUR)
    assert pause is not None
    assert 20 < pause < 21


def test_come_back_at_once_is_a_short_pause_and_not_none() -> None:
    pause = pause_after([DeploymentBusy(retry_after=0)], round_number=0, time_left=HOUR)
    assert pause is not None
    assert 0 < pause < 1


def test_a_deployment_that_always_says_one_more_second_ends_too() -> None:
    found = pauses(DeploymentBusy(retry_after=1), MOST_WAITS + 1)
    assert None not in found[:MOST_WAITS]
    assert found[MOST_WAITS] is None


@pytest.mark.parametrize(
    "failure", [AnswerTimedOut(180), AnswerLost(), FilterBroken(), failed(billed=Billed.UNKNOWN)]
)
def test_after_an_unclear_outcome_the_one_call_left_is_made_soon(failure: GenerationError) -> None:
    assert pause_after([failure], round_number=0, time_left=HOUR) == QUICK_PAUSES[0]


def test_an_unclear_outcome_that_names_a_time_is_not_tried_again_before_it() -> None:
    late = failed(billed=Billed.UNKNOWN, retry_after=30)
    pause = pause_after([late], round_number=0, time_left=HOUR)
    assert pause is not None
    assert pause >= 30


@pytest.mark.parametrize(
    "failure",
    [DeploymentMissing(), AccessDenied(), ResourceBlocked(), TokenUnavailable(), RequestRejected()],
    ids=lambda failure: type(failure).__name__,
)
def test_what_cannot_succeed_is_final(failure: GenerationError) -> None:
    assert pauses(failure, 2) == [None, None]


def test_of_several_deployments_the_soonest_decides() -> None:
    failures = [DeploymentBusy(retry_after=30), DeploymentMissing(), DeploymentBusy(retry_after=10)]
    pause = pause_after(failures, round_number=0, time_left=HOUR)
    assert pause is not None
    assert 10 < pause < 11


def test_one_deployment_worth_another_try_is_enough() -> None:
    assert pause_after([AccessDenied(), failed()], round_number=0, time_left=HOUR) == QUICK_PAUSES[0]


@pytest.mark.parametrize(
    ("left_after_the_pause", "expected"),
    [(SHORTEST_DRAWING + 0.01, 0.5), (SHORTEST_DRAWING, None), (0.0, None), (-0.5, None)],
)
def test_there_is_no_pause_that_leaves_no_time_to_draw(
    left_after_the_pause: float, expected: float | None
) -> None:
    time_left = QUICK_PAUSES[0] + left_after_the_pause
    assert pause_after([failed()], round_number=0, time_left=time_left) == expected


def test_a_day_of_waiting_is_no_waiting() -> None:
    assert pause_after([DeploymentBusy(retry_after=86400)], round_number=0, time_left=840) is None


def test_no_failures_are_nothing_to_wait_for() -> None:
    assert pause_after([], round_number=0, time_left=HOUR) is None


def test_the_money_rules_allow_two_calls_that_may_be_billed() -> None:
    assert CALL_BUDGET == 2
