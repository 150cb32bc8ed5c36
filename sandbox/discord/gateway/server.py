"""Discord's gateway: the websocket over which a bot receives interactions.

HELLO, IDENTIFY, READY, heartbeats, resume with replay, invalid sessions, zlib-stream and the close codes work
as in Discord; in addition there are switches for real-life failures (dropped connections, zombies, refusals).
Presence updates are accepted. Requests for voice, members, soundboards and channel information are not
served: they close the connection with 4001, so that no bot waits in vain for an answer.

Source: https://docs.discord.com/developers/events/gateway (read 2026-11-22).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord.gateway.protocol import (
    ALL_INTENTS,
    API_VERSION,
    PRIVILEGED_INTENTS,
    CloseCode,
    GatewayError,
    Intents,
    Opcode,
    shard_of,
    without_content,
)
from sandbox.discord.gateway.session import SESSION_LIFETIME, Connection, Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.options import DiscordOptions

ENDING_CODES = frozenset({1000, 1001})
"""A bot that closes with one of these ends its session; after any other it may resume."""
ACK_DELAY = 0.02
"""Seconds until a heartbeat is acknowledged, as over a real network.

discord.py's heartbeat thread notes the send time only after sending; an acknowledgement within microseconds
comes before that, and the latency is then computed as a whole interval ("websocket is 41.3s behind").
"""
RECONNECT_GRACE = 5.0
"""Seconds a bot has to disconnect after opcode 7; Discord says "a few"."""


class Gateway:
    """The gateway of one application.

    Args:
        options: The required token, the heartbeat interval, the identify limit and the public address.
        ready: Returns the data of READY for a shard id (None: not sharded); the session's own fields are
            added here.
        guild_creates: Returns the data of one GUILD_CREATE per guild.

    Attributes:
        on_status: Called with True when the application comes online, with False when it goes offline. As in
            Discord it stays online while a lost connection could still be resumed.
        identifies: How many IDENTIFY payloads were accepted.
    """

    def __init__(
        self,
        options: DiscordOptions,
        ready: Callable[[int | None], dict[str, Any]],
        guild_creates: Callable[[], list[dict[str, Any]]],
    ) -> None:
        self.on_status: Callable[[bool], None] | None = None
        self.identifies = 0
        self._options = options
        self._ready = ready
        self._guild_creates = guild_creates
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()
        self._connected = asyncio.Event()
        self._refusing = False
        self._online = False
        self._bot_id = ""
        self._last_identify = -float("inf")

    @property
    def sessions(self) -> list[Session]:
        """The sessions that are running or could be resumed, oldest first."""
        return [session for session in self._sessions.values() if not session.expired]

    @property
    def online(self) -> bool:
        """Whether members see the application as online."""
        return bool(self.sessions)

    async def wait_ready(self, timeout: float = 10.0) -> None:
        """Wait until a bot is connected and has been sent READY and its guilds, or RESUMED.

        Raises:
            TimeoutError: If that takes more than `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            await self._connected.wait()

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """Send an event to every session whose intents and shard cover it, or keep it for their resume."""
        self._deliver(event, data, self.sessions)

    def _deliver(self, event: str, data: dict[str, Any], sessions: list[Session]) -> None:
        guild_id = data.get("id") if event.startswith("GUILD_") else data.get("guild_id")
        for session in sessions:
            if session.hears(event, guild_id):
                session.send(event, without_content(event, data, self._bot_id))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket, from the upgrade to the close."""
        if self._refusing:
            return web.Response(status=503, text="upstream connect error or disconnect/reset before headers")
        websocket = web.WebSocketResponse(compress=False, timeout=1.0)
        await websocket.prepare(request)
        transport = request.transport
        if transport is None:
            return websocket
        connection = Connection(websocket, transport, zipped=request.query.get("compress") == "zlib-stream")
        self._connections.add(connection)
        writer = asyncio.create_task(connection.write())
        try:
            await self._converse(connection, request)
        except GatewayError as error:
            await connection.close(error.code, error.reason)
        finally:
            writer.cancel()
            self._connections.discard(connection)
            self._leave(connection, ended=connection.close_code in ENDING_CODES)
        return websocket

    async def _converse(self, connection: Connection, request: web.Request) -> None:
        if request.query.get("v") != API_VERSION:
            raise GatewayError(CloseCode.INVALID_VERSION, "Invalid API version.")
        if request.query.get("encoding", "json") != "json":
            raise GatewayError(CloseCode.UNKNOWN_ERROR, "This stand-in speaks JSON only.")
        interval = self._options.heartbeat_interval
        connection.post(Opcode.HELLO, {"heartbeat_interval": round(interval * 1000)})
        while (payload := await connection.receive(interval)) is not None:
            self._answer(connection, payload["op"], payload.get("d"), request)

    def _answer(self, connection: Connection, opcode: int, data: Any, request: web.Request) -> None:
        match opcode:
            case Opcode.HEARTBEAT:
                asyncio.get_running_loop().call_later(ACK_DELAY, connection.post, Opcode.HEARTBEAT_ACK)
            case Opcode.IDENTIFY:
                self._identify(connection, _authenticated(connection, data, self._options.token), request)
            case Opcode.RESUME:
                self._resume(connection, _authenticated(connection, data, self._options.token))
            case _ if connection.session is None:
                raise GatewayError(CloseCode.NOT_AUTHENTICATED, "Not authenticated.")
            case Opcode.PRESENCE_UPDATE:
                pass
            case _:
                raise GatewayError(CloseCode.UNKNOWN_OPCODE, "Unknown opcode.")

    def _identify(self, connection: Connection, data: dict[str, Any], request: web.Request) -> None:
        session = Session(_intents(data), _shard(data))
        if not self._may_identify():
            connection.post(Opcode.INVALID_SESSION, data=False)
            return
        self.identifies += 1
        self._sessions[session.id] = session
        session.attach(connection)
        session.send("READY", self._ready_data(session, request))
        for guild in self._guild_creates():
            self._deliver("GUILD_CREATE", guild, [session])
        self._update_status()

    def _may_identify(self) -> bool:
        interval, now = self._options.identify_interval, time.monotonic()
        if interval is not None and now - self._last_identify < interval:
            return False
        self._last_identify = now
        return True

    def _ready_data(self, session: Session, request: web.Request) -> dict[str, Any]:
        """Return READY's data: the world's part, narrowed to the shard, and the session's own fields."""
        number, count = session.shard or (None, 1)
        data = self._ready(number)
        self._bot_id = data["user"]["id"]
        here = f"{'wss' if request.secure else 'ws'}://{request.host}{request.path}"
        data = {
            **data,
            "v": int(API_VERSION),
            "guilds": [
                guild for guild in data["guilds"] if number in {None, shard_of(int(guild["id"]), count)}
            ],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self._options.gateway_url or here,
        }
        return data if session.shard is None else {**data, "shard": list(session.shard)}

    def _resume(self, connection: Connection, data: dict[str, Any]) -> None:
        session, sequence = self._sessions.get(data.get("session_id", "")), data.get("seq")
        if not isinstance(sequence, int):
            raise GatewayError(CloseCode.INVALID_SEQUENCE, "Invalid seq.")
        if session is not None and sequence > session.sequence:
            raise GatewayError(CloseCode.INVALID_SEQUENCE, "Invalid seq.")
        missed = None if session is None or session.expired else session.missed(sequence)
        if session is None or missed is None:
            connection.post(Opcode.INVALID_SESSION, data=False)
            return
        if session.connection is not None:
            session.connection.abort()
        session.attach(connection)
        session.resumes += 1
        for frame in missed:
            connection.post_frame(frame)
        session.send("RESUMED", {})
        self._update_status()

    def _leave(self, connection: Connection, *, ended: bool) -> None:
        """Detach a finished connection: end its session, or keep it for a resume."""
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.detach()
        if ended:
            self._sessions.pop(session.id, None)
        else:
            asyncio.get_running_loop().call_later(SESSION_LIFETIME, self._update_status)
        self._update_status()

    def _update_status(self) -> None:
        self._sessions = {session.id: session for session in self.sessions}
        if any(session.connection is not None for session in self._sessions.values()):
            self._connected.set()
        else:
            self._connected.clear()
        if self.online is not self._online:
            self._online = self.online
            if self.on_status is not None:
                self.on_status(self._online)

    # --- real-life failures ---

    async def drop(self) -> None:
        """Close every TCP connection without a close frame; sessions may be resumed."""
        self._cut(reset=False)

    async def reset(self) -> None:
        """Reset every TCP connection (RST); sessions may be resumed."""
        self._cut(reset=True)

    def _cut(self, *, reset: bool) -> None:
        for connection in tuple(self._connections):
            # Detached before the socket notices, so that `wait_ready` waits for the reconnection.
            self._leave(connection, ended=False)
            connection.abort(reset=reset)

    async def close_connections(self, code: int, reason: str = "") -> None:
        """Close every connection with a close code; sessions may be resumed."""
        for connection in tuple(self._connections):
            self._leave(connection, ended=False)
            with suppress(ConnectionError):
                await connection.close(code, reason)

    async def reconnect(self) -> None:
        """Ask every bot to reconnect and resume (opcode 7)."""
        for connection in tuple(self._connections):
            self._leave(connection, ended=False)
            connection.post(Opcode.RECONNECT)
            asyncio.get_running_loop().call_later(RECONNECT_GRACE, connection.abort)

    async def invalidate(self, resumable: bool = False) -> None:
        """Invalidate every connected session (opcode 9), and forget it unless `resumable`."""
        for connection in tuple(self._connections):
            self._leave(connection, ended=not resumable)
            connection.session = None
            connection.post(Opcode.INVALID_SESSION, data=resumable)

    def mute(self, on: bool = True) -> None:
        """Turn the open connections into zombies: heartbeats unanswered, events held back. New ones work."""
        for connection in self._connections:
            connection.mute(on)

    def refuse(self, on: bool = True) -> None:
        """Answer new connections with 503."""
        self._refusing = on


def _authenticated(connection: Connection, data: Any, token: str) -> dict[str, Any]:
    """Return the data of an IDENTIFY or RESUME, if it is well formed and its token is right."""
    if connection.session is not None:
        raise GatewayError(CloseCode.ALREADY_AUTHENTICATED, "Already authenticated.")
    if not isinstance(data, dict):
        raise GatewayError(CloseCode.DECODE_ERROR, "Error while decoding payload.")
    if data.get("token") != token:
        raise GatewayError(CloseCode.AUTHENTICATION_FAILED, "Authentication failed.")
    return data


def _intents(data: dict[str, Any]) -> int:
    intents = data.get("intents")
    if not isinstance(data.get("properties"), dict):
        raise GatewayError(CloseCode.DECODE_ERROR, "IDENTIFY without properties.")
    if not isinstance(intents, int) or intents & ~ALL_INTENTS:
        raise GatewayError(CloseCode.INVALID_INTENTS, "Invalid intent(s).")
    if Intents(intents) & PRIVILEGED_INTENTS:
        raise GatewayError(CloseCode.DISALLOWED_INTENTS, "Disallowed intent(s).")
    return intents


def _shard(data: dict[str, Any]) -> tuple[int, int] | None:
    match data.get("shard"):
        case None:
            return None
        case [int(number), int(count)] if 0 <= number < count:
            return number, count
        case _:
            raise GatewayError(CloseCode.INVALID_SHARD, "Invalid shard.")
