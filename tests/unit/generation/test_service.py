"""Turns, budgets and waits, on a loop where waiting takes no time (see ``tests.fakes``)."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bot.errors import (
    AccessDenied,
    AnswerLost,
    AnswerTimedOut,
    AnswerUnusable,
    Billed,
    DeploymentBusy,
    DeploymentMissing,
    FilterBroken,
    GenerationError,
    ImageUnusable,
    ModelNotOffered,
    OutputFiltered,
    PromptRefused,
    ResourceBlocked,
    ServiceUnreachable,
)
from bot.generation.deployment_state import BLOCKED_PAUSE, LONGEST_PAUSE
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.rate_limiter import a_little_late
from bot.generation.retries import MOST_REFUSALS, QUICK_PAUSES, SHORTEST_DRAWING
from bot.generation.service import WORTH_TELLING, GenerationService
from bot.model import ImageRequest, Usage
from bot.telemetry.metrics import Metrics
from tests.fakes import After, ScriptedImages, elapsed, failed
from tests.unit.generation.jobs import REQUEST, RESOURCE, TIME, Job, Watcher, service_of

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.asyncio(loop_factories=["fast-forward"])

BILLED = [AnswerUnusable("200"), ImageUnusable("HTML")]
UNCLEAR = [AnswerTimedOut(180), AnswerLost("reset"), FilterBroken("down"), failed(billed=Billed.UNKNOWN)]


def named(error: object) -> str:
    return type(error).__name__


# --- success ------------------------------------------------------------------------------------


async def test_a_first_success_is_handed_on_and_nobody_is_told_to_wait() -> None:
    job = Job(art=[None])
    generation = await job.run()
    assert len(generation.images) == REQUEST.count
    assert generation.deployment == "art"
    assert (job.called, job.waits, elapsed()) == (["art"], [], 0)


@pytest.mark.parametrize(
    ("usage", "cost"), [(Usage(text_input=10, output=1756), 10 * 5 + 1756 * 30), (None, None)]
)
async def test_what_an_answer_cost_comes_with_it(usage: Usage | None, cost: int | None) -> None:
    job = Job(art=[None])
    job.images.usage = usage
    assert (await job.run()).cost == cost


async def test_the_deployment_of_the_lowest_priority_number_is_asked_first() -> None:
    images = ScriptedImages(spare=[None], art=[None])
    fleet = Fleet(
        (Deployment("spare", "gpt-image-2", RESOURCE, 2), Deployment("art", "gpt-image-2", RESOURCE, 1))
    )
    service = service_of(fleet, {RESOURCE: images.as_resource()})
    await service.generate(REQUEST, time_left=TIME, watch=Watcher())
    assert images.called == ["art"]


async def test_a_model_that_nothing_serves_is_not_asked_for() -> None:
    job = Job(art=[None])
    with pytest.raises(ModelNotOffered):
        await job.service.generate(ImageRequest("x", "dall-e-3"), time_left=TIME, watch=job.watch)
    assert job.called == []


# --- what may have been billed ------------------------------------------------------------------


@pytest.mark.parametrize("error", BILLED, ids=named)
async def test_after_a_billed_failure_there_is_never_a_second_call(error: GenerationError) -> None:
    job = Job(art=[error, None], spare=[None])
    assert await job.fail() is error
    assert job.called == ["art"]


@pytest.mark.parametrize("error", UNCLEAR, ids=named)
async def test_after_an_unclear_outcome_one_more_call_is_made(error: GenerationError) -> None:
    job = Job(art=[error, None])
    assert (await job.run()).deployment == "art"
    assert job.called == ["art", "art"]


@pytest.mark.parametrize("error", UNCLEAR, ids=named)
async def test_after_two_unclear_outcomes_there_is_no_third_call(error: GenerationError) -> None:
    last = AnswerLost("again")
    job = Job(art=[error, last, None])
    assert await job.fail() is last
    assert job.called == ["art", "art"]


async def test_after_an_unclear_outcome_there_is_no_call_that_nobody_has_money_for() -> None:
    job = Job(art=[AnswerLost(), None], spare=[None])
    job.watch.affordable = False
    await job.fail()
    assert (job.called, job.watch.told) == (["art"], ["calling", "unclear"])


async def test_what_certainly_cost_nothing_is_no_question_of_money() -> None:
    job = Job(art=[failed(), None])
    job.watch.affordable = False
    await job.run()
    assert "unclear" not in job.watch.told


async def test_the_budget_counts_over_all_deployments_of_a_job() -> None:
    job = Job(art=[AnswerLost(), None], spare=[AnswerLost(), None], third=[None])
    await job.fail()
    assert job.called == ["art", "spare"]


async def test_free_failures_in_between_do_not_refill_the_budget() -> None:
    job = Job(art=[AnswerLost(), failed(), DeploymentBusy(), AnswerLost(), None])
    await job.fail()
    assert job.called == ["art"] * 4


async def test_each_job_has_a_budget_of_its_own() -> None:
    job = Job(art=[AnswerLost(), AnswerLost(), AnswerLost(), None])
    await job.fail()
    assert (await job.run()).deployment == "art"


async def test_an_operator_s_budget_of_one_ends_at_the_first_unclear_outcome() -> None:
    job = Job(call_budget=1, art=[AnswerLost(), None], spare=[None])
    await job.fail()
    assert job.called == ["art"]


async def test_a_budget_of_one_leaves_free_retries_alone() -> None:
    job = Job(call_budget=1, art=[failed(), None])
    await job.run()
    assert job.called == ["art", "art"]


@pytest.mark.parametrize("error", [PromptRefused(("violence",)), OutputFiltered("held back")], ids=named)
async def test_the_content_filter_s_verdict_is_final_on_every_deployment(
    error: PromptRefused | OutputFiltered,
) -> None:
    job = Job(art=[error, None], spare=[None])
    with pytest.raises(type(error)):
        await job.run()
    assert job.called == ["art"]


# --- moving on ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        failed(),
        ServiceUnreachable(),
        DeploymentBusy(retry_after=30),
        DeploymentMissing(),
        AccessDenied(),
        AnswerLost(),
    ],
    ids=named,
)
async def test_another_deployment_is_tried_at_once(error: GenerationError) -> None:
    job = Job(art=[error], spare=[None])
    assert (await job.run()).deployment == "spare"
    assert (job.waits, elapsed()) == ([], 0)


async def test_when_all_have_failed_they_are_asked_again_after_a_moment() -> None:
    job = Job(art=[failed(), None], spare=[failed(), None])
    await job.run()
    assert job.called[:2] == ["art", "spare"]
    assert len(job.called) == 3
    assert elapsed() == QUICK_PAUSES[0]


@pytest.mark.parametrize("wrong", [AccessDenied(), DeploymentMissing(), ResourceBlocked()], ids=named)
async def test_a_deployment_set_up_wrong_does_not_hide_that_another_one_is_only_busy(
    wrong: GenerationError,
) -> None:
    busy = DeploymentBusy(retry_after=3600)
    service, images = two_resources(art=[wrong], spare=[busy])
    with pytest.raises(DeploymentBusy):
        await service.generate(REQUEST, time_left=TIME, watch=Watcher())
    assert images.called == ["art", "spare"]


async def test_when_nothing_helps_the_first_deployment_s_failure_of_the_last_round_is_told() -> None:
    first = AccessDenied()
    job = Job(art=[first], spare=[DeploymentMissing()])
    assert await job.fail() is first
    assert job.called == ["art", "spare"]


def two_resources(**script: Iterable[Exception | After | None]) -> tuple[GenerationService, ScriptedImages]:
    """A service whose deployments are on a resource each."""
    images = ScriptedImages(**script)
    resources = {
        name: Resource(f"https://{name}.openai.azure.com", RESOURCE.api_version, RESOURCE.scope)
        for name in script
    }
    fleet = Fleet(tuple(Deployment(name, "gpt-image-2", resource) for name, resource in resources.items()))
    everything = dict.fromkeys(resources.values(), images.as_resource())
    return service_of(fleet, everything), images


async def test_a_blocked_resource_is_left_alone_while_another_works() -> None:
    service, images = two_resources(art=[ResourceBlocked(), None], spare=[None, None])
    await service.generate(REQUEST, time_left=TIME, watch=Watcher())
    await service.generate(REQUEST, time_left=TIME, watch=Watcher())
    assert images.called == ["art", "spare", "spare"]


async def test_a_blocked_resource_is_asked_when_nothing_else_could_draw_and_forgiven_when_it_does() -> None:
    job = Job(art=[ResourceBlocked(), ResourceBlocked(), None, None])
    for _ in range(2):
        assert isinstance(await job.fail(), ResourceBlocked)
    for _ in range(2):
        await job.run()
    assert elapsed() == 0


async def test_a_blocked_resource_is_tried_once_an_hour_beside_another() -> None:
    service, images = two_resources(art=[ResourceBlocked(), ResourceBlocked(), None], spare=[None] * 9)
    for _ in range(3):
        for _ in range(2):
            await service.generate(REQUEST, time_left=TIME, watch=Watcher())
        await asyncio.sleep(1.2 * BLOCKED_PAUSE)
    assert Counter(images.called) == {"art": 3, "spare": 5}


async def test_the_operator_is_told_once_that_a_resource_is_blocked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = Job(art=[After(5, ResourceBlocked()) for _ in range(3)])
    outcomes = await asyncio.gather(*(job.run() for _ in range(3)), return_exceptions=True)
    assert all(isinstance(outcome, ResourceBlocked) for outcome in outcomes)
    loud = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(loud) == 1
    assert "Microsoft's support" in loud[0]


async def test_a_deployment_that_keeps_failing_is_left_to_a_trial_now_and_then() -> None:
    spare = [After(1) for _ in range(60)]
    service, images = two_resources(art=[failed() for _ in range(60)], spare=spare)
    for _ in range(60):
        await service.generate(REQUEST, time_left=TIME, watch=Watcher())
    assert images.called.count("spare") == 60
    assert images.called.count("art") <= 3 + 6


async def test_where_nothing_else_draws_what_keeps_failing_is_asked_all_the_same() -> None:
    job = Job(art=[AnswerLost() for _ in range(4)] + [After(30) for _ in range(3)])
    for _ in range(2):
        await job.fail()  # two calls each, which is the budget
    began = elapsed()
    await asyncio.gather(*(job.run() for _ in range(3)))
    assert [at - began for at, _ in job.images.calls[4:]] == [pytest.approx(2.0 * n) for n in (1, 2, 3)]


async def test_a_job_that_no_deployment_takes_in_time_is_told_what_ails_it_and_not_billed() -> None:
    job = Job(art=[DeploymentBusy(retry_after=900)])
    await job.fail()
    error = await job.fail()
    assert isinstance(error, DeploymentBusy)
    assert (error.billed, error.deployment, job.called) == (Billed.NO, "art", ["art"])


async def test_a_job_takes_the_room_that_another_job_leaves() -> None:
    images = ScriptedImages(art=[After(20.5), None])
    fleet = Fleet((Deployment("art", "gpt-image-2", RESOURCE, slots=1),))
    service = service_of(fleet, {RESOURCE: images.as_resource()})
    jobs = [service.generate(REQUEST, time_left=TIME, watch=Watcher()) for _ in range(2)]
    await asyncio.gather(*jobs)
    assert [at for at, _ in images.calls] == [0, 20.5]


async def test_calls_keep_to_the_rate_that_the_answers_name() -> None:
    job = Job(art=[None] * 8)
    job.images.headers["art"] = {"x-ratelimit-limit-requests": "6"}
    for _ in range(8):
        await job.run()
    starts = [at for at, _ in job.images.calls]
    assert all(later - earlier > 10 for earlier, later in itertools.pairwise(starts))
    assert starts[-1] < 7 * 10.5


async def test_three_deployments_one_busy_and_one_broken_serve_every_job_and_bill_each_once() -> None:
    busy = [DeploymentBusy(retry_after=20)]
    broken = [failed() for _ in range(20)]
    job = Job(busy=busy, broken=broken, sound=[After(2) for _ in range(12)])
    outcomes = await asyncio.gather(*(job.run() for _ in range(12)))
    assert {outcome.deployment for outcome in outcomes} == {"sound"}
    assert job.called.count("sound") == 12
    assert elapsed() < 20


# --- waiting ------------------------------------------------------------------------------------


async def test_instant_failures_are_tried_again_twice_and_then_told() -> None:
    errors = [failed() for _ in range(4)]
    job = Job(art=errors)
    assert await job.fail() is errors[2]
    assert elapsed() == sum(QUICK_PAUSES)
    assert job.waits == []


async def test_429_without_a_time_is_tried_again_ever_later_and_then_told() -> None:
    job = Job(art=[DeploymentBusy() for _ in range(MOST_REFUSALS + 1)])
    assert isinstance(await job.fail(), DeploymentBusy)
    starts = [at for at, _ in job.images.calls]
    pauses = [later - earlier for earlier, later in itertools.pairwise(starts)]
    doubled = [min(2.0**n, LONGEST_PAUSE) for n in range(len(pauses))]
    assert all(least <= pause <= 1.2 * least for pause, least in zip(pauses, doubled, strict=True))


async def test_a_time_to_come_back_is_waited_for_and_the_member_told_of_it() -> None:
    job = Job(art=[DeploymentBusy(retry_after=20), None])
    await job.run()
    (_, (second, _)) = job.images.calls
    assert 20 < second < 21
    assert job.waits == [pytest.approx(second)]


async def test_the_member_is_told_before_the_wait_and_not_after() -> None:
    job = Job(art=[DeploymentBusy(retry_after=20), None])
    await job.run()
    assert job.watch.told_at == [0]


async def test_short_waits_are_not_worth_a_word() -> None:
    job = Job(art=[DeploymentBusy(retry_after=seconds) for seconds in (1, 1.5, 4)] + [None])
    await job.run()
    assert job.waits == [pytest.approx(a_little_late(4))]
    assert min(job.waits) > WORTH_TELLING


async def test_the_soonest_of_several_deployments_ends_the_wait() -> None:
    job = Job(art=[DeploymentBusy(retry_after=60), None], spare=[DeploymentBusy(retry_after=10), None])
    await job.run()
    assert job.called == ["art", "spare", "spare"]
    assert 10 < elapsed() < 11


async def test_a_wait_that_outlasts_the_job_is_not_begun() -> None:
    job = Job(art=[DeploymentBusy(retry_after=60), None])
    assert isinstance(await job.fail(time_left=50), DeploymentBusy)
    assert (job.called, job.waits, elapsed()) == (["art"], [], 0)


async def test_time_spent_on_the_first_try_counts() -> None:
    job = Job(art=[After(100, DeploymentBusy(retry_after=60)), None])
    await job.fail(time_left=150)
    assert (job.called, elapsed()) == (["art"], 100)


@pytest.mark.parametrize(("left", "called"), [(SHORTEST_DRAWING, 2), (SHORTEST_DRAWING - 0.1, 1)])
async def test_no_other_deployment_is_asked_for_what_cannot_be_finished(left: float, called: int) -> None:
    job = Job(art=[After(100, DeploymentBusy())], spare=[After(500)])
    await job.fail(time_left=100 + left)
    assert len(job.called) == called
    assert ("abandoned" in job.watch.told) is (called == 2)


async def test_no_call_is_made_that_cannot_be_over_in_time() -> None:
    job = Job(art=[None])
    error = await job.fail(time_left=SHORTEST_DRAWING - 1)
    assert error.billed is Billed.NO
    assert job.called == []


async def test_no_try_on_another_deployment_starts_when_the_time_is_over() -> None:
    job = Job(art=[After(100, AnswerTimedOut(100))], spare=[None])
    assert isinstance(await job.fail(time_left=90), AnswerTimedOut)
    assert job.called == ["art"]


async def test_a_job_is_over_when_its_time_is_over_even_in_the_middle_of_a_call() -> None:
    job = Job(art=[DeploymentBusy(retry_after=70), After(500)])
    error = await job.fail(time_left=90)
    assert error.billed is Billed.UNKNOWN
    assert elapsed() == pytest.approx(90, abs=1)


async def test_a_job_that_is_cancelled_while_it_waits_ends_at_once() -> None:
    job = Job(art=[DeploymentBusy(retry_after=60), None])
    task = asyncio.create_task(job.run())
    await asyncio.sleep(30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (job.called, elapsed()) == (["art"], 30)


# --- what the operator learns -------------------------------------------------------------------


async def test_every_failure_is_logged_and_those_to_act_on_loudly(caplog: pytest.LogCaptureFixture) -> None:
    missing = DeploymentMissing("404 deploymentnotfound")
    missing.deployment = "art"
    job = Job(art=[missing], spare=[failed()], third=[None])
    with caplog.at_level(logging.INFO):
        await job.run()
    levels = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert levels[0] == (logging.ERROR, "deployment art: DeploymentMissing: 404 deploymentnotfound")
    assert levels[1] == (logging.WARNING, "deployment spare: ServiceFailed: 503")


async def test_deployments_of_one_name_are_told_apart_by_their_host(caplog: pytest.LogCaptureFixture) -> None:
    images = ScriptedImages(art=[failed(), None])
    homes = [
        Resource(f"https://{host}.openai.azure.com", RESOURCE.api_version, RESOURCE.scope)
        for host in ("north", "south")
    ]
    fleet = Fleet(tuple(Deployment("art", "gpt-image-2", home) for home in homes))
    metrics = Metrics()
    service = service_of(fleet, dict.fromkeys(homes, images.as_resource()), metrics)
    generation = await service.generate(REQUEST, time_left=TIME, watch=Watcher())
    assert generation.deployment == "art@south.openai.azure.com"
    assert "deployment art@north.openai.azure.com: ServiceFailed" in caplog.text
    assert b'easel_generation_seconds_count{deployment="art@north.openai.azure.com"} 1.0' in metrics.render()


async def test_failures_and_calls_are_counted() -> None:
    job = Job(art=[failed(), AnswerLost(), None])
    await job.run()
    text = job.metrics.render().decode()
    assert 'easel_generation_failures_total{reason="ServiceFailed"} 1.0' in text
    assert 'easel_generation_failures_total{reason="AnswerLost"} 1.0' in text
    assert 'easel_generation_seconds_count{deployment="art"} 3.0' in text


async def test_a_call_cut_off_by_the_job_s_end_is_counted_like_any_failure() -> None:
    job = Job(art=[After(500)])
    await job.fail(time_left=90)
    assert 'easel_generation_failures_total{reason="AnswerTimedOut"} 1.0' in job.metrics.render().decode()
