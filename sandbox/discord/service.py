"""The whole Discord stand-in: world, REST, gateway, CDN and the members' own app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord.cdn import Cdn
from sandbox.discord.client.member import MemberClient
from sandbox.discord.client.web_api import ClientApi
from sandbox.discord.gateway.server import Gateway
from sandbox.discord.options import DiscordOptions
from sandbox.discord.rest.api import RestApi
from sandbox.discord.rest.failing import KINDS
from sandbox.discord.world.world import World
from sandbox.faults import FaultList

if TYPE_CHECKING:
    from sandbox.discord.rest.records import RequestLog


class DiscordSandbox:
    """Discord, for one application in one guild.

    Attributes:
        world: The whole state.
        gateway: The bot's websocket, and ways to disturb it.
        faults: The faults to inject into calls; see ``rest/failing.py`` for the kinds. Routes are matched
            without ``/api/v10``: "PATCH /webhooks/*/messages/@original", "GET /attachments/*".
    """

    def __init__(self, options: DiscordOptions | None = None) -> None:
        options = options or DiscordOptions()
        self.faults = FaultList(KINDS)
        self.world = World(options, self.dispatch)
        self.gateway = Gateway(options, self.world.ready, self.world.guild_creates)
        self.world.identifies = lambda: self.gateway.identifies
        self._rest = RestApi(self.world, self.faults)
        self._cdn = Cdn(self.world.files, self.faults)
        self._client_api = ClientApi(self.world, self.gateway, self.reset)
        self.gateway.on_status = self._client_api.tell_status
        self.base_url = ""

    @property
    def options(self) -> DiscordOptions:
        """Deadlines and limits; may be replaced at any time.

        Only the gateway keeps the initial token, heartbeat interval, identify limit and public address.
        """
        return self.world.options

    @options.setter
    def options(self, options: DiscordOptions) -> None:
        self.world.configure(options)

    @property
    def base_url(self) -> str:
        """Scheme, host and port of this server, which sets them as soon as its port is known."""
        return self._base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        self._base_url = url
        self.world.files.base_url = self.options.cdn_url or url
        self.world.gateway_url = self.options.gateway_url or f"ws{url.removeprefix('http')}/gateway"

    @property
    def requests(self) -> RequestLog:
        """Every call to the REST API so far, in order."""
        return self._rest.log

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the REST API, the gateway, the CDN and Discord's own app."""
        return [
            web.route("*", "/api/v10/{path:.*}", self._rest.handle),
            web.get("/gateway", self.gateway.handle),
            *self._cdn.routes(),
            *self._client_api.routes(),
        ]

    async def start(self) -> None:
        """Do nothing: everything is in memory."""

    async def close(self) -> None:
        """Close the websockets of the members' apps."""
        await self._client_api.close()

    def member(self, user_id: int) -> MemberClient:
        """Return a member's app.

        Raises:
            KeyError: If there is no such member.
        """
        return MemberClient(self.world, self.world.home_of(user_id).members[user_id].id)

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """Send an event to the bot's sessions."""
        await self.gateway.dispatch(event, data)

    async def reset(self) -> None:
        """Forget messages, interactions, files, logged requests and faults; keep commands and sessions."""
        self.world.reset()
        self._rest.reset()
        self.faults.clear()
