"""Registering commands in the sandbox: what is refused, what keeps its id, what is read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.world.ids import (
    APPLICATION,
    ARTISTS,
    EVERYONE,
    GUILD,
    MEMBER_ONE,
    MEMBER_TWO,
    MODERATOR,
    MODERATORS,
    OWNER,
)
from tests.integration.discord_site import COMMANDS, DiscordSite, open_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

GLOBAL = f"/applications/{APPLICATION}/commands"
OF_GUILD = f"/applications/{APPLICATION}/guilds/{GUILD}/commands"
BUCKETS = ("commands-bulk", "commands-write", "commands-read")


@pytest.fixture
async def site() -> AsyncIterator[DiscordSite]:
    async with open_site(rate_limits=dict.fromkeys(BUCKETS, (999, 1.0))) as running:
        yield running


def command(name: str = "draw", **keys: Any) -> dict[str, Any]:
    return {"name": name, "description": "Draw", **keys}


def with_options(*options: dict[str, Any]) -> dict[str, Any]:
    return command(options=list(options))


def text(name: str = "prompt", **keys: Any) -> dict[str, Any]:
    return {"type": 3, "name": name, "description": "What", **keys}


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (command("Draw"), "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    (command("draw me"), "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    (command("x" * 33), "0.name", "BASE_TYPE_BAD_LENGTH"),
    ({"name": "draw"}, "0.description", "BASE_TYPE_REQUIRED"),
    (command(description="x" * 101), "0.description", "BASE_TYPE_MAX_LENGTH"),
    (
        {"type": 3, "name": "Menu", "description": "x"},
        "0.description",
        "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED",
    ),
    (command(name_localizations={"xx": "y"}), "0.name_localizations.xx", "BASE_TYPE_CHOICES"),
    (
        command(name_localizations={"de": "Y Z"}),
        "0.name_localizations.de",
        "APPLICATION_COMMAND_INVALID_NAME",
    ),
    (command(default_member_permissions="x"), "0.default_member_permissions", "NUMBER_TYPE_COERCE"),
    (command(contexts=[]), "0.contexts", "BASE_TYPE_BAD_LENGTH"),
    (with_options({"type": 12, "name": "x", "description": "x"}), "0.options.0.type", "UNION_TYPE_CHOICES"),
    (
        with_options(text(), text()),
        "0.options.1.name",
        "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
    ),
    (
        with_options(text("a"), text("b", required=True)),
        "0.options.1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    (with_options(*[text(f"o{n}") for n in range(26)]), "0.options", "BASE_TYPE_BAD_LENGTH"),
    (
        with_options({"type": 7, "name": "x", "description": "x", "channel_types": [0, 16]}),
        "0.options.0.channel_types.1",
        "BASE_TYPE_CHOICES",
    ),
    (with_options(text(max_length=6001)), "0.options.0.max_length", "NUMBER_TYPE_MAX"),
    (with_options(text(min_length=5, max_length=4)), "0.options.0.max_length", "NUMBER_TYPE_MIN"),
    (
        with_options(text(choices=[{"name": "a", "value": "a"}], autocomplete=True)),
        "0.options.0.autocomplete",
        "APPLICATION_COMMAND_OPTIONS_CHOICES_AND_AUTOCOMPLETE",
    ),
    (
        with_options(text(choices=[{"name": "x", "value": "v"}] * 26)),
        "0.options.0.choices",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        with_options({"type": 1, "name": "set", "description": "x"}, text()),
        "0.options.1",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        with_options({"type": 2, "name": "g", "description": "x", "options": [text()]}),
        "0.options.0.options.0.type",
        "UNION_TYPE_CHOICES",
    ),
    (
        with_options(
            *[
                text(f"o{n}", choices=[{"name": f"{m:0100}", "value": "x"} for m in range(25)])
                for n in range(4)
            ]
        ),
        "0",
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
]


@pytest.mark.parametrize(("body", "path", "code"), REFUSED)
async def test_bad_command_is_refused_and_the_old_ones_stay(
    site: DiscordSite, body: dict[str, Any], path: str, code: str
) -> None:
    reply = await site.register([body])
    assert (reply.status, reply.code, reply.problems) == (400, 50035, {path: code})
    assert len(site.member.commands()) == 2


async def test_two_commands_of_one_name(site: DiscordSite) -> None:
    reply = await site.register([command(), command()])
    assert set(reply.problems.values()) == {"APPLICATION_COMMANDS_DUPLICATE_NAME"}
    menu = {"type": 3, "name": "draw"}
    assert (await site.register([command(), menu])).status == 200


@pytest.mark.parametrize(("kind", "most"), [(1, 100), (2, 15), (3, 15)])
async def test_how_many_commands_there_can_be(site: DiscordSite, kind: int, most: int) -> None:
    def made(count: int) -> list[dict[str, Any]]:
        names = [f"c{n}" for n in range(count)]
        return [command(name) if kind == 1 else {"type": kind, "name": name} for name in names]

    assert (await site.register(made(most))).status == 200
    refused = await site.register(made(most + 1))
    assert (refused.status, refused.code) == (400, 30032)


async def test_new_names_are_counted_for_a_day() -> None:
    async with open_site(daily_command_creates=len(COMMANDS) + 1) as site:
        assert (await site.register([*COMMANDS, command()])).status == 200
        refused = await site.call("POST", GLOBAL, command("another"))
    assert (refused.status, refused.code) == (400, 30034)


async def test_overwriting_keeps_ids_and_versions_of_what_did_not_change(site: DiscordSite) -> None:
    before = (await site.call("GET", GLOBAL)).data
    changed = [{**COMMANDS[0], "description": "Paint"}, *COMMANDS[1:]]
    after = (await site.register(changed)).data
    assert [item["id"] for item in after] == [item["id"] for item in before]
    assert [new["version"] == old["version"] for new, old in zip(after, before, strict=True)] == [
        False,
        True,
        True,
    ]
    gone = (await site.register(COMMANDS[1:])).data
    back = (await site.register(COMMANDS)).data
    assert gone[0]["id"] == before[1]["id"]
    assert back[0]["id"] != before[0]["id"]


async def test_what_is_read_back(site: DiscordSite) -> None:
    body = with_options(text("a", required=True, name_localizations={"de": "b"}), text("c", required=False))
    made = await site.call("POST", OF_GUILD, body)
    assert made.status == 201
    assert made.data["guild_id"] == str(GUILD)
    assert "required" not in made.data["options"][1]
    assert made.data["integration_types"] == [0]
    assert (await site.call("POST", OF_GUILD, body)).status == 200
    plain = (await site.call("GET", OF_GUILD)).data[0]
    assert "name_localizations" not in plain
    assert "name_localizations" not in plain["options"][0]
    full = (await site.call("GET", OF_GUILD, params={"with_localizations": "true"})).data[0]
    assert full["options"][0]["name_localizations"] == {"de": "b"}


async def test_one_command_is_read_changed_and_deleted(site: DiscordSite) -> None:
    made = (await site.call("POST", GLOBAL, command())).data
    one = f"{GLOBAL}/{made['id']}"
    changed = await site.call("PATCH", one, {"description": "Paint"})
    assert (changed.data["id"], changed.data["description"]) == (made["id"], "Paint")
    assert (await site.call("GET", one)).data == changed.data
    assert (await site.call("DELETE", one)).status == 204
    for method in ("GET", "PATCH", "DELETE"):
        reply = await site.call(method, one, {} if method == "PATCH" else None)
        assert (reply.status, reply.code) == (404, 10063)


async def test_other_scopes_are_not_the_bots(site: DiscordSite) -> None:
    assert (await site.call("GET", "/applications/5/commands")).status == 403
    assert (await site.call("GET", f"/applications/{APPLICATION}/guilds/5/commands")).code == 50001


@pytest.mark.parametrize(
    ("keys", "member", "moderator"),
    [
        ({}, True, True),
        ({"default_member_permissions": "32"}, False, True),
        ({"default_member_permissions": "0"}, False, False),
        ({"contexts": [1]}, False, False),
    ],
)
async def test_who_finds_a_command(
    site: DiscordSite, keys: dict[str, Any], member: bool, moderator: bool
) -> None:
    await site.register([command(**keys)])
    found = [bool(site.discord.member(user).commands()) for user in (MEMBER_ONE, MODERATOR)]
    assert found == [member, moderator]


@pytest.mark.parametrize(
    ("overrides", "found"),
    [
        ({}, (False, False, True)),
        ({EVERYONE: True}, (True, True, True)),
        ({EVERYONE: True, ARTISTS: False}, (True, False, True)),
        ({ARTISTS: True, MODERATORS: False}, (False, True, False)),
        ({ARTISTS: False, MEMBER_TWO: True}, (False, True, True)),
        ({MEMBER_ONE: True, MODERATOR: False}, (True, False, False)),
    ],
)
async def test_server_admins_open_and_close_commands(
    site: DiscordSite, overrides: dict[int, bool], found: tuple[bool, ...]
) -> None:
    await site.register([command(default_member_permissions="32")])
    book = site.discord.world.commands
    (registered,) = site.discord.member(MODERATOR).commands()
    for target, allowed in overrides.items():
        book.override(registered["id"], target, allowed=allowed)
    users = (MEMBER_ONE, MEMBER_TWO, MODERATOR)
    assert tuple(bool(site.discord.member(user).commands()) for user in users) == found
    assert site.discord.member(OWNER).commands(), "nothing is closed to administrators"
    book.clear_overrides()
    assert [bool(site.discord.member(user).commands()) for user in users] == [False, False, True]


async def test_of_several_roles_one_that_opens_a_command_is_enough(site: DiscordSite) -> None:
    await site.register([command(default_member_permissions="32")])
    (registered,) = site.discord.member(MODERATOR).commands()
    site.discord.world.guild.set_roles(MEMBER_TWO, ARTISTS, MODERATORS)
    site.discord.world.commands.override(registered["id"], ARTISTS, allowed=False)
    site.discord.world.commands.override(registered["id"], MODERATORS, allowed=True)
    assert site.discord.member(MEMBER_TWO).commands()
