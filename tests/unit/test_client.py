from __future__ import annotations

import copy
import logging
import unicodedata
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import LOGIN_PAUSES, REMEMBERED, EaselBot, EaselTree, Services, _covers, _shards
from bot.config import Settings
from bot.errors import LoginRefused, PromptMissing, ShuttingDown
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.models import load_models
from bot.imaging.workers import ImagingPool
from bot.jobs.underway import JobsUnderway
from bot.studio import Studio
from bot.telemetry.metrics import Metrics
from cogs import EXTENSIONS
from cogs.imagine import MAX_CHOICES, Imagine
from tests.fakes import FakeArchive, FakeGeneration, elapsed, generation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RESOURCE = Resource("https://example.openai.azure.com", "v1", "scope")
MODELS = ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare")


def settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "discord_token": "made-up-token",
        "fleet": Fleet(tuple(Deployment(model, model, RESOURCE) for model in MODELS)),
        "archive_url": "file:images",
        "http_host": "127.0.0.1",
        "http_port": 0,
        "api_url": "https://discord.com/api/v10",
        "gateway_url": "",
        "download_hosts": (),
        "shard_ids": (),
        "shard_count": None,
        "generation_timeout": 180.0,
        "drain": 25.0,
        "sync": "auto",
        "log": "text",
    }
    return Settings(**{**values, **changes})


def services(models: tuple[str, ...] = MODELS) -> Services:
    archive = FakeArchive().as_archive()
    fleet = Fleet(tuple(Deployment(model, model, RESOURCE) for model in models))
    studio = Studio(
        fleet, load_models(), FakeGeneration(generation()).as_service(), archive, ImagingPool(), salt=b""
    )
    return Services(studio, JobsUnderway(), Metrics(), archive, {})


@pytest.fixture(autouse=True)
def _discord_s_own_addresses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # A client points the whole library at its far end: put back afterwards what it was.
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    yield


@pytest.fixture
async def bot() -> EaselBot:
    loaded = EaselBot(settings(), services())
    await loaded.setup_hook()
    return loaded


# --- the command set ----------------------------------------------------------------------------


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
    assert {name.removeprefix("cogs.") for name in EXTENSIONS} <= set(payloads(bot))


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
        "model",
    ]
    assert (options["prompt"]["min_length"], options["prompt"]["max_length"]) == (1, 6000)
    assert (options["count"]["min_value"], options["count"]["max_value"]) == (1, 10)


async def test_an_incomplete_command_set_is_never_registered() -> None:
    empty = EaselBot(settings(), services())
    with pytest.raises(RuntimeError, match="imagine"):
        await empty.sync_commands()


# --- what is registered against what the code has -----------------------------------------------


def as_discord_keeps_it(payload: dict[str, Any]) -> dict[str, Any]:
    """Discord adds ids, leaves out what is false, and fills in nulls."""
    kept = {key: copy.deepcopy(value) for key, value in payload.items() if value is not False}
    kept["options"] = [
        {key: value for key, value in option.items() if value is not False} for option in payload["options"]
    ]
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
    ],
    ids=str,
)
def test_discord_s_copy_covers_ours_when_it_says_the_same(theirs: object, ours: object, same: bool) -> None:
    assert _covers(theirs, ours) is same


# --- autocompletion -----------------------------------------------------------------------------


def typing(**options: object) -> discord.Interaction[EaselBot]:
    """A half-typed command."""
    return cast("discord.Interaction[EaselBot]", SimpleNamespace(namespace=SimpleNamespace(**options)))


def imagine(models: tuple[str, ...] = MODELS) -> Imagine:
    parts = services(models)
    return Imagine(parts.studio, parts.jobs, parts.metrics)


async def test_sizes_are_suggested_for_the_model_typed_so_far() -> None:
    cog = imagine()
    free = await cog._size_choices(typing(), "")
    listed = await cog._size_choices(typing(model="gpt-image-1-mini"), "")
    assert free[0].name == "1024 × 1024"
    assert free[0].value == "1024x1024"
    assert len(listed) < len(free) <= MAX_CHOICES


@pytest.mark.parametrize("model", ["", "half a mod", None, 3])
async def test_half_a_model_counts_as_the_default_one(model: object) -> None:
    cog = imagine()
    assert await cog._size_choices(typing(model=model), "") == await cog._size_choices(typing(), "")
    assert await cog._quality_choices(typing(model=model), "") == await cog._quality_choices(typing(), "")


async def test_qualities_are_suggested_for_the_model_typed_so_far() -> None:
    choices = await imagine()._quality_choices(typing(model="gpt-image-2.5-flare"), "x")
    assert [choice.value for choice in choices] == ["xhigh", "max"]


async def test_models_are_suggested_by_label_and_sent_by_name() -> None:
    choices = await imagine()._model_choices(typing(), "mini")
    assert [(choice.name, choice.value) for choice in choices] == [("GPT Image 1 mini", "gpt-image-1-mini")]


async def test_there_are_never_more_or_longer_choices_than_discord_takes() -> None:
    cog = imagine(tuple(f"{n:-<64}" for n in range(40)))  # Azure's longest names
    choices = await cog._model_choices(typing(), "")
    assert len(choices) == MAX_CHOICES == 25
    assert all(1 <= len(choice.name) <= 100 and 1 <= len(choice.value) <= 100 for choice in choices)


# --- the gate before every command --------------------------------------------------------------


@dataclass
class FakeResponse:
    """What was answered, and whether."""

    said: list[tuple[str, bool]] = field(default_factory=list)
    done: bool = False

    def is_done(self) -> bool:
        return self.done

    async def send_message(self, text: str, *, ephemeral: bool, **_: object) -> None:
        self.said.append((text, ephemeral))
        self.done = True


def asked(
    bot: EaselBot,
    interaction_id: int = 1,
    kind: discord.InteractionType = discord.InteractionType.application_command,
) -> tuple[discord.Interaction[EaselBot], FakeResponse]:
    response = FakeResponse()
    interaction = SimpleNamespace(
        id=interaction_id,
        type=kind,
        client=bot,
        command=bot.tree.get_command("imagine"),
        data={"name": "imagine"},
        locale=discord.Locale.american_english,
        response=response,
    )
    return cast("discord.Interaction[EaselBot]", interaction), response


def tree(bot: EaselBot) -> EaselTree:
    assert isinstance(bot.tree, EaselTree)
    return bot.tree


async def test_an_interaction_is_let_through_once_and_then_dropped_in_silence(bot: EaselBot) -> None:
    first, _ = asked(bot)
    again, answer = asked(bot)
    assert await tree(bot).interaction_check(first)
    assert not await tree(bot).interaction_check(again)
    assert answer.said == []


async def test_every_interaction_is_counted_by_its_command(bot: EaselBot) -> None:
    await tree(bot).interaction_check(asked(bot)[0])
    assert b'easel_commands_total{command="imagine"} 1.0' in bot.services.metrics.render()


async def test_autocompletion_is_never_a_duplicate(bot: EaselBot) -> None:
    for _ in range(2):
        interaction, _ = asked(bot, kind=discord.InteractionType.autocomplete)
        assert await tree(bot).interaction_check(interaction)


def test_the_last_few_thousand_interactions_are_remembered_and_no_more() -> None:
    bot = EaselBot(settings(), services())
    assert all(bot.claim(number) for number in range(REMEMBERED))
    assert not bot.claim(0)
    assert bot.claim(REMEMBERED)
    assert bot.claim(0)  # forgotten to make room
    assert not bot.claim(REMEMBERED)
    assert len(bot._claimed) == REMEMBERED


async def test_while_the_bot_stops_a_member_is_told_to_come_back(bot: EaselBot) -> None:
    await bot.services.jobs.drain(0)
    interaction, answer = asked(bot)
    assert not await tree(bot).interaction_check(interaction)
    ((text, private),) = answer.said
    assert "restarting" in text
    assert private


@pytest.mark.parametrize(
    ("error", "words", "logged"),
    [
        (PromptMissing(), "nothing to draw", False),
        (ShuttingDown(), "restarting", False),
        (RuntimeError("inside"), "Something broke on our side", True),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_command_that_did_not_start_says_why_in_private(
    bot: EaselBot, caplog: pytest.LogCaptureFixture, error: Exception, words: str, logged: bool
) -> None:
    interaction, answer = asked(bot)
    command = bot.tree.get_command("imagine")
    assert isinstance(command, app_commands.Command)
    await tree(bot).on_error(interaction, app_commands.CommandInvokeError(command, error))
    ((text, private),) = answer.said
    assert words in text
    assert "inside" not in text
    assert private
    assert bool(caplog.records) is logged


async def test_an_error_of_discord_py_itself_is_answered_too(bot: EaselBot) -> None:
    interaction, answer = asked(bot)
    await tree(bot).on_error(interaction, app_commands.CommandNotFound("paint", []))
    assert "older form" in answer.said[0][0]


async def test_a_command_that_answered_already_is_left_alone(bot: EaselBot) -> None:
    interaction, answer = asked(bot)
    answer.done = True
    await tree(bot).on_error(interaction, app_commands.CommandNotFound("paint", []))
    assert answer.said == []


# --- where and as what it connects --------------------------------------------------------------


def test_the_far_end_is_discord_unless_the_settings_say_otherwise() -> None:
    EaselBot(settings(), services())
    assert Route.BASE == "https://discord.com/api/v10"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "wss://gateway.discord.gg/"
    EaselBot(settings(api_url="http://127.0.0.1:1/api/v10", gateway_url="ws://127.0.0.1:1/gateway"), services())
    assert Route("GET", "/gateway").url == "http://127.0.0.1:1/api/v10/gateway"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:1/gateway"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"shard_count": 4}, {"shard_count": 4}),
        ({"shard_count": 4, "shard_ids": (0, 3)}, {"shard_count": 4, "shard_ids": [0, 3]}),
    ],
)
def test_shards_are_chosen_or_left_to_discord(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert _shards(settings(**changes)) == expected


def test_the_client_asks_for_servers_alone_and_pings_nobody() -> None:
    bot = EaselBot(settings(), services())
    assert bot.intents == discord.Intents(guilds=True)
    assert bot.allowed_mentions is not None
    assert bot.allowed_mentions.to_dict() == {"parse": []}


class Unreachable(EaselBot):
    """A bot whose attempts to log in end by a script; None is a success."""

    script: list[Exception | None]
    tried_at: list[float]

    async def login(self, token: str) -> None:
        assert token == "made-up-token"
        self.tried_at.append(elapsed())
        if error := self.script.pop(0):
            raise error


def unreachable(*script: Exception | None) -> Unreachable:
    bot = Unreachable(settings(), services())
    bot.script, bot.tried_at = list(script), []
    return bot


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_logging_in_goes_on_ever_more_slowly_while_discord_cannot_be_reached(
    caplog: pytest.LogCaptureFixture,
) -> None:
    troubles: list[Exception] = [OSError("no route"), aiohttp.ClientError(), discord.RateLimited(60), *[OSError()] * 5]
    bot = unreachable(*troubles, None)
    with caplog.at_level(logging.WARNING):
        await bot.log_in()
    waited = [later - sooner for sooner, later in zip(bot.tried_at, bot.tried_at[1:], strict=False)]
    assert waited == [*LOGIN_PAUSES, LOGIN_PAUSES[-1], LOGIN_PAUSES[-1]]
    assert len(caplog.records) == len(troubles)


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_a_refused_token_is_not_tried_again() -> None:
    bot = unreachable(OSError(), discord.LoginFailure("Improper token has been passed."))
    with pytest.raises(LoginRefused):
        await bot.log_in()
    assert len(bot.tried_at) == 2
