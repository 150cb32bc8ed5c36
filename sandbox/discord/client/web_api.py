"""The ``/client`` API of the demo page, which plays Discord's own app and shows one channel at a time.

Requests name the user they act for; there are no passwords here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.discord.client.answers import ModalForm, component_data
from sandbox.discord.client.composer import Composer, InputError
from sandbox.discord.client.member import MemberClient
from sandbox.discord.client.sending import send_command, send_component, send_modal
from sandbox.discord.rest.body import read_raw
from sandbox.discord.rest.failing import json_response
from sandbox.discord.rules.commands import CHAT_INPUT
from sandbox.discord.rules.errors import ApiError, too_large
from sandbox.discord.rules.modals import LABEL
from sandbox.discord.world.files import Upload
from sandbox.discord.world.guild import BOT_USER
from sandbox.discord.world.ids import APPLICATION, OWNER
from sandbox.discord.world.interactions import InteractionType
from sandbox.discord.world.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sandbox.discord.gateway.server import Gateway
    from sandbox.discord.world.interactions import Interaction
    from sandbox.discord.world.people import Member
    from sandbox.discord.world.world import World

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SUBCOMMANDS = frozenset({1, 2})
MOST_UPLOADED = 25 * 2**20
"""Bytes of one file a member may attach to a command."""
QUEUE = 1000
"""Events a page may lag behind before its socket is closed; it then reloads the state."""


class ClientApi:
    """The HTTP and websocket side of the members' apps."""

    def __init__(self, world: World, gateway: Gateway, reset: Callable[[], Awaitable[None]]) -> None:
        """Start with no pages open; ``reset`` is what a page's reset button calls."""
        self._world = world
        self._gateway = gateway
        self._reset = reset
        self._sockets: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes under /client."""
        return [
            web.get("/client/state", _refusing(self.get_state)),
            web.get("/client/events", self.get_events),
            web.post("/client/interactions", _refusing(self.post_interaction)),
            web.post("/client/uploads", _refusing(self.post_upload)),
            web.post("/client/messages", _refusing(self.post_message)),
            web.delete("/client/messages/{channel_id}/{message_id}", _refusing(self.delete_message)),
            web.post("/client/reset", self.post_reset),
        ]

    async def close(self) -> None:
        """Close every page's socket."""
        for socket in tuple(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    def tell_status(self, online: bool) -> None:
        """Tell every page whether the application is online."""
        self._world.hub.publish("APPLICATION_STATUS", {"online": online})

    # --- reading ---

    async def get_state(self, request: web.Request) -> web.Response:
        """Return the state that a page starts with, as one user sees it."""
        user_id = self._user(request.query.get("user"))
        guild = self._world.guild
        me = guild.members[user_id]
        channels = [
            channel
            for channel in guild.channels.values()
            if guild.permissions(me, channel) & Permission.VIEW_CHANNEL
        ]
        members = [member for member in guild.members.values() if member.id != OWNER]
        state = {
            "me": self._user_json(me),
            "users": [self._user_json(member) for member in members],
            "guild": {
                "id": str(guild.id),
                "name": guild.name,
                "roles": [role.to_json() for role in guild.roles.values()],
            },
            "channels": [
                {"id": str(channel.id), "name": channel.name, "topic": channel.topic} for channel in channels
            ],
            "application": {
                "id": str(APPLICATION),
                "name": BOT_USER.name,
                "online": self._gateway.online,
            },
            "commands": self._world.commands_for(user_id),
            "messages": {
                str(channel.id): self._world.messages.seen_by(user_id, channel.id) for channel in channels
            },
        }
        return json_response(200, state)

    def _user_json(self, member: Member) -> dict[str, Any]:
        permissions = self._world.guild.permissions(member)
        return {
            "id": str(member.id),
            "name": member.user.name,
            "avatar_color": member.user.color,
            "roles": [str(role) for role in member.roles],
            "moderator": bool(permissions & Permission.MANAGE_GUILD),
            "bot": member.user.bot,
        }

    async def get_events(self, request: web.Request) -> web.StreamResponse:
        """Stream one user's events as ``{t, d}`` frames until the page goes away."""
        try:
            user_id = self._user(request.query.get("user"))
        except InputError as error:
            return json_response(400, {"message": error.message, "errors": error.errors})
        socket = web.WebSocketResponse(heartbeat=30.0)
        await socket.prepare(request)
        outbox: asyncio.Queue[bytes] = asyncio.Queue(QUEUE)
        writer = asyncio.create_task(_write(socket, outbox))
        self._sockets.add(socket)

        def listen(event: str, data: dict[str, Any]) -> None:
            try:
                outbox.put_nowait(orjson.dumps({"t": event, "d": data}))
            except asyncio.QueueFull:
                writer.cancel()

        try:
            with self._world.hub.listening(user_id, listen):
                async for message in socket:
                    if message.type is WSMsgType.ERROR:
                        break
        finally:
            self._sockets.discard(socket)
            writer.cancel()
        return socket

    # --- acting ---

    async def post_interaction(self, request: web.Request) -> web.Response:
        """Send a command, a component interaction, an autocomplete request or a modal submission."""
        body = await _json(request)
        user_id = self._user(body.get("user"))
        data, nonce = body.get("data") or {}, body.get("nonce")
        match body.get("type"):
            case InteractionType.COMMAND | InteractionType.AUTOCOMPLETE as kind:
                channel_id = self._channel(body.get("channel_id"))
                is_partial = kind == InteractionType.AUTOCOMPLETE
                interaction = await self._command(user_id, channel_id, data, nonce, is_partial=is_partial)
            case InteractionType.COMPONENT:
                interaction = await self._component(user_id, data, nonce)
            case InteractionType.MODAL_SUBMIT:
                interaction = await self._modal(user_id, data, nonce)
            case _:
                raise InputError("unknown type of interaction")
        return json_response(200, {"id": str(interaction.id)})

    async def _command(
        self, user_id: int, channel_id: int, data: Mapping[str, Any], nonce: str | None, *, is_partial: bool
    ) -> Interaction:
        offered = {command["id"]: command for command in self._world.commands_for(user_id)}
        command = offered.get(str(data.get("id")))
        if command is None:
            raise InputError("This command is outdated, please try again in a few minutes")
        composer = Composer(self._world, user_id, channel_id, partial=is_partial)
        if command["type"] == CHAT_INPUT:
            options = data.get("options", [])
            full, name = composer.slash(command, options), _full_name(command["name"], options)
        else:
            full, name = composer.menu(command, int(data.get("target_id", 0))), command["name"]
        return await send_command(
            self._world, user_id, channel_id, full, name=name, autocomplete=is_partial, nonce=nonce
        )

    async def _component(self, user_id: int, data: Mapping[str, Any], nonce: str | None) -> Interaction:
        message = self._world.messages.get(int(data.get("message_id", 0)))
        if message is None:
            raise InputError("no such message")
        full = component_data(self._world, message, user_id, data.get("custom_id", ""), data.get("values"))
        return await send_component(self._world, user_id, message, full, nonce=nonce)

    async def _modal(self, user_id: int, data: Mapping[str, Any], nonce: str | None) -> Interaction:
        opener = self._world.interactions.get(int(data.get("id", 0)))
        if opener is None or opener.modal is None or opener.user_id != user_id:
            raise InputError("no such modal")
        form = ModalForm(self._world, opener.modal, user_id, opener.channel_id)
        full = await form.data(_given_answers(data.get("components", [])))
        return await send_modal(self._world, opener, full, nonce=nonce)

    async def post_upload(self, request: web.Request) -> web.Response:
        """Store a file for an attachment option (``?user=&filename=``, bytes as body); answer with its id."""
        self._user(request.query.get("user"))
        data = await read_raw(request, MOST_UPLOADED)
        if data is None:
            raise too_large()
        upload = Upload(request.query.get("filename", "unknown"), data)
        file = await self._world.files.add(upload, self._world.guild.id, private=True)
        return json_response(200, {"id": str(file.id)})

    async def post_message(self, request: web.Request) -> web.Response:
        """Write an ordinary message."""
        body = await _json(request)
        member = MemberClient(self._world, self._user(body.get("user")))
        content, channel_id = body.get("content"), self._channel(body.get("channel_id"))
        return json_response(200, await member.say(content if isinstance(content, str) else "", channel_id))

    async def delete_message(self, request: web.Request) -> web.Response:
        """Delete a message, or dismiss an ephemeral one."""
        member = MemberClient(self._world, self._user(request.query.get("user")))
        await member.delete_message(request.match_info["message_id"])
        return web.Response(status=204)

    async def post_reset(self, _: web.Request) -> web.Response:
        """Start afresh: no messages, no logged requests, no faults."""
        await self._reset()
        return web.Response(status=204)

    def _user(self, text: Any) -> int:
        user_id = int(text) if str(text).isdigit() else 0
        if user_id not in self._world.guild.members:
            raise InputError("no such user")
        return user_id

    def _channel(self, text: Any) -> int:
        channel_id = int(text) if str(text).isdigit() else 0
        if channel_id not in self._world.guild.channels:
            raise InputError("no such channel")
        return channel_id


async def _write(socket: web.WebSocketResponse, outbox: asyncio.Queue[bytes]) -> None:
    try:
        while True:
            await socket.send_str((await outbox.get()).decode())
    except ConnectionError:
        return
    finally:
        await socket.close()


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        raise InputError("the body is not JSON") from None
    if not isinstance(body, dict):
        raise InputError("the body is not an object")
    return body


def _refusing(handler: Handler) -> Handler:
    """Wrap a handler: answer input that it refuses with the reasons (400, or an `ApiError`'s status)."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except InputError as error:
            return json_response(400, {"message": error.message, "errors": error.errors})
        except ApiError as error:
            return json_response(error.status, error.body)
        except (KeyError, TypeError, ValueError) as error:
            return json_response(400, {"message": f"malformed request: {error!r}", "errors": {}})

    return handle


def _full_name(name: str, options: list[dict[str, Any]]) -> str:
    for option in options:
        if option["type"] in SUBCOMMANDS:
            return _full_name(f"{name} {option['name']}", option.get("options", []))
    return name


def _given_answers(components: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the answers by custom_id from components as Discord's app submits them."""
    answers: dict[str, Any] = {}
    for item in components:
        for inner in [item["component"]] if item["type"] == LABEL else item.get("components", []):
            answers[inner["custom_id"]] = inner["values"] if "values" in inner else inner.get("value")
    return answers
