"""``/limits``: what moderators set holds at once, is shown as it is, and can be cleared."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.world.ids import ARTISTS, EVERYONE, GALLERY, GUILD, MEMBER_TWO, MODERATOR
from sandbox.faults import Fault
from tests.e2e.alone import alone, becomes, set_options
from tests.e2e.ruling import Person

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.ruling import Server


COUNTS = f"GET /guilds/{GUILD}/roles/member-counts"


# --- setting --------------------------------------------------------------------------------------


async def test_a_new_server_is_bounded_and_says_so(server: Server) -> None:
    said = await server.moderator.slash("limits view")
    assert said.private
    assert "No rules yet. `/limits set`" in said.text
    assert "Where no rule speaks: 20 a day." in said.text
    assert "The bot's operator allows no more than: 8 per request." in said.text
    assert "begin at midnight in UTC" in said.text
    assert said.buttons == {}


async def test_a_rule_holds_from_the_next_request_on(server: Server) -> None:
    said = await server.moderator.slash("limits set", images_per_day=1, max_size="1024x1024")
    assert said.private
    assert said.lines == [
        "**Limits of everyone** are changed, from the next request on. It matters for 5 members.",
        "- Pictures a day: 20 as to begin with → **1**",
        "- Largest size: not set → **1024×1024**",
    ]
    refused = await server.member.draw(size="2048x2048")
    assert refused.private
    assert "up to 1024×1024" in refused.text
    assert len((await server.member.draw()).pictures) == 1
    refused = await server.member.draw()
    assert refused.private
    assert "You have used today's one picture here. It renews <t:" in refused.text


async def test_what_is_left_out_of_a_change_stays_as_it_is(server: Server) -> None:
    await server.moderator.slash("limits set", images_per_day=5, cooldown=60)
    said = await server.moderator.slash("limits set", images_per_day=6)
    assert said.lines[1:] == ["- Pictures a day: 5 → **6**"]
    assert await server.overview() == ["- **Everyone**: 6 a day · 1 min between requests"]


async def test_every_option_ends_up_in_the_rule(server: Server) -> None:
    await server.moderator.slash(
        "limits set",
        images_per_day=10,
        images_per_week=50,
        max_size="1536x1024",
        max_quality="medium",
        max_count=2,
        max_prompt_length=500,
        models="GPT Image 2, gpt-image-1-mini",
        cooldown=30,
        concurrent=3,
        priority=2,
        dollars_per_month=2.5,
        server_concurrent=20,
        server_dollars_per_month=40,
    )
    (rule,) = await server.overview()
    assert rule == (
        "- **Everyone**: 10 a day · 50 a week · up to 1536×1024 · up to medium quality · 2 per request"
        " · prompts up to 500 characters · only GPT Image 1 mini, GPT Image 2 · 30 s between requests"
        " · 3 at once · ×4 turns in the queue · $2.50 a month · 20 at once for all together"
        " · $40 a month for all together"
    )


async def test_a_prompt_longer_than_allowed_is_refused_in_private(server: Server) -> None:
    await server.moderator.slash("limits set", role=ARTISTS, max_prompt_length=40)
    assert await server.overview() == [f"- <@&{ARTISTS}>: prompts up to 40 characters"]
    refused = await server.artist.draw("a lighthouse in the rain".ljust(41, "!"))
    assert refused.private
    assert refused.text == (
        "Your prompt has 41 characters; the limit here is 40. Shorten it and ask again. Nothing was charged."
    )
    assert server.sandbox.azure.requests == []
    assert (await server.artist.draw("a lighthouse in the rain".ljust(40, "!"))).pictures
    assert (await server.member.draw("a lighthouse in the rain".ljust(41, "!"))).pictures
    explained = await server.moderator.slash("limits explain", member=MEMBER_TWO)
    assert f"- Characters per prompt: **40** · rule for <@&{ARTISTS}>" in explained.lines


async def test_all_members_together_have_so_many_requests_at_once(server: Server) -> None:
    await server.moderator.slash("limits set", server_concurrent=1)
    azure = server.sandbox.azure
    azure.options = dataclasses.replace(azure.options, latency=1.5)
    drawing = asyncio.create_task(server.member.draw())
    await becomes(lambda: azure.requests)
    refused = await server.artist.draw()
    assert refused.private
    assert "takes one at a time. Try again in a moment. Nothing was charged." in refused.text
    assert (await drawing).pictures
    assert (await server.artist.draw()).pictures


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ({"role": ARTISTS}, f"<@&{ARTISTS}>"),
        ({"member": MEMBER_TWO}, f"<@{MEMBER_TWO}>"),
        ({"channel": GALLERY}, f"<#{GALLERY}>"),
        ({"role": EVERYONE}, "everyone"),
        ({}, "everyone"),
    ],
    ids=["role", "member", "channel", "role-everyone", "nobody-named"],
)
async def test_a_rule_is_for_whom_it_names_and_pings_nobody(
    server: Server, target: dict[str, int], named: str
) -> None:
    said = await server.moderator.slash("limits set", images_per_day=3, **target)
    assert said.lines[0].startswith(f"**Limits of {named}** are changed")
    assert (await server.overview())[0].startswith(f"- {'**Everyone**' if named == 'everyone' else named}:")
    assert said.message["mentions"] == []
    assert said.message["mention_roles"] == []
    assert not said.message["mention_everyone"]


async def test_setting_what_is_set_already_changes_nothing(server: Server) -> None:
    await server.moderator.slash("limits set", images_per_day=5)
    said = await server.moderator.slash("limits set", images_per_day=5)
    assert said.text == "The limits of everyone are like that already. Nothing was changed."
    assert said.buttons == {}
    assert server.trail() == [(MODERATOR, "set", "everyone")]


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "Say what to set"),
    ({"role": ARTISTS, "channel": GALLERY, "images_per_day": 5}, "not several of them"),
    ({"images_per_day": -1}, "`images_per_day` is out of range"),
    ({"images_per_day": 10**12}, "`images_per_day` is out of range"),
    ({"max_count": 11}, "`max_count` is out of range"),
    ({"max_prompt_length": 0}, "`max_prompt_length` is out of range; right is 1 to 32000"),
    ({"max_prompt_length": 32_001}, "`max_prompt_length` is out of range"),
    ({"concurrent": 0}, "`concurrent` is out of range"),
    ({"priority": 4}, "`priority` is out of range; right is 0 to 3"),
    ({"cooldown": 604_801}, "`cooldown` is out of range"),
    ({"dollars_per_month": -0.01}, "`dollars_per_month` is out of range"),
    ({"dollars_per_month": 1e-9}, "`dollars_per_month` is out of range"),
    ({"max_size": "large"}, "`max_size` is written as width×height"),
    ({"max_size": "0x0"}, "`max_size`"),
    ({"max_size": "99999x99999"}, "no model here can draw; near it is"),
    ({"max_quality": "auto"}, "`max_quality` is not a quality"),
    ({"models": "dall-e-3"}, "not on offer; there are GPT Image 2"),
    ({"models": " , "}, "not on offer"),
    ({"server_dollars_per_month": 5.0, "role": ARTISTS}, "can be set for everyone only"),
    ({"server_concurrent": 5, "role": ARTISTS}, "`server_concurrent` can be set for everyone only"),
    ({"max_size": "large", "models": "dall-e-3"}, "`models` names a model"),
]


@pytest.mark.parametrize(("options", "told"), BAD, ids=[told for _, told in BAD])
async def test_what_makes_no_sense_is_refused_with_what_would(
    server: Server, options: dict[str, Any], told: str
) -> None:
    said = await server.moderator.slash("limits set", unchecked=True, **options)
    assert said.private
    assert told in said.text
    assert "Nothing was changed." in said.text
    assert await server.overview() == []
    assert server.trail() == []


# --- what is said beside it -----------------------------------------------------------------------


async def test_for_how_many_members_of_a_role_it_matters_is_said(server: Server) -> None:
    said = await server.moderator.slash("limits set", role=ARTISTS, images_per_day=50)
    assert said.lines[0].endswith("It matters for one member.")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", COUNTS, times=-1, status=500),
        Fault("status", COUNTS, times=-1, status=403, data={"code": 50001}),
        Fault("reset", COUNTS, times=-1),
        Fault("slow", COUNTS, delay=30.0),
    ],
    ids=["500", "403", "reset", "silence"],
)
async def test_where_discord_does_not_count_members_the_answer_does_without(
    server: Server, fault: Fault
) -> None:
    server.sandbox.discord.faults.add(fault)
    started = time.monotonic()
    said = await server.moderator.slash("limits set", role=ARTISTS, images_per_day=50)
    assert said.lines[0].endswith("It matters for everyone with that role.")
    assert said.invocation.acknowledged_at is not None
    assert said.invocation.acknowledged_at - started < 3
    assert len(await server.overview()) == 1


async def test_a_used_up_rate_limit_keeps_no_answer_waiting(tmp_path: Path) -> None:
    async with alone(tmp_path) as (sandbox, _):
        set_options(sandbox, rate_limits={"role-counts": (2, 60.0)})
        moderator = Person(sandbox, MODERATOR)
        counted = await moderator.slash("limits set", role=ARTISTS, images_per_day=50)
        sandbox.discord.faults.add(Fault("slow", COUNTS, delay=30.0))
        silent = await moderator.slash("limits set", role=ARTISTS, images_per_day=40)
        used_up = await moderator.slash("limits set", role=ARTISTS, images_per_day=30)

        assert counted.lines[0].endswith("It matters for one member.")
        for said in (silent, used_up):
            assert said.lines[0].endswith("It matters for everyone with that role.")


async def test_a_moderator_who_locks_themself_out_is_warned_and_can_go_back(server: Server) -> None:
    said = await server.moderator.slash("limits set", images_per_day=0)
    assert "⚠️ With this you cannot draw there yourself. You can always change it back." in said.text
    assert "leave you no pictures here" in (await server.moderator.draw()).text
    await server.moderator.press(said, "Undo")
    assert (await server.moderator.draw()).pictures


async def test_where_the_operator_allows_less_that_is_said(server: Server) -> None:
    said = await server.moderator.slash("limits set", role=ARTISTS, max_count=10)
    assert "Pictures per request: the bot's operator allows no more than 8" in said.text
    explained = await server.moderator.slash("limits explain", member=MEMBER_TWO)
    assert "- Pictures per request: **8** · the bot's operator allows no more" in explained.lines


# --- clearing -------------------------------------------------------------------------------------


async def test_a_rule_is_cleared_as_a_whole_or_one_limit_of_it(server: Server) -> None:
    await server.moderator.slash("limits set", role=ARTISTS, images_per_day=50, cooldown=5)
    said = await server.moderator.slash("limits clear", role=ARTISTS, field="cooldown")
    assert said.lines[0].startswith(f"**Limits of <@&{ARTISTS}>** are changed")
    assert said.lines[1:] == ["- Wait between requests: 5 s → **not set**"]
    said = await server.moderator.slash("limits clear", role=ARTISTS)
    assert said.lines[0].startswith(f"**Limits of <@&{ARTISTS}>** are cleared")
    assert await server.overview() == []
    await server.moderator.press(said, "Undo")
    assert await server.overview() == [f"- <@&{ARTISTS}>: 50 a day"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"member": MEMBER_TWO}, f"Nothing like that is set for <@{MEMBER_TWO}>. Nothing was changed."),
        ({"field": "max_size"}, "Nothing like that is set for everyone. Nothing was changed."),
        ({"field": "colour"}, "There is no limit called `colour`; there are images_per_day"),
        ({"role": ARTISTS, "member": MEMBER_TWO}, "not several of them"),
        ({"gone": True}, "No rule is for a deleted role or channel. Nothing was changed."),
    ],
)
async def test_what_is_not_set_cannot_be_cleared(server: Server, options: dict[str, Any], told: str) -> None:
    said = await server.moderator.slash("limits clear", **options)
    assert told in said.text.replace(r"\_", "_")
    assert server.trail() == []


async def test_rules_of_deleted_roles_and_channels_are_shown_and_cleared(server: Server) -> None:
    sandbox, guild = server.sandbox, server.sandbox.discord.world.guild
    role = dataclasses.replace(guild.roles[ARTISTS], id=sandbox.discord.world.snowflakes.new(), name="Guests")
    channel = dataclasses.replace(guild.channels[GALLERY], id=sandbox.discord.world.snowflakes.new())
    guild.roles[role.id], guild.channels[channel.id] = role, channel
    event = {"guild_id": str(GUILD)}
    await sandbox.discord.dispatch("GUILD_ROLE_CREATE", {**event, "role": role.to_json()})
    await sandbox.discord.dispatch("CHANNEL_CREATE", channel.to_json(GUILD, None))
    for options in ({"role": role.id}, {"channel": channel.id}, {"role": ARTISTS}, {"channel": GALLERY}):
        await server.moderator.slash("limits set", images_per_day=3, **options)
    assert not any("deleted" in rule for rule in await server.overview())

    del guild.roles[role.id], guild.channels[channel.id]
    await sandbox.discord.dispatch("GUILD_ROLE_DELETE", {**event, "role_id": str(role.id)})
    await sandbox.discord.dispatch("CHANNEL_DELETE", channel.to_json(GUILD, None))
    shown = await server.moderator.slash("limits view")
    assert f"- <@&{role.id}> (deleted): 3 a day" in shown.lines
    assert f"- <#{channel.id}> (deleted): 3 a day" in shown.lines
    assert "`/limits clear gone:True`" in shown.text

    said = await server.moderator.slash("limits clear", gone=True)
    assert said.text == "Cleared the rules of deleted roles and channels: 2."
    assert await server.overview() == [f"- <@&{ARTISTS}>: 3 a day", f"- <#{GALLERY}>: 3 a day"]


# --- time zones -----------------------------------------------------------------------------------


async def test_a_server_counts_in_a_zone_of_its_own(server: Server) -> None:
    said = await server.moderator.slash("limits timezone", zone="asia/TOKYO")
    assert said.text.startswith("Days, weeks and months now begin at midnight in Asia/Tokyo; the next day")
    assert "begin at midnight in Asia/Tokyo" in (await server.moderator.slash("limits view")).text
    said = await server.moderator.slash("limits timezone", zone="Atlantis")
    assert said.text.startswith("There is no such time zone")
    assert said.text.endswith("Nothing was changed.")
