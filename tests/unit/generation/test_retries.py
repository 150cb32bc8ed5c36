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
from bot.generation.retries import CALL_BUDGET, MOST_REFUSALS, QUICK_PAUSES, pause_after
from tests.fakes import failed


def pauses(failure: GenerationError, failures: int) -> list[float | None]:
    return [pause_after(failure, failures=n + 1) for n in range(failures)]


@pytest.mark.parametrize("failure", [failed(), ServiceUnreachable("refused")], ids=["5xx", "unreachable"])
def test_what_failed_at_once_is_tried_again_twice_within_seconds(failure: GenerationError) -> None:
    assert pauses(failure, 3) == [*QUICK_PAUSES, None]


@pytest.mark.parametrize(
    "failure", [DeploymentBusy(), DeploymentBusy(retry_after=20), failed(retry_after=20)]
)
def test_after_a_not_now_the_router_decides_when_but_not_for_ever(failure: GenerationError) -> None:
    assert pauses(failure, MOST_REFUSALS + 1) == [0.0] * MOST_REFUSALS + [None]


@pytest.mark.parametrize(
    "failure",
    [AnswerTimedOut(180), AnswerLost(), FilterBroken(), failed(billed=Billed.UNKNOWN, retry_after=30)],
)
def test_after_an_unclear_outcome_the_one_call_left_may_be_made_soon(failure: GenerationError) -> None:
    assert pause_after(failure, failures=1) == QUICK_PAUSES[0]


@pytest.mark.parametrize(
    "failure",
    [DeploymentMissing(), AccessDenied(), ResourceBlocked(), TokenUnavailable(), RequestRejected()],
    ids=lambda failure: type(failure).__name__,
)
def test_what_cannot_succeed_is_final(failure: GenerationError) -> None:
    assert pauses(failure, 2) == [None, None]


def test_the_money_rules_allow_two_calls_that_may_be_billed() -> None:
    assert CALL_BUDGET == 2
