"""An application that answers what a test says, by the same REST calls a bot makes."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.discord.world.ids import APPLICATION, MEMBER_ONE, STUDIO

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from sandbox.discord.world.interactions import Interaction
    from sandbox.server import Sandbox

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, SUGGEST, MODAL = 4, 5, 6, 7, 8, 9
"""The types of a first answer."""
EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15
PATIENCE = 10.0
"""Seconds a test waits for a member to do something."""


class ScriptedApplication:
    """Hears what a member does, and answers when told to; it needs no gateway."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self._sandbox = sandbox
        self._session = session
        self._heard: asyncio.Queue[int] = asyncio.Queue()

    def hear(self, event: str, data: Mapping[str, Any]) -> None:
        """Take an event of the member's app."""
        if event == "INTERACTION_CREATE":
            self._heard.put_nowait(int(data["id"]))

    async def next_interaction(self) -> Interaction:
        """Wait for the next thing the member does."""
        async with asyncio.timeout(PATIENCE):
            interaction = self._sandbox.discord.world.interactions.get(await self._heard.get())
        assert interaction is not None
        return interaction

    async def register(self, commands: Sequence[Mapping[str, Any]]) -> None:
        """Have exactly these commands."""
        await self._call("PUT", f"/applications/{APPLICATION}/commands", list(commands), bot=True)

    async def answer(self, interaction: Interaction, kind: int, data: Any = None) -> None:
        """Answer an interaction first."""
        path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=true"
        await self._call("POST", path, {"type": kind} if data is None else {"type": kind, "data": data})

    async def edit(self, interaction: Interaction, body: Mapping[str, Any]) -> None:
        """Edit the first answer."""
        path = f"/webhooks/{APPLICATION}/{interaction.token}/messages/@original"
        await self._call("PATCH", path, body)

    async def post(self, body: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> str:
        """Say something in #studio, with files by name; return the message's id."""
        data: dict[str, Any] = dict(body)
        form = None
        if files:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(data))
            for index, (name, content) in enumerate(files.items()):
                kind = "application/octet-stream"
                form.add_field(f"files[{index}]", content, filename=name, content_type=kind)
        answer = await self._call("POST", f"/channels/{STUDIO}/messages", data, bot=True, form=form)
        return str(answer["id"])

    async def _call(
        self, method: str, path: str, body: Any, *, bot: bool = False, form: aiohttp.FormData | None = None
    ) -> Any:
        token = self._sandbox.discord.options.token
        headers = {"Authorization": f"Bot {token}"} if bot else {}
        content: dict[str, Any] = {"json": body} if form is None else {"data": form}
        url = f"{self._sandbox.url}/api/v10{path}"
        async with self._session.request(method, url, headers=headers, **content) as response:
            text = await response.text()
            assert response.status < 300, f"{response.status} {text}"
            return json.loads(text) if text else None


@asynccontextmanager
async def scripted_application(
    sandbox: Sandbox, *, user: int = MEMBER_ONE
) -> AsyncIterator[ScriptedApplication]:
    """An application that hears what one member does."""
    async with aiohttp.ClientSession() as session:
        application = ScriptedApplication(sandbox, session)
        with sandbox.discord.world.hub.listening(user, application.hear):
            yield application
