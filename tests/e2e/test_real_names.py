"""`.env` as in .env.example, the real host names, a private authority: the bot works, unmodified."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from sandbox.azure.options import AzureOptions
from tests.e2e.alone import becomes, complaints
from tests.e2e.asking import ask
from tests.e2e.bot_process import START_TIMEOUT
from tests.e2e.real_names import (
    AZURE,
    BLOBS,
    CDN,
    DISCORD,
    ENTRA,
    GATEWAY,
    TRUST,
    Certificates,
    obstacle,
    real_hosts,
    running_among_real_hosts,
)
from tests.needs import without

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sandbox.server import Sandbox

RESOURCE = AzureOptions(latency=0.0, deployments={"art": "gpt-image-2"})
"""The deployment that .env.example names."""

_FAILED_TO_CONNECT = re.compile(
    r"^\S+ ERROR discord\.shard: Failed to connect.*\n(?:(?!\d{4}-\d\d-\d\dT).*\n)*", re.MULTILINE
)
"""discord.py reports every attempt to reach the gateway at the start with a traceback."""

KEY = {"AZURE_OPENAI_API_KEY": RESOURCE.api_key}
PRINCIPAL = {
    "AZURE_TENANT_ID": RESOURCE.tenant,
    "AZURE_CLIENT_ID": RESOURCE.client_id,
    "AZURE_CLIENT_SECRET": RESOURCE.client_secret,
}


@pytest.fixture(autouse=True)
def _possible_here() -> None:
    if reason := obstacle():
        without(reason)


@pytest.fixture
def certificates() -> Certificates:
    return Certificates()


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(_possible_here: None, certificates: Certificates) -> AsyncIterator[Sandbox]:
    async with real_hosts(certificates, RESOURCE) as sandbox:
        yield sandbox


async def test_a_member_gets_a_picture_with_a_key(
    sandbox: Sandbox, certificates: Certificates, tmp_path: Path
) -> None:
    async with running_among_real_hosts(sandbox, certificates, tmp_path, KEY) as bot:
        await sandbox.wait_for_bot(START_TIMEOUT)
        ending = await ask(sandbox)

    (picture,) = ending.pictures
    assert picture["url"].startswith(f"https://{CDN}/attachments/")
    assert {request.headers["host"] for request in sandbox.discord.requests} == {DISCORD}
    (request,) = sandbox.azure.requests
    assert request.headers["host"] == AZURE
    assert request.headers["api-key"] == RESOURCE.api_key
    assert request.route == "POST /openai/deployments/art/images/generations"
    assert not sandbox.azure.token_requests
    assert not complaints(bot.output), bot.output


async def test_a_member_gets_a_picture_with_a_service_principal(
    sandbox: Sandbox, certificates: Certificates, tmp_path: Path
) -> None:
    async with running_among_real_hosts(sandbox, certificates, tmp_path, PRINCIPAL) as bot:
        await sandbox.wait_for_bot(START_TIMEOUT)
        ending = await ask(sandbox)

    assert len(ending.pictures) == 1, ending.text
    assert [(request.source, request.status) for request in sandbox.azure.token_requests] == [("entra", 200)]
    (request,) = sandbox.azure.requests
    assert request.headers["authorization"].startswith("Bearer ")
    assert "api-key" not in request.headers
    assert not complaints(bot.output), bot.output
    assert RESOURCE.client_secret not in bot.output


async def test_the_authority_may_be_named_in_dot_env_as_well(
    sandbox: Sandbox, certificates: Certificates, tmp_path: Path
) -> None:
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, result="url")
    values = {**PRINCIPAL, TRUST: "", "EASEL_DOWNLOAD_HOSTS": BLOBS}
    async with running_among_real_hosts(sandbox, certificates, tmp_path, values) as bot:
        await sandbox.wait_for_bot(START_TIMEOUT)
        ending = await ask(sandbox)

    assert len(ending.pictures) == 1, ending.text
    assert not complaints(bot.output), bot.output


async def test_a_link_to_blob_storage_inside_the_own_network_is_refused(
    sandbox: Sandbox, certificates: Certificates, tmp_path: Path
) -> None:
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, result="url")
    async with running_among_real_hosts(sandbox, certificates, tmp_path, KEY) as bot:
        await sandbox.wait_for_bot(START_TIMEOUT)
        ending = await ask(sandbox)

    assert not ending.pictures
    assert "You were not charged" in ending.text
    assert f"{BLOBS} has the address 127.0.0.1, which is not public" in bot.output
    assert not sandbox.azure.downloads
    assert not complaints(bot.output), bot.output


async def test_a_link_to_a_host_the_operator_named_is_followed(
    sandbox: Sandbox, certificates: Certificates, tmp_path: Path
) -> None:
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, result="url")
    values = {**KEY, "EASEL_DOWNLOAD_HOSTS": BLOBS}
    async with running_among_real_hosts(sandbox, certificates, tmp_path, values):
        await sandbox.wait_for_bot(START_TIMEOUT)
        ending = await ask(sandbox)

    assert len(ending.pictures) == 1, ending.text
    (download,) = sandbox.azure.downloads
    assert download.headers["host"] == BLOBS
    assert not {"api-key", "authorization"} & set(download.headers)


# --- an authority the bot was not told of ---


@pytest.mark.parametrize(
    ("host", "values", "said"),
    [
        (AZURE, KEY, "cannot be reached"),
        (ENTRA, PRINCIPAL, "not set up right"),
        (BLOBS, {**KEY, "EASEL_DOWNLOAD_HOSTS": BLOBS}, "You were not charged"),
    ],
    ids=["Azure", "Entra", "blobs"],
)
async def test_a_member_is_told_when_a_host_of_azure_cannot_be_trusted(
    sandbox: Sandbox,
    certificates: Certificates,
    tmp_path: Path,
    host: str,
    values: dict[str, str],
    said: str,
) -> None:
    certificates.disowned = {host}
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, result="url")
    async with running_among_real_hosts(sandbox, certificates, tmp_path, values) as bot:
        await sandbox.wait_for_bot(START_TIMEOUT)
        ending = await ask(sandbox)

    assert said in ending.text
    assert not ending.pictures
    assert not complaints(bot.output), bot.output


async def test_the_bot_waits_patiently_for_a_discord_it_can_trust(
    sandbox: Sandbox, certificates: Certificates, tmp_path: Path
) -> None:
    certificates.disowned = {DISCORD}
    async with running_among_real_hosts(sandbox, certificates, tmp_path, KEY) as bot:
        await becomes(lambda: "trying again in 2 s" in bot.output, START_TIMEOUT)
        assert "cannot log in to Discord (ClientConnectorCertificateError)" in bot.output

        certificates.disowned = ()
        await sandbox.wait_for_bot(START_TIMEOUT)
        ending = await ask(sandbox)

    assert len(ending.pictures) == 1, ending.text
    assert not complaints(bot.output), bot.output


async def test_the_bot_waits_patiently_for_a_gateway_it_can_trust(
    sandbox: Sandbox, certificates: Certificates, tmp_path: Path
) -> None:
    certificates.disowned = {GATEWAY}
    async with running_among_real_hosts(sandbox, certificates, tmp_path, KEY) as bot:
        await becomes(lambda: f"Cannot connect to host {GATEWAY}" in bot.output, START_TIMEOUT)
        assert not sandbox.discord.gateway.online

        certificates.disowned = ()
        await sandbox.wait_for_bot(START_TIMEOUT)
        ending = await ask(sandbox)

    assert len(ending.pictures) == 1, ending.text
    assert not complaints(_FAILED_TO_CONNECT.sub("", bot.output)), bot.output
