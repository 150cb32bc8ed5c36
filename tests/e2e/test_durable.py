"""Nothing is lost and nothing is paid twice, whatever instant a crash comes at."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from sandbox.azure.options import AzureOptions
from sandbox.discord.world.ids import MEMBER_ONE
from sandbox.faults import Fault
from sandbox.server import SandboxOptions, open_sandbox
from tests.e2e.alone import becomes, begin, complaints
from tests.e2e.bot_process import running_bot
from tests.e2e.locking import ledger

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.client.member import Invocation
    from sandbox.server import Sandbox

COUNTS = "select used, held from counters where unit = 'images' and member_id <> 0 order by period"
ENTRIES = "select phase, kind, images from entries order by at_ms, phase"
UPLOAD = "PATCH /webhooks/*/messages/@original"
SLOW, QUICK = AzureOptions(latency=20.0), AzureOptions(latency=0.0)


def pictures(invocation: Invocation) -> int:
    return len((invocation.message or {}).get("attachments", ()))


async def begun(sandbox: Sandbox, calls: int) -> None:
    await becomes(lambda: len(sandbox.azure.requests) == calls)


async def shown(invocation: Invocation, count: int = 1) -> None:
    await invocation.until(lambda message: len(message["attachments"]) == count)


@pytest.mark.parametrize("private", [False, True])
async def test_a_call_that_a_crash_cut_off_is_made_once_more(tmp_path: Path, private: bool) -> None:
    async with open_sandbox(SandboxOptions(azure=SLOW)) as sandbox:
        async with running_bot(sandbox, tmp_path) as bot:
            invocation = await begin(sandbox, private=private)
            await becomes(lambda: len(sandbox.azure.requests) == 1)
            await bot.stop(signal.SIGKILL)
        assert pictures(invocation) == 0

        sandbox.azure.options = QUICK
        async with running_bot(sandbox, tmp_path) as bot:
            await shown(invocation)
            await becomes(lambda: "end" in dict(ledger(tmp_path, "select phase, kind from entries")))
            assert "jobs cut off by a crash: 1" in bot.output
            assert complaints(bot.output) == []

    assert len(sandbox.azure.requests) == 2
    assert ledger(tmp_path, COUNTS) == [(1, 0), (1, 0)]
    # Nobody knows whether the first call was billed, so it is booked for the operator.
    kinds = [(phase, kind) for phase, kind, _ in ledger(tmp_path, ENTRIES)]
    assert kinds == [("begin", "reserve"), ("unclear1", "unclear"), ("end", "settle")]
    assert ledger(tmp_path, "select count(*) from jobs") == [(0,)]


async def test_a_picture_that_was_drawn_is_not_paid_for_again(tmp_path: Path) -> None:
    async with open_sandbox(SandboxOptions(azure=QUICK)) as sandbox:
        async with running_bot(sandbox, tmp_path) as bot:
            upload = sandbox.discord.faults.add(Fault("stall", UPLOAD, delay=30.0))
            invocation = await begin(sandbox)
            await becomes(lambda: upload.hits)
            await bot.stop(signal.SIGKILL)

        sandbox.discord.faults.clear()
        async with running_bot(sandbox, tmp_path):
            await shown(invocation)
            await becomes(lambda: ledger(tmp_path, "select count(*) from jobs") == [(0,)])

    assert len(sandbox.azure.requests) == 1
    assert ledger(tmp_path, COUNTS) == [(1, 0), (1, 0)]


async def test_a_picture_that_was_shown_is_charged_and_not_shown_again(tmp_path: Path) -> None:
    async with open_sandbox(SandboxOptions(azure=QUICK)) as sandbox:
        async with running_bot(sandbox, tmp_path) as bot:
            sandbox.discord.faults.add(Fault("effect_slow", UPLOAD, delay=30.0))
            invocation = await begin(sandbox)
            await shown(invocation)
            await bot.stop(signal.SIGKILL)
        assert ledger(tmp_path, COUNTS) == [(0, 1), (0, 1)]

        sandbox.discord.faults.clear()
        uploads = edits(sandbox)
        async with running_bot(sandbox, tmp_path):
            await becomes(lambda: ledger(tmp_path, "select count(*) from jobs") == [(0,)])

    assert edits(sandbox) == uploads
    assert pictures(invocation) == 1
    assert ledger(tmp_path, COUNTS) == [(1, 0), (1, 0)]


async def test_two_crashes_are_the_last_and_the_member_is_told_and_not_charged(tmp_path: Path) -> None:
    async with open_sandbox(SandboxOptions(azure=SLOW)) as sandbox:
        invocation = None
        for crash in (1, 2):
            async with running_bot(sandbox, tmp_path) as bot:
                invocation = invocation or await begin(sandbox)
                await begun(sandbox, crash)
                await bot.stop(signal.SIGKILL)

        async with running_bot(sandbox, tmp_path):
            assert invocation is not None
            message = await invocation.until(lambda message: "not charged" in message["content"].lower())
            await becomes(lambda: ledger(tmp_path, "select count(*) from jobs") == [(0,)])

    assert message["attachments"] == []
    assert len(sandbox.azure.requests) == 2
    assert ledger(tmp_path, COUNTS) == [(0, 0), (0, 0)]
    assert ledger(tmp_path, "select count(*) from entries where phase like 'unclear%'") == [(2,)]


async def test_what_a_stop_left_goes_on_at_the_next_start(tmp_path: Path) -> None:
    settings = {"EASEL_DRAIN": "0"}
    async with open_sandbox(SandboxOptions(azure=SLOW)) as sandbox:
        async with running_bot(sandbox, tmp_path, settings) as bot:
            first, second = await begin(sandbox), await begin(sandbox, private=True)
            await becomes(lambda: len(sandbox.azure.requests) == 2)
            assert await bot.stop() == 0

        sandbox.azure.options = QUICK
        async with running_bot(sandbox, tmp_path):
            await shown(first)
            await shown(second)
            await becomes(lambda: ledger(tmp_path, "select count(*) from jobs") == [(0,)])

    assert ledger(tmp_path, COUNTS) == [(2, 0), (2, 0)]


async def test_a_command_that_was_never_acknowledged_is_not_drawn_after_a_crash(tmp_path: Path) -> None:
    async with open_sandbox(SandboxOptions(azure=QUICK)) as sandbox:
        async with running_bot(sandbox, tmp_path) as bot:
            callback = sandbox.discord.faults.add(Fault("stall", "POST /interactions/*", delay=30.0))
            await sandbox.discord.member(MEMBER_ONE).slash("imagine", prompt="an old tree")
            await becomes(lambda: callback.hits)
            await bot.stop(signal.SIGKILL)
        assert ledger(tmp_path, "select count(*) from jobs") == [(1,)]

        sandbox.discord.faults.clear()
        async with running_bot(sandbox, tmp_path):
            await becomes(lambda: ledger(tmp_path, "select count(*) from jobs") == [(0,)])

    assert sandbox.azure.requests == []
    assert ledger(tmp_path, COUNTS) == [(0, 0), (0, 0)]


def edits(sandbox: Sandbox) -> int:
    return sum(1 for request in sandbox.discord.requests if request.method == "PATCH" and request.files)
