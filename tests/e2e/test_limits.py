"""``/limits``: what moderators set holds at once, is shown as it is, and can be taken back."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.ids import (
    ARTISTS,
    EVERYONE,
    GALLERY,
    GUILD,
    MEMBER_ONE,
    MEMBER_TWO,
    MODERATOR,
    STUDIO,
)
from sandbox.discord.payloads import interaction_payload
from sandbox.faults import Fault
from sandbox.server import open_sandbox
from tests.e2e.alone import alone, becomes, complaints
from tests.e2e.bot_process import running_bot
from tests.e2e.ruling import Person, Said, Server

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = f"GET /guilds/{GUILD}/roles/member-counts"

NOT_MODERATOR = "it takes the permission “Manage Server”"
CHANGED_SINCE = "The rule was changed again in the meantime"


def rules(said: Said) -> list[str]:
    """The lines about single rules."""
    return [line for line in said.lines if line.startswith("- ")]


async def overview(server: Server) -> list[str]:
    return rules(await server.moderator.slash("limits view"))


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
    assert "You have used today's 1 pictures. It renews <t:" in refused.text


async def test_what_is_left_out_of_a_change_stays_as_it_is(server: Server) -> None:
    await server.moderator.slash("limits set", images_per_day=5, cooldown=60)
    said = await server.moderator.slash("limits set", images_per_day=6)
    assert said.lines[1:] == ["- Pictures a day: 5 → **6**"]
    assert await overview(server) == ["- **Everyone**: 6 a day · 1 min between requests"]


async def test_every_option_ends_up_in_the_rule(server: Server) -> None:
    await server.moderator.slash(
        "limits set",
        images_per_day=10,
        images_per_week=50,
        max_size="1536x1024",
        max_quality="medium",
        max_count=2,
        models="GPT Image 2, gpt-image-1-mini",
        cooldown=30,
        concurrent=3,
        dollars_per_month=2.5,
        server_dollars_per_month=40,
    )
    (rule,) = await overview(server)
    assert rule == (
        "- **Everyone**: 10 a day · 50 a week · up to 1536×1024 · up to medium quality · 2 per request"
        " · only GPT Image 1 mini, GPT Image 2 · 30 s between requests · 3 at once · $2.50 a month"
        " · $40 a month for all together"
    )


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
    assert (await overview(server))[0].startswith(f"- {'**Everyone**' if named == 'everyone' else named}:")
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
    ({"concurrent": 0}, "`concurrent` is out of range"),
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
    assert await overview(server) == []
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
    assert len(await overview(server)) == 1


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


# --- preview --------------------------------------------------------------------------------------


async def preview(server: Server, **options: Any) -> Said:
    return await server.moderator.slash("limits set", preview=True, **options)


async def test_a_preview_changes_nothing_until_it_is_applied(server: Server) -> None:
    seen = await preview(server, images_per_day=7)
    assert seen.lines == [
        "**Limits of everyone** would change; nothing is changed yet. It matters for 5 members.",
        "- Pictures a day: 20 as to begin with → **7**",
    ]
    assert list(seen.buttons) == ["Apply", "Cancel"]
    assert await overview(server) == []

    applied = await server.moderator.press(seen, "Apply")
    assert applied.message["id"] == seen.message["id"]
    assert applied.lines[0].startswith("**Limits of everyone** are changed")
    assert list(applied.buttons) == ["Undo"]
    assert await overview(server) == ["- **Everyone**: 7 a day"]


async def test_a_cancelled_preview_leaves_everything_as_it_is(server: Server) -> None:
    seen = await preview(server, images_per_day=7)
    cancelled = await server.moderator.press(seen, "Cancel")
    assert cancelled.text == "Cancelled. Nothing was changed."
    assert cancelled.buttons == {}
    assert await overview(server) == []


async def test_a_preview_of_a_rule_changed_meanwhile_is_not_applied(server: Server) -> None:
    seen = await preview(server, images_per_day=7)
    await server.owner.slash("limits set", images_per_day=3)
    refused = await server.moderator.press(seen, "Apply")
    assert refused.text.startswith(seen.text)
    assert CHANGED_SINCE in refused.text
    assert refused.buttons == {}
    assert await overview(server) == ["- **Everyone**: 3 a day"]


async def test_what_makes_no_sense_has_no_preview(server: Server) -> None:
    said = await server.moderator.slash("limits set", preview=True, max_size="large", unchecked=True)
    assert "Nothing was changed." in said.text
    assert said.buttons == {}


# --- undo -----------------------------------------------------------------------------------------


async def test_undo_takes_back_the_change_it_is_on_and_can_be_taken_back_itself(server: Server) -> None:
    await server.moderator.slash("limits set", images_per_day=5)
    said = await server.moderator.slash("limits set", images_per_day=9, max_count=2)
    undone = await server.moderator.press(said, "Undo")
    assert undone.message["id"] == said.message["id"]
    assert undone.lines == [
        "Taken back: **limits of everyone** are as they were before. It matters for 5 members.",
        "- Pictures a day: 9 → **5**",
        "- Pictures per request: 2 → **not set**",
    ]
    assert await overview(server) == ["- **Everyone**: 5 a day"]
    await server.moderator.press(undone, "Put it back")
    assert await overview(server) == ["- **Everyone**: 9 a day · 2 per request"]
    assert [action for _, action, _ in server.trail()] == ["set", "set", "undo", "undo"]


async def test_undo_is_refused_where_another_moderator_has_changed_the_rule_since(server: Server) -> None:
    said = await server.moderator.slash("limits set", images_per_day=5)
    await server.owner.slash("limits set", images_per_day=6)
    refused = await server.moderator.press(said, "Undo")
    assert CHANGED_SINCE in refused.text
    assert refused.text.startswith(said.text)
    assert refused.buttons == {}
    assert await overview(server) == ["- **Everyone**: 6 a day"]


async def test_the_undo_command_takes_back_the_last_change(server: Server) -> None:
    await server.moderator.slash("limits set", images_per_day=5)
    await server.owner.slash("limits set", role=ARTISTS, images_per_day=50)
    said = await server.moderator.slash("limits undo")
    assert said.lines[0].startswith(f"Taken back: **limits of <@&{ARTISTS}>**")
    assert await overview(server) == ["- **Everyone**: 5 a day"]


async def test_with_nothing_to_undo_that_is_said(server: Server) -> None:
    said = await server.moderator.slash("limits undo")
    assert said.text == "There is no change of a rule to take back. Nothing was changed."


async def test_two_moderators_at_once_both_get_what_they_set(server: Server) -> None:
    await asyncio.gather(
        server.moderator.slash("limits set", images_per_day=5),
        server.owner.slash("limits set", max_count=3),
    )
    assert await overview(server) == ["- **Everyone**: 5 a day · 3 per request"]
    assert len(server.trail()) == 2


async def test_buttons_work_after_a_restart(tmp_path: Path) -> None:
    async with open_sandbox() as sandbox:
        moderator = Person(sandbox, MODERATOR)
        async with running_bot(sandbox, tmp_path):
            said = await moderator.slash("limits set", images_per_day=5)
            seen = await moderator.slash("limits set", role=ARTISTS, images_per_day=9, preview=True)
        async with running_bot(sandbox, tmp_path) as bot:
            undone = await moderator.press(said, "Undo")
            assert undone.lines[0].startswith("Taken back: **limits of everyone**")
            too_old = await moderator.press(seen, "Apply")
            assert too_old.text == "This preview is too old. Nothing was changed; please repeat the command."
            assert rules(await moderator.slash("limits view")) == []
            assert complaints(bot.output) == []


# --- clearing -------------------------------------------------------------------------------------


async def test_a_rule_is_cleared_as_a_whole_or_one_limit_of_it(server: Server) -> None:
    await server.moderator.slash("limits set", role=ARTISTS, images_per_day=50, cooldown=5)
    said = await server.moderator.slash("limits clear", role=ARTISTS, field="cooldown")
    assert said.lines[0].startswith(f"**Limits of <@&{ARTISTS}>** are changed")
    assert said.lines[1:] == ["- Wait between requests: 5 s → **not set**"]
    said = await server.moderator.slash("limits clear", role=ARTISTS)
    assert said.lines[0].startswith(f"**Limits of <@&{ARTISTS}>** are cleared")
    assert await overview(server) == []
    await server.moderator.press(said, "Undo")
    assert await overview(server) == [f"- <@&{ARTISTS}>: 50 a day"]


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
    assert not any("deleted" in rule for rule in await overview(server))

    del guild.roles[role.id], guild.channels[channel.id]
    await sandbox.discord.dispatch("GUILD_ROLE_DELETE", {**event, "role_id": str(role.id)})
    await sandbox.discord.dispatch("CHANNEL_DELETE", channel.to_json(GUILD, None))
    shown = await server.moderator.slash("limits view")
    assert f"- <@&{role.id}> (deleted): 3 a day" in shown.lines
    assert f"- <#{channel.id}> (deleted): 3 a day" in shown.lines
    assert "`/limits clear gone:True`" in shown.text

    said = await server.moderator.slash("limits clear", gone=True)
    assert said.text == "Cleared the rules of deleted roles and channels: 2."
    assert await overview(server) == [f"- <@&{ARTISTS}>: 3 a day", f"- <#{GALLERY}>: 3 a day"]


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
    page, seen = first, rules(first)
    while "Next ▶" in page.buttons:
        page = await server.moderator.press(page, "Next ▶")
        assert page.message["id"] == first.message["id"]
        seen += rules(page)
    assert list(page.buttons) == ["◀ Previous"]
    assert [f"<@{member}>" in "".join(seen) for member in members] == [True] * len(members)
    assert len(seen) == len(members)


# --- time zones -----------------------------------------------------------------------------------


async def test_a_server_counts_in_a_zone_of_its_own(server: Server) -> None:
    said = await server.moderator.slash("limits timezone", zone="asia/TOKYO")
    assert said.text.startswith("Days, weeks and months now begin at midnight in Asia/Tokyo; the next day")
    assert "begin at midnight in Asia/Tokyo" in (await server.moderator.slash("limits view")).text
    said = await server.moderator.slash("limits timezone", zone="Atlantis")
    assert said.text.startswith("There is no such time zone")
    assert said.text.endswith("Nothing was changed.")


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


# --- who may --------------------------------------------------------------------------------------

COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("limits view", {}),
    ("limits set", {"images_per_day": 0}),
    ("limits set", {"images_per_day": 0, "preview": True}),
    ("limits clear", {}),
    ("limits clear", {"gone": True}),
    ("limits explain", {"member": MODERATOR}),
    ("limits undo", {}),
    ("limits timezone", {"zone": "UTC"}),
    ("studio pause", {}),
    ("studio resume", {}),
    ("studio block", {"member": MODERATOR}),
    ("studio unblock", {"member": MODERATOR}),
]


async def test_members_do_not_find_moderators_commands(server: Server) -> None:
    found = {command["name"] for command in server.sandbox.discord.member(MEMBER_ONE).commands()}
    assert found == {"imagine", "quota"}


@pytest.mark.parametrize(("command", "options"), COMMANDS, ids=[name for name, _ in COMMANDS])
async def test_a_member_who_finds_a_moderators_command_is_refused_all_the_same(
    server: Server, command: str, options: dict[str, Any]
) -> None:
    await server.moderator.slash("limits set", images_per_day=9)
    server.open_to_everyone()
    said = await server.member.slash(command, **options)
    assert said.private
    assert NOT_MODERATOR in said.text
    assert server.trail() == [(MODERATOR, "set", "everyone")]
    assert (await server.member.draw()).pictures


@pytest.mark.parametrize("label", ["Undo", "Apply"])
async def test_who_is_no_moderator_any_more_cannot_press_their_buttons(server: Server, label: str) -> None:
    said = await server.moderator.slash("limits set", images_per_day=9, preview=label == "Apply")
    before = await overview(server)
    server.sandbox.discord.world.guild.set_roles(MODERATOR, ARTISTS)
    refused = await server.moderator.press(said, label)
    assert refused.message["id"] != said.message["id"]
    assert refused.private
    assert NOT_MODERATOR in refused.text
    assert rules(await server.owner.slash("limits view")) == before


async def test_administrators_are_moderators(server: Server) -> None:
    assert (await server.owner.slash("limits view")).text.startswith("**Limits in this server**")


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
    assert await overview(server) == ["- **Everyone**: 6 a day"]


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
    assert await overview(server) == []


async def test_an_event_delivered_twice_is_answered_once(server: Server) -> None:
    said = await server.moderator.slash("limits set", images_per_day=5)
    await server.moderator.press(said, "Undo")
    world = server.sandbox.discord.world
    pressed = world.interactions.recent()[-1]
    await server.sandbox.discord.dispatch("INTERACTION_CREATE", interaction_payload(world, pressed))
    assert await overview(server) == []
    assert [action for _, action, _ in server.trail()] == ["set", "undo"]
    assert complaints(server.bot.output) == []


# --- a stop in between ----------------------------------------------------------------------------


async def test_a_stop_leaves_no_moderator_without_an_answer(tmp_path: Path) -> None:
    async with alone(tmp_path, latency=1.5, settings={"EASEL_DRAIN": "3"}) as (sandbox, bot):
        server = Server(sandbox, bot)
        said = await server.moderator.slash("limits set", images_per_day=5)
        drawing = asyncio.create_task(server.member.draw())
        await becomes(lambda: sandbox.azure.requests)
        with closing(sqlite3.connect(server.database, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            setting = asyncio.create_task(server.moderator.slash("limits set", images_per_day=6))
            await becomes(lambda: sandbox.discord.world.interactions.recent()[-1].acknowledged_at)
            stopping = asyncio.create_task(bot.stop())
            await becomes(lambda: "stopping" in bot.output)
            refused = await server.moderator.press(said, "Undo")
            unclear = await setting
            connection.execute("ROLLBACK")
        assert await stopping == 0
    assert "The bot is restarting." in refused.text
    assert "the change may not have been made" in unclear.text
    assert complaints(bot.output) == []
    await asyncio.wait([drawing])
