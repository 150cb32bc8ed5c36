from __future__ import annotations

import asyncio
import itertools
import logging
import math
import random
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import (
    AccessDenied,
    AnswerLost,
    AnswerTimedOut,
    AnswerUnusable,
    Billed,
    DeploymentBusy,
    DeploymentMissing,
    GenerationError,
    ModelNotOffered,
    OutputFiltered,
    PromptRefused,
    RequestRejected,
    ResourceBlocked,
    ServiceFailed,
    ServiceUnreachable,
    TokenUnavailable,
)
from bot.generation.deployment_state import (
    ASK_AGAIN,
    BLOCKED_PAUSE,
    FAILURES,
    LAST_RESORT_PAUSE,
    SLOTS,
    State,
)
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.gauges import show_health
from bot.generation.rate_limiter import a_little_late
from bot.generation.router import Router
from bot.telemetry.metrics import Metrics
from tests.fakes import failed
from tests.properties import UNHURRIED

MODEL = "gpt-image-2"
NORTH, SOUTH = (Resource(f"https://{host}.openai.azure.com", "v1", "scope") for host in ("north", "south"))


def one(
    name: str = "art",
    *,
    model: str = MODEL,
    resource: Resource = NORTH,
    priority: int = 1,
    rate: int | None = None,
    weight: int = 1,
    slots: int | None = None,
) -> Deployment:
    return Deployment(name, model, resource, priority, rate, weight, slots)


@dataclass
class Site:
    """A router over some deployments, and the time it goes by."""

    deployments: tuple[Deployment, ...]
    now: float = 0.0
    router: Router = field(init=False)

    def __post_init__(self) -> None:
        self.router = Router(Fleet(self.deployments), lambda: self.now, random.Random(0))

    def call(self, deployment: Deployment, error: BaseException | None = None, lasts: float = 0.0) -> None:
        """One call, and how it ended."""
        with suppress(BaseException), self.router.call(deployment):
            self.now += lasts
            if error is not None:
                raise error

    def serve(self, count: int) -> list[str]:
        """Who gets so many calls that last no time, one as soon as it can follow the other."""
        served: list[str] = []
        while len(served) < count:
            chosen = self.router.choose(MODEL)
            if chosen is None:
                self.now += max(1e-9, self.router.ready_in(MODEL))
                continue
            self.call(chosen)
            served.append(chosen.name)
        return served

    def state(self, deployment: Deployment) -> State:
        return self.router.health()[deployment].state


def site(*deployments: Deployment) -> Site:
    return Site(deployments)


# --- whose turn it is ---------------------------------------------------------------------------


def test_the_lowest_priority_number_goes_first_as_long_as_it_can() -> None:
    spare, art = one("spare", priority=2), one("art", slots=2)
    ours = site(spare, art)
    with ExitStack() as calls:
        chosen = []
        for _ in range(3):
            deployment = ours.router.choose(MODEL)
            assert deployment
            calls.enter_context(ours.router.call(deployment))
            chosen.append(deployment.name)
    assert chosen == ["art", "art", "spare"]


def test_equals_take_turns() -> None:
    assert site(one("a"), one("b"), one("c")).serve(6) == ["a", "b", "c", "a", "b", "c"]


def test_turns_go_by_weight_and_spread_out() -> None:
    assert site(one("a", weight=5), one("b"), one("c")).serve(7) == list("aabacaa")


@UNHURRIED
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_weights_hold_over_every_round_and_nobody_starves(weights: list[int]) -> None:
    ours = site(*(one(str(n), weight=weight) for n, weight in enumerate(weights)))
    total = sum(weights)
    served = ours.serve(4 * total)
    for begin in range(0, 4 * total, total):
        counts = Counter(served[begin : begin + total])
        assert [counts[str(n)] for n in range(len(weights))] == weights


def test_who_was_out_has_no_claim_to_the_turns_of_that_time() -> None:
    a, b = one("a"), one("b")
    ours = site(a, b)
    ours.call(b, DeploymentBusy(retry_after=30))
    assert set(ours.serve(20)) == {"a"}
    ours.now = 31
    assert Counter(ours.serve(10)) == {"a": 5, "b": 5}


def test_what_a_job_has_tried_is_left_out() -> None:
    a, b = one("a"), one("b", priority=2)
    ours = site(a, b)
    assert ours.router.choose(MODEL, tried={a}) == b
    assert ours.router.choose(MODEL, tried=[a, b]) is None


def test_other_models_are_not_touched() -> None:
    ours = site(one("a"), one("m", model="gpt-image-1-mini"))
    assert set(ours.serve(5)) == {"a"}
    with pytest.raises(ModelNotOffered):
        ours.router.choose("dall-e-3")
    with pytest.raises(ModelNotOffered):
        ours.router.ready_in("dall-e-3")


# --- how much -----------------------------------------------------------------------------------


def test_the_requests_per_minute_are_kept_and_the_rest_goes_to_the_next() -> None:
    ours = site(one("art", rate=6), one("spare", priority=2, rate=12))
    assert ours.serve(3) == ["art", "spare", "spare"]
    assert ours.router.choose(MODEL) is None
    assert 0 < ours.router.ready_in(MODEL) < 10.25


@UNHURRIED
@given(rates=st.lists(st.integers(1, 90), min_size=1, max_size=4), count=st.integers(1, 80))
def test_no_deployment_gets_more_in_ten_seconds_than_azure_allows(rates: list[int], count: int) -> None:
    ours = site(*(one(str(n), rate=rate) for n, rate in enumerate(rates)))
    starts: dict[str, list[float]] = {str(n): [] for n in range(len(rates))}
    for _ in range(count):
        (name,) = ours.serve(1)
        starts[name].append(ours.now)
    for rate, times in zip(rates, starts.values(), strict=True):
        share = math.ceil(rate / 6)
        assert all(later - earlier > 10 for earlier, later in zip(times, times[share:], strict=False))


def test_where_nobody_knows_the_rate_there_are_so_many_calls_at_once() -> None:
    art = one()
    ours = site(art)
    with ExitStack() as calls:
        for left in range(SLOTS, 0, -1):
            assert ours.router.room(MODEL) == left
            calls.enter_context(ours.router.call(art))
        assert ours.router.room(MODEL) == 0
        assert ours.router.ready_in(MODEL) == ASK_AGAIN
        assert ours.router.health()[art].in_flight == SLOTS
    assert ours.router.ready_in(MODEL) == 0


def test_slots_are_the_operator_s_to_set() -> None:
    art = one(slots=1, rate=600)
    ours = site(art)
    with ours.router.call(art):
        assert ours.router.choose(MODEL) is None


def test_where_the_rate_is_known_it_is_bound_enough() -> None:
    art = one(rate=6)
    ours = site(art)
    with ExitStack() as calls:
        for _ in range(2 * SLOTS):
            assert ours.router.choose(MODEL) == art
            calls.enter_context(ours.router.call(art))
            ours.now += a_little_late(10) + 0.1


@pytest.mark.parametrize(("rates", "expected"), [((6, 12), 18), ((6, None), None), ((None,), None)])
def test_capacity_is_the_sum_of_what_is_known_of_all(
    rates: tuple[int | None, ...], expected: float | None
) -> None:
    ours = site(*(one(str(n), rate=rate) for n, rate in enumerate(rates)))
    assert ours.router.capacity(MODEL) == expected


def test_capacity_counts_nobody_who_is_out() -> None:
    broken, blocked = one("broken"), one("blocked", resource=SOUTH)
    ours = site(one("art", rate=6), broken, blocked)
    for _ in range(FAILURES):
        ours.call(broken, failed())
    ours.call(blocked, ResourceBlocked())
    assert ours.router.capacity(MODEL) == 6


def test_what_the_headers_say_is_learned() -> None:
    art = one()
    ours = site(art)
    with ours.router.call(art) as call:
        call.hear({"x-ratelimit-limit-requests": "6", "x-ratelimit-remaining-requests": "5"})
    health = ours.router.health()[art]
    assert (health.rate, health.told_rate, ours.router.capacity(MODEL)) == (6, 6, 6)
    assert health.ready_in == pytest.approx(a_little_late(10))


def test_headers_can_be_learned_without_a_call() -> None:
    art = one()
    ours = site(art)
    ours.router.learn(art, {"x-ratelimit-limit-requests": "6"})
    assert ours.router.capacity(MODEL) == 6


# --- 429 ----------------------------------------------------------------------------------------


def test_a_429_cools_its_deployment_until_the_time_it_named_and_no_other() -> None:
    a, b = one("a"), one("b")
    ours = site(a, b)
    ours.call(a, DeploymentBusy(retry_after=20))
    assert (ours.state(a), ours.state(b)) == (State.COOLING, State.HEALTHY)
    assert ours.router.deployment_ready_in(a) == pytest.approx(a_little_late(20))
    assert ours.router.ready_in(MODEL) == 0
    ours.now = 20.6
    assert ours.state(a) is State.HEALTHY


def test_after_a_429_a_crowd_comes_back_one_by_one_until_calls_are_taken() -> None:
    art = one()
    ours = site(art)
    ours.call(art, DeploymentBusy())
    ours.now += ours.router.ready_in(MODEL)
    assert ours.router.room(MODEL) == 1
    with ours.router.call(art):
        assert ours.router.ready_in(MODEL) == pytest.approx(1)
    assert ours.router.room(MODEL) == SLOTS


def test_a_refused_request_is_left_to_its_retry_after() -> None:
    art = one(rate=6)
    ours = site(art)
    ours.call(art, DeploymentBusy(retry_after=2))
    assert ours.router.ready_in(MODEL) < 3


def test_an_unknown_rate_is_found_by_trying() -> None:
    art, taken, refused = one(), [-math.inf], 0
    ours = site(art)
    for _ in range(200):
        ours.now += ours.router.ready_in(MODEL)
        if ours.now - taken[-1] >= 10:
            taken.append(ours.now)
            ours.call(art)
        else:
            refused += 1
            ours.call(art, DeploymentBusy())
    assert refused < 80
    rate = 60 * len(taken) / ours.now
    assert 3 < rate <= 6


# --- failures -----------------------------------------------------------------------------------

ITS_OWN = [
    failed(),
    failed(billed=Billed.UNKNOWN),
    AnswerTimedOut(180),
    AnswerLost(),
    AnswerUnusable(),
    ServiceUnreachable(),
    AccessDenied(),
    DeploymentMissing(),
    TokenUnavailable(),
]
NOT_ITS_OWN = [PromptRefused(), OutputFiltered(), RequestRejected(), DeploymentBusy(retry_after=0)]


@pytest.mark.parametrize("error", ITS_OWN, ids=lambda error: type(error).__name__)
def test_failures_of_its_own_in_a_row_open_the_breaker(error: GenerationError) -> None:
    art, spare = one(), one("spare", priority=2)
    ours = site(art, spare)
    for _ in range(FAILURES):
        assert ours.state(art) is State.HEALTHY
        ours.call(art, error)
    assert ours.state(art) is State.OPEN
    assert ours.router.choose(MODEL) == spare
    assert 1 <= ours.router.deployment_ready_in(art) <= 1.2


@pytest.mark.parametrize("error", [*NOT_ITS_OWN, asyncio.CancelledError(), ValueError()], ids=repr)
def test_what_is_not_its_own_making_opens_nothing(error: BaseException) -> None:
    art = one()
    ours = site(art)
    for _ in range(2 * FAILURES):
        ours.call(art, error)
        ours.now += 100
    assert ours.state(art) is State.HEALTHY


@pytest.mark.parametrize("verdict", [PromptRefused(), OutputFiltered(), RequestRejected()], ids=repr)
def test_a_verdict_is_a_success_of_the_deployment(verdict: Exception) -> None:
    art = one()
    ours = site(art)
    for error in (failed(), failed(), verdict, failed(), failed()):
        ours.call(art, error)
    assert ours.state(art) is State.HEALTHY


def test_an_open_breaker_lets_one_trial_through_at_a_time(caplog: pytest.LogCaptureFixture) -> None:
    art, spare = one(), one("spare", priority=2, slots=1)
    ours = site(art, spare)
    for _ in range(FAILURES):
        ours.call(art, failed())
    assert ours.router.room(MODEL) == 1
    ours.now += 2
    assert ours.router.room(MODEL) == 1 + 1
    with caplog.at_level(logging.INFO), ours.router.call(art):
        assert ours.router.choose(MODEL) == spare
        assert ours.router.deployment_ready_in(art) == ASK_AGAIN
    assert ours.state(art) is State.HEALTHY
    assert "deployment art draws again" in caplog.text


def test_a_trial_that_is_cancelled_makes_room_for_the_next() -> None:
    art, spare = one(), one("spare")
    ours = site(art, spare)
    for _ in range(FAILURES):
        ours.call(art, failed())
    ours.now += 2
    ours.call(art, asyncio.CancelledError())
    assert (ours.state(art), ours.router.deployment_ready_in(art)) == (State.OPEN, 0)


def test_the_operator_hears_once_of_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    art, spare = one(), one("spare")
    ours = site(art, spare)
    for _ in range(20):
        ours.now += ours.router.deployment_ready_in(art)
        ours.call(art, failed())
    assert len(caplog.records) == 1


# --- the last resort ----------------------------------------------------------------------------


def test_where_all_keep_failing_each_is_asked_every_other_second_whatever_is_under_way() -> None:
    art, spare = one(), one("spare", priority=2)
    ours = site(art, spare)
    for deployment in (art, spare) * 9:
        ours.call(deployment, failed())
    assert ours.router.room(MODEL) == 0
    assert ours.router.ready_in(MODEL) == pytest.approx(LAST_RESORT_PAUSE)
    assert ours.router.capacity(MODEL) is None
    ours.now += LAST_RESORT_PAUSE
    with ours.router.call(art):
        assert ours.router.choose(MODEL) == spare
        ours.now += LAST_RESORT_PAUSE
        assert ours.router.choose(MODEL) == art


def test_a_last_resort_that_draws_is_healthy() -> None:
    art = one()
    ours = site(art)
    for _ in range(FAILURES):
        ours.call(art, failed())
    ours.call(art)
    assert (ours.state(art), ours.router.room(MODEL)) == (State.HEALTHY, SLOTS)


def test_a_blocked_resource_is_no_resort_as_long_as_another_only_fails() -> None:
    blocked, failing = one("blocked", resource=SOUTH), one("failing", priority=2)
    ours = site(blocked, failing)
    ours.call(blocked, ResourceBlocked())
    for _ in range(FAILURES):
        ours.call(failing, failed())
    ours.now += LAST_RESORT_PAUSE
    assert ours.router.choose(MODEL) == failing
    assert ours.router.choose(MODEL, tried={failing}) is None


def test_a_429_is_heeded_whatever_else_there_is() -> None:
    art = one()
    ours = site(art)
    for _ in range(FAILURES):
        ours.call(art, failed())
    ours.call(art, DeploymentBusy(retry_after=600))
    assert ours.router.ready_in(MODEL) > 600


def test_a_5xx_that_names_a_time_is_left_alone_until_then() -> None:
    art = one()
    ours = site(art)
    ours.call(art, failed(retry_after=30))
    assert ours.router.ready_in(MODEL) == pytest.approx(a_little_late(30))


def test_an_outage_of_one_of_two_costs_few_trials() -> None:
    art, spare, calls = one(), one("spare"), 0
    ours = site(art, spare)
    while ours.now < 3600:
        ours.now += ours.router.deployment_ready_in(art)
        ours.call(art, failed(), lasts=0.1)
        calls += 1
    assert calls < 75


# --- a blocked resource -------------------------------------------------------------------------


def test_a_block_takes_out_the_whole_resource_for_an_hour_and_then_one_trial() -> None:
    a, b, elsewhere = one("a"), one("b"), one("elsewhere", resource=SOUTH, priority=2)
    ours = site(a, b, elsewhere)
    ours.call(a, ResourceBlocked())
    assert [ours.state(d) for d in (a, b, elsewhere)] == [State.BLOCKED, State.BLOCKED, State.HEALTHY]
    assert set(ours.serve(5)) == {"elsewhere"}
    assert ours.router.deployment_ready_in(b) >= BLOCKED_PAUSE
    ours.now += 1.2 * BLOCKED_PAUSE
    trial = ours.router.choose(MODEL)
    assert trial is not None
    assert trial in {a, b}
    with ours.router.call(trial):
        assert ours.router.choose(MODEL) == elsewhere
    assert {ours.state(a), ours.state(b)} == {State.HEALTHY}


def test_a_block_s_trial_that_fails_otherwise_says_nothing_about_the_block() -> None:
    art, spare = one(), one("spare", resource=SOUTH)
    ours = site(art, spare)
    ours.call(art, ResourceBlocked())
    ours.now += 1.2 * BLOCKED_PAUSE
    ours.call(art, AnswerLost())
    assert (ours.state(art), ours.router.deployment_ready_in(art)) == (State.BLOCKED, 0)


def test_a_call_that_was_under_way_when_the_block_came_does_not_lift_it() -> None:
    art = one()
    ours = site(art)
    with ours.router.call(art):
        ours.call(art, ResourceBlocked())
    assert ours.state(art) is State.BLOCKED


def test_the_block_is_told_loudly_once_however_often_it_is_met(caplog: pytest.LogCaptureFixture) -> None:
    a, b = one("a"), one("b")
    ours = site(a, b)
    under_way = [ours.router.call(deployment) for deployment in (a, b, a)]
    for call in under_way:
        call.__enter__()
    blocked = ResourceBlocked("403")
    for call in under_way:
        call.__exit__(ResourceBlocked, blocked, None)
    ours.now += 1.2 * BLOCKED_PAUSE
    ours.call(a, ResourceBlocked())
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


# --- what is said of it -------------------------------------------------------------------------


def test_who_looks_on_is_told_of_every_end_of_a_call() -> None:
    art, told = one(), []
    ours = site(art)
    end = ours.router.subscribe(lambda: told.append(ours.router.health()[art].in_flight))
    ours.call(art)
    ours.call(art, failed())
    end()
    ours.call(art)
    assert told == [0, 0]


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([DeploymentBusy(retry_after=30)], DeploymentBusy),
        ([ResourceBlocked()], ResourceBlocked),
        ([AnswerUnusable()] * FAILURES, ServiceFailed),
        ([AccessDenied("401")] * FAILURES, AccessDenied),
        ([TokenUnavailable("no identity")] * FAILURES, TokenUnavailable),
    ],
)
def test_a_refusal_says_what_ails_the_deployment_and_never_that_anything_was_billed(
    failures: list[GenerationError], expected: type[GenerationError]
) -> None:
    art = one()
    ours = site(art)
    for failure in failures:
        ours.call(art, failure)
    refusal = ours.router.refusal(MODEL)
    assert type(refusal) is expected
    assert (refusal.billed, refusal.deployment) == (Billed.NO, "art")
    assert refusal not in failures


def test_the_refusal_is_that_of_the_deployment_nearest_to_drawing() -> None:
    blocked, busy = one("blocked", resource=SOUTH), one("busy")
    ours = site(blocked, busy)
    ours.call(blocked, ResourceBlocked())
    ours.call(busy, DeploymentBusy(retry_after=900))
    refusal = ours.router.refusal(MODEL)
    assert isinstance(refusal, DeploymentBusy)
    assert refusal.retry_after == pytest.approx(a_little_late(900))


def test_metrics_show_the_state_the_calls_and_the_rate() -> None:
    art, spare = one("art", rate=6), one("spare", priority=2)
    ours, metrics = site(art, spare), Metrics()
    show_health(ours.router, metrics)
    ours.call(spare, DeploymentBusy(retry_after=9))
    with ours.router.call(art):
        text = metrics.render().decode()
    for line in (
        'easel_deployment_health{deployment="art",state="healthy"} 1.0',
        'easel_deployment_health{deployment="art",state="blocked"} 0.0',
        'easel_deployment_health{deployment="spare",state="cooling"} 1.0',
        'easel_deployment_calls{deployment="art"} 1.0',
        'easel_deployment_requests_per_minute{deployment="art"} 6.0',
        'easel_deployment_requests_per_minute{deployment="spare"} NaN',
    ):
        assert line in text
    assert 'easel_deployment_calls{deployment="art"} 0.0' in metrics.render().decode()


# --- whatever happens ---------------------------------------------------------------------------


@UNHURRIED
@given(st.data())
def test_whatever_happens_every_deployment_draws_again_once_azure_does(data: st.DataObject) -> None:
    art, spare = one("art", rate=36), one("spare", resource=SOUTH, priority=2)
    ours = site(art, spare)
    outcomes = st.sampled_from([None, *ITS_OWN, *NOT_ITS_OWN, ResourceBlocked(), asyncio.CancelledError()])
    for _ in range(data.draw(st.integers(0, 40))):
        ours.now += data.draw(st.floats(0, 100))
        chosen = ours.router.choose(MODEL)
        assert (chosen is None) is (ours.router.ready_in(MODEL) > 0) is (ours.router.room(MODEL) == 0)
        if chosen:
            ours.call(chosen, data.draw(outcomes), lasts=data.draw(st.floats(0, 200)))
    for deployment, _ in itertools.product((art, spare), range(2)):
        ours.now += ours.router.deployment_ready_in(deployment)
        ours.call(deployment)
    ours.now += 120
    assert {health.state for health in ours.router.health().values()} == {State.HEALTHY}
    assert all(health.in_flight == 0 for health in ours.router.health().values())
