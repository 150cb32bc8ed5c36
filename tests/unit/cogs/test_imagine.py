from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from discord import app_commands

from cogs.choices import MAX_CHOICES
from cogs.imagine.command import Imagine
from tests.unit.client.bots import MODELS, services

if TYPE_CHECKING:
    import discord

    from bot.discord.client import EaselBot


# --- autocompletion -------------------------------------------------------------------------------


WHERE = {"guild_id": 1, "channel_id": 2, "channel": None, "user": SimpleNamespace(id=3)}


def typing(**options: object) -> discord.Interaction[EaselBot]:
    """A half-typed command."""
    return cast(
        "discord.Interaction[EaselBot]", SimpleNamespace(namespace=SimpleNamespace(**options), **WHERE)
    )


Suggest = Callable[["discord.Interaction[EaselBot]", str], Awaitable[list[app_commands.Choice[str]]]]


def suggestions(option: str, models: tuple[str, ...] = MODELS) -> Suggest:
    """What answers while a member types into an option of /imagine."""
    parts = services(models)
    cog = Imagine(parts.admission, parts.work.workflow, parts.jobs, parts.suggestions, parts.metrics)
    return cast("Suggest", getattr(cog, f"_{option}_choices"))


async def test_sizes_are_suggested_for_the_model_typed_so_far() -> None:
    suggest = suggestions("size")
    free, listed = await suggest(typing(), ""), await suggest(typing(model="gpt-image-1-mini"), "")
    assert (free[0].name, free[0].value) == ("1024 × 1024", "1024x1024")
    assert len(listed) < len(free) <= MAX_CHOICES


@pytest.mark.parametrize("model", ["", "half a mod", None, 3])
@pytest.mark.parametrize("option", ["size", "quality"])
async def test_half_a_model_counts_as_the_default_one(option: str, model: object) -> None:
    suggest = suggestions(option)
    assert await suggest(typing(model=model), "") == await suggest(typing(), "")


async def test_qualities_are_suggested_for_the_model_typed_so_far() -> None:
    choices = await suggestions("quality")(typing(model="gpt-image-2.5-flare"), "x")
    assert [choice.value for choice in choices] == ["xhigh", "max"]


async def test_models_are_suggested_by_label_and_sent_by_name() -> None:
    choices = await suggestions("model")(typing(), "mini")
    assert [(choice.name, choice.value) for choice in choices] == [("GPT Image 1 mini", "gpt-image-1-mini")]


async def test_counts_are_suggested_up_to_what_the_model_draws() -> None:
    suggest = suggestions("count", ("gpt-image-2", "dall-e-3"))
    assert [choice.name for choice in await suggest(typing(), "")] == [str(n) for n in range(1, 11)]
    assert [choice.name for choice in await suggest(typing(), "1")] == ["1", "10"]
    assert [choice.name for choice in await suggest(typing(model="dall-e-3"), "")] == ["1"]


async def test_there_are_never_more_or_longer_choices_than_discord_takes() -> None:
    longest = tuple(f"{n:-<64}" for n in range(40))  # Azure takes names of 64 characters
    choices = await suggestions("model", longest)(typing(), "")
    assert len(choices) == MAX_CHOICES == 25
    assert all(1 <= len(choice.name) <= 100 and 1 <= len(choice.value) <= 100 for choice in choices)
