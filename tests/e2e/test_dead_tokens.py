"""Jobs that outlive the token their answer was to be given with."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from sandbox.azure.options import AzureOptions
from sandbox.discord.options import DiscordOptions
from sandbox.discord.world.ids import MEMBER_TWO
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.e2e.alone import becomes, begin, calm, complaints, public_messages, set_options
from tests.e2e.bot_process import running_bot
from tests.e2e.locking import ledger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox.discord.client.member import Invocation

LIFETIME = 3.0
"""Seconds the tokens live here, instead of 15 minutes."""

EPHEMERAL = 1 << 6
OPTIONS = SandboxOptions(azure=AzureOptions(latency=60.0), discord=DiscordOptions(token_lifetime=LIFETIME))
OVER = [(0,)]
OPEN = "select count(*) from jobs"
USED = "select used, held from counters where unit = 'images' and member_id <> 0 order by period"


async def left_until_the_tokens_died(sandbox: Sandbox, directory: Path, *kinds: bool) -> Sequence[Invocation]:
    """Have the bot killed over jobs, private or not, and stay away for longer than their tokens live."""
    async with running_bot(sandbox, directory) as bot:
        jobs = [await begin(sandbox, private=private) for private in kinds]
        await becomes(lambda: len(sandbox.azure.requests) == len(jobs))
        await bot.stop(signal.SIGKILL)
    await asyncio.sleep(LIFETIME)
    set_options(sandbox, latency=0.0)
    return jobs


async def test_a_public_picture_comes_into_its_message_by_the_bots_own_token(tmp_path: Path) -> None:
    async with open_sandbox(OPTIONS) as sandbox:
        (invocation,) = await left_until_the_tokens_died(sandbox, tmp_path, False)
        async with running_bot(sandbox, tmp_path) as bot:
            await becomes(lambda: ledger(tmp_path, OPEN) == OVER, 30)
            await calm(sandbox)
            (message,) = public_messages(sandbox, invocation)
            assert invocation.message is not None
            assert message["id"] == invocation.message["id"]
            assert len(message["attachments"]) == 1
            assert complaints(bot.output) == []
    assert ledger(tmp_path, USED) == [(1, 0), (1, 0)]


async def test_a_private_one_is_refunded_and_its_member_hears_of_it_with_the_next_command(
    tmp_path: Path,
) -> None:
    async with open_sandbox(OPTIONS) as sandbox:
        (lost,) = await left_until_the_tokens_died(sandbox, tmp_path, True)
        async with running_bot(sandbox, tmp_path) as bot:
            await becomes(lambda: ledger(tmp_path, OPEN) == OVER, 30)
            assert ledger(tmp_path, USED) == [(0, 0), (0, 0)]
            set_options(sandbox, token_lifetime=900.0)

            # Not anybody's next command.
            other = await sandbox.discord.member(MEMBER_TWO).slash("imagine", prompt="a quiet pond")
            await other.settled()
            following = await begin(sandbox)
            await becomes(lambda: following.followups)
            (note,) = following.followups
            assert note["flags"] & EPHEMERAL
            assert f"<t:{int(lost.interaction.id / 2**22 / 1000 + 1420070400)}:R>" in note["content"]
            assert "ou were not charged" in note["content"]
            assert other.followups == []

            again = await begin(sandbox)
            await again.settled()
            await calm(sandbox)
            assert again.followups == []
            assert complaints(bot.output) == []
    assert ledger(tmp_path, "select count(*) from notices") == [(0,)]
