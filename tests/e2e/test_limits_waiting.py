"""A store that does not answer keeps nobody waiting on Discord's own three seconds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.world.ids import ARTISTS, MEMBER_ONE, MODERATOR
from tests.e2e.alone import complaints
from tests.e2e.asking import PATIENCE
from tests.e2e.locking import locked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sandbox.discord.client.member import Invocation
    from tests.e2e.ruling import Said, Server

DISCORD_S_PATIENCE = 3.0
"""Seconds until Discord gives up on an application (Discord docs, interactions/receiving-and-responding)."""

UNAVAILABLE = "The bot cannot get at its records just now"

LOOKS: list[tuple[str, dict[str, Any]]] = [
    ("quota", {}),
    ("limits view", {}),
    ("limits explain", {"member": MEMBER_ONE}),
]

CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("limits set", {"images_per_day": 5}),
    ("limits set", {"images_per_day": 5, "preview": True}),
    ("limits clear", {"role": ARTISTS}),
    ("limits clear", {"gone": True}),
    ("limits undo", {}),
    ("limits timezone", {"zone": "Europe/Berlin"}),
    ("studio pause", {}),
    ("studio resume", {}),
    ("studio block", {"member": MEMBER_ONE, "until": "7d"}),
    ("studio unblock", {"member": MEMBER_ONE}),
]


@pytest.fixture(autouse=True)
async def quiet_bot(server: Server) -> AsyncIterator[None]:
    """Trouble with the store is no trouble of the bot's own."""
    written = len(server.bot.output)
    yield
    assert complaints(server.bot.output[written:]) == []


def in_time(invocation: Invocation) -> bool:
    assert invocation.acknowledged_at is not None
    return invocation.acknowledged_at - invocation.sent_at < DISCORD_S_PATIENCE


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        *((name, options, "Nothing was charged.") for name, options in LOOKS),
        *((name, options, "the change may not have been made") for name, options in CHANGES),
    ],
    ids=[" ".join([name, *options]) for name, options in (*LOOKS, *CHANGES)],
)
async def test_a_command_is_acknowledged_at_once_and_ends_with_what_is_the_matter(
    server: Server, name: str, options: dict[str, Any], told: str
) -> None:
    with locked(server.bot.directory):
        said = await server.moderator.slash(name, **options)
    assert in_time(said.invocation)
    assert said.private
    assert UNAVAILABLE in said.text
    assert told in said.text
    assert server.trail() == []


async def with_undo(server: Server) -> Said:
    return await server.moderator.slash("limits set", images_per_day=5)


async def with_apply(server: Server) -> Said:
    return await server.moderator.slash("limits set", images_per_day=5, preview=True)


async def with_pages(server: Server) -> Said:
    for number in range(8):
        member = server.sandbox.discord.world.snowflakes.new() + number
        await server.moderator.slash("studio block", member=member, reason="x" * 200, unchecked=True)
    return await server.moderator.slash("limits view")


@pytest.mark.parametrize(
    ("prepare", "label"),
    [(with_undo, "Undo"), (with_apply, "Apply"), (with_pages, "Next ▶")],
    ids=["undo", "apply", "page"],
)
async def test_a_button_is_acknowledged_at_once_and_keeps_the_answer_it_is_on(
    server: Server, prepare: Callable[[Server], Awaitable[Said]], label: str
) -> None:
    said = await prepare(server)
    before = server.trail()
    with locked(server.bot.directory):
        failed = await server.moderator.press(said, label)
    assert in_time(failed.invocation)
    assert failed.text.startswith(said.text)
    assert UNAVAILABLE in failed.text
    assert failed.buttons == said.buttons
    assert server.trail() == before
    await server.moderator.press(failed, label)


SUGGESTED: list[tuple[str, str, dict[str, Any]]] = [
    ("limits set", "max_size", {"max_size": "1024"}),
    ("limits set", "models", {"models": "gpt"}),
    ("limits clear", "field", {"field": "day"}),
    ("limits timezone", "zone", {"zone": "Berlin"}),
    ("studio block", "until", {"member": MEMBER_ONE, "until": "3"}),
]


async def test_suggestions_need_no_store(server: Server) -> None:
    with locked(server.bot.directory):
        # The store's only thread is busy waiting, too.
        waiting = await server.sandbox.discord.member(MODERATOR).slash("limits view")
        await waiting.acknowledged()
        for name, option, options in SUGGESTED:
            async with asyncio.timeout(DISCORD_S_PATIENCE):
                assert await server.moderator.suggestions(name, option, **options)
        assert waiting.state == "thinking"
    await waiting.settled(PATIENCE)
