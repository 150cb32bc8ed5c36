from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.telemetry.health import open_health_server
from bot.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_alive_ready_and_metrics(http: aiohttp.ClientSession) -> None:
    ready = False
    metrics = Metrics()
    metrics.pictures.inc(3)
    async with open_health_server("127.0.0.1", 0, metrics=metrics, ready=lambda: ready) as port:
        url = f"http://127.0.0.1:{port}"
        async with http.get(f"{url}/healthz") as response:
            assert (response.status, await response.text()) == (200, "alive\n")
        async with http.get(f"{url}/readyz") as response:
            assert (response.status, await response.text()) == (503, "not ready\n")
        ready = True
        async with http.get(f"{url}/readyz") as response:
            assert (response.status, await response.text()) == (200, "ready\n")
        async with http.head(f"{url}/healthz") as response:
            assert response.status == 200
        async with http.get(f"{url}/metrics") as response:
            assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            assert "easel_pictures_total 3.0" in await response.text()
        async with http.get(f"{url}/") as response:
            assert response.status == 404


async def test_a_taken_port_is_an_os_error() -> None:
    async with open_health_server("127.0.0.1", 0, metrics=Metrics(), ready=lambda: True) as port:
        with pytest.raises(OSError, match="address already in use"):
            async with open_health_server("127.0.0.1", port, metrics=Metrics(), ready=lambda: True):
                pass


async def test_the_port_is_free_again_afterwards(http: aiohttp.ClientSession) -> None:
    async with open_health_server("127.0.0.1", 0, metrics=Metrics(), ready=lambda: True) as port:
        await (await http.get(f"http://127.0.0.1:{port}/healthz")).read()
    with pytest.raises(aiohttp.ClientConnectorError):
        await http.get(f"http://127.0.0.1:{port}/healthz")
