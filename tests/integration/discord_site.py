"""A bot reduced to its HTTP calls, and the sandbox it calls: for tests of what the sandbox refuses."""

from __future__ import annotations

import io
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from PIL import Image

from sandbox.discord.options import DiscordOptions
from sandbox.discord.world.ids import APPLICATION, MEMBER_ONE, STUDIO
from sandbox.server import Sandbox, SandboxOptions, open_sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sandbox.discord.client.member import Invocation, MemberClient

COMMANDS: list[dict[str, Any]] = [
    {
        "name": "imagine",
        "description": "Draw",
        "options": [
            {"type": 3, "name": "prompt", "description": "What", "required": True, "max_length": 100},
            {"type": 3, "name": "size", "description": "How large", "autocomplete": True},
            {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 10},
            {
                "type": 3,
                "name": "model",
                "description": "Which",
                "choices": [{"name": "Studio", "value": "studio"}],
            },
            {"type": 11, "name": "image", "description": "From what"},
            {"type": 6, "name": "member", "description": "For whom"},
        ],
    },
    {
        "name": "limits",
        "description": "Limits",
        "default_member_permissions": "32",
        "options": [
            {
                "type": 1,
                "name": "set",
                "description": "Set",
                "options": [{"type": 7, "name": "channel", "description": "Where"}],
            }
        ],
    },
    {"type": 3, "name": "Report image"},
]


def png(width: int = 8, height: int = 6) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the API answered."""

    status: int
    data: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> int:
        return int(self.data["code"])

    @property
    def problems(self) -> dict[str, str]:
        """Dotted paths into the body with the code of what is wrong there."""
        found: dict[str, str] = {}

        def walk(node: Mapping[str, Any], path: str) -> None:
            for key, value in node.items():
                if key == "_errors":
                    found[path] = value[0]["code"]
                else:
                    walk(value, f"{path}.{key}".lstrip("."))

        walk(self.data.get("errors", {}), "")
        return found


class DiscordSite:
    """The sandbox, a member in it, and a bot's way to call it."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.discord = sandbox.discord
        self.session = session

    @property
    def member(self) -> MemberClient:
        return self.discord.member(MEMBER_ONE)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        token: str | None = "sandbox-token",
        **options: Any,
    ) -> Reply:
        """Call the API; with files the body becomes payload_json."""
        headers = {"Authorization": f"Bot {token}"} if token else {}
        if files is not None:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(body))
            for field, (filename, data) in files.items():
                form.add_field(field, data, filename=filename, content_type="application/octet-stream")
            options["data"] = form
        elif body is not None:
            options["json"] = body
        url = f"{self.sandbox.url}/api/v10{path}"
        async with self.session.request(method, url, headers=headers, **options) as response:
            text = await response.text()
            is_json = response.headers.get("Content-Type") == "application/json"
            return Reply(response.status, json.loads(text) if is_json else text, response.headers)

    async def callback(
        self, invocation: Invocation, kind: int, data: Any = None, *, full: bool = True, **options: Any
    ) -> Reply:
        """Answer an interaction first."""
        path = f"/interactions/{invocation.id}/{invocation.token}/callback"
        params = {"with_response": "true"} if full else {}
        body = {"type": kind} if data is None else {"type": kind, "data": data}
        return await self.call("POST", path, body, token=None, params=params, **options)

    async def webhook(
        self,
        invocation: Invocation,
        method: str,
        tail: str = "/messages/@original",
        body: Any = None,
        **options: Any,
    ) -> Reply:
        """Use an interaction's token after the first answer."""
        path = f"/webhooks/{APPLICATION}/{invocation.token}{tail}"
        return await self.call(method, path, body, token=None, **options)

    async def messages(self, method: str, tail: str = "", body: Any = None, **options: Any) -> Reply:
        """Use the bot's token in #studio."""
        return await self.call(method, f"/channels/{STUDIO}/messages{tail}", body, **options)

    async def register(self, commands: Any = None) -> Reply:
        """Register commands globally."""
        body = COMMANDS if commands is None else commands
        return await self.call("PUT", f"/applications/{APPLICATION}/commands", body)

    async def imagine(self, **options: Any) -> Invocation:
        """Type the command and wait for nothing."""
        return await self.member.slash("imagine", prompt="a cat", **options)

    async def deferred(self, **data: Any) -> Invocation:
        """Type the command and let the bot say "thinking"."""
        invocation = await self.imagine()
        reply = await self.callback(invocation, 5, data)
        assert reply.status == 200
        return invocation


@asynccontextmanager
async def open_site(**options: Any) -> AsyncIterator[DiscordSite]:
    """Open a sandbox with the test commands registered."""
    async with (
        open_sandbox(SandboxOptions(discord=DiscordOptions(**options))) as sandbox,
        aiohttp.ClientSession() as session,
    ):
        site = DiscordSite(sandbox, session)
        assert (await site.register()).status == 200
        sandbox.discord.requests.clear()
        yield site
