"""``/studio pause|resume|block|unblock``: who may draw at all."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.world.ids import BOT, MEMBER_ONE, MEMBER_TWO, MODERATOR
from tests.e2e.alone import becomes

if TYPE_CHECKING:
    from tests.e2e.ruling import Server


def moments(text: str) -> list[dt.datetime]:
    """The moments in a text, in order."""
    return [dt.datetime.fromtimestamp(int(seconds), dt.UTC) for seconds in re.findall(r"<t:(\d+)", text)]


# --- pausing --------------------------------------------------------------------------------------


async def test_while_paused_nobody_draws_and_everybody_reads_why(server: Server) -> None:
    said = await server.moderator.slash("studio pause", message="Back at six, see #gallery")
    assert said.private
    assert said.text.startswith("⏸️ Drawing is paused in this server.")
    for person in (server.member, server.artist, server.moderator):
        refused = await person.draw()
        assert refused.private
        assert refused.pictures == []
        assert "paused drawing in this server. They say: “Back at six, see \\#gallery”" in refused.text
        assert refused.text.endswith("Nothing was charged.")
    assert server.sandbox.azure.requests == []


async def test_after_resuming_everybody_draws_again(server: Server) -> None:
    await server.moderator.slash("studio pause")
    assert "They say" not in (await server.member.draw()).text
    said = await server.moderator.slash("studio resume")
    assert said.text == "▶️ Drawing goes on in this server."
    assert (await server.member.draw()).pictures
    again = await server.moderator.slash("studio resume")
    assert again.text == "Drawing was not paused. Nothing was changed."


async def test_a_pause_lets_what_is_under_way_finish(server: Server) -> None:
    azure = server.sandbox.azure
    azure.options = dataclasses.replace(azure.options, latency=1.0)
    drawing = asyncio.create_task(server.member.draw())
    await becomes(lambda: azure.requests)
    await server.moderator.slash("studio pause")
    assert (await drawing).pictures


async def test_a_pause_shows_among_the_rules(server: Server) -> None:
    await server.moderator.slash("studio pause", message="Back at six")
    shown = (await server.moderator.slash("limits view")).lines
    assert shown[1] == "⏸️ Drawing is paused; `/studio resume` goes on. “Back at six”"
    assert (await server.moderator.slash("studio pause", message="At seven")).text.endswith("“At seven”")


@pytest.mark.parametrize(
    "words", ["@everyone <@1> **x** https://example.com", "a\n\nb \u202e \0 c", "x" * 500]
)
async def test_a_message_for_members_does_no_harm(server: Server, words: str) -> None:
    said = await server.moderator.slash("studio pause", message=words, unchecked=True)
    refused = await server.member.draw()
    for message in (said.message, refused.message):
        assert not message["mention_everyone"]
        assert message["mentions"] == []
        assert "@everyone" not in message["content"]
        assert "\u202e" not in message["content"]
    assert "\n" not in refused.text


# --- blocking -------------------------------------------------------------------------------------


async def test_a_blocked_member_does_not_draw_and_reads_why(server: Server) -> None:
    said = await server.moderator.slash("studio block", member=MEMBER_ONE, until="12h", reason="Too *many*")
    assert said.private
    assert said.message["mentions"] == []
    (end, _relative) = moments(said.text)
    assert abs(end - dt.datetime.now(dt.UTC) - dt.timedelta(hours=12)) < dt.timedelta(minutes=1)
    refused = await server.member.draw()
    assert refused.private
    assert moments(refused.text) == [end]
    assert r"Their reason: “Too \*many\*”" in refused.text
    assert (await server.artist.draw()).pictures


async def test_a_block_without_an_end_lasts_until_it_is_lifted(server: Server) -> None:
    said = await server.moderator.slash("studio block", member=MEMBER_ONE)
    assert said.text == f"🚫 <@{MEMBER_ONE}> may not draw in this server until unblocked."
    assert moments((await server.member.draw()).text) == []
    assert f"- 🚫 <@{MEMBER_ONE}> is blocked" in (await server.moderator.slash("limits view")).lines
    lifted = await server.moderator.slash("studio unblock", member=MEMBER_ONE)
    assert lifted.text == f"<@{MEMBER_ONE}> may draw again."
    assert (await server.member.draw()).pictures
    again = await server.moderator.slash("studio unblock", member=MEMBER_ONE)
    assert again.text == f"<@{MEMBER_ONE}> was not blocked. Nothing was changed."


async def test_a_block_that_is_over_blocks_nobody(server: Server) -> None:
    soon = int(dt.datetime.now(dt.UTC).timestamp()) + 2
    await server.moderator.slash("studio block", member=MEMBER_ONE, until=f"<t:{soon}:R>")
    assert "do not let you draw" in (await server.member.draw()).text
    await asyncio.sleep(max(0.0, soon - dt.datetime.now(dt.UTC).timestamp()) + 0.1)
    assert (await server.member.draw()).pictures
    assert "🚫" not in (await server.moderator.slash("limits view")).text


async def test_a_date_is_meant_in_the_server_s_zone(server: Server) -> None:
    await server.moderator.slash("limits timezone", zone="Asia/Tokyo")
    year = dt.datetime.now(dt.UTC).year + 1
    said = await server.moderator.slash("studio block", member=MEMBER_ONE, until=f"{year}-07-01 09:00")
    assert moments(said.text)[0] == dt.datetime(year, 7, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"member": MODERATOR}, "You cannot block yourself. Nothing was changed."),
        ({"member": BOT}, "Bots cannot use commands, so there is nothing to block."),
        ({"member": MEMBER_ONE, "until": "soon"}, "“soon” is no end of a block. Write how long"),
        ({"member": MEMBER_ONE, "until": "2020-01-01"}, "is not in the future. Nothing was changed."),
        ({"member": MEMBER_ONE, "until": "9999-12-31"}, "is more than five years ahead."),
    ],
)
async def test_what_makes_no_sense_blocks_nobody(server: Server, options: dict[str, Any], told: str) -> None:
    said = await server.moderator.slash("studio block", **options)
    assert said.private
    assert told in said.text.replace("\\-", "-")
    assert server.trail() == []
    assert (await server.member.draw()).pictures


async def test_who_has_left_can_be_blocked_and_unblocked(server: Server) -> None:
    gone = server.sandbox.discord.world.snowflakes.new()
    said = await server.moderator.slash("studio block", member=gone, unchecked=True)
    assert f"<@{gone}> may not draw" in said.text
    said = await server.moderator.slash("studio unblock", member=gone, unchecked=True)
    assert said.text == f"<@{gone}> may draw again."


async def test_ends_are_suggested(server: Server) -> None:
    found = await server.moderator.suggestions("studio block", "until", member=MEMBER_TWO, until="3")
    assert [choice.value for choice in found] == ["3m", "3h", "3d", "3w"]


async def test_who_did_what_is_written_down(server: Server) -> None:
    await server.moderator.slash("studio pause")
    await server.owner.slash("studio resume")
    await server.moderator.slash("studio block", member=MEMBER_ONE)
    await server.owner.slash("studio unblock", member=MEMBER_ONE)
    actions = [(actor == MODERATOR, action) for actor, action, _ in server.trail()]
    assert actions == [(True, "pause"), (False, "resume"), (True, "block"), (False, "unblock")]
