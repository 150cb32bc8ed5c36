"""The Discord stand-in as one thing: world, REST, gateway, CDN and the members' own app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.options import DiscordOptions

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.discord.client import MemberClient
    from sandbox.discord.gateway import Gateway
    from sandbox.discord.world import World
    from sandbox.faults import FaultList


class DiscordSandbox:
    """Discord, for one application in one guild.

    ``base_url`` is set by the server as soon as its port is known and before any client can call.
    """

    world: World
    gateway: Gateway
    faults: FaultList
    base_url: str
    """Scheme, host and port this server is reached by, without a trailing slash."""

    def __init__(self, options: DiscordOptions = DiscordOptions()) -> None:  # noqa: B008
        self.options = options

    def routes(self) -> list[web.RouteDef]:
        """REST, CDN, client API and gateway routes."""
        raise NotImplementedError

    async def start(self) -> None: ...
    async def close(self) -> None: ...

    def member(self, user_id: int) -> MemberClient:
        raise NotImplementedError

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        raise NotImplementedError

    async def reset(self) -> None:
        """Forget messages, interactions, uploads and records; keep commands and sessions."""
