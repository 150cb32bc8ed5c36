"""Scarce capacity is shared by servers, not by who asks the most."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from sandbox.azure.options import AzureOptions
from sandbox.discord.world.ids import MEMBER_ONE
from sandbox.server import SandboxOptions, open_sandbox
from tests.e2e.alone import becomes
from tests.e2e.asking import is_final
from tests.e2e.bot_process import running_bot
from tests.e2e.deploying import configure
from tests.e2e.locking import ledger
from tests.integration.discord_site import png

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.client.member import Invocation, MemberClient
    from sandbox.server import Sandbox

FLOOD, FEW = 200, 5
AT_ONCE = 20
PER_MINUTE = 60
"""Ten times the 6 a minute of a usual deployment: calls come one by one all the same, and one a second of
them shows in ten seconds what would take two minutes."""

TAKEN = 2 * PER_MINUTE
"""What the far end takes. It looks at single seconds too, and on a busy machine two calls that left a second
apart arrive in one."""

ENDED = "select kind, count(*) from entries where phase = 'end' group by kind"


async def ask(member: MemberClient, channel: int, name: str, times: int) -> list[Invocation]:
    """Type so many prompts, as fast as a script could without Discord losing any."""
    asked: list[Invocation] = []
    while len(asked) < times:
        batch = range(min(AT_ONCE, times - len(asked)))
        asked += await asyncio.gather(
            *(member.slash("imagine", channel, prompt=f"{name} {number}") for number in batch)
        )
        await asyncio.gather(*(invocation.acknowledged() for invocation in asked))
    return asked


def prompts(sandbox: Sandbox, since: int) -> list[str]:
    return [request.body["prompt"].split()[0] for request in sandbox.azure.requests[since:]]


async def test_a_server_that_floods_the_queue_does_not_hold_up_another(tmp_path: Path) -> None:
    azure = AzureOptions(latency=0.3, requests_per_minute=TAKEN, canned=png(1024, 1024))
    async with open_sandbox(SandboxOptions(azure=azure)) as sandbox:
        settings = configure(tmp_path, sandbox, "art", more=f"requests_per_minute = {PER_MINUTE}")
        settings["EASEL_DRAIN"] = "2"
        async with running_bot(sandbox, tmp_path, settings) as bot:
            world = sandbox.discord.world
            small = await world.add_guild("Small Place")
            (there,) = small.channels
            few = sandbox.discord.member(world.add_member("Member Three", guild=small))
            (here, *_) = world.guild.channels

            flood = await ask(sandbox.discord.member(MEMBER_ONE), here, "flood", FLOOD)
            # Just after a call, so that none is on its way while the others come.
            before = len(sandbox.azure.requests)
            await becomes(lambda: len(sandbox.azure.requests) > before)
            since = len(sandbox.azure.requests)
            asked = await ask(few, there, "few", FEW)
            await asyncio.gather(*(invocation.until(is_final) for invocation in asked))
            order = prompts(sandbox, since)
            assert await bot.stop() == 0

    # Two rounds: the small server is served first or second, and then every other time.
    turns = [number for number, name in enumerate(order) if name == "few"]
    assert len(turns) == FEW
    assert turns[0] <= 1
    assert all(later - earlier <= 2 for earlier, later in itertools.pairwise(turns))
    # Azure never had to say no, and everybody drew in the end, or waits for the next start.
    assert {request.status for request in sandbox.azure.requests} == {200}
    shown = [invocation for invocation in (*flood, *asked) if (invocation.message or {}).get("attachments")]
    assert len(shown) == len(sandbox.azure.requests)
    assert ledger(tmp_path, ENDED) == [("settle", len(shown))]
    assert ledger(tmp_path, "select count(*) from jobs") == [(FLOOD + FEW - len(shown),)]
