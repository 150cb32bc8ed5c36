"""Moderators' commands while the store, Discord or the bot itself is in trouble."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.client.payloads import interaction_payload
from sandbox.discord.world.ids import MODERATOR
from sandbox.faults import Fault
from tests.e2e.alone import alone, becomes, complaints
from tests.e2e.asking import PATIENCE
from tests.e2e.ruling import Server

if TYPE_CHECKING:
    from pathlib import Path

CALLBACK, EDIT = "POST /interactions/*/callback", "PATCH /webhooks/*/messages/@original"


# --- a store in trouble ---------------------------------------------------------------------------


async def test_a_locked_store_is_answered_in_time_and_works_again_afterwards(server: Server) -> None:
    with closing(sqlite3.connect(server.database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        said = await server.moderator.slash("limits set", images_per_day=5)
        connection.execute("ROLLBACK")
    invocation = said.invocation
    assert invocation.acknowledged_at is not None
    assert invocation.acknowledged_at - invocation.sent_at < 2
    assert "the change may not have been made" in said.text
    assert "`/limits view`" in said.text
    await server.moderator.slash("limits set", images_per_day=6)
    assert await server.overview() == ["- **Everyone**: 6 a day"]


async def test_a_button_works_again_once_the_store_does(server: Server) -> None:
    said = await server.moderator.slash("limits set", images_per_day=5)
    with closing(sqlite3.connect(server.database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        failed = await server.moderator.press(said, "Undo")
        again = await server.moderator.press(failed, "Undo")
        connection.execute("ROLLBACK")
    assert failed.text.startswith(said.text)
    assert failed.text.count("the change may not have been made") == 1
    assert again.text == failed.text
    undone = await server.moderator.press(again, "Undo")
    assert undone.lines[0].startswith("Taken back")
    assert await server.overview() == []


async def test_an_event_delivered_twice_is_answered_once(server: Server) -> None:
    said = await server.moderator.slash("limits set", images_per_day=5)
    await server.moderator.press(said, "Undo")
    world = server.sandbox.discord.world
    pressed = world.interactions.recent()[-1]
    await server.sandbox.discord.dispatch("INTERACTION_CREATE", interaction_payload(world, pressed))
    assert await server.overview() == []
    assert [action for _, action, _ in server.trail()] == ["set", "undo"]
    assert complaints(server.bot.output) == []


async def test_a_change_that_was_made_is_told_as_made_whatever_goes_wrong_after_it(server: Server) -> None:
    with closing(sqlite3.connect(server.database, timeout=10)) as connection:
        spoil = "UPDATE changes SET at_ms = 'soon' WHERE id = NEW.id"
        connection.execute(f"CREATE TRIGGER spoiled AFTER INSERT ON changes BEGIN {spoil}; END")
        said = await server.moderator.slash("limits set", images_per_day=5)
        connection.executescript("DROP TRIGGER spoiled; UPDATE changes SET at_ms = 0")
    assert said.lines == [
        "**Limits of everyone** are changed, from the next request on.",
        "- Pictures a day: not set → **5**",
    ]
    assert await server.overview() == ["- **Everyone**: 5 a day"]
    undone = await server.moderator.press(said, "Undo")
    assert undone.lines[0].startswith("Taken back")
    assert await server.overview() == []


# --- Discord in trouble ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault("effect_status", CALLBACK, status=500),
        Fault("effect_reset", CALLBACK),
        Fault("status", EDIT, status=503),
        Fault("reset", EDIT),
        Fault("rate_limited", EDIT, retry_after=0.2),
    ],
    ids=lambda fault: f"{fault.kind} {fault.route}",
)
async def test_an_answer_comes_though_discord_stumbles(server: Server, fault: Fault) -> None:
    await server.moderator.slash("limits set", images_per_day=5)
    server.sandbox.discord.faults.add(dataclasses.replace(fault))
    said = await server.owner.slash("limits set", images_per_day=6)
    assert list(said.buttons) == ["Undo"]
    server.sandbox.discord.faults.add(dataclasses.replace(fault))
    undone = await server.owner.press(said, "Undo")
    assert undone.lines[0].startswith("Taken back")
    assert await server.overview() == ["- **Everyone**: 5 a day"]
    assert len(server.sandbox.discord.faults) == 0


async def test_an_answer_that_discord_does_not_take_is_in_the_log_and_the_change_is_made(
    server: Server,
) -> None:
    written = len(server.bot.output)
    server.sandbox.discord.faults.add(Fault("status", EDIT, status=403, data={"code": 50013}))
    member = server.sandbox.discord.member(MODERATOR)
    await member.slash("limits set", images_per_day=5)
    await becomes(lambda: "a member could not be told" in server.bot.output[written:])
    assert await server.overview() == ["- **Everyone**: 5 a day"]
    assert complaints(server.bot.output[written:]) == []


# --- a stop in between ----------------------------------------------------------------------------


async def test_a_stop_leaves_no_moderator_without_an_answer(tmp_path: Path) -> None:
    async with alone(tmp_path, latency=1.5, settings={"EASEL_DRAIN": "3"}) as (sandbox, bot):
        server = Server(sandbox, bot)
        said = await server.moderator.slash("limits set", images_per_day=5)
        drawing = asyncio.create_task(server.member.draw())
        await becomes(lambda: sandbox.azure.requests)
        with closing(sqlite3.connect(server.database, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            invocation = await sandbox.discord.member(MODERATOR).slash("limits set", images_per_day=6)
            await invocation.acknowledged()
            stopping = asyncio.create_task(bot.stop())
            await becomes(lambda: "stopping" in bot.output)
            refused = await server.moderator.press(said, "Undo")
            unclear = await invocation.settled(PATIENCE)
            connection.execute("ROLLBACK")
        assert await stopping == 0
    assert "The bot is restarting." in refused.text
    assert "the change may not have been made" in unclear["content"]
    assert complaints(bot.output) == []
    await asyncio.wait([drawing])
