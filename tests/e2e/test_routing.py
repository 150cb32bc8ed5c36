"""Several deployments: what members and operators see when some of them do not draw."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import aiohttp

from sandbox.faults import FOREVER, Fault
from tests.e2e.asking import ask
from tests.e2e.bot_process import command, running_bot
from tests.e2e.deploying import configure
from tests.e2e.locking import ledger
from tests.ports import closed_port

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Sandbox

NAMES = ("busy", "broken", "sound")
ENTRIES = "select kind, count(*) from entries group by kind order by kind"


async def test_with_one_deployment_busy_and_one_broken_the_third_draws_everything_once(
    own_sandbox: Sandbox, tmp_path: Path
) -> None:
    own_sandbox.azure.faults.add(Fault("rate_limited", "*/busy/*", times=FOREVER, retry_after=20))
    own_sandbox.azure.faults.add(Fault("status", "*/broken/*", times=FOREVER, status=500))
    port = closed_port()
    settings = configure(tmp_path, own_sandbox, *NAMES) | {"EASEL_HTTP_PORT": str(port)}
    async with running_bot(own_sandbox, tmp_path, settings):
        endings = [await ask(own_sandbox) for _ in range(2)]
        endings += await asyncio.gather(*(ask(own_sandbox, f"number {n}") for n in range(8)))
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as answer:
            metrics = await answer.text()

    assert [len(ending.pictures) for ending in endings] == [1] * 10
    billed = [request.deployment for request in own_sandbox.azure.requests if request.billed]
    assert billed == ["sound"] * 10
    assert own_sandbox.azure.billed_images == 10
    # What was refused cost nothing, and nobody books it.
    assert ledger(tmp_path, ENTRIES) == [("reserve", 10), ("settle", 10)]
    for name, state in zip(NAMES, ("cooling", "open", "healthy"), strict=True):
        assert f'easel_deployment_health{{deployment="{name}",state="{state}"}} 1.0' in metrics
    assert 'easel_deployment_calls{deployment="sound"} 0.0' in metrics


async def test_the_doctor_says_how_many_requests_azure_takes(own_sandbox: Sandbox, tmp_path: Path) -> None:
    settings = own_sandbox.bot_environment() | configure(
        tmp_path, own_sandbox, "art", more="requests_per_minute = 12"
    )
    own_sandbox.azure.options = dataclasses.replace(own_sandbox.azure.options, requests_per_minute=6)

    code, output = await command(tmp_path, settings, "doctor")

    assert code == 1
    assert "12 requests a minute by your settings, 6 by Azure's word" in output
    assert "set requests_per_minute = 6" in output
