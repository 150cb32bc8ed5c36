"""The sandbox's gateway against the client that has to live with it: discord.py, unmodified."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
import yarl

from sandbox.discord.gateway.protocol import CloseCode, Intents, Opcode
from sandbox.discord.gateway.server import Gateway
from sandbox.discord.options import DiscordOptions
from sandbox.server import Sandbox, SandboxOptions, open_sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

QUICK = DiscordOptions(heartbeat_interval=0.5)
ZOMBIE_TIMEOUT = 1.5


class Listener(discord.AutoShardedClient):
    """A bot that writes down what it hears."""

    def __init__(self, *, shard_count: int | None = None) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            heartbeat_timeout=ZOMBIE_TIMEOUT,
            guild_ready_timeout=0,
            shard_count=shard_count,
        )
        self.heard: list[str] = []
        self.ready = asyncio.Event()
        self.resumed = asyncio.Event()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not sleep 5 s before identifying anew, as discord.py does."""

    async def on_socket_event_type(self, event: str) -> None:
        self.heard.append(event)

    async def on_ready(self) -> None:
        self.ready.set()

    async def on_shard_resumed(self, _: int) -> None:
        self.resumed.set()


@asynccontextmanager
async def listening(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, *, shard_count: int | None = None
) -> AsyncIterator[Listener]:
    settings = sandbox.bot_environment()
    monkeypatch.setattr(discord.http.Route, "BASE", settings["DISCORD_API_URL"])
    gateway = yarl.URL(settings["DISCORD_GATEWAY_URL"])
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    client = Listener(shard_count=shard_count)
    task = asyncio.create_task(client.start(settings["DISCORD_TOKEN"]))
    try:
        await within(client.ready.wait())
        yield client
    finally:
        await client.close()
        await task


async def within(awaitable: Any, seconds: float = 10.0) -> Any:
    return await asyncio.wait_for(awaitable, seconds)


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_sandbox(SandboxOptions(discord=QUICK)) as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listener]:
    async with listening(sandbox, monkeypatch) as running:
        yield running


# --- discord.py as it comes ---


async def test_client_connects_over_zlib_and_learns_its_guild(sandbox: Sandbox, client: Listener) -> None:
    assert client.heard[:2] == ["READY", "GUILD_CREATE"]
    assert [guild.name for guild in client.guilds] == ["Easel Studio"]
    assert {channel.name for channel in client.guilds[0].text_channels} >= {"studio", "gallery"}
    assert sandbox.discord.gateway.online


async def test_heartbeats_are_acknowledged(sandbox: Sandbox, client: Listener) -> None:
    await until(lambda: 0 < client.latency < ZOMBIE_TIMEOUT)
    await asyncio.sleep(1.5 * ZOMBIE_TIMEOUT)
    assert sandbox.discord.gateway.identifies == 1
    assert sandbox.discord.gateway.sessions[0].resumes == 0


CUTS: dict[str, Callable[[Gateway], Awaitable[None]]] = {
    "TCP connection closed": Gateway.drop,
    "TCP connection reset": Gateway.reset,
    "opcode 7": Gateway.reconnect,
    "opcode 9, resumable": lambda gateway: gateway.invalidate(resumable=True),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
async def test_client_resumes_and_hears_what_it_missed_in_order(
    sandbox: Sandbox, client: Listener, cut: Callable[[Gateway], Awaitable[None]]
) -> None:
    gateway = sandbox.discord.gateway
    client.heard.clear()
    await cut(gateway)
    for number in range(3):
        await gateway.dispatch(f"MISSED_{number}", {})
    await within(client.resumed.wait())
    await gateway.dispatch("LATER", {})
    await until(lambda: "LATER" in client.heard)
    assert client.heard == ["MISSED_0", "MISSED_1", "MISSED_2", "RESUMED", "LATER"]
    assert gateway.identifies == 1


@pytest.mark.parametrize("code", [1001, 4000, 4009])
async def test_client_resumes_after_a_close_code(sandbox: Sandbox, client: Listener, code: int) -> None:
    await sandbox.discord.gateway.close_connections(code)
    await within(client.resumed.wait())
    assert sandbox.discord.gateway.identifies == 1


async def test_client_identifies_anew_when_its_session_is_invalid(sandbox: Sandbox, client: Listener) -> None:
    gateway = sandbox.discord.gateway
    status: list[bool] = []
    gateway.on_status = status.append
    [old] = gateway.sessions
    await gateway.invalidate(resumable=False)
    assert status == [False]
    await gateway.dispatch("LOST", {})
    await gateway.wait_ready()
    await until(lambda: client.heard.count("READY") == 2)
    assert status == [False, True]
    assert old not in gateway.sessions
    assert "LOST" not in client.heard


async def test_client_leaves_a_zombie_and_hears_what_it_missed(sandbox: Sandbox, client: Listener) -> None:
    gateway = sandbox.discord.gateway
    gateway.mute()
    await gateway.dispatch("UNHEARD", {})
    await asyncio.sleep(ZOMBIE_TIMEOUT / 2)
    assert "UNHEARD" not in client.heard
    await within(client.resumed.wait())
    assert client.heard[-2:] == ["UNHEARD", "RESUMED"]


async def test_unmuting_delivers_what_was_held_back(sandbox: Sandbox, client: Listener) -> None:
    gateway = sandbox.discord.gateway
    gateway.mute()
    await gateway.dispatch("HELD", {})
    gateway.mute(on=False)
    await until(lambda: "HELD" in client.heard)
    assert gateway.sessions[0].resumes == 0


async def test_client_comes_back_after_refusals(sandbox: Sandbox, client: Listener) -> None:
    gateway = sandbox.discord.gateway
    gateway.refuse()
    await gateway.drop()
    with pytest.raises(TimeoutError):
        await gateway.wait_ready(timeout=0.3)
    gateway.refuse(on=False)
    await gateway.wait_ready(timeout=20)
    # A refused resume makes discord.py identify anew; the old session is still there for a resume.
    await until(lambda: client.heard.count("READY") == 2)
    assert len(gateway.sessions) == 2


async def test_clean_close_ends_the_session(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(sandbox, monkeypatch):
        assert sandbox.discord.gateway.online
    await until(lambda: not sandbox.discord.gateway.online)
    assert sandbox.discord.gateway.sessions == []


async def test_each_shard_hears_its_own_guilds(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    # discord.py waits 5 s between shards, and so do the real gateway's limits.
    async with listening(sandbox, monkeypatch, shard_count=2) as client:
        gateway = sandbox.discord.gateway
        await until(lambda: len(gateway.sessions) == 2)
        [home] = client.guilds
        await gateway.dispatch("INTERACTION_X", {"guild_id": str(home.id)})
        await until(lambda: "INTERACTION_X" in client.heard)
        assert client.heard.count("GUILD_CREATE") == 1
        assert sorted(session.sequence for session in gateway.sessions) == [1, 3]


# --- the rules, by a bare websocket ---

IDENTIFY = {"token": QUICK.token, "intents": int(Intents.GUILDS), "properties": {}}


class Bare:
    """A websocket that sends and reads gateway payloads, uncompressed or as one zlib stream."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self._websocket = websocket
        self._inflate = zlib.decompressobj()

    async def send(self, opcode: int, data: Any = None) -> None:
        await self._websocket.send_str(json.dumps({"op": opcode, "d": data}))

    async def send_raw(self, text: str) -> None:
        await self._websocket.send_str(text)

    async def receive(self) -> dict[str, Any]:
        message = await self._websocket.receive(timeout=5)
        if message.type is aiohttp.WSMsgType.BINARY:
            assert message.data.endswith(b"\x00\x00\xff\xff")
            payload = json.loads(self._inflate.decompress(message.data))
        else:
            assert message.type is aiohttp.WSMsgType.TEXT, message
            payload = json.loads(message.data)
        assert isinstance(payload, dict)
        return payload

    async def event(self, name: str) -> dict[str, Any]:
        while (payload := await self.receive())["t"] != name:
            pass
        return payload

    async def close_code(self) -> int | None:
        while (await self._websocket.receive(timeout=5)).type in {
            aiohttp.WSMsgType.TEXT,
            aiohttp.WSMsgType.BINARY,
        }:
            pass
        return self._websocket.close_code

    async def close(self, code: int) -> None:
        await self._websocket.close(code=code)


@asynccontextmanager
async def bare(sandbox: Sandbox, path: str = "/gateway", **query: str) -> AsyncIterator[Bare]:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(sandbox.url + path, params={"v": "10", "encoding": "json"} | query) as websocket,
    ):
        socket = Bare(websocket)
        if query.get("v", "10") == "10":
            hello = await socket.receive()
            assert hello["op"] == Opcode.HELLO
            assert hello["d"]["heartbeat_interval"] == QUICK.heartbeat_interval * 1000
        yield socket


@pytest.mark.parametrize("query", [{}, {"compress": "zlib-stream"}, {"compress": "zstd-stream"}])
@pytest.mark.parametrize("path", ["/gateway", "/"])
async def test_ready_says_how_to_resume(sandbox: Sandbox, path: str, query: dict[str, str]) -> None:
    async with bare(sandbox, path, **query) as socket:
        await socket.send(Opcode.IDENTIFY, IDENTIFY | {"shard": [0, 1]})
        ready = await socket.receive()
    assert (ready["t"], ready["s"], ready["d"]["v"]) == ("READY", 1, 10)
    assert ready["d"]["shard"] == [0, 1]
    assert ready["d"]["resume_gateway_url"] == sandbox.url.replace("http", "ws") + path
    assert all(guild["unavailable"] for guild in ready["d"]["guilds"])


async def test_heartbeat_needs_no_identify(sandbox: Sandbox) -> None:
    async with bare(sandbox) as socket:
        await socket.send(Opcode.HEARTBEAT)
        assert (await socket.receive())["op"] == Opcode.HEARTBEAT_ACK


VIOLATIONS: dict[str, tuple[list[tuple[int, Any]], CloseCode]] = {
    "unknown opcode": ([(2, IDENTIFY), (99, None)], CloseCode.UNKNOWN_OPCODE),
    "event before identify": ([(3, {})], CloseCode.NOT_AUTHENTICATED),
    "wrong token": ([(2, IDENTIFY | {"token": "wrong"})], CloseCode.AUTHENTICATION_FAILED),
    "second identify": ([(2, IDENTIFY), (2, IDENTIFY)], CloseCode.ALREADY_AUTHENTICATED),
    "identify without properties": ([(2, IDENTIFY | {"properties": None})], CloseCode.DECODE_ERROR),
    "identify without data": ([(2, None)], CloseCode.DECODE_ERROR),
    "shard out of range": ([(2, IDENTIFY | {"shard": [1, 1]})], CloseCode.INVALID_SHARD),
    "unknown intent": ([(2, IDENTIFY | {"intents": 1 << 30})], CloseCode.INVALID_INTENTS),
    "no intents": ([(2, IDENTIFY | {"intents": None})], CloseCode.INVALID_INTENTS),
    "privileged intent": ([(2, IDENTIFY | {"intents": 1 << 15})], CloseCode.DISALLOWED_INTENTS),
    "resume without seq": ([(6, {"token": QUICK.token, "session_id": "x"})], CloseCode.INVALID_SEQUENCE),
    "121 payloads in a minute": ([(1, None)] * 121, CloseCode.RATE_LIMITED),
    "5000 bytes": ([(2, IDENTIFY | {"padding": "x" * 5000})], CloseCode.DECODE_ERROR),
}


@pytest.mark.parametrize(("payloads", "code"), VIOLATIONS.values(), ids=VIOLATIONS.keys())
async def test_violation_closes_with_its_code(
    sandbox: Sandbox, payloads: list[tuple[int, Any]], code: CloseCode
) -> None:
    async with bare(sandbox) as socket:
        for opcode, data in payloads:
            await socket.send(opcode, data)
        assert await socket.close_code() == code


@pytest.mark.parametrize("text", ["{", "[]", '{"op": "2"}'])
async def test_malformed_payload_is_a_decode_error(sandbox: Sandbox, text: str) -> None:
    async with bare(sandbox) as socket:
        await socket.send_raw(text)
        assert await socket.close_code() == CloseCode.DECODE_ERROR


async def test_other_api_version_is_refused(sandbox: Sandbox) -> None:
    async with bare(sandbox, v="6") as socket:
        assert await socket.close_code() == CloseCode.INVALID_VERSION


async def test_connection_without_heartbeats_is_closed_and_resumable(sandbox: Sandbox) -> None:
    async with bare(sandbox) as socket:
        await socket.send(Opcode.IDENTIFY, IDENTIFY)
        began = time.monotonic()
        assert await socket.close_code() == CloseCode.UNKNOWN_ERROR
    assert time.monotonic() - began > QUICK.heartbeat_interval
    assert sandbox.discord.gateway.sessions


async def test_resume_ahead_of_the_session_is_an_invalid_sequence(sandbox: Sandbox) -> None:
    async with bare(sandbox) as first:
        await first.send(Opcode.IDENTIFY, IDENTIFY)
        session_id = (await first.event("READY"))["d"]["session_id"]
        await first.close(4000)
    async with bare(sandbox) as second:
        await second.send(Opcode.RESUME, {"token": QUICK.token, "session_id": session_id, "seq": 99})
        assert await second.close_code() == CloseCode.INVALID_SEQUENCE


@pytest.mark.parametrize("code", [1000, 1001])
async def test_session_closed_by_the_bot_cannot_be_resumed(sandbox: Sandbox, code: int) -> None:
    async with bare(sandbox) as first:
        await first.send(Opcode.IDENTIFY, IDENTIFY)
        session_id = (await first.event("READY"))["d"]["session_id"]
        await first.close(code)
    async with bare(sandbox) as second:
        await second.send(Opcode.RESUME, {"token": QUICK.token, "session_id": session_id, "seq": 1})
        refusal = await second.receive()
    assert (refusal["op"], refusal["d"]) == (Opcode.INVALID_SESSION, False)


async def test_second_identify_within_the_interval_gets_invalid_session() -> None:
    limited = DiscordOptions(heartbeat_interval=QUICK.heartbeat_interval, identify_interval=0.5)
    async with open_sandbox(SandboxOptions(discord=limited)) as sandbox, bare(sandbox) as first:
        await first.send(Opcode.IDENTIFY, IDENTIFY)
        await first.event("READY")
        async with bare(sandbox) as second:
            await second.send(Opcode.IDENTIFY, IDENTIFY)
            assert (await second.receive())["op"] == Opcode.INVALID_SESSION
            await asyncio.sleep(0.3)
            await second.send(Opcode.HEARTBEAT)
            await asyncio.sleep(0.3)
            await second.send(Opcode.IDENTIFY, IDENTIFY)
            await second.event("READY")


async def test_events_follow_the_intents(sandbox: Sandbox) -> None:
    message = {"guild_id": "1", "author": {"id": "2"}, "mentions": [], "content": "hello"}
    gateway = sandbox.discord.gateway
    async with bare(sandbox) as quiet, bare(sandbox) as curious:
        await quiet.send(Opcode.IDENTIFY, IDENTIFY)
        await curious.send(Opcode.IDENTIFY, IDENTIFY | {"intents": int(Intents.GUILD_MESSAGES)})
        await until(lambda: len(gateway.sessions) == 2)
        await gateway.dispatch("MESSAGE_CREATE", message)
        await gateway.dispatch("INTERACTION_CREATE", {"guild_id": "1"})
        heard = await curious.event("MESSAGE_CREATE")
        assert heard["d"]["content"] == "", "only with the message-content intent is another's message told"
        await curious.event("INTERACTION_CREATE")
        sequence = (await quiet.event("INTERACTION_CREATE"))["s"]
        assert sequence == 3, "READY, GUILD_CREATE and the interaction"
