"""The Cancel button: what it stops, who may press it, and what it costs whom."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from sandbox.azure.options import AzureOptions
from sandbox.discord.world.ids import MEMBER_ONE, MEMBER_TWO, MODERATOR
from sandbox.faults import Fault
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.e2e.alone import becomes, complaints
from tests.e2e.asking import is_final
from tests.e2e.bot_process import running_bot
from tests.e2e.deploying import configure
from tests.e2e.locking import ledger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sandbox.discord.client.member import Invocation

PATIENCE = 20.0
EPHEMERAL = 1 << 6
UPLOAD = "PATCH /webhooks/*/messages/@original"
HELD = "select sum(used), sum(held) from counters where unit = 'images'"


@contextlib.asynccontextmanager
async def one_at_a_time(directory: Path, latency: float) -> AsyncIterator[Sandbox]:
    """A bot that draws one picture at a time, each for ``latency`` seconds."""
    async with open_sandbox(SandboxOptions(azure=AzureOptions(latency=latency))) as sandbox:
        settings = configure(directory, sandbox, "art", more="slots = 1") | {"EASEL_DRAIN": "0"}
        async with running_bot(sandbox, directory, settings) as bot:
            yield sandbox
            assert complaints(bot.output) == []


async def ask(sandbox: Sandbox, user_id: int = MEMBER_ONE) -> Invocation:
    invocation = await sandbox.discord.member(user_id).slash("imagine", prompt="a lighthouse at dusk")
    await invocation.acknowledged()
    return invocation


async def reads(invocation: Invocation, text: str) -> dict[str, Any]:
    """Wait until the answer says so."""
    return await invocation.until(lambda message: text in message["content"], PATIENCE)


async def cancel(sandbox: Sandbox, invocation: Invocation, user_id: int = MEMBER_ONE) -> Invocation:
    """Press the only button of an answer."""
    message = await invocation.until(lambda message: bool(message["components"]), PATIENCE)
    ((row,), (button,)) = message["components"], message["components"][0]["components"]
    assert row["type"] == 1
    assert button["label"] == "Cancel"
    return await sandbox.discord.member(user_id).press(message["id"], button["custom_id"])


def entries(directory: Path, invocation: Invocation) -> list[tuple[Any, ...]]:
    """What the ledger says of a job: phase, kind, pictures, the member's money, whether any of ours."""
    query = f"select phase, kind, images, charge, cost > 0 from entries where job_id = {invocation.id}"
    return sorted(ledger(directory, query))


async def ended(directory: Path, invocation: Invocation) -> list[tuple[Any, ...]]:
    """The same, but for the reservation, once it is over."""
    await becomes(lambda: any(entry[0] == "end" for entry in entries(directory, invocation)))
    return [entry for entry in entries(directory, invocation) if entry[0] != "begin"]


async def test_a_job_that_waits_costs_nobody_anything_and_the_next_one_moves_up(tmp_path: Path) -> None:
    async with one_at_a_time(tmp_path, latency=60.0) as sandbox:
        await ask(sandbox)
        await becomes(lambda: sandbox.azure.requests)
        waiting, behind = await ask(sandbox, MEMBER_TWO), await ask(sandbox)
        await reads(waiting, "You are next")
        await reads(behind, "1 request is before yours")

        await cancel(sandbox, waiting, MEMBER_TWO)

        message = await reads(waiting, "Cancelled. Nothing was charged.")
        assert message["components"] == []
        await reads(behind, "You are next")
        assert await ended(tmp_path, waiting) == [("end", "refund", 0, 0, 0)]
        assert len(sandbox.azure.requests) == 1


async def test_a_job_being_drawn_is_the_operators_to_pay_if_at_all(tmp_path: Path) -> None:
    async with one_at_a_time(tmp_path, latency=60.0) as sandbox:
        invocation, behind = await ask(sandbox), await ask(sandbox, MEMBER_TWO)

        await cancel(sandbox, invocation)

        message = await reads(invocation, "Cancelled while it was being drawn. You were not charged.")
        assert message["components"] == []
        assert await ended(tmp_path, invocation) == [
            ("end", "refund", 0, 0, 0),
            ("unclear1", "unclear", 0, 0, 1),
        ]
        # The call was given up, so there is room for who waited.
        await becomes(lambda: len(sandbox.azure.requests) == 2)
        assert entries(tmp_path, behind) == [("begin", "reserve", 1, entries(tmp_path, behind)[0][3], 1)]
    assert ledger(tmp_path, HELD) == [(0, 2)]


async def test_a_stranger_cannot_cancel_what_another_asked_for(tmp_path: Path) -> None:
    async with one_at_a_time(tmp_path, latency=6.0) as sandbox:
        invocation = await ask(sandbox)

        pressed = await cancel(sandbox, invocation, MEMBER_TWO)

        await becomes(lambda: pressed.followups)
        (refusal,) = pressed.followups
        assert refusal["flags"] & EPHEMERAL
        assert "Only the member who asked for this, or a moderator" in refusal["content"]
        assert (await invocation.until(is_final, PATIENCE))["attachments"]
        assert [entry[1] for entry in await ended(tmp_path, invocation)] == ["settle"]


async def test_a_moderator_can_and_the_member_is_told_who(tmp_path: Path) -> None:
    async with one_at_a_time(tmp_path, latency=60.0) as sandbox:
        drawn, waiting = await ask(sandbox), await ask(sandbox)
        await reads(waiting, "You are next")

        await cancel(sandbox, waiting, MODERATOR)
        await cancel(sandbox, drawn, MODERATOR)

        await reads(waiting, "A moderator cancelled this. Nothing was charged.")
        await reads(drawn, "A moderator cancelled this while it was being drawn. You were not charged.")
        await ended(tmp_path, drawn)
    assert ledger(tmp_path, HELD) == [(0, 0)]


async def test_a_picture_on_its_way_can_no_longer_be_stopped(tmp_path: Path) -> None:
    async with one_at_a_time(tmp_path, latency=4.0) as sandbox:
        # The note with the button is the first edit, and the picture the second.
        upload = sandbox.discord.faults.add(Fault("slow", UPLOAD, after=1, delay=3.0))
        invocation = await ask(sandbox)
        await becomes(lambda: upload.hits, PATIENCE)

        pressed = await cancel(sandbox, invocation)

        await becomes(lambda: pressed.followups)
        (refusal,) = pressed.followups
        assert refusal["flags"] & EPHEMERAL
        assert "too late to cancel" in refusal["content"]
        message = await invocation.until(is_final, PATIENCE)
        assert len(message["attachments"]) == 1
        assert message["components"] == []
        assert [entry[1] for entry in await ended(tmp_path, invocation)] == ["settle"]
