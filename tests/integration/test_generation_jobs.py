"""More than one call: tokens that went bad, a job's further tries; and what the doctor is told."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from azure.identity.aio import ManagedIdentityCredential

from bot.errors import (
    AccessDenied,
    AnswerTimedOut,
    DeploymentBusy,
    DeploymentMissing,
    EaselError,
    GenerationError,
    PromptRefused,
    ResourceBlocked,
    ServiceFailed,
    ServiceUnreachable,
    TokenUnavailable,
)
from bot.generation.retries import CALL_BUDGET, QUICK_PAUSES, SHORTEST_DRAWING
from sandbox.faults import FOREVER, Fault
from tests.integration.azure_site import API_VERSION, QUICK, AzureSite, open_site
from tests.integration.generation_service import Options, odd_azure, open_generator

ROUTES = pytest.mark.parametrize("version", [API_VERSION, "v1"])


@pytest.fixture
def identity(site: AzureSite, monkeypatch: pytest.MonkeyPatch) -> Options:
    """A managed identity instead of a key; its requests are not repeated by azure-identity."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{site.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", QUICK.identity_header)
    return Options(credential=lambda: ManagedIdentityCredential(retry_total=0))


def statuses(site: AzureSite) -> list[int | None]:
    return [request.status for request in site.azure.requests]


# --- 401 ----------------------------------------------------------------------------------------


@ROUTES
async def test_a_wrong_key_is_told_after_exactly_one_call(site: AzureSite, version: str) -> None:
    async with open_generator(site.url, api_key="wrong", api_version=version) as generator:
        with pytest.raises(AccessDenied):
            await generator.call()
    assert statuses(site) == [401]


@ROUTES
async def test_a_refused_token_is_replaced_by_a_fresh_one(
    site: AzureSite, identity: Options, version: str
) -> None:
    async with open_generator(site.url, identity, api_version=version) as generator:
        await generator.call()
        site.azure.revoke_tokens()
        assert (await generator.call()).images
    assert statuses(site) == [200, 401, 200]
    first, refused, fresh = [request.headers["authorization"] for request in site.azure.requests]
    assert first == refused != fresh
    assert len(site.azure.token_requests) == 2


async def test_tokens_revoked_twice_in_a_minute_are_replaced_twice(
    site: AzureSite, identity: Options
) -> None:
    async with open_generator(site.url, identity) as generator:
        for _ in range(2):
            await generator.call()
            site.azure.revoke_tokens()
        assert (await generator.call()).images
    assert statuses(site) == [200, 401, 200, 401, 200]
    assert len(site.azure.token_requests) == 3


async def test_callers_refused_together_share_one_fresh_token(site: AzureSite, identity: Options) -> None:
    async with open_generator(site.url, identity) as generator:
        await generator.call()
        site.azure.revoke_tokens()
        generations = await asyncio.gather(*(generator.call() for _ in range(8)))
    assert all(generation.images for generation in generations)
    assert len(site.azure.token_requests) == 2


async def test_a_missing_role_is_told_after_two_calls_and_then_after_one(
    site: AzureSite, identity: Options
) -> None:
    site.azure.faults.add(Fault("forbidden_role", status=401, times=FOREVER))
    async with open_generator(site.url, identity) as generator:
        for calls in (2, 3, 4):
            with pytest.raises(AccessDenied):
                await generator.call()
            assert statuses(site) == [401] * calls
    assert len(site.azure.token_requests) == 2


async def test_a_token_that_was_read_is_not_thrown_away_for_a_rule_of_the_network(
    site: AzureSite, identity: Options
) -> None:
    site.azure.faults.add(Fault("forbidden_role", status=403, times=FOREVER))
    async with open_generator(site.url, identity) as generator:
        for calls in (1, 2):
            with pytest.raises(AccessDenied):
                await generator.call()
            assert statuses(site) == [403] * calls
    assert len(site.azure.token_requests) == 1


async def test_a_token_for_another_audience_is_refused_and_told(site: AzureSite, identity: Options) -> None:
    # What AZURE_OPENAI_SCOPE may be set to by mistake: it gives tokens, and none of them draws.
    graph = "https://graph.microsoft.com/.default"
    async with open_generator(site.url, identity, scope=graph) as generator:
        with pytest.raises(AccessDenied):
            await generator.call()
    assert {request.audience for request in site.azure.token_requests} == {graph.removesuffix("/.default")}


@pytest.mark.parametrize("how", ["500", "reset"])
async def test_without_a_token_nothing_is_asked_of_azure(
    site: AzureSite, identity: Options, how: str
) -> None:
    fault = site.azure.faults.add(Fault("token_down", times=FOREVER, data={"how": how}))
    async with open_generator(site.url, identity) as generator:
        with pytest.raises(TokenUnavailable):
            await generator.call()
        assert not site.azure.requests
        site.azure.faults.remove(fault)
        assert (await generator.call()).images


# --- jobs ---------------------------------------------------------------------------------------


async def test_an_instant_5xx_costs_a_job_nothing_but_a_pause(site: AzureSite) -> None:
    site.azure.faults.add(Fault("status", status=503, times=2))
    async with open_generator(site.url) as generator:
        assert (await generator.job()).images
    first, second, third = site.azure.requests
    assert (second.at - first.at >= QUICK_PAUSES[0], third.at - second.at >= QUICK_PAUSES[1]) == (True, True)
    assert generator.waits == []


async def test_a_job_comes_back_when_azure_said_and_says_that_it_waits(site: AzureSite) -> None:
    site.azure.faults.add(Fault("rate_limited", retry_after=3))
    async with open_generator(site.url) as generator:
        assert (await generator.job()).images
    first, second = site.azure.requests
    (seconds,) = generator.waits
    assert second.at - first.at >= seconds > 3


async def test_jobs_beyond_the_capacity_are_all_drawn_in_the_end(site: AzureSite) -> None:
    # 60 per minute are one per second, so three at once cannot all be let in.
    site.change(requests_per_minute=60)
    async with open_generator(site.url) as generator:
        generations = await asyncio.gather(*(generator.job(prompt=f"number {n}") for n in range(3)))
    assert all(generation.images for generation in generations)
    assert 429 in statuses(site)
    assert site.azure.billed_images == 3


async def test_a_deployment_that_is_missing_is_passed_over(site: AzureSite) -> None:
    deployments = {"nowhere": "gpt-image-2", "studio": "gpt-image-2"}
    async with open_generator(site.url, deployments=deployments) as generator:
        assert (await generator.job()).deployment == "studio"
    assert statuses(site) == [404, 200]


@pytest.mark.parametrize("kind", ["reset", "reset_midway", "truncate", "filter_broken"])
async def test_a_job_pays_for_one_unclear_call_more_and_no_third(site: AzureSite, kind: str) -> None:
    site.azure.faults.add(Fault(kind, times=FOREVER))
    async with open_generator(site.url) as generator:
        with pytest.raises(GenerationError):
            await generator.job()
    assert len(site.azure.requests) == CALL_BUDGET


@pytest.mark.parametrize(
    "kind", ["not_json", "empty_data", "bad_base64", "bomb", "url_404", "url_private", "output_filtered"]
)
async def test_what_was_paid_for_is_never_asked_for_again(site: AzureSite, kind: str) -> None:
    site.change(deployments={"studio": "gpt-image-2", "spare": "gpt-image-2"})
    site.azure.faults.add(Fault(kind, times=FOREVER))
    both = {"studio": "gpt-image-2", "spare": "gpt-image-2"}
    async with open_generator(site.url, deployments=both) as generator:
        with pytest.raises(EaselError):
            await generator.job()
    assert len(site.azure.requests) == 1


async def test_a_refused_prompt_is_not_taken_to_another_deployment(site: AzureSite) -> None:
    site.azure.faults.add(Fault("prompt_refused"))
    both = {"studio": "gpt-image-2", "sketch": "gpt-image-2"}
    async with open_generator(site.url, deployments=both) as generator:
        with pytest.raises(PromptRefused):
            await generator.job()
    assert statuses(site) == [400]


async def test_a_job_ends_with_its_time_though_the_call_would_go_on(site: AzureSite) -> None:
    site.azure.faults.add(Fault("stall", times=FOREVER))
    async with open_generator(site.url) as generator:
        with pytest.raises(AnswerTimedOut):
            await generator.job(time_left=SHORTEST_DRAWING + 0.1)  # with less there is no call
    assert len(site.azure.requests) == 1


# --- what the doctor is told --------------------------------------------------------------------

PROBED = [
    (Fault("unauthorized"), AccessDenied),
    (Fault("forbidden_role", status=401), AccessDenied),
    (Fault("forbidden_role", status=403), AccessDenied),
    (Fault("deployment_missing"), DeploymentMissing),
    (Fault("resource_blocked"), ResourceBlocked),
    (Fault("rate_limited", retry_after=5), DeploymentBusy),
    (Fault("status", status=500), ServiceFailed),
    (Fault("status", status=503), ServiceFailed),
    (Fault("reset"), GenerationError),
    (Fault("stall"), AnswerTimedOut),
]


@ROUTES
@pytest.mark.parametrize(
    ("fault", "error"), PROBED, ids=[f"{fault.kind}-{fault.status or ''}".rstrip("-") for fault, _ in PROBED]
)
async def test_a_probe_names_the_trouble_and_draws_nothing(
    site: AzureSite, version: str, fault: Fault, error: type[GenerationError]
) -> None:
    site.azure.faults.add(Fault(fault.kind, status=fault.status, retry_after=fault.retry_after))
    timeout = 0.5 if error is AnswerTimedOut else 20.0
    async with open_generator(site.url, api_version=version, timeout=timeout) as generator:
        with pytest.raises(error) as raised:
            await generator.probe()
    assert isinstance(raised.value, GenerationError)
    assert (len(site.azure.requests), site.azure.billed_images) == (1, 0)


@ROUTES
async def test_a_probe_finds_a_wrong_key_and_a_wrong_name(site: AzureSite, version: str) -> None:
    async with open_generator(site.url, api_version=version, api_key="wrong") as generator:
        with pytest.raises(AccessDenied):
            await generator.probe()
    missing = {"nowhere": "gpt-image-2"}
    async with open_generator(site.url, api_version=version, deployments=missing) as generator:
        with pytest.raises(DeploymentMissing):
            await generator.probe()
    assert site.azure.billed_images == 0


async def test_a_probe_finds_a_version_without_image_routes(site: AzureSite) -> None:
    async with open_generator(site.url, api_version="2025-05-01-preview") as generator:
        with pytest.raises(DeploymentMissing):
            await generator.probe()


@pytest.mark.parametrize("status", [200, 204, 302, 307, 405, 413, 415, 421])
async def test_a_probe_is_not_content_with_a_web_page(status: int) -> None:
    # A proxy's or a portal's. Only Azure's own refusal of the parameters proves that Azure was reached.
    async def page(_: web.Request) -> web.StreamResponse:
        location = {"Location": "https://example.com/sign-in"}
        return web.Response(status=status, body=b"<html>", content_type="text/html", headers=location)

    async with odd_azure() as odd:
        odd.reply = page
        async with open_generator(odd.url) as generator:
            with pytest.raises(GenerationError):
                await generator.probe()


async def test_a_probe_finds_a_closed_port() -> None:
    async with open_site() as gone:
        url = gone.url
    async with open_generator(url) as generator:
        with pytest.raises(ServiceUnreachable):
            await generator.probe()


async def test_a_probe_finds_that_there_is_no_token(site: AzureSite, identity: Options) -> None:
    site.azure.faults.add(Fault("token_down", times=FOREVER))
    async with open_generator(site.url, identity) as generator:
        with pytest.raises(TokenUnavailable):
            await generator.probe()
    assert not site.azure.requests
