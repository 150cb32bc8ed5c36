"""One server for everything a bot and a browser need: Discord, Azure, the demo page and the controls.

All of it shares one port and is routed by path, so that behind TLS it can also stand in for
discord.com, gateway.discord.gg, cdn.discordapp.com, {name}.openai.azure.com and login.microsoftonline.com.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from sandbox.azure.options import AzureOptions
from sandbox.azure.service import AzureSandbox
from sandbox.discord.options import DiscordOptions
from sandbox.discord.service import DiscordSandbox
from sandbox.discord.world.ids import MEMBER_ONE
from sandbox.faults import Fault, FaultList

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

WEB = Path(__file__).with_name("web")
API_VERSION = "2025-04-01-preview"
"""The last dated Azure OpenAI api-version that has the image routes."""
SHUTDOWN_TIMEOUT = 0.5
"""Seconds that pending requests get at shutdown; otherwise a stalled one would delay it by 60."""


class PortUnavailable(Exception):
    """The requested port cannot be bound; `__cause__` has the system's reason."""


@dataclass(frozen=True, slots=True)
class PublicNames:
    """The addresses given to a bot, without trailing slashes, if they differ from the listening address.

    Attributes:
        api: Discord's REST API, with its version, e.g. https://discord.com/api/v10.
        gateway: Discord's gateway, e.g. wss://gateway.discord.gg.
        cdn: Discord's CDN, e.g. https://cdn.discordapp.com.
        azure: The Azure OpenAI endpoint, e.g. https://example.openai.azure.com.
        blobs: The base of links to results, e.g. https://example.blob.core.windows.net.
    """

    api: str
    gateway: str
    cdn: str
    azure: str
    blobs: str

    @classmethod
    def at(cls, url: str) -> PublicNames:
        """Return the names for a server reached directly at its own address."""
        return cls(
            api=f"{url}/api/v10",
            gateway=f"ws{url.removeprefix('http')}/gateway",
            cdn=url,
            azure=url,
            blobs=f"{url}/blobs",
        )


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """Where the sandbox listens and how its two sides behave; port 0 means any free port."""

    host: str = "127.0.0.1"
    port: int = 0
    ssl: ssl.SSLContext | None = None
    public: PublicNames | None = None
    discord: DiscordOptions = field(default_factory=DiscordOptions)
    azure: AzureOptions = field(default_factory=AzureOptions)


class Sandbox:
    """A running sandbox.

    Attributes:
        url: Where it listens: scheme, host and port.
        public: The addresses given to a bot.
        discord: The Discord side.
        azure: The Azure side.
    """

    def __init__(self, options: SandboxOptions, url: str) -> None:
        self.url = url
        self.public = options.public or PublicNames.at(url)
        discord, azure = options.discord, options.azure
        if options.public is not None:
            names = options.public
            discord = replace(discord, cdn_url=names.cdn, gateway_url=names.gateway)
            azure = replace(azure, blobs_url=names.blobs)
        self.discord = DiscordSandbox(discord)
        self.azure = AzureSandbox(azure)

    def bot_environment(self) -> dict[str, str]:
        """Return exactly the settings that point a bot at this sandbox."""
        azure = self.azure.options
        return {
            "DISCORD_TOKEN": self.discord.options.token,
            "DISCORD_API_URL": self.public.api,
            "DISCORD_GATEWAY_URL": self.public.gateway,
            "AZURE_OPENAI_ENDPOINT": self.public.azure,
            "AZURE_OPENAI_API_KEY": azure.api_key,
            "AZURE_OPENAI_API_VERSION": API_VERSION,
            "AZURE_OPENAI_DEPLOYMENTS": ",".join(
                f"{name}={model}" for name, model in azure.deployments.items()
            ),
            "EASEL_DOWNLOAD_HOSTS": "127.0.0.1",
        }

    async def wait_for_bot(self, timeout: float) -> None:
        """Wait until a bot is connected and members can see its commands.

        Raises:
            TimeoutError: If that takes more than `timeout` seconds.
        """
        found, world = asyncio.Event(), self.discord.world

        def look(*_: object) -> None:
            if world.commands_for(MEMBER_ONE):
                found.set()

        async with asyncio.timeout(timeout):
            with world.hub.listening(MEMBER_ONE, look):
                look()
                await found.wait()
            await self.discord.gateway.wait_ready(timeout)

    def application(self) -> web.Application:
        """Return both sides, the page and the controls as one application."""
        # No limit on request size here: each side enforces the real service's limit, with its own error.
        app = web.Application(client_max_size=0)
        app.add_routes([*self.discord.routes(), *self.azure.routes()])
        app.add_routes(
            [
                web.get("/", self._root),
                web.static("/static", WEB),
                web.post("/sandbox/faults", self._add_fault),
                web.delete("/sandbox/faults", self._clear_faults),
                web.get("/sandbox/records", self._records),
            ]
        )
        return app

    async def _root(self, request: web.Request) -> web.StreamResponse:
        # gateway.discord.gg serves its websocket at the root, which on this port is the page's path too.
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self.discord.gateway.handle(request)
        return web.FileResponse(WEB / "index.html")

    def _faults(self, service: Any) -> FaultList:
        sides: dict[Any, FaultList] = {"discord": self.discord.faults, "azure": self.azure.faults}
        if service not in sides:
            raise ValueError('service must be "discord" or "azure"')
        return sides[service]

    async def _add_fault(self, request: web.Request) -> web.Response:
        try:
            body = orjson.loads(await request.read())
            self._faults(body["service"]).add(Fault.parse(body["fault"]))
        except (ValueError, TypeError, KeyError) as error:
            return _json({"message": f"not a fault: {error}"}, status=400)
        return web.Response(status=204)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self.discord.faults.clear()
        self.azure.faults.clear()
        return web.Response(status=204)

    async def _records(self, _: web.Request) -> web.Response:
        return _json(
            {
                "discord": self.discord.requests,
                "azure": self.azure.requests,
                "tokens": self.azure.token_requests,
            }
        )


@asynccontextmanager
async def open_sandbox(options: SandboxOptions | None = None) -> AsyncIterator[Sandbox]:
    """Run a sandbox in this event loop for as long as the context lasts.

    Raises:
        PortUnavailable: If the port cannot be bound.
    """
    options = options or SandboxOptions()
    async with AsyncExitStack() as stack:
        # Bound before anything is built, because every address handed out contains the port.
        listener = stack.enter_context(_listen(options.host, options.port))
        scheme = "https" if options.ssl else "http"
        sandbox = Sandbox(options, f"{scheme}://{options.host}:{listener.getsockname()[1]}")
        sandbox.discord.base_url = sandbox.url
        runner = web.AppRunner(sandbox.application(), access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        for side in (sandbox.discord, sandbox.azure):
            await side.start()
            stack.push_async_callback(side.close)
        await web.SockSite(runner, listener, ssl_context=options.ssl).start()
        # Runs first at shutdown: a bot still connected would keep its handler waiting.
        stack.push_async_callback(sandbox.discord.gateway.drop)
        yield sandbox


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except (OSError, OverflowError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else error
        raise PortUnavailable(f"port {port} cannot be used: {reason}") from error


def _json(data: Any, status: int = 200) -> web.Response:
    return web.Response(
        body=orjson.dumps(data, default=_plain), status=status, content_type="application/json"
    )


def _plain(value: Any) -> Any:
    """Replace the bytes of files, which JSON cannot hold, by their length."""
    if isinstance(value, bytes):
        return {"bytes": len(value)}
    raise TypeError
