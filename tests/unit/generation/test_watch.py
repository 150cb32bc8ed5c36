"""What whoever pays for a job is told of its calls, and when: before each, and once after those that fail."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import (
    AccessDenied,
    AnswerLost,
    AnswerTimedOut,
    AnswerUnusable,
    Billed,
    DeploymentBusy,
    FilterBroken,
    OutputFiltered,
    PromptRefused,
    RequestRejected,
    ResourceBlocked,
    StoreUnavailable,
)
from bot.generation.deployment_state import FAILURES, State
from bot.generation.deployments import Deployment, Fleet
from tests.fakes import After, ScriptedImages, elapsed, failed
from tests.unit.generation.jobs import REQUEST, RESOURCE, TIME, Job, Watcher, service_of

pytestmark = pytest.mark.asyncio(loop_factories=["fast-forward"])


async def cancelled_after(job: Job, seconds: float) -> None:
    """Run a job and cancel it after some time, in the middle of something."""
    task = asyncio.create_task(job.run())
    await asyncio.sleep(seconds)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert elapsed() == seconds


# --- before a call ------------------------------------------------------------------------------


async def test_a_call_is_announced_when_the_router_counts_it_and_azure_has_not_heard_of_it() -> None:
    job = Job(art=[failed(), None])
    (art,) = job.deployments
    seen: list[tuple[str, int, int]] = []

    def look() -> None:
        seen.append((job.watch.told[-1], job.router.health_of(art).in_flight, len(job.called)))

    job.watch.look = look
    await job.run()
    assert seen == [("calling", 1, 0), ("free", 0, 1), ("calling", 1, 1)]


FORBIDDING = [StoreUnavailable("locked"), TimeoutError("a lock"), failed(), AnswerLost(), PromptRefused()]


@pytest.mark.parametrize("error", FORBIDDING, ids=lambda error: type(error).__name__)
async def test_what_forbids_a_call_ends_the_job_and_says_nothing_about_the_deployment(
    error: Exception,
) -> None:
    job = Job(art=[None])
    (art,) = job.deployments
    job.watch.steps["calling"] = error
    for _ in range(2 * FAILURES):
        with pytest.raises(type(error)) as raised:
            await job.run()
        assert raised.value is error
    assert (job.called, set(job.watch.told)) == ([], {"calling"})
    health = job.router.health_of(art)
    assert (health.state, health.in_flight, health.ready_in) == (State.HEALTHY, 0, 0)
    assert b"easel_generation_failures_total{" not in job.metrics.render()
    assert b"easel_generation_seconds_count{" not in job.metrics.render()


async def test_a_forbidden_call_leaves_its_place_in_the_rate_to_another_job() -> None:
    images = ScriptedImages(art=[None])
    fleet = Fleet((Deployment("art", "gpt-image-2", RESOURCE, requests_per_minute=1),))
    service = service_of(fleet, {RESOURCE: images.as_resource()})
    forbidding = Watcher()
    forbidding.steps["calling"] = StoreUnavailable("locked")
    with pytest.raises(StoreUnavailable):
        await service.generate(REQUEST, time_left=TIME, watch=forbidding)
    await service.generate(REQUEST, time_left=TIME, watch=Watcher())
    assert images.calls == [(0, "art")]


async def test_a_trial_that_is_forbidden_makes_room_for_the_next() -> None:
    job = Job(art=[AnswerUnusable() for _ in range(FAILURES)] + [None])
    for _ in range(FAILURES):
        await job.fail()
    job.watch.steps["calling"] = StoreUnavailable("locked")
    with pytest.raises(StoreUnavailable):
        await job.run()
    del job.watch.steps["calling"]
    await job.run()
    assert job.called == ["art"] * (FAILURES + 1)


async def test_a_job_cancelled_before_its_call_is_made_has_abandoned_none() -> None:
    job = Job(art=[None])
    (art,) = job.deployments
    job.watch.steps["calling"] = After(30)
    await cancelled_after(job, 10)
    assert (job.called, job.watch.told) == ([], ["calling"])
    assert job.router.health_of(art).in_flight == 0


# --- after a call -------------------------------------------------------------------------------


async def test_of_a_call_that_draws_nothing_more_is_told() -> None:
    job = Job(art=[None])
    await job.run()
    assert job.watch.told == ["calling"]


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (PromptRefused(("violence",)), "free"),
        (RequestRejected(), "free"),
        (AccessDenied(), "free"),
        (ResourceBlocked(), "free"),
        (DeploymentBusy(retry_after=900), "free"),
        (AnswerLost(), "unclear"),
        (AnswerTimedOut(180), "unclear"),
        (FilterBroken(), "unclear"),
        (failed(billed=Billed.UNKNOWN), "unclear"),
        (AnswerUnusable(), None),
        (OutputFiltered(), None),
        (ValueError("a mistake of ours"), "abandoned"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_of_a_call_that_fails_one_word_is_told_of_its_cost(error: Exception, word: str | None) -> None:
    job = Job(art=[error])
    job.watch.affordable = False
    with pytest.raises(type(error)):
        await job.run()
    assert (job.called, job.watch.told) == (["art"], ["calling", word] if word else ["calling"])


async def test_every_call_of_a_job_is_announced_and_accounted_for() -> None:
    job = Job(art=[failed(), AnswerLost(), DeploymentBusy(retry_after=5), None])
    await job.run()
    assert job.watch.told == ["calling", "free", "calling", "unclear", "calling", "free", "calling"]


async def test_a_call_that_is_cancelled_is_abandoned() -> None:
    job = Job(art=[failed(), After(30)])
    await cancelled_after(job, 10)
    assert job.watch.told == ["calling", "free", "calling", "abandoned"]


@pytest.mark.parametrize(
    ("error", "word"), [(failed(), "free"), (PromptRefused(), "free"), (AnswerLost(), "unclear")]
)
async def test_a_job_cancelled_while_a_failure_is_noted_down_has_abandoned_nothing(
    error: Exception, word: str
) -> None:
    job = Job(art=[error, None])
    job.watch.steps[word] = After(30)
    await cancelled_after(job, 10)
    assert (job.called, job.watch.told) == (["art"], ["calling", word])


async def test_a_job_cancelled_between_two_calls_has_abandoned_none() -> None:
    job = Job(art=[DeploymentBusy(retry_after=60), None])
    await cancelled_after(job, 30)
    assert job.watch.told == ["calling", "free"]


# --- when the time is over ----------------------------------------------------------------------


async def test_a_call_cut_off_by_the_job_s_end_is_abandoned_and_may_be_billed() -> None:
    job = Job(art=[After(500)])
    assert (await job.fail(time_left=90)).billed is Billed.UNKNOWN
    assert job.watch.told == ["calling", "abandoned"]


@pytest.mark.parametrize(
    ("step", "error", "told"),
    [
        ("calling", None, ["calling"]),
        ("free", failed(), ["calling", "free"]),
        ("free", PromptRefused(), ["calling", "free"]),
        ("unclear", AnswerLost(), ["calling", "unclear"]),
        ("waiting", DeploymentBusy(retry_after=20), ["calling", "free"]),
    ],
)
async def test_a_job_whose_time_is_over_while_no_call_is_under_way_has_nothing_to_pay_for_that(
    step: str, error: Exception | None, told: list[str]
) -> None:
    job = Job(art=[error, None])
    job.watch.steps[step] = After(500)
    late = await job.fail(time_left=90)
    assert (type(late), late.billed, elapsed()) == (AnswerTimedOut, Billed.NO, 90)
    assert job.watch.told == told
