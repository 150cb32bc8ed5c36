"""What the bot says when members and operators make it do all it can, with a tap on its lines."""

from __future__ import annotations

import asyncio
import dataclasses
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.client.member import InteractionFailed
from sandbox.discord.world.ids import ARTISTS, GALLERY, GUILD, MEMBER_ONE, MODERATOR
from sandbox.faults import Fault
from tests.e2e.alone import becomes, begin, public_messages, set_options
from tests.e2e.asking import ask, ask_past_autocompletion
from tests.e2e.bot_process import GENEROUS, START_TIMEOUT, start_bot
from tests.e2e.ruling import Person

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sandbox.discord.client.member import Invocation
    from sandbox.server import Sandbox
    from tests.contract.wiretap import Tap

UPLOAD, ACKNOWLEDGEMENT = "PATCH /webhooks/*/messages/@original", "POST /interactions/*/callback"

SIMULATED = (
    "prompt_refused",
    "output_filtered",
    "partly_filtered",
    "fewer_images",
    "filter_broken",
    "resource_blocked",
    "deployment_missing",
    "unauthorized",
    "forbidden_role",
    "status",
    "url_404",
)
"""Kinds of fault that end in an answer of Azure's which the documents have something to say about."""


async def tour(sandbox: Sandbox, tap: Tap, directory: Path) -> None:
    """Run the doctor, register in one server, and serve members, on the dated route and on v1."""
    settings = {
        name: value.replace(sandbox.url, tap.url)
        for name, value in sandbox.bot_environment().items()
        # The gateway is no part of the documents, and a websocket is nothing the tap could pass on.
        if name != "DISCORD_GATEWAY_URL"
    }
    settings["DISCORD_GATEWAY_URL"] = sandbox.public.gateway
    (directory / "easel.toml").write_text(GENEROUS, encoding="utf-8")
    await _serve(sandbox, directory, settings, _members_and_failures)
    for arguments in (("doctor",), ("sync", "--guild", str(GUILD))):
        command = await start_bot(directory, settings, *arguments)
        assert await command.process.wait() == 0, command.output
    v1 = {**settings, "AZURE_OPENAI_API_VERSION": "v1"}
    await _serve(sandbox, directory, v1, _members)
    await _serve(sandbox, directory, {**v1, "AZURE_OPENAI_API_VERSION": "preview"}, ask)


async def _serve(
    sandbox: Sandbox, directory: Path, settings: dict[str, str], doing: Callable[[Sandbox], Awaitable[object]]
) -> None:
    others = len(sandbox.discord.gateway.sessions)
    bot = await start_bot(directory, settings)
    try:
        await becomes(lambda: len(sandbox.discord.gateway.sessions) > others, START_TIMEOUT)
        await sandbox.wait_for_bot(START_TIMEOUT)
        await doing(sandbox)
    finally:
        await bot.stop()


async def _members(sandbox: Sandbox) -> None:
    """Every option of the command, the suggestions, and a command that is refused at once."""
    endings = await asyncio.gather(
        ask(sandbox),
        ask(sandbox, "a quiet lake", private=True, spoiler=True, count=2, quality="low"),
        ask(sandbox, "@everyone **look** <@1> https://example.com", size="1536x1024", quality="auto"),
        ask(sandbox, "ש" * 2000, size="512x512", model="gpt-image-1-mini"),
        ask(sandbox, "a heron", model="gpt-image-2.5-flare", quality="xhigh", size="1024x640"),
    )
    assert all(ending.pictures for ending in endings), [ending.text for ending in endings]
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, result="url")
    assert (await ask(sandbox, "a bridge in fog")).pictures
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, result="b64_json")
    refused = await ask_past_autocompletion(sandbox, prompt="a moth", size="7x7")
    assert "cannot draw" in refused.text
    member = sandbox.discord.member(MEMBER_ONE)
    for option in ("size", "quality", "model"):
        assert await member.autocomplete("imagine", option, prompt="a cat")


async def _moderators(sandbox: Sandbox) -> None:
    """Every command about limits, its buttons and its suggestions, and what they all leave as it was."""
    moderator = Person(sandbox, MODERATOR)
    said = await moderator.slash("limits set", role=ARTISTS, images_per_day=50)
    undone = await moderator.press(said, "Undo")
    assert undone.text.startswith("Taken back")
    await moderator.slash("limits set", role=ARTISTS, images_per_day=40)
    assert (await moderator.press(undone, "Put it back")).text.endswith("decide anew.")
    await moderator.slash("limits clear", role=ARTISTS)
    seen = await moderator.slash("limits set", images_per_day=9, preview=True)
    assert (await moderator.press(seen, "Cancel")).text.startswith("Cancelled")
    for command, options in (
        ("limits view", {}),
        ("limits explain", {"member": MEMBER_ONE, "channel": GALLERY}),
        ("limits timezone", {"zone": "Europe/Berlin"}),
        ("limits clear", {"gone": True}),
        ("studio pause", {"message": "Back at six"}),
        ("studio resume", {}),
        ("studio block", {"member": MEMBER_ONE, "until": "1d", "reason": "spam"}),
        ("studio unblock", {"member": MEMBER_ONE}),
        ("quota", {}),
    ):
        assert (await moderator.slash(command, **options)).private, command
    for command, option in (
        ("limits set", "max_size"),
        ("limits set", "models"),
        ("limits clear", "field"),
        ("limits timezone", "zone"),
        ("studio block", "until"),
    ):
        assert await moderator.suggestions(command, option, member=MEMBER_ONE), option


async def _members_and_failures(sandbox: Sandbox) -> None:
    await _members(sandbox)
    await _moderators(sandbox)
    await asyncio.gather(*(ask(sandbox, f"simulate:{kind}", count=2) for kind in SIMULATED))
    for shape in ("contentFilter", "moderation_blocked"):
        sandbox.azure.faults.add(Fault("prompt_refused", data={"shape": shape}))
        assert "refused this prompt" in (await ask(sandbox)).text
    # Long enough to be worth a note to the member, which is an edit without files.
    sandbox.azure.faults.add(Fault("rate_limited", retry_after=3.0))
    waited = (await ask(sandbox)).invocation
    assert any("It is tried again from" in message["content"] for _, message in waited.history)
    await becomes(lambda: len(sandbox.azure.faults) == 0)
    await _trouble_with_uploads(sandbox)
    await _messages_gone(sandbox)
    await _commands_lost(sandbox)


async def _trouble_with_uploads(sandbox: Sandbox) -> None:
    for fault in (Fault("too_large", UPLOAD), Fault("rate_limited", UPLOAD, retry_after=0.2)):
        sandbox.discord.faults.add(fault)
        assert (await ask(sandbox)).pictures


async def _messages_gone(sandbox: Sandbox) -> None:
    """The waiting message is deleted, or its token expires."""
    for lifetime, deleted in ((900.0, True), (0.5, False)):
        set_options(sandbox, latency=1.0, token_lifetime=lifetime)
        invocation = await begin(sandbox)
        assert invocation.message is not None
        if deleted:
            await sandbox.discord.member(MODERATOR).delete_message(invocation.message["id"])
        await becomes(partial(_told, sandbox, invocation))
    set_options(sandbox, latency=0.0, token_lifetime=900.0)


def _told(sandbox: Sandbox, invocation: Invocation) -> bool:
    """Whether there is a picture, or a private word about it."""
    shown = any(message["attachments"] for message in public_messages(sandbox, invocation))
    return shown or bool(invocation.followups)


async def _commands_lost(sandbox: Sandbox) -> None:
    """An acknowledgement is refused."""
    usual = sandbox.discord.options.acknowledge_within
    for kind in ("unknown_interaction", "already_acknowledged"):
        set_options(sandbox, latency=0.0, acknowledge_within=0.3)
        sandbox.discord.faults.add(Fault(kind, ACKNOWLEDGEMENT))
        with pytest.raises(InteractionFailed):
            await ask(sandbox)
    set_options(sandbox, latency=0.0, acknowledge_within=usual)
