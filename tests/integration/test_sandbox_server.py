"""The sandbox as one server: the page, the controls, TLS under the real names, and its end."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import trustme
from aiohttp.abc import AbstractResolver, ResolveResult

from sandbox.azure.options import AzureOptions
from sandbox.server import PortUnavailable, PublicNames, Sandbox, SandboxOptions, open_sandbox

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

REAL_NAMES = PublicNames(
    api="https://discord.com/api/v10",
    gateway="wss://gateway.discord.gg",
    cdn="https://cdn.discordapp.com",
    azure="https://easel.openai.azure.com",
    blobs="https://easel.blob.core.windows.net",
)
HOSTS = (
    "discord.com",
    "gateway.discord.gg",
    "cdn.discordapp.com",
    "easel.openai.azure.com",
    "easel.blob.core.windows.net",
    "login.microsoftonline.com",
)
QUICK = AzureOptions(latency=0, result="url")


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_sandbox() as running:
        yield running


def bot_headers(sandbox: Sandbox) -> dict[str, str]:
    return {"Authorization": f"Bot {sandbox.bot_environment()['DISCORD_TOKEN']}"}


async def draw(http: aiohttp.ClientSession, settings: dict[str, str]) -> tuple[int, Any]:
    deployment = settings["AZURE_OPENAI_DEPLOYMENTS"].partition("=")[0]
    url = f"{settings['AZURE_OPENAI_ENDPOINT']}/openai/deployments/{deployment}/images/generations"
    async with http.post(
        url,
        params={"api-version": settings["AZURE_OPENAI_API_VERSION"]},
        headers={"api-key": settings["AZURE_OPENAI_API_KEY"]},
        json={"prompt": "a lighthouse", "size": "1024x1024"},
    ) as answer:
        return answer.status, await answer.json()


async def test_page_is_served_at_the_root(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with http.get(sandbox.url + "/") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"


# --- the controls ---


async def test_fault_set_over_http_hits_and_can_be_cleared(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    me = f"{sandbox.bot_environment()['DISCORD_API_URL']}/users/@me"
    fault = {"service": "discord", "fault": {"kind": "status", "status": 503, "times": -1}}
    async with http.post(f"{sandbox.url}/sandbox/faults", json=fault) as answer:
        assert answer.status == 204
    async with http.get(me, headers=bot_headers(sandbox)) as answer:
        assert answer.status == 503
    async with http.delete(f"{sandbox.url}/sandbox/faults") as answer:
        assert answer.status == 204
    async with http.get(me, headers=bot_headers(sandbox)) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"service": "mars", "fault": {"kind": "status"}},
        {"service": "azure", "fault": {"kind": "no such kind"}},
        {"service": "azure", "fault": {}},
        {"service": "azure"},
        [],
    ],
)
async def test_nonsense_is_no_fault(sandbox: Sandbox, http: aiohttp.ClientSession, body: Any) -> None:
    async with http.post(f"{sandbox.url}/sandbox/faults", json=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["message"].startswith("not a fault: ")


async def test_records_tell_what_both_sides_were_asked(http: aiohttp.ClientSession) -> None:
    async with open_sandbox(SandboxOptions(azure=QUICK)) as sandbox:
        api = sandbox.bot_environment()["DISCORD_API_URL"]
        async with http.get(f"{api}/users/@me", headers=bot_headers(sandbox)) as answer:
            assert answer.status == 200
        status, _ = await draw(http, sandbox.bot_environment())
        assert status == 200
        async with http.get(f"{sandbox.url}/sandbox/records") as answer:
            records = await answer.json()
    assert [(call["method"], call["path"]) for call in records["discord"]] == [("GET", "/users/@me")]
    assert [call["body"]["prompt"] for call in records["azure"]] == ["a lighthouse"]
    assert records["tokens"] == []


# --- TLS, under the real names ---


class EverythingHere(AbstractResolver):
    """Finds every host, on whatever port, at the sandbox's."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, _port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=self._port, family=family, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


@asynccontextmanager
async def under_real_names() -> AsyncIterator[tuple[Sandbox, aiohttp.ClientSession]]:
    authority = trustme.CA()
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert(*HOSTS).configure_cert(server)
    authority.configure_trust(client)
    options = SandboxOptions(ssl=server, public=REAL_NAMES, azure=QUICK)
    async with open_sandbox(options) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        connector = aiohttp.TCPConnector(ssl=client, resolver=EverythingHere(port), family=socket.AF_INET)
        async with aiohttp.ClientSession(connector=connector) as http:
            yield sandbox, http


async def test_settings_under_real_names_are_the_real_addresses() -> None:
    async with under_real_names() as (sandbox, _):
        settings = sandbox.bot_environment()
    assert settings["DISCORD_API_URL"] == "https://discord.com/api/v10"
    assert settings["DISCORD_GATEWAY_URL"] == "wss://gateway.discord.gg"
    assert settings["AZURE_OPENAI_ENDPOINT"] == "https://easel.openai.azure.com"


async def test_gateway_under_its_real_name_is_at_the_root() -> None:
    async with under_real_names() as (sandbox, http):
        async with http.get(
            "https://discord.com/api/v10/gateway/bot", headers=bot_headers(sandbox)
        ) as answer:
            url = (await answer.json())["url"]
        assert url == "wss://gateway.discord.gg"
        async with http.ws_connect(f"{url}/?v=10&encoding=json") as websocket:
            assert (await websocket.receive_json())["op"] == 10
            token = sandbox.bot_environment()["DISCORD_TOKEN"]
            await websocket.send_json({"op": 2, "d": {"token": token, "intents": 1, "properties": {}}})
            ready = await websocket.receive_json()
        assert ready["d"]["resume_gateway_url"] == "wss://gateway.discord.gg"


async def test_azure_under_its_real_name_links_to_blob_storage() -> None:
    async with under_real_names() as (sandbox, http):
        status, answer = await draw(http, sandbox.bot_environment())
        assert status == 200
        url = answer["data"][0]["url"]
        assert url.startswith("https://easel.blob.core.windows.net/")
        async with http.get(url) as picture:
            assert picture.status == 200
            assert picture.content_type == "image/png"


async def test_entra_answers_under_its_real_name() -> None:
    async with under_real_names() as (sandbox, http):
        azure = sandbox.azure.options
        form = {
            "grant_type": "client_credentials",
            "client_id": azure.client_id,
            "client_secret": azure.client_secret,
            "scope": "https://cognitiveservices.azure.com/.default",
        }
        url = f"https://login.microsoftonline.com/{azure.tenant}/oauth2/v2.0/token"
        async with http.post(url, data=form) as answer:
            assert answer.status == 200
            assert (await answer.json())["token_type"] == "Bearer"


# --- beginning and end ---


async def test_taken_port_is_told_as_such(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(PortUnavailable, match=str(port)):
        async with open_sandbox(SandboxOptions(port=port)):
            pass


async def test_end_waits_for_nobody(http: aiohttp.ClientSession) -> None:
    slow = SandboxOptions(azure=AzureOptions(latency=60))
    async with open_sandbox(slow) as sandbox:
        drawing = asyncio.create_task(draw(http, sandbox.bot_environment()))
        websocket = await http.ws_connect(f"{sandbox.url}/gateway?v=10&encoding=json")
        while not sandbox.azure.requests:
            await asyncio.sleep(0.01)
    assert sandbox.azure.requests[0].answered_at is None
    drawing.cancel()
    await asyncio.gather(drawing, return_exceptions=True)
    await websocket.close()


@asynccontextmanager
async def command_line(*arguments: str) -> AsyncIterator[Process]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *arguments, stdout=pipe, stderr=pipe
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_without_a_bot_it_prints_the_settings_of_one() -> None:
    async with command_line("--no-bot", "--port", "0") as process:
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), 20)
        process.send_signal(signal.SIGTERM)
        rest, _ = await asyncio.wait_for(process.communicate(), 5)
        assert process.returncode == 0
    settings = dict(line.split("=", 1) for line in (first + rest).decode().splitlines())
    assert settings["DISCORD_API_URL"].endswith("/api/v10")
    assert settings["AZURE_OPENAI_DEPLOYMENTS"].startswith("studio=gpt-image-2,")


async def test_taken_port_ends_the_demo_with_one_line(sandbox: Sandbox) -> None:
    port = sandbox.url.rpartition(":")[2]
    async with command_line("--no-bot", "--port", port) as process:
        said, complained = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 2
    assert said == b""
    [line] = complained.decode().splitlines()
    assert line.startswith(f"Sorry, port {port} cannot be used: Address already in use.")
