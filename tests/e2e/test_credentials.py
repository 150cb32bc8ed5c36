"""Entra ID tokens: one request per refresh, and no member ever notices."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING

import pytest_asyncio

from sandbox.azure.options import AzureOptions
from sandbox.faults import FOREVER, Fault
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.e2e.asking import ask
from tests.e2e.bot_process import running_bot
from tests.integration.discord_site import png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest_asyncio.fixture(loop_scope="session")
async def entra_sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox whose resource takes tokens of a managed identity."""
    async with open_sandbox(SandboxOptions(azure=AzureOptions(latency=0.0, token_lifetime=6.0))) as sandbox:
        yield sandbox


def managed_identity(sandbox: Sandbox) -> dict[str, str]:
    """The settings of a bot on App Service or Container Apps, with no key."""
    return {
        "AZURE_OPENAI_API_KEY": "",
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
        "IDENTITY_ENDPOINT": f"{sandbox.url}/msi/token",
        "IDENTITY_HEADER": sandbox.azure.options.identity_header,
    }


async def test_members_never_notice_tokens_that_live_six_seconds(
    entra_sandbox: Sandbox, tmp_path: Path
) -> None:
    async with running_bot(entra_sandbox, tmp_path, managed_identity(entra_sandbox)):
        started = time.monotonic()
        while (elapsed := time.monotonic() - started) < 20:
            ending = await ask(entra_sandbox)
            assert len(ending.pictures) == 1, ending.text
            await asyncio.sleep(0.3)

    assert {request.status for request in entra_sandbox.azure.requests} == {200}
    # One request per refresh, after some three quarters of a life; twelve askings would be one per prompt.
    assert len(entra_sandbox.azure.token_requests) <= elapsed / 3 + 2


async def test_fifty_callers_at_once_ask_for_one_token(entra_sandbox: Sandbox, tmp_path: Path) -> None:
    entra_sandbox.azure.options = dataclasses.replace(
        entra_sandbox.azure.options, token_lifetime=3600.0, canned=png(1024, 1024)
    )
    async with running_bot(entra_sandbox, tmp_path, managed_identity(entra_sandbox)):
        endings = await asyncio.gather(*(ask(entra_sandbox, f"number {n}") for n in range(50)))

    assert all(ending.pictures for ending in endings)
    assert len(entra_sandbox.azure.token_requests) == 1


async def test_a_token_azure_refuses_is_replaced_once(entra_sandbox: Sandbox, tmp_path: Path) -> None:
    entra_sandbox.azure.options = dataclasses.replace(entra_sandbox.azure.options, token_lifetime=3600.0)
    async with running_bot(entra_sandbox, tmp_path, managed_identity(entra_sandbox)):
        await ask(entra_sandbox)
        entra_sandbox.azure.revoke_tokens()

        ending = await ask(entra_sandbox)

    assert len(ending.pictures) == 1
    assert [request.status for request in entra_sandbox.azure.requests] == [200, 401, 200]
    assert len(entra_sandbox.azure.token_requests) == 2


async def test_a_missing_role_does_not_flood_the_token_endpoint(
    entra_sandbox: Sandbox, tmp_path: Path
) -> None:
    entra_sandbox.azure.options = dataclasses.replace(entra_sandbox.azure.options, token_lifetime=3600.0)
    entra_sandbox.azure.faults.add(Fault("forbidden_role", times=FOREVER))
    async with running_bot(entra_sandbox, tmp_path, managed_identity(entra_sandbox)):
        endings = [await ask(entra_sandbox) for _ in range(5)]

    assert all("not set up right" in ending.text for ending in endings)
    assert len(entra_sandbox.azure.token_requests) <= 2


async def test_a_token_endpoint_down_at_start_is_said_and_recovered_from(
    entra_sandbox: Sandbox, tmp_path: Path
) -> None:
    entra_sandbox.azure.faults.add(Fault("token_down", times=FOREVER, data={"how": "500"}))
    async with running_bot(entra_sandbox, tmp_path, managed_identity(entra_sandbox)) as bot:
        ending = await ask(entra_sandbox)
        assert "not set up right" in ending.text
        assert not entra_sandbox.azure.requests

        entra_sandbox.azure.faults.clear()
        ending = await ask(entra_sandbox)
        assert len(ending.pictures) == 1
        assert "Traceback" not in bot.output


async def test_a_refresh_that_fails_leaves_the_token_that_is_still_good(
    entra_sandbox: Sandbox, tmp_path: Path
) -> None:
    entra_sandbox.azure.options = dataclasses.replace(entra_sandbox.azure.options, token_lifetime=20.0)
    async with running_bot(entra_sandbox, tmp_path, managed_identity(entra_sandbox)):
        await ask(entra_sandbox)
        entra_sandbox.azure.faults.add(Fault("token_down", times=FOREVER, data={"how": "reset"}))
        started = time.monotonic()
        while time.monotonic() - started < 15:
            ending = await ask(entra_sandbox)
            assert len(ending.pictures) == 1, ending.text
            await asyncio.sleep(0.5)


async def test_nothing_is_left_open_at_the_end(entra_sandbox: Sandbox, tmp_path: Path) -> None:
    async with running_bot(entra_sandbox, tmp_path, managed_identity(entra_sandbox)) as bot:
        await ask(entra_sandbox)
        assert await bot.stop() == 0

    assert "Unclosed" not in bot.output
    assert "Traceback" not in bot.output
