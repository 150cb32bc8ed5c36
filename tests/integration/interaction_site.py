"""One interaction of a real discord.py client, and a server that answers each call about it as told."""

from __future__ import annotations

import asyncio
import enum
import json
import re
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import aiohttp
import discord
from aiohttp import web
from discord.http import Route

from bot.discord.reply import Reply
from bot.discord.webhooks import Upload, answer_interactions_plainly

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from bot.discord.response import Response

APPLICATION, GUILD, CHANNEL, MEMBER, INTERACTION, MESSAGE = "42", "7", "5", "9", "1234567890123456789", "900"

JSON = {"Content-Type": "application/json"}

UPLOADS = (
    Upload(data=b"a" * 100, format="png", description="a cat", spoiler=False),
    Upload(data=b"b" * 100, format="png", description="a cat", spoiler=False),
)


class Call(enum.Enum):
    """What a bot can ask for about an interaction."""

    ACKNOWLEDGE = rf"POST /interactions/{INTERACTION}/secret/callback"
    EDIT = rf"PATCH /webhooks/{APPLICATION}/secret/messages/@original"
    LOOK = rf"GET /webhooks/{APPLICATION}/secret/messages/@original"
    FOLLOW_UP = rf"POST /webhooks/{APPLICATION}/secret"
    EDIT_BY_BOT = rf"PATCH /channels/{CHANNEL}/messages/{MESSAGE}"
    LOOK_BY_BOT = rf"GET /channels/{CHANNEL}/messages/{MESSAGE}"
    POST_BY_BOT = rf"POST /channels/{CHANNEL}/messages"
    LIST_BY_BOT = rf"GET /channels/{CHANNEL}/messages"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call gets; a call that takes effect changes the message, whatever it is told."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    effect: bool = False
    lost: Literal["reset", "stall", "cut"] | None = None


def says(
    data: object, status: int = 200, *, effect: bool = False, headers: Mapping[str, str] | None = None
) -> Answer:
    """JSON, as Discord labels it."""
    return Answer(status, json.dumps(data).encode(), {**JSON, **(headers or {})}, effect)


def refuses(
    status: int, code: int = 0, *, effect: bool = False, headers: Mapping[str, str] | None = None
) -> Answer:
    """An error as Discord words it."""
    return says({"message": "refused", "code": code}, status, effect=effect, headers=headers)


def message(attachments: int = 0) -> dict[str, Any]:
    """The bot's message, complete."""
    files = [
        {"id": str(n), "filename": "a.png", "size": 100, "url": "u", "proxy_url": "u"}
        for n in range(attachments)
    ]
    return {
        "id": MESSAGE,
        "channel_id": CHANNEL,
        "author": _user(APPLICATION),
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "attachments": files,
        "content": "",
        "type": 0,
        "tts": False,
        "pinned": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "embeds": [],
    }


DEFERRED = says({"interaction": {"id": INTERACTION, "type": 2, "response_message_id": MESSAGE}}, effect=True)


@dataclass(frozen=True, slots=True)
class Received:
    """One call as the server got it, at a time of the event loop's clock."""

    call: Call
    at: float
    by_bot: bool
    data: Mapping[str, Any]
    files: int


class InteractionSite:
    """Answers as scripted; calls without a script, or past its end, succeed."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.attachments = 0
        self.unreachable = asyncio.Event()
        """Set once a request of the client got no answer."""
        self._scripts: dict[Call, Iterator[Answer]] = {}
        self._runner = web.AppRunner(self._application(), handler_cancellation=True, shutdown_timeout=0.1)

    def answer(self, call: Call, answers: Iterable[Answer] | Answer) -> None:
        """Give one call after the other what is in ``answers``."""
        self._scripts[call] = iter([answers] if isinstance(answers, Answer) else answers)

    @property
    def calls(self) -> list[Call]:
        """What was asked for, in order."""
        return [request.call for request in self.requests]

    def move(self) -> None:
        """Send the client to another port, where connections are refused until ``listen``."""
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        Route.BASE = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def listen(self) -> None:
        await web.SockSite(self._runner, self._socket).start()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        base = Route.BASE
        self.move()
        await self._runner.setup()
        await self.listen()
        try:
            yield
        finally:
            Route.BASE = base
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/users/@me", _own_user)
        application.router.add_get("/oauth2/applications/@me", _own_application)
        application.router.add_route("*", "/{path:.*}", self._serve)
        return application

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        received = await _read(request)
        self.requests.append(received)
        script = self._scripts.get(received.call, iter(()))
        answer = next(script, None) or self._usual(received)
        if answer.effect and received.call in {Call.EDIT, Call.EDIT_BY_BOT}:
            self.attachments = received.files
        return await _send(request, answer)

    def _usual(self, received: Received) -> Answer:
        if received.call is Call.ACKNOWLEDGE:
            return DEFERRED
        if received.call is Call.LIST_BY_BOT:
            return says([])
        if received.call in {Call.LOOK, Call.LOOK_BY_BOT}:
            return says(message(self.attachments))
        return says(message(received.files), effect=True)


async def _read(request: web.Request) -> Received:
    call = Call(f"{request.method} {request.path}")
    data, files = {}, 0
    if request.content_type == "multipart/form-data":
        form = await request.post()
        data = json.loads(str(form["payload_json"]))
        files = sum(re.fullmatch(r"files\[\d\]", name) is not None for name in form)
    elif request.can_read_body:
        data = await request.json()
    now = asyncio.get_running_loop().time()
    return Received(call, now, "Authorization" in request.headers, data, files)


async def _send(request: web.Request, answer: Answer) -> web.StreamResponse:
    if answer.lost == "stall":
        await asyncio.Event().wait()
    transport = request.transport
    assert transport is not None
    if answer.lost == "reset":
        transport.abort()
    if answer.lost != "cut":
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    transport.close()
    return response


async def _own_user(request: web.Request) -> web.StreamResponse:
    return await _send(request, says(_user(APPLICATION)))


async def _own_application(request: web.Request) -> web.StreamResponse:
    facts = {"id": APPLICATION, "name": "Easel", "description": "", "icon": None, "flags": 0}
    switches = {"bot_public": True, "bot_require_code_grant": False, "verify_key": "", "owner": _user("1")}
    return await _send(request, says({**facts, **switches}))


def _user(user_id: str) -> dict[str, Any]:
    return {"id": user_id, "username": "somebody", "discriminator": "0", "avatar": None}


def _interaction(client: discord.Client, channel: Mapping[str, Any] | None) -> discord.Interaction[Any]:
    member: dict[str, Any] = {
        "user": _user(MEMBER),
        "roles": [],
        "joined_at": None,
        "permissions": "0",
        "flags": 0,
    }
    data: Any = {
        "id": INTERACTION,
        "application_id": APPLICATION,
        "type": 2,
        "token": "secret",
        "version": 1,
        "attachment_size_limit": 10 * 2**20,
        "guild_id": GUILD,
        "data": {"id": "1", "name": "imagine", "type": 1},
        "member": {**member, "deaf": False, "mute": False},
        "channel_id": CHANNEL,
    }
    if channel is not None:
        data["channel"] = channel
    return discord.Interaction(data=data, state=client._connection)


@dataclass(frozen=True, slots=True)
class Desk:
    """The server, and the reply to the interaction that is answered there."""

    site: InteractionSite
    reply: Reply

    @property
    def response(self) -> Response:
        """The message that is the answer."""
        return self.reply.response

    async def acknowledged(self) -> None:
        """Show "thinking…", and forget the call."""
        assert await self.reply.acknowledge()
        self.site.requests.clear()


@asynccontextmanager
async def open_desk(*, private: bool = False, has_channel: bool = True) -> AsyncIterator[Desk]:
    """A client that has logged in, and an interaction that nobody has answered."""
    site, trace = InteractionSite(), aiohttp.TraceConfig()

    async def note_failure(*_: object) -> None:
        site.unreachable.set()

    trace.on_request_exception.append(note_failure)
    answer_interactions_plainly()
    channel = {"id": CHANNEL, "type": 0, "name": "studio", "position": 0, "permission_overwrites": []}
    async with site.running(), discord.Client(intents=discord.Intents.none(), http_trace=trace) as client:
        await client.login("token")
        yield Desk(site, Reply(_interaction(client, channel if has_channel else None), private=private))
