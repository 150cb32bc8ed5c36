"""Jobs over several deployments of a strict Azure: its limits, its rate headers, its failures."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bot.errors import DeploymentBusy, PromptRefused, ResourceBlocked
from bot.generation.deployment_state import State
from sandbox.faults import FOREVER, Fault
from tests.integration.generation_service import Options, open_generator

if TYPE_CHECKING:
    from bot.generation.deployment_state import Health
    from tests.integration.azure_site import AzureSite
    from tests.integration.generation_service import Generator

THREE = dict.fromkeys(("busy", "broken", "sound"), "gpt-image-2")


def health(generator: Generator) -> dict[str, Health]:
    return {deployment.name: health for deployment, health in generator.router.health().items()}


def calls(site: AzureSite) -> Counter[tuple[str | None, int | None]]:
    """How often each deployment answered with which status."""
    return Counter((request.deployment, request.status) for request in site.azure.requests)


async def jobs(generator: Generator, count: int, *, time_left: float = 60.0) -> list[str]:
    """So many jobs at once, all drawn: which deployments drew them."""
    asked = (generator.job(prompt=f"number {n}", time_left=time_left) for n in range(count))
    return [generation.deployment for generation in await asyncio.gather(*asked)]


async def test_a_busy_and_a_broken_deployment_cost_no_job_and_no_money(site: AzureSite) -> None:
    site.change(deployments=THREE, latency=0.2)
    site.azure.faults.add(Fault("rate_limited", "*/busy/*", times=FOREVER, retry_after=20))
    site.azure.faults.add(Fault("status", "*/broken/*", times=FOREVER, status=500))
    async with open_generator(site.url, deployments=THREE) as generator:
        for _ in range(3):
            assert set(await jobs(generator, 8)) == {"sound"}
        states = {name: health.state for name, health in health(generator).items()}
    assert states == {"busy": State.COOLING, "broken": State.OPEN, "sound": State.HEALTHY}
    assert calls(site)["sound", 200] == site.azure.billed_images == 24
    assert {request.deployment for request in site.azure.requests if request.billed} == {"sound"}
    # Those asked at once are refused at once; whoever comes later knows.
    assert calls(site)["busy", 429] <= 8
    assert generator.waits == []


async def test_a_rate_that_an_answer_named_is_never_exceeded(site: AzureSite) -> None:
    site.change(requests_per_minute=6)
    async with open_generator(site.url) as generator:
        await generator.job()
        assert health(generator)["studio"].told_rate == 6
        await jobs(generator, 2)
    assert [request.status for request in site.azure.requests] == [200] * 3
    starts = [request.at for request in site.azure.requests]
    assert all(10 < later - earlier < 11.5 for earlier, later in itertools.pairwise(starts))


async def test_a_rate_that_the_operator_named_is_kept_from_the_first_call_on(site: AzureSite) -> None:
    site.change(requests_per_minute=60)
    terms = {"studio": {"requests_per_minute": 60}}
    async with open_generator(site.url, Options(terms=terms)) as generator:
        await jobs(generator, 5)
    assert calls(site) == {("studio", 200): 5}


async def test_a_rate_is_learned_from_a_refusal_too(site: AzureSite) -> None:
    site.change(requests_per_minute=60)
    async with open_generator(site.url) as generator:
        await jobs(generator, 4)
        before = calls(site)["studio", 429]
        await jobs(generator, 3)
    assert 0 < before <= 3
    assert calls(site) == {("studio", 200): 7, ("studio", 429): before}


async def test_headers_of_a_refused_prompt_count(site: AzureSite) -> None:
    site.change(requests_per_minute=36)
    site.azure.faults.add(Fault("prompt_refused"))
    async with open_generator(site.url) as generator:
        with pytest.raises(PromptRefused):
            await generator.job()
        found = health(generator)["studio"]
    assert (found.rate, found.state) == (36, State.HEALTHY)


async def test_what_one_deployment_cannot_take_goes_to_the_next_in_priority(site: AzureSite) -> None:
    site.change(deployments={"art": "gpt-image-2", "spare": "gpt-image-2"})
    terms = {"art": {"requests_per_minute": 6}, "spare": {"priority": 2}}
    both = {"spare": "gpt-image-2", "art": "gpt-image-2"}
    async with open_generator(site.url, Options(both, terms)) as generator:
        assert sorted(await jobs(generator, 3)) == ["art", "spare", "spare"]


async def test_equals_share_by_weight(site: AzureSite) -> None:
    both = {"art": "gpt-image-2", "spare": "gpt-image-2"}
    site.change(deployments=both)
    async with open_generator(site.url, Options(both, {"art": {"weight": 3}})) as generator:
        assert Counter(await jobs(generator, 8)) == {"art": 6, "spare": 2}


async def test_slots_bound_the_calls_at_once(site: AzureSite) -> None:
    site.change(latency=0.3)
    async with open_generator(site.url, Options(terms={"studio": {"slots": 1}})) as generator:
        await jobs(generator, 3)
    for earlier, later in itertools.pairwise(site.azure.requests):
        assert earlier.answered_at is not None
        assert later.at >= earlier.answered_at


async def test_a_resource_that_was_blocked_is_healthy_when_it_draws_again(site: AzureSite) -> None:
    site.azure.faults.add(Fault("resource_blocked"))
    async with open_generator(site.url) as generator:
        with pytest.raises(ResourceBlocked):
            await generator.job()
        assert health(generator)["studio"].state is State.BLOCKED
        assert (await generator.job()).images
        assert health(generator)["studio"].state is State.HEALTHY


async def test_a_deployment_that_comes_back_draws_again(site: AzureSite) -> None:
    both = {"art": "gpt-image-2", "spare": "gpt-image-2"}
    site.change(deployments=both)
    fault = site.azure.faults.add(Fault("status", "*/art/*", times=FOREVER, status=503))
    async with open_generator(site.url, Options(both, {"spare": {"priority": 2}})) as generator:
        for _ in range(4):
            assert await jobs(generator, 1) == ["spare"]
        assert calls(site)["art", 503] == 3
        site.azure.faults.remove(fault)
        await asyncio.sleep(generator.router.deployment_ready_in(generator.deployments[0]))
        assert await jobs(generator, 1) == ["art"]
        assert await jobs(generator, 2) == ["art", "art"]


async def test_two_processes_on_one_deployment_serve_all_their_jobs(site: AzureSite) -> None:
    site.change(requests_per_minute=60)
    async with open_generator(site.url) as one, open_generator(site.url) as other:
        await asyncio.gather(jobs(one, 4), jobs(other, 4))
    assert calls(site)["studio", 200] == site.azure.billed_images == 8


async def test_without_time_to_wait_a_job_is_told_at_once_that_all_are_busy(site: AzureSite) -> None:
    terms = {"studio": {"requests_per_minute": 1}}
    async with open_generator(site.url, Options(terms=terms)) as generator:
        await generator.job()
        with pytest.raises(DeploymentBusy) as raised:
            await generator.job(time_left=30)
    assert raised.value.deployment == "studio"
    assert len(site.azure.requests) == 1
