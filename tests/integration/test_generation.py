"""Pictures from the resource as it should be: every route and credential, what is sent and what is read."""

from __future__ import annotations

import asyncio
import hashlib
import math
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from azure.identity.aio import ClientSecretCredential

from bot.errors import DeploymentMissing, ServiceUnreachable
from bot.generation.azure import ignore_stray_variables
from bot.generation.credentials import default_credential
from bot.generation.models import load_models
from bot.model import Quality, Size
from sandbox.azure.models import MODELS
from tests.integration.azure_site import API_VERSION, QUICK, AzureSite, open_site
from tests.integration.generation_service import (
    Options,
    answered,
    odd_azure,
    open_generator,
    picture,
    replying,
)
from tests.unit.imaging.pictures import png

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web

TABLE = load_models()
DATED_PATH = "/openai/deployments/studio/images/generations"
V1_PATH = "/openai/v1/images/generations"
ROUTES = pytest.mark.parametrize("version", [API_VERSION, "v1", "preview"])
SERVED = [name for name in TABLE.models if name in MODELS]
RETIRED = [name for name in TABLE.models if name not in MODELS]


@pytest.fixture
def managed_identity(site: AzureSite, monkeypatch: pytest.MonkeyPatch) -> Options:
    """A bot on App Service or Container Apps, with no key."""
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{site.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", QUICK.identity_header)
    return Options(credential=default_credential)


def qualities_of(names: list[str]) -> list[tuple[str, Quality]]:
    return [(name, quality) for name in names for quality in TABLE[name].qualities]


def digest(data: bytes) -> str:
    """Stands for a picture in comparisons, so that one that fails does not print megabytes."""
    return hashlib.sha256(data).hexdigest()


# --- routes and credentials ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "path", "query"),
    [(API_VERSION, DATED_PATH, API_VERSION), ("v1", V1_PATH, None), ("preview", V1_PATH, "preview")],
)
async def test_each_api_version_has_its_route(
    site: AzureSite, version: str, path: str, query: str | None
) -> None:
    async with open_generator(site.url, api_version=version) as generator:
        generation = await generator.call()
    (image,) = generation.images
    assert (image.format, image.size, generation.deployment) == ("png", Size(1024, 640), "studio")
    (request,) = site.azure.requests
    assert (request.route, request.api_version, request.deployment) == (f"POST {path}", query, "studio")


@pytest.mark.parametrize(("version", "header"), [(API_VERSION, "api-key"), ("v1", "authorization")])
async def test_the_key_goes_where_the_route_looks_for_it(site: AzureSite, version: str, header: str) -> None:
    async with open_generator(site.url, api_version=version) as generator:
        await generator.call()
    headers = site.azure.requests[0].headers
    assert headers[header].removeprefix("Bearer ") == QUICK.api_key
    assert sum(QUICK.api_key in value for value in headers.values()) == 1


@ROUTES
async def test_a_token_of_a_managed_identity_draws_on_every_route(
    site: AzureSite, managed_identity: Options, version: str
) -> None:
    async with open_generator(site.url, managed_identity, api_version=version) as generator:
        await generator.call()
        await generator.call()
    (token_request,) = site.azure.token_requests
    assert token_request.source == "app_service"
    for request in site.azure.requests:
        scheme, _, token = request.headers["authorization"].partition(" ")
        assert (scheme, site.azure.tokens.accepts(token)) == ("Bearer", True)
        assert "api-key" not in request.headers


@pytest.fixture
def localhost(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for localhost, and the authority that proves it."""
    authority, tls = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(tls)
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    return tls, bundle


async def test_a_client_secret_and_tls_with_an_authority_of_the_operators(
    localhost: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, bundle = localhost
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    async with open_site(tls=tls) as site:

        def credential() -> ClientSecretCredential:
            return ClientSecretCredential(
                QUICK.tenant,
                QUICK.client_id,
                QUICK.client_secret,
                authority=site.url,
                connection_verify=str(bundle),
            )

        async with open_generator(site.url, credential=credential) as generator:
            assert (await generator.call()).images
        assert [request.source for request in site.azure.token_requests] == ["entra"]


async def test_nothing_is_sent_where_the_certificate_is_nobodys(
    localhost: tuple[ssl.SSLContext, Path],
) -> None:
    tls, _ = localhost
    async with open_site(tls=tls) as site, open_generator(site.url) as generator:
        with pytest.raises(ServiceUnreachable):
            await generator.call()
        assert not site.azure.requests


@ROUTES
async def test_variables_the_sdk_reads_by_itself_change_nothing(
    site: AzureSite, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENAI_ORG_ID", "stray-organisation")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Stray: stray-header")
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "stray-token")
    ignore_stray_variables()
    async with open_generator(site.url, api_version=version) as generator:
        await generator.call()
    assert not [value for value in site.azure.requests[0].headers.values() if "stray" in value]


# --- what is sent -------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "quality"), qualities_of(SERVED))
async def test_each_model_draws_at_each_of_its_qualities(
    site: AzureSite, model: str, quality: Quality
) -> None:
    site.change(deployments={"art": model}, canned=png())
    async with open_generator(site.url, deployments={"art": model}) as generator:
        await generator.call(quality=quality, size=Size(1024, 1024))
    assert site.azure.requests[0].body == {
        "prompt": "a quiet lake",
        "n": 1,
        "size": "1024x1024",
        "quality": quality.value,
        "user": "somebody",
    }


@pytest.mark.parametrize("model", SERVED)
async def test_on_v1_the_body_names_the_deployment_too(site: AzureSite, model: str) -> None:
    site.change(deployments={"art": model}, canned=png())
    async with open_generator(site.url, deployments={"art": model}, api_version="v1") as generator:
        await generator.call(size=Size(1024, 1024))
    (request,) = site.azure.requests
    assert set(request.body) == {"model", "prompt", "n", "size", "quality", "user"}
    assert request.body["model"] == "art"


async def test_a_quality_the_model_does_not_know_is_not_sent(site: AzureSite) -> None:
    async with open_generator(site.url) as generator:
        await generator.call(quality=Quality.XHIGH)
    assert set(site.azure.requests[0].body) == {"prompt", "n", "size", "user"}


@pytest.mark.parametrize("model", RETIRED)
async def test_a_retired_model_is_asked_for_what_it_took_and_missing(site: AzureSite, model: str) -> None:
    site.change(deployments={"art": model})
    async with open_generator(site.url, deployments={"art": model}) as generator:
        with pytest.raises(DeploymentMissing):
            await generator.call(size=Size(1024, 1024))
    optional = {"quality"} if TABLE[model].qualities else set()
    assert set(site.azure.requests[0].body) == {"prompt", "n", "size", "user"} | optional


@pytest.mark.parametrize(("version", "more"), [(API_VERSION, set[str]()), ("v1", {"model"})])
async def test_an_unknown_model_is_asked_for_prompt_size_and_count_only(
    site: AzureSite, version: str, more: set[str]
) -> None:
    deployments = {"studio": "gpt-image-9"}
    async with open_generator(site.url, deployments=deployments, api_version=version) as generator:
        assert (await generator.call()).images
    assert set(site.azure.requests[0].body) == {"prompt", "n", "size"} | more


async def test_without_a_size_the_model_chooses(site: AzureSite) -> None:
    async with open_generator(site.url) as generator:
        generation = await generator.call(size=None)
    assert site.azure.requests[0].body["size"] == "auto"
    assert generation.images[0].size == Size(1024, 1024)


async def test_without_a_member_no_user_is_sent(site: AzureSite) -> None:
    async with open_generator(site.url) as generator:
        await generator.call(user=None)
    assert "user" not in site.azure.requests[0].body


@pytest.mark.parametrize(
    "prompt", ["ein Fuchs „im Schnee“", "狐 🦊\u200d❄️", 'quotes " and \\ and\nlines', "x" * 32_000]
)
async def test_a_prompt_arrives_letter_for_letter(site: AzureSite, prompt: str) -> None:
    site.change(canned=png())
    async with open_generator(site.url) as generator:
        await generator.call(prompt=prompt)
    assert site.azure.requests[0].body["prompt"] == prompt


# --- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(1, 11))
@pytest.mark.parametrize("result", ["b64_json", "url"])
async def test_as_many_pictures_come_as_were_asked_for(site: AzureSite, count: int, result: str) -> None:
    canned = png()
    site.change(canned=canned, result=result)
    async with open_generator(site.url) as generator:
        generation = await generator.call(count=count)
    assert [image.data for image in generation.images] == [canned] * count
    assert (generation.filtered, site.azure.requests[0].body["n"]) == (0, count)
    assert len(site.azure.downloads) == (count if result == "url" else 0)


async def test_pictures_and_links_to_them_keep_azures_order(site: AzureSite) -> None:
    async with open_generator(site.url) as generator:
        inside = await generator.call(count=3)
        site.change(result="url")
        behind = await generator.call(count=3)
    assert len({digest(image.data) for image in inside.images}) == 3
    assert [digest(image.data) for image in behind.images] == [digest(image.data) for image in inside.images]


async def test_no_credential_goes_to_the_storage_behind_a_link(site: AzureSite) -> None:
    site.change(result="url")
    async with open_generator(site.url) as generator:
        await generator.call()
    (download,) = site.azure.downloads
    assert set(download.headers) == {"host", "accept", "accept-encoding", "user-agent"}


async def test_usage_is_what_azure_counted(site: AzureSite) -> None:
    async with open_generator(site.url) as generator:
        generation = await generator.call(count=2, quality=Quality.MEDIUM, size=Size(1024, 1024))
    assert generation.usage is not None
    usage = generation.usage
    assert (usage.text_input, usage.image_input) == (math.ceil(len("a quiet lake") / 4), 0)
    assert usage.output == 2 * 1756


async def test_each_call_has_azures_id_of_its_own(site: AzureSite) -> None:
    async with open_generator(site.url) as generator:
        first, second = await generator.call(), await generator.call()
    assert first.request_id
    assert second.request_id
    assert first.request_id != second.request_id


async def test_calls_share_a_client_and_do_not_wait_for_each_other() -> None:
    everybody = asyncio.Barrier(50)

    async def reply(request: web.Request) -> web.StreamResponse:
        # Nobody is answered before the last one has asked.
        await everybody.wait()
        return await replying(answered(picture(png())))(request)

    async with odd_azure() as odd, open_generator(odd.url) as generator:
        odd.reply = reply
        generations = await asyncio.gather(*(generator.call() for _ in range(everybody.parties)))
    assert all(generation.images for generation in generations)


async def test_a_call_given_up_leaves_the_others_alone(site: AzureSite) -> None:
    site.change(latency=0.3)
    async with open_generator(site.url) as generator:
        given_up, other = (asyncio.create_task(generator.call(prompt=prompt)) for prompt in ("one", "two"))
        while len(site.azure.requests) < 2:
            await asyncio.sleep(0.01)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert (await other).images
        assert (await generator.call()).images


# --- the doctor's question ----------------------------------------------------------------------


@ROUTES
@pytest.mark.parametrize("model", SERVED)
async def test_a_probe_finds_what_works_and_draws_nothing(site: AzureSite, version: str, model: str) -> None:
    site.change(deployments={"art": model})
    async with open_generator(site.url, deployments={"art": model}, api_version=version) as generator:
        await generator.probe()
    assert (len(site.azure.requests), site.azure.billed_images) == (1, 0)
    # The model itself refused: everything before it let the call through.
    assert site.azure.requests[0].status == 400


@ROUTES
async def test_a_probe_works_with_a_token_too(
    site: AzureSite, managed_identity: Options, version: str
) -> None:
    async with open_generator(site.url, managed_identity, api_version=version) as generator:
        await generator.probe()
    assert (len(site.azure.token_requests), site.azure.billed_images) == (1, 0)


async def test_a_probe_of_an_unknown_model_draws_nothing(site: AzureSite) -> None:
    async with open_generator(site.url, deployments={"studio": "gpt-image-9"}) as generator:
        await generator.probe()
    assert (site.azure.requests[0].status, site.azure.billed_images) == (400, 0)
