"""``/limits view`` and ``explain``, and what is suggested while a moderator types."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sandbox.discord.world.ids import ARTISTS, GALLERY, GUILD, MEMBER_ONE, MEMBER_TWO, STUDIO

if TYPE_CHECKING:
    from tests.e2e.ruling import Server


# --- looking --------------------------------------------------------------------------------------


async def test_explain_tells_every_value_and_its_rule(server: Server) -> None:
    await server.moderator.slash("limits set", images_per_day=5, models="GPT Image 2")
    await server.moderator.slash("limits set", role=ARTISTS, images_per_day=50)
    await server.moderator.slash("limits set", channel=GALLERY, max_size="512x512")
    await server.moderator.slash("limits set", member=MEMBER_ONE, cooldown=5)

    artist = await server.moderator.slash("limits explain", member=MEMBER_TWO, channel=GALLERY)
    assert artist.lines[:5] == [
        f"**What <@{MEMBER_TWO}> may draw in <#{GALLERY}>**",
        f"- Pictures a day: **50** · rule for <@&{ARTISTS}>",
        f"- Largest size: **512×512** · rule for <#{GALLERY}>",
        "- Pictures per request: **8** · the bot's operator allows no more",
        "- Models: **GPT Image 2** · rule for everyone",
    ]
    member = await server.moderator.slash("limits explain", member=MEMBER_ONE)
    assert member.lines[0] == f"**What <@{MEMBER_ONE}> may draw in <#{STUDIO}>**"
    assert "- Pictures a day: **5** · rule for everyone" in member.lines
    assert "- Wait between requests: **5 s** · own rule" in member.lines
    assert "Largest size" in next(line for line in member.lines if line.startswith("- Without limit"))


async def test_explain_tells_what_is_used(server: Server) -> None:
    assert (await server.member.draw(count=2)).pictures
    said = await server.moderator.slash("limits explain", member=MEMBER_ONE)
    assert said.lines[-1].startswith("-# Used: 2 today · 2 this week · $")


async def test_explain_says_that_somebody_has_left(server: Server) -> None:
    gone = server.sandbox.discord.world.snowflakes.new()
    said = await server.moderator.slash("limits explain", member=gone, unchecked=True)
    assert "Not a member of this server, so without roles." in said.text
    assert f"<@{gone}>" in said.text


async def test_many_rules_are_shown_on_pages(server: Server) -> None:
    world = server.sandbox.discord.world
    members = [world.add_member(f"Member {n}") for n in range(10, 45)]
    with closing(sqlite3.connect(server.database, timeout=10)) as connection, connection:
        connection.execute("INSERT OR IGNORE INTO guilds (guild_id, revision) VALUES (?, 1)", (GUILD,))
        rows = [(GUILD, "member", member, '{"images_per_day": 3, "cooldown": 60}') for member in members]
        connection.executemany(
            "INSERT INTO rules (guild_id, target, target_id, rule) VALUES (?, ?, ?, ?)", rows
        )
    first = await server.moderator.slash("limits view")
    assert list(first.buttons) == ["Next ▶"]
    page, seen = first, first.rules
    while "Next ▶" in page.buttons:
        page = await server.moderator.press(page, "Next ▶")
        assert page.message["id"] == first.message["id"]
        seen += page.rules
    assert list(page.buttons) == ["◀ Previous"]
    assert [f"<@{member}>" in "".join(seen) for member in members] == [True] * len(members)
    assert len(seen) == len(members)


# --- suggestions ----------------------------------------------------------------------------------


async def test_options_are_completed(server: Server) -> None:
    moderator = server.moderator
    sizes = await moderator.suggestions("limits set", "max_size", max_size="1536")
    assert ("1536×1024", "1536x1024") in sizes
    models = await moderator.suggestions("limits set", "models", models="GPT Image 2, mi")
    assert [choice.value for choice in models] == ["GPT Image 2, GPT Image 1 mini"]
    fields = await moderator.suggestions("limits clear", "field", field="wait")
    assert [choice.value for choice in fields] == ["cooldown"]
    zones = await moderator.suggestions("limits timezone", "zone", zone="berl")
    assert [choice.value for choice in zones] == ["Europe/Berlin"]
