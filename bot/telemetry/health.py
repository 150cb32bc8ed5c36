"""A small HTTP server that tells whoever runs the bot whether it is alive and ready, and how it is doing."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from bot.telemetry.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.telemetry.metrics import Metrics

_CLOSING = 1.0
"""Seconds that pending answers get to finish when the server closes; they take milliseconds."""


@asynccontextmanager
async def open_health_server(
    host: str, port: int, *, metrics: Metrics, ready: Callable[[], bool]
) -> AsyncIterator[int]:
    """Serve ``/healthz``, ``/readyz`` and ``/metrics`` while the context lasts.

    ``/healthz`` answers 200 as long as the event loop runs: restart the bot when it does not.
    ``/readyz`` answers 200 or 503 by ``ready``: on 503 send members elsewhere, but do not restart it.

    Args:
        host: address to listen on.
        port: port to listen on; 0 picks a free one.
        metrics: what ``/metrics`` shows.
        ready: called for every ``/readyz``; must not block.

    Yields:
        The port it listens on.

    Raises:
        OSError: it cannot listen there, e.g. because the port is taken.
    """
    application = web.Application()
    application.add_routes(_Endpoints(metrics, ready).routes())
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_CLOSING)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


class _Endpoints:
    def __init__(self, metrics: Metrics, ready: Callable[[], bool]) -> None:
        self._metrics = metrics
        self._ready = ready

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self._alive),
            web.get("/readyz", self._is_ready),
            web.get("/metrics", self._show_metrics),
        ]

    async def _alive(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _is_ready(self, _: web.Request) -> web.Response:
        if self._ready():
            return web.Response(text="ready\n")
        return web.Response(status=503, text="not ready\n")

    async def _show_metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.render(), headers={"Content-Type": CONTENT_TYPE})
