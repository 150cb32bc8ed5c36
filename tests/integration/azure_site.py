"""The Azure side of the sandbox alone, on a port of its own, and clients that are pointed at it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web
from openai import AsyncAzureOpenAI, AsyncOpenAI

from sandbox.azure.options import AzureOptions
from sandbox.azure.service import AzureSandbox

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

API_VERSION = "2025-04-01-preview"
QUICK = AzureOptions(latency=0.0)


@dataclass(frozen=True, slots=True)
class AzureSite:
    """A running Azure side and its address."""

    azure: AzureSandbox
    url: str

    def dated(self, deployment: str = "studio", **options: Any) -> AsyncAzureOpenAI:
        """The SDK's Azure client, retries off, with the sandbox's key unless other credentials are given."""
        if not {"api_key", "azure_ad_token_provider"} & set(options):
            options["api_key"] = self.azure.options.api_key
        return AsyncAzureOpenAI(
            azure_endpoint=self.url,
            azure_deployment=deployment,
            **{"api_version": API_VERSION, "max_retries": 0, **options},
        )

    def v1(self, **options: Any) -> AsyncOpenAI:
        """The SDK's plain client on the v1 surface, retries off."""
        settings = {"api_key": self.azure.options.api_key, "max_retries": 0, **options}
        return AsyncOpenAI(base_url=f"{self.url}/openai/v1/", **settings)

    def change(self, **options: Any) -> None:
        """Change what the resource is, while it runs."""
        self.azure.options = replace(self.azure.options, **options)


@asynccontextmanager
async def open_site(
    options: AzureOptions = QUICK, tls: ssl.SSLContext | None = None
) -> AsyncIterator[AzureSite]:
    """Serve the Azure side on any free port of loopback for as long as the context lasts."""
    azure = AzureSandbox(options)
    app = web.Application()
    app.add_routes(azure.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await azure.start()
        server = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await server.start()
        port = runner.addresses[0][1]
        yield AzureSite(azure, f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}")
    finally:
        await azure.close()
        await runner.cleanup()
