from __future__ import annotations

import logging
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import discord
import pytest
from discord import app_commands

from bot.app import features
from bot.discord.client import REMEMBERED, EaselBot, EaselTree
from bot.errors import PromptMissing, ShuttingDown
from tests.unit.client.bots import served, settings

# --- the gate before every command ----------------------------------------------------------------


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
    guild_id: int | None = 1,
) -> tuple[discord.Interaction[EaselBot], FakeResponse]:
    response = FakeResponse()
    interaction = SimpleNamespace(
        id=interaction_id,
        application_id=42,
        token="secret",
        type=kind,
        guild_id=guild_id,
        channel_id=5,
        user=SimpleNamespace(id=9),
        filesize_limit=10 * 2**20,
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
    bot = EaselBot(settings(), features(), served)
    assert all(bot.claim(number) for number in range(REMEMBERED))
    assert not bot.claim(0)
    assert bot.claim(REMEMBERED)
    assert bot.claim(0)  # forgotten to make room
    assert not bot.claim(REMEMBERED)
    assert len(bot._claimed) == REMEMBERED


async def test_while_the_bot_stops_a_member_is_told_to_come_back(bot: EaselBot) -> None:
    await bot.services.commands.drain(0)
    interaction, answer = asked(bot)
    await tree(bot)._call(interaction)
    ((text, private),) = answer.said
    assert "restarting" in text
    assert private


async def test_a_command_from_a_direct_message_is_refused_whatever_was_registered(bot: EaselBot) -> None:
    interaction, answer = asked(bot, guild_id=None)
    assert not await tree(bot).interaction_check(interaction)
    ((text, private),) = answer.said
    assert "servers only" in text
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


async def test_an_error_of_discord_py_itself_is_answered_too_and_no_alarm(
    bot: EaselBot, caplog: pytest.LogCaptureFixture
) -> None:
    interaction, answer = asked(bot)
    await tree(bot).on_error(interaction, app_commands.CommandNotFound("paint", []))
    assert "older form" in answer.said[0][0]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_a_command_that_breaks_before_it_is_found_is_answered_and_the_log_tells_where(
    bot: EaselBot, caplog: pytest.LogCaptureFixture
) -> None:
    interaction, answer = asked(bot, guild_id=2)
    cast("dict[str, object]", interaction.data).pop("name")
    await tree(bot)._call(interaction)
    assert "Something broke on our side" in answer.said[0][0]
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info


async def test_a_command_that_answered_already_is_left_alone(bot: EaselBot) -> None:
    interaction, answer = asked(bot)
    answer.done = True
    await tree(bot).on_error(interaction, app_commands.CommandNotFound("paint", []))
    assert answer.said == []
