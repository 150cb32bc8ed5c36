"""``/quota``: a member sees where they stand, and nobody else does."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sandbox.discord.world.ids import ARTISTS, GALLERY, MEMBER_ONE, STUDIO
from tests.e2e.alone import becomes

if TYPE_CHECKING:
    from tests.e2e.ruling import Said, Server


async def quota(server: Server, channel: int = STUDIO) -> Said:
    return await server.member.slash("quota", channel)


async def test_a_new_member_sees_what_they_have(server: Server) -> None:
    said = await quota(server)
    assert said.private
    assert said.lines[0] == "**Your pictures in this server**"
    assert said.lines[1].startswith("- Today: **20 of 20** left, renews <t:")
    assert said.lines[2] == "- Each request here: up to 8 pictures"
    assert said.buttons == {}


async def test_what_was_drawn_is_not_left_and_what_failed_is(server: Server) -> None:
    assert len((await server.member.draw(count=3)).pictures) == 3
    assert (await server.member.draw("simulate:prompt_refused")).pictures == []
    assert (await server.artist.draw()).pictures
    assert "- Today: **17 of 20** left" in (await quota(server)).text


async def test_what_is_being_drawn_is_held(server: Server) -> None:
    azure = server.sandbox.azure
    azure.options = dataclasses.replace(azure.options, latency=1.5)
    drawing = asyncio.create_task(server.member.draw(count=2))
    await becomes(lambda: azure.requests)
    assert "**18 of 20** left" in (await quota(server)).text
    assert "(2 still being drawn)" in (await quota(server)).text
    await drawing
    assert "still being drawn" not in (await quota(server)).text


async def test_every_window_and_sum_is_told(server: Server) -> None:
    await server.moderator.slash(
        "limits set", images_per_week=100, dollars_per_month=2, server_dollars_per_month=40
    )
    text = (await quota(server)).text
    assert "- This week: **100 of 100** left, renews <t:" in text
    assert "- This month: **$2 of $2** left, renews <t:" in text
    assert "- All members together this month: **$40 of $40** left, renews <t:" in text
    assert (await server.member.draw()).pictures
    text = (await quota(server)).text
    assert "- This month: **$1.9" in text
    assert "- All members together this month: **$39.9" in text


async def test_the_channel_counts(server: Server) -> None:
    await server.moderator.slash("limits set", channel=GALLERY, max_size="512x512", images_per_day=2)
    await server.moderator.slash("limits set", role=ARTISTS, images_per_day=50)
    assert "**20 of 20** left" in (await quota(server)).text
    there = (await quota(server, GALLERY)).text
    assert "**2 of 2** left" in there
    assert "up to 512×512" in there
    assert "**50 of 50** left" in (await server.artist.slash("quota")).text


async def test_prices_are_of_what_the_member_may_use(server: Server) -> None:
    text = (await quota(server)).text
    assert "A picture costs at most:" in text
    assert "-# GPT Image 2, 1024×1024: low $0.0" in text
    assert "high $" in text
    await server.moderator.slash("limits set", models="GPT Image 1 mini", max_quality="medium")
    text = (await quota(server)).text
    assert "GPT Image 2," not in text
    assert "-# GPT Image 1 mini, 1024×1024: low $" in text
    assert "high $" not in text


async def test_what_keeps_a_member_from_drawing_comes_first(server: Server) -> None:
    await server.moderator.slash("studio pause", message="Back at six")
    assert (await quota(server)).lines[1].endswith("They say: “Back at six”")
    await server.moderator.slash("studio resume")
    await server.moderator.slash("studio block", member=MEMBER_ONE, until="2d", reason="spam")
    assert "do not let you draw in this server until <t:" in (await quota(server)).lines[1]
    await server.moderator.slash("studio unblock", member=MEMBER_ONE)
    await server.moderator.slash("limits set", cooldown=600)
    assert (await server.member.draw()).pictures
    assert (await quota(server)).lines[1].startswith("⏳ You can ask again <t:")
    assert "you can ask again <t:" in (await server.member.draw()).text


async def test_a_store_in_trouble_is_told_as_such(server: Server) -> None:
    tables = ("entries", "counters")
    with closing(sqlite3.connect(server.database, timeout=10)) as connection:
        for table in tables:
            connection.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        failed = await quota(server)
        for table in tables:
            connection.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
    assert failed.private
    assert "cannot get at its records just now" in failed.text
    assert "Nothing was charged." in failed.text
    assert "**20 of 20** left" in (await quota(server)).text
