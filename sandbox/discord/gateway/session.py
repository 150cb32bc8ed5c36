"""A gateway connection (one websocket) and a gateway session (which outlives it)."""

from __future__ import annotations

import asyncio
import secrets
import time
import zlib
from collections import deque
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import WSMsgType

from sandbox.discord.gateway.protocol import (
    PAYLOAD_LIMIT,
    SEND_LIMIT,
    SEND_WINDOW,
    CloseCode,
    GatewayError,
    Intents,
    Opcode,
    intent_of,
    shard_of,
)
from sandbox.sockets import cut

if TYPE_CHECKING:
    from aiohttp import web

SESSION_LIFETIME = 180.0
"""Seconds a session outlives its connection. Discord says "a few minutes"."""
REPLAY_LIMIT = 1000
"""Events a session remembers for a resume; Discord does not say how many it keeps."""
HEARTBEAT_TOLERANCE = 1.5
"""Heartbeat intervals without a heartbeat after which a connection is closed."""


class Connection:
    """One bot's websocket.

    A task that runs `write` sends the frames in the order they were posted, so that posting never waits for
    a slow or silent bot.
    """

    def __init__(
        self, websocket: web.WebSocketResponse, transport: asyncio.Transport, *, zipped: bool
    ) -> None:
        self.session: Session | None = None
        self._websocket = websocket
        self._transport = transport
        # One context for the whole connection: that is what makes it zlib-stream.
        self._deflate = zlib.compressobj() if zipped else None
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._audible = asyncio.Event()
        self._audible.set()
        self._received: deque[float] = deque(maxlen=SEND_LIMIT)
        self._last_heartbeat = time.monotonic()

    @property
    def close_code(self) -> int | None:
        """The bot's close code, if it sent one."""
        return self._websocket.close_code

    def post(self, opcode: Opcode, data: Any = None) -> None:
        """Queue a payload that is not an event."""
        self.post_frame(orjson.dumps({"op": opcode, "d": data, "s": None, "t": None}))

    def post_frame(self, frame: bytes) -> None:
        """Queue a payload that is already serialised."""
        self._outbox.put_nowait(frame)

    def mute(self, on: bool) -> None:
        """Hold back every frame, including acknowledgements; switching it off sends them."""
        if on:
            self._audible.clear()
        else:
            self._audible.set()

    async def write(self) -> None:
        """Send posted frames until the bot is gone."""
        while True:
            frame = await self._outbox.get()
            await self._audible.wait()
            try:
                await self._send(frame)
            except ConnectionError:
                return

    async def _send(self, frame: bytes) -> None:
        if self._deflate is None:
            await self._websocket.send_str(frame.decode())
        else:
            packed = self._deflate.compress(frame) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            await self._websocket.send_bytes(packed)

    async def receive(self, heartbeat_interval: float) -> dict[str, Any] | None:
        """Return the bot's next payload, or None once it is gone.

        Raises:
            GatewayError: If the payload is too large, malformed or one too many, or heartbeats stopped.
        """
        patience = HEARTBEAT_TOLERANCE * heartbeat_interval + self._last_heartbeat - time.monotonic()
        try:
            message = await self._websocket.receive(timeout=max(patience, 0.001))
        except TimeoutError:
            # Not 4009, which tells a bot to start a new session: missed heartbeats "force it to resume".
            raise GatewayError(CloseCode.UNKNOWN_ERROR, "No heartbeat in time.") from None
        if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
            return None
        payload = _decode(message.data)
        if payload["op"] == Opcode.HEARTBEAT:
            self._last_heartbeat = time.monotonic()
        self._count()
        return payload

    def _count(self) -> None:
        now = time.monotonic()
        if len(self._received) == SEND_LIMIT and now - self._received[0] < SEND_WINDOW:
            raise GatewayError(CloseCode.RATE_LIMITED, "You are sending payloads too quickly.")
        self._received.append(now)

    async def close(self, code: int, reason: str) -> None:
        """Close the websocket with a code and a reason."""
        await self._websocket.close(code=code, message=reason.encode())

    def abort(self, *, reset: bool = False) -> None:
        """Cut the TCP connection without a close frame: with a FIN, or with an RST if `reset`."""
        cut(self._transport, reset=reset)


def _decode(raw: str | bytes) -> dict[str, Any]:
    if len(raw.encode() if isinstance(raw, str) else raw) > PAYLOAD_LIMIT:
        raise GatewayError(CloseCode.DECODE_ERROR, "Payload over 4096 bytes.")
    try:
        payload = orjson.loads(raw)
    except ValueError:
        raise GatewayError(CloseCode.DECODE_ERROR, "Error while decoding payload.") from None
    if not isinstance(payload, dict) or not isinstance(payload.get("op"), int):
        raise GatewayError(CloseCode.DECODE_ERROR, "Payload without an opcode.")
    return payload


class Session:
    """What one IDENTIFY starts: numbered events, kept so that a later connection can resume.

    Attributes:
        id: The session id.
        shard: Shard id and number of shards, if the bot gave them.
        intents: The groups of events the bot asked for.
        sequence: The number of its last event.
        resumes: How often it was resumed.
        connection: The connection it runs over now, if any.
    """

    def __init__(self, intents: int, shard: tuple[int, int] | None) -> None:
        self.id = secrets.token_hex(16)
        self.shard = shard
        self.intents = Intents(intents)
        self.sequence = 0
        self.resumes = 0
        self.connection: Connection | None = None
        self._left_at = time.monotonic()
        self._events: deque[tuple[int, bytes]] = deque(maxlen=REPLAY_LIMIT)

    @property
    def expired(self) -> bool:
        """Whether it has been without a connection for too long to be resumed."""
        return self.connection is None and time.monotonic() - self._left_at >= SESSION_LIFETIME

    def attach(self, connection: Connection) -> None:
        """Use `connection` from now on."""
        self.connection = connection
        connection.session = self

    def detach(self) -> None:
        """Drop the connection; events are kept for a resume."""
        self.connection = None
        self._left_at = time.monotonic()

    def hears(self, event: str, guild_id: str | None) -> bool:
        """Return whether an event is for this session, by its intents and its shard."""
        needed = intent_of(event)
        if needed and needed not in self.intents:
            return False
        if self.shard is None:
            return True
        number, count = self.shard
        # Events outside a guild (direct messages) go to shard 0.
        return number == (0 if guild_id is None else shard_of(int(guild_id), count))

    def send(self, event: str, data: dict[str, Any]) -> None:
        """Give an event the next number, send it if there is a connection, and keep it in any case."""
        self.sequence += 1
        # Serialised now, since the world may change its objects before a resume replays this event.
        frame = orjson.dumps({"op": Opcode.DISPATCH, "d": data, "s": self.sequence, "t": event})
        self._events.append((self.sequence, frame))
        if self.connection is not None:
            self.connection.post_frame(frame)

    def missed(self, sequence: int) -> list[bytes] | None:
        """Return the events after `sequence`, or None if some of them are no longer kept."""
        if self._events and self._events[0][0] > sequence + 1:
            return None
        return [frame for number, frame in self._events if number > sequence]
