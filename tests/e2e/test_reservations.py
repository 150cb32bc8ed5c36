"""A limit holds to the picture, whoever asks how often, and through a crash."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from sandbox.azure.options import AzureOptions
from sandbox.discord.world.ids import MEMBER_ONE, MODERATOR
from sandbox.faults import Fault
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.e2e.alone import alone, becomes, begin, complaints, public_messages
from tests.e2e.asking import is_final
from tests.e2e.bot_process import running_bot
from tests.e2e.locking import ledger, locked

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.client.member import Invocation

OPEN = """
    select job_id from entries as begun where phase = 'begin' and kind = 'reserve'
    and not exists (select 1 from entries where job_id = begun.job_id and phase = 'end')
"""
FIFTY = 50
PATIENCE = 60.0


async def allow(sandbox: Sandbox, images_per_day: int) -> None:
    moderator = sandbox.discord.member(MODERATOR)
    await (await moderator.slash("limits set", images_per_day=images_per_day)).settled()


async def ask_at_once(sandbox: Sandbox, times: int) -> Counter[str]:
    """The same member asks so often in the same moment; how it ended, and how often."""
    member = sandbox.discord.member(MEMBER_ONE)
    asked = await asyncio.gather(*(member.slash("imagine", prompt=f"picture {n}") for n in range(times)))
    return Counter(await asyncio.gather(*map(ending, asked)))


async def ending(invocation: Invocation) -> str:
    """How a command ended; a refusal that came late takes its placeholder back, and is a follow-up."""

    def ended() -> bool:
        message = invocation.message
        return is_final(message) if message else bool(invocation.followups)

    await becomes(ended, PATIENCE)
    if invocation.message and invocation.message["attachments"]:
        return "picture"
    answer = invocation.message or invocation.followups[0]
    return f"private: {bool(answer['flags'] & 64)}"


def drawn(sandbox: Sandbox) -> int:
    return len(sandbox.azure.requests)


async def test_fifty_at_once_with_five_left_are_five_pictures(tmp_path: Path) -> None:
    async with alone(tmp_path, latency=0.3) as (sandbox, bot):
        await allow(sandbox, 5)
        assert await ask_at_once(sandbox, FIFTY) == {"picture": 5, "private: True": 45}
        assert drawn(sandbox) == 5
        assert complaints(bot.output) == []
    assert ledger(tmp_path, "select used, held from counters where unit = 'images'") == [(5, 0), (5, 0)]


async def test_two_processes_on_one_postgresql_are_no_more_generous_than_one(
    tmp_path: Path, postgres_url: str
) -> None:
    settings = {"DATABASE_URL": postgres_url}
    options = SandboxOptions(azure=AzureOptions(latency=0.3))
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    async with (
        open_sandbox(options) as sandbox,
        running_bot(sandbox, one, settings) as first,
        running_bot(sandbox, two, settings) as second,
    ):
        await becomes(lambda: len(sandbox.discord.gateway.sessions) == 2, PATIENCE)
        await becomes(lambda: "ready on" in second.output, PATIENCE)
        await allow(sandbox, 5)
        # Each process is told of every command, as when one bot is being replaced by the next.
        assert await ask_at_once(sandbox, FIFTY) == {"picture": 5, "private: True": 45}
        assert drawn(sandbox) == 5
        assert complaints(first.output) == complaints(second.output) == []


async def test_a_command_that_cannot_be_acknowledged_holds_nothing(tmp_path: Path) -> None:
    async with alone(tmp_path) as (sandbox, bot):
        sandbox.discord.faults.add(Fault("unknown_interaction", route="POST /interactions/*", times=-1))
        member = sandbox.discord.member(MEMBER_ONE)
        for number in range(3):
            await member.slash("imagine", prompt=f"picture {number}")
        await becomes(lambda: bot.output.count("not acknowledged") == 3)
        with locked(tmp_path):
            # The store's yes comes when nobody waits for it any more.
            await member.slash("imagine", prompt="a late one")
            await becomes(lambda: bot.output.count("not acknowledged") == 4)
        await becomes(lambda: ledger(tmp_path, OPEN) == [])
        assert drawn(sandbox) == 0
        assert complaints(bot.output) == []
    assert ledger(tmp_path, "select max(held), max(used) from counters") == [(0, 0)]


async def test_what_moderators_set_is_there_after_a_restart(tmp_path: Path) -> None:
    async with open_sandbox(SandboxOptions(azure=AzureOptions(latency=0.0))) as sandbox:
        async with running_bot(sandbox, tmp_path):
            await allow(sandbox, 0)
        async with running_bot(sandbox, tmp_path):
            assert await ask_at_once(sandbox, 1) == {"private: True": 1}
    assert drawn(sandbox) == 0


async def test_a_refused_command_is_seen_by_nobody_else(tmp_path: Path) -> None:
    async with alone(tmp_path) as (sandbox, _bot):
        await allow(sandbox, 0)
        invocation = await begin(sandbox)
        message = await invocation.settled()
        assert message["flags"] & 64
        assert public_messages(sandbox, invocation) == []
