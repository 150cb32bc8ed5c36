"""Tokens: the real azure-identity against the sandbox's endpoints, and the image routes that take them."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import openai
import pytest
import trustme
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CredentialUnavailableError
from azure.identity.aio import ClientSecretCredential, ManagedIdentityCredential, get_bearer_token_provider

from sandbox.faults import Fault
from tests.integration.azure_site import QUICK, AzureSite, open_site

if TYPE_CHECKING:
    from pathlib import Path

SCOPE = "https://cognitiveservices.azure.com/.default"
TENANT = QUICK.tenant
SMALL = "1024x640"


@pytest.fixture
def app_service(site: AzureSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{site.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", QUICK.identity_header)


async def ask(site: AzureSite, **change: Any) -> tuple[int, dict[str, Any]]:
    form = {
        "grant_type": "client_credentials",
        "client_id": QUICK.client_id,
        "client_secret": QUICK.client_secret,
        "scope": SCOPE,
    } | {name: value for name, value in change.items() if name != "tenant"}
    url = f"{site.url}/{change.get('tenant', TENANT)}/oauth2/v2.0/token"
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, data={name: value for name, value in form.items() if value is not None}) as answer,
    ):
        return answer.status, await answer.json()


async def draw_with(site: AzureSite, token: str) -> None:
    async def provide() -> str:
        return token

    async with site.dated(azure_ad_token_provider=provide) as client:
        await client.images.generate(prompt="a mill", size=SMALL)


# --- Entra ---


async def test_client_secret_credential_gets_a_token_that_draws(tmp_path: Path) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    async with open_site(tls=tls) as site:
        async with ClientSecretCredential(
            QUICK.tenant,
            QUICK.client_id,
            QUICK.client_secret,
            authority=site.url,
            connection_verify=str(bundle),
        ) as credential:
            token = await credential.get_token(SCOPE)
        assert 86_000 < token.expires_on - time.time() <= 86_400
        assert site.azure.tokens.accepts(token.token)
        assert [(request.source, request.status) for request in site.azure.token_requests] == [("entra", 200)]
        assert site.azure.token_requests[0].audience == "https://cognitiveservices.azure.com"


@pytest.mark.parametrize(
    ("change", "status", "code", "number"),
    [
        ({"tenant": "elsewhere"}, 400, "invalid_request", 90002),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"scope": None}, 400, "invalid_request", 900144),
        ({"client_id": "stranger"}, 400, "unauthorized_client", 700016),
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": None}, 401, "invalid_client", 7000218),
        ({"client_secret": None, "client_assertion": "x"}, 401, "invalid_client", 700027),
        ({"scope": "https://cognitiveservices.azure.com"}, 400, "invalid_scope", 1002012),
        ({"scope": "https://nowhere.example/.default"}, 400, "invalid_resource", 500011),
    ],
)
async def test_wrong_token_request_is_refused_with_entras_code(
    site: AzureSite, change: dict[str, Any], status: int, code: str, number: int
) -> None:
    got, body = await ask(site, **change)
    assert (got, body["error"], body["error_codes"]) == (status, code, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert site.azure.token_requests[-1].status == status


async def test_token_for_another_audience_does_not_draw(site: AzureSite) -> None:
    _, body = await ask(site, scope="https://graph.microsoft.com/.default")
    with pytest.raises(openai.AuthenticationError, match="audience is incorrect"):
        await draw_with(site, body["access_token"])


@pytest.mark.parametrize("scope", [SCOPE, "https://ai.azure.com/.default"])
async def test_both_documented_scopes_draw(site: AzureSite, scope: str) -> None:
    _, body = await ask(site, scope=scope)
    await draw_with(site, body["access_token"])
    assert site.azure.billed_images == 1


async def test_expired_token_is_refused_and_the_lifetime_can_change_while_running(site: AzureSite) -> None:
    site.change(token_lifetime=0.0)
    _, short = await ask(site)
    site.change(token_lifetime=3600.0)
    _, long = await ask(site)
    assert (short["expires_in"], long["expires_in"]) == (0, 3600)
    with pytest.raises(openai.AuthenticationError):
        await draw_with(site, short["access_token"])
    await draw_with(site, long["access_token"])


async def test_revoked_tokens_are_refused_and_new_ones_taken(site: AzureSite) -> None:
    _, body = await ask(site)
    site.azure.revoke_tokens()
    with pytest.raises(openai.AuthenticationError):
        await draw_with(site, body["access_token"])
    _, fresh = await ask(site)
    await draw_with(site, fresh["access_token"])


async def test_token_goes_as_bearer_on_v1_too(site: AzureSite) -> None:
    _, body = await ask(site)
    async with site.v1(api_key=body["access_token"]) as client:
        await client.images.generate(model="studio", prompt="a mill", size=SMALL)
    assert site.azure.requests[0].headers["authorization"] == f"Bearer {body['access_token']}"


# --- managed identities ---


@pytest.mark.usefixtures("app_service")
async def test_app_service_identity_draws_through_the_sdks_provider(site: AzureSite) -> None:
    async with ManagedIdentityCredential() as credential:
        provider = get_bearer_token_provider(credential, SCOPE)
        async with site.dated(azure_ad_token_provider=provider) as client:
            await client.images.generate(prompt="a mill", size=SMALL)
            await client.images.generate(prompt="a mill", size=SMALL)
    assert [request.source for request in site.azure.token_requests] == ["app_service"]


@pytest.mark.usefixtures("app_service")
async def test_user_assigned_identity_is_known_by_its_id(site: AzureSite) -> None:
    async with ManagedIdentityCredential(client_id=QUICK.client_id) as credential:
        token = await credential.get_token(SCOPE)
    assert site.azure.tokens.accepts(token.token)
    async with ManagedIdentityCredential(client_id="somebody-else") as credential:
        with pytest.raises(ClientAuthenticationError, match="Identity not found"):
            await credential.get_token(SCOPE)


async def test_app_service_endpoint_wants_its_header_and_version(site: AzureSite) -> None:
    query = {"api-version": "2019-08-01", "resource": "https://cognitiveservices.azure.com"}
    header = {"X-IDENTITY-HEADER": QUICK.identity_header}
    cases: list[tuple[dict[str, str], dict[str, str], int]] = [
        (query, {}, 401),
        ({**query, "api-version": "1999-01-01"}, header, 400),
        ({"api-version": "2019-08-01"}, header, 400),
        ({**query, "resource": "https://nowhere.example"}, header, 400),
        (query, header, 200),
    ]
    async with aiohttp.ClientSession() as http:
        for params, headers, status in cases:
            async with http.get(f"{site.url}/msi/token", params=params, headers=headers) as answer:
                assert answer.status == status


async def test_imds_identity_gets_a_token(site: AzureSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", site.url)
    async with ManagedIdentityCredential() as credential:
        token = await credential.get_token(SCOPE)
    assert site.azure.tokens.accepts(token.token)
    assert [request.source for request in site.azure.token_requests] == ["imds"]
    async with ManagedIdentityCredential(client_id="somebody-else") as credential:
        with pytest.raises(CredentialUnavailableError, match="Identity not found"):
            await credential.get_token(SCOPE)


async def test_imds_wants_the_metadata_header_and_a_version(site: AzureSite) -> None:
    url = f"{site.url}/metadata/identity/oauth2/token"
    async with aiohttp.ClientSession() as http:
        async with http.get(url) as without:
            assert without.status == 400
        async with http.get(url, headers={"Metadata": "true"}) as unversioned:
            assert unversioned.status == 400


# --- when tokens cannot be had ---


@pytest.mark.usefixtures("app_service")
async def test_token_endpoint_down_is_an_error_of_the_credential(site: AzureSite) -> None:
    fault = site.azure.faults.add(Fault("token_down", times=-1))
    async with ManagedIdentityCredential(retry_total=0) as credential:
        with pytest.raises(ClientAuthenticationError):
            await credential.get_token(SCOPE)
        site.azure.faults.remove(fault)
        assert site.azure.tokens.accepts((await credential.get_token(SCOPE)).token)
    assert [(request.status, request.fault) for request in site.azure.token_requests] == [
        (500, "token_down"),
        (200, None),
    ]


async def test_token_endpoint_can_reset_and_stall(site: AzureSite) -> None:
    site.azure.faults.add(Fault("token_down", data={"how": "reset"}))
    site.azure.faults.add(Fault("token_down", data={"how": "stall"}, delay=0.4))
    with pytest.raises(aiohttp.ClientConnectionError):
        await ask(site)
    assert site.azure.token_requests[0].status is None
    began = time.monotonic()
    status, _ = await ask(site)
    assert (status, time.monotonic() - began >= 0.4) == (200, True)


async def test_fault_of_the_token_endpoint_leaves_images_alone(site: AzureSite) -> None:
    fault = site.azure.faults.add(Fault("token_down"))
    async with site.dated() as client:
        await client.images.generate(prompt="a mill", size=SMALL)
    assert fault.seen == 0
