from __future__ import annotations

import copy
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import features
from bot.discord.client import EaselBot
from bot.discord.registration import covers
from cogs import EXTENSIONS
from tests.unit.client.bots import served, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


# --- the command set ------------------------------------------------------------------------------


def payloads(bot: EaselBot) -> dict[str, dict[str, Any]]:
    return {command.name: command.to_dict(bot.tree) for command in bot.tree.get_commands()}


def parts(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The command, its options, and theirs."""
    yield payload
    for option in payload.get("options", ()):
        yield from parts(option)


def is_name(text: str) -> bool:
    """Discord's rule for the names of slash commands and options."""
    letters = all(character in "-_'" or unicodedata.category(character)[0] in "LN" for character in text)
    return 1 <= len(text) <= 32 and letters and text == text.lower()


def characters(payload: dict[str, Any]) -> int:
    """What Discord counts towards a command's 8,000: names, descriptions and values."""
    texts = [part[key] for part in parts(payload) for key in ("name", "description")]
    texts += [
        str(choice[key])
        for part in parts(payload)
        for choice in part.get("choices", ())
        for key in ("name", "value")
    ]
    return sum(map(len, texts))


async def test_every_extension_gives_the_command_of_its_name(bot: EaselBot) -> None:
    assert {name.split(".")[1] for name in EXTENSIONS} <= set(payloads(bot))


async def test_every_name_and_description_is_one_that_discord_takes(bot: EaselBot) -> None:
    for payload in payloads(bot).values():
        for part in parts(payload):
            assert is_name(part["name"]), part["name"]
            assert 1 <= len(part["description"]) <= 100, part["name"]


async def test_every_command_is_within_discord_s_limits(bot: EaselBot) -> None:
    for name, payload in payloads(bot).items():
        assert characters(payload) <= 8000, name
        for part in parts(payload):
            options = part.get("options", [])
            required = [option.get("required", False) for option in options]
            assert len(options) <= 25, name
            assert required == sorted(required, reverse=True), f"{name}: required options come first"
            assert len({option["name"] for option in options}) == len(options), name


async def test_every_command_is_for_servers_and_installed_in_servers(bot: EaselBot) -> None:
    for name, payload in payloads(bot).items():
        assert payload["contexts"] == [0], name
        assert payload["integration_types"] == [0], name
        assert not payload["nsfw"], name


async def test_imagine_has_the_options_of_the_design(bot: EaselBot) -> None:
    options = {option["name"]: option for option in payloads(bot)["imagine"]["options"]}
    text, integer, boolean = 3, 4, 5
    assert {name: option["type"] for name, option in options.items()} == {
        "prompt": text,
        "size": text,
        "quality": text,
        "count": integer,
        "model": text,
        "private": boolean,
        "spoiler": boolean,
    }
    assert [name for name, option in options.items() if option["required"]] == ["prompt"]
    assert [name for name, option in options.items() if option.get("autocomplete")] == [
        "size",
        "quality",
        "count",
        "model",
    ]
    assert (options["prompt"]["min_length"], options["prompt"]["max_length"]) == (1, 6000)
    assert (options["count"]["min_value"], options["count"]["max_value"]) == (1, 10)


async def test_moderators_commands_are_hidden_from_members(bot: EaselBot) -> None:
    manage_guild = 1 << 5
    hidden = {name: payload["default_member_permissions"] for name, payload in payloads(bot).items()}
    assert hidden == {"imagine": None, "quota": None, "limits": manage_guild, "studio": manage_guild}


async def test_moderators_have_the_subcommands_of_the_design(bot: EaselBot) -> None:
    found = {
        name: {option["name"] for option in payloads(bot)[name]["options"] if option["type"] == 1}
        for name in ("limits", "studio")
    }
    assert found["limits"] == {"view", "set", "clear", "explain", "undo", "timezone"}
    assert found["studio"] == {"pause", "resume", "block", "unblock"}


async def test_an_incomplete_command_set_is_never_registered() -> None:
    empty = EaselBot(settings(), features(), served)
    with pytest.raises(RuntimeError, match="imagine"):
        await empty.sync_commands()


# --- what is registered against what the code has -------------------------------------------------


def as_discord_keeps_it(payload: dict[str, Any]) -> dict[str, Any]:
    """Discord adds ids, leaves out what is false, fills in nulls, and writes permissions as text."""
    kept = {key: copy.deepcopy(value) for key, value in payload.items() if value is not False}
    kept["options"] = [
        {key: value for key, value in option.items() if value is not False}
        for option in payload.get("options", ())
    ]
    permissions = payload["default_member_permissions"]
    kept["default_member_permissions"] = None if permissions is None else str(permissions)
    return {**kept, "id": "1", "application_id": "2", "version": "3", "name_localizations": None}


@pytest.fixture
def registered(bot: EaselBot) -> list[dict[str, Any]]:
    return [as_discord_keeps_it(payload) for payload in payloads(bot).values()]


async def test_what_discord_adds_of_its_own_is_no_difference(
    bot: EaselBot, registered: list[dict[str, Any]]
) -> None:
    assert not await bot._differs(registered)
    assert not await bot._differs(registered[::-1])


def _other_description(command: dict[str, Any]) -> None:
    command["description"] = "Draws."


def _option_gone(command: dict[str, Any]) -> None:
    del command["options"][-1]


def _option_more(command: dict[str, Any]) -> None:
    command["options"].append({"type": 5, "name": "seed", "description": "No longer there"})


def _other_limit(command: dict[str, Any]) -> None:
    command["options"][0]["max_length"] = 4000


def _other_order(command: dict[str, Any]) -> None:
    command["options"][1:3] = command["options"][2:0:-1]


def _once_required(command: dict[str, Any]) -> None:
    command["options"][1]["required"] = True


def _once_for_adults(command: dict[str, Any]) -> None:
    command["nsfw"] = True


def _once_for_moderators(command: dict[str, Any]) -> None:
    command["default_member_permissions"] = "32"


def _other_contexts(command: dict[str, Any]) -> None:
    command["contexts"] = [0, 1]


@pytest.mark.parametrize(
    "change",
    [
        _other_description,
        _option_gone,
        _option_more,
        _other_limit,
        _other_order,
        _once_required,
        _once_for_adults,
        _once_for_moderators,
        _other_contexts,
    ],
)
async def test_a_command_that_changed_is_seen_to_differ(
    bot: EaselBot, registered: list[dict[str, Any]], change: Callable[[dict[str, Any]], None]
) -> None:
    change(registered[0])
    assert await bot._differs(registered)


async def test_a_command_too_few_or_too_many_is_a_difference(
    bot: EaselBot, registered: list[dict[str, Any]]
) -> None:
    assert await bot._differs([])
    assert await bot._differs([*registered, {**registered[0], "name": "paint"}])


@pytest.mark.parametrize(
    ("theirs", "ours", "same"),
    [
        ({"a": 1, "id": "9"}, {"a": 1}, True),
        ({"a": 2}, {"a": 1}, False),
        ({}, {"a": 1}, False),
        (None, {"a": 1}, False),
        ({"a": None}, {"a": None, "b": False, "c": []}, True),
        ({"a": [1, 2]}, {"a": [1, 2]}, True),
        ({"a": [1, 2]}, {"a": [1]}, False),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": [{"b": 1, "id": "9"}]}, {"a": [{"b": 1}]}, True),
        ({"a": [1]}, {"a": []}, False),
        ({"a": True}, {"a": False}, False),
        ({"a": "32"}, {"a": 32}, True),
        ({"a": "33"}, {"a": 32}, False),
        ({"a": "0"}, {"a": 0}, True),
        ({"a": None}, {"a": 32}, False),
    ],
    ids=str,
)
def test_discord_s_copy_covers_ours_when_it_says_the_same(theirs: object, ours: object, same: bool) -> None:
    assert covers(theirs, ours) is same
