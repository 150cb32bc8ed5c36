from __future__ import annotations

import discord
import pytest

from bot.errors import RuleFault, RuleRefused
from bot.generation.models import load_models
from bot.limits.reading import read_rule
from bot.limits.rules import EVERYONE, FIELDS, Target, TargetKind
from bot.limits.values import MOST_DOLLARS
from bot.model import Quality
from cogs.choices import MAX_CHOICES, choices
from cogs.limits.commands import LimitsCommands
from cogs.limits.options import (
    DESCRIPTIONS,
    fields,
    lists_of_models,
    sizes,
    target_named,
    zones,
)
from tests.unit.cogs.rules import english
from tests.unit.limits.strategies import WHOLE_RANGES

TABLE = load_models()
MODELS = [TABLE[name] for name in ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare")]
GUILD = 77


# --- what Discord checks is what a rule takes -----------------------------------------------------


def test_every_limit_is_an_option_and_described() -> None:
    parameters = {parameter.name: parameter for parameter in LimitsCommands.set_rule.parameters}
    assert [name for name in parameters if name in FIELDS] == list(FIELDS)
    assert set(parameters) == set(DESCRIPTIONS)
    assert not any(parameter.required for parameter in parameters.values())


def test_whole_numbers_are_bounded_as_in_a_rule() -> None:
    parameters = {parameter.name: parameter for parameter in LimitsCommands.set_rule.parameters}
    for name, allowed in WHOLE_RANGES.items():
        assert (parameters[name].min_value, parameters[name].max_value) == (allowed[0], allowed[-1])
        assert parameters[name].type is discord.AppCommandOptionType.integer
    for name in ("dollars_per_month", "server_dollars_per_month"):
        assert (parameters[name].min_value, parameters[name].max_value) == (0, MOST_DOLLARS)
        assert parameters[name].type is discord.AppCommandOptionType.number


def test_qualities_are_chosen_from_those_that_bound_something() -> None:
    parameters = {parameter.name: parameter for parameter in LimitsCommands.set_rule.parameters}
    offered = [choice.value for choice in parameters["max_quality"].choices]
    assert offered == [quality.value for quality in Quality if quality is not Quality.AUTO]


def test_rules_are_for_channels_that_stay() -> None:
    parameters = {parameter.name: parameter for parameter in LimitsCommands.set_rule.parameters}
    kinds = parameters["channel"].channel_types
    assert discord.ChannelType.text in kinds
    assert discord.ChannelType.public_thread not in kinds
    assert discord.ChannelType.category not in kinds


# --- whom it is about -----------------------------------------------------------------------------


def test_nobody_named_is_everyone_and_so_is_their_role() -> None:
    assert target_named(GUILD, None, None, None) == EVERYONE
    assert target_named(GUILD, discord.Object(GUILD), None, None) == EVERYONE


def test_a_role_member_or_channel_is_named_by_its_id() -> None:
    found = discord.Object(5)
    assert target_named(GUILD, found, None, None) == Target(TargetKind.ROLE, 5)
    assert target_named(GUILD, None, found, None) == Target(TargetKind.MEMBER, 5)
    assert target_named(GUILD, None, None, found) == Target(TargetKind.CHANNEL, 5)
    assert target_named(GUILD, None, None, discord.Object(GUILD)) == Target(TargetKind.CHANNEL, GUILD)


def test_only_one_can_be_named() -> None:
    with pytest.raises(RuleRefused) as refused:
        target_named(GUILD, discord.Object(GUILD), None, discord.Object(5))
    assert [fault for _, fault, _ in refused.value.faults] == [RuleFault.SEVERAL_TARGETS]


# --- suggestions ----------------------------------------------------------------------------------


def test_sizes_are_suggested_smallest_first_as_they_can_be_set() -> None:
    found = list(sizes("", MODELS))
    assert found[0] == ("256×256", "256x256")
    assert found[-1][1] in {"3840x2160", "2160x3840"}
    for _name, value in found:
        read_rule({"max_size": value}, EVERYONE, MODELS)


@pytest.mark.parametrize("typed", ["1536x1024", "1536×1024", " 1536X1024 "])
def test_a_size_is_found_however_it_is_typed(typed: str) -> None:
    assert [value for _name, value in sizes(typed, MODELS)] == ["1536x1024"]


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("", ["GPT Image 2", "GPT Image 1 mini", "GPT Image 2.5 Flare"]),
        ("mini", ["GPT Image 1 mini"]),
        ("GPT-IMAGE-1", ["GPT Image 1 mini"]),
        ("GPT Image 2,", ["GPT Image 2, GPT Image 1 mini", "GPT Image 2, GPT Image 2.5 Flare"]),
        ("gpt-image-2 , fl", ["gpt-image-2, GPT Image 2.5 Flare"]),
        ("GPT Image 2, GPT Image 1 mini, ", ["GPT Image 2, GPT Image 1 mini, GPT Image 2.5 Flare"]),
        (", mini", ["GPT Image 1 mini"]),
        ("GPT Image 2, GPT Image 2", ["GPT Image 2, GPT Image 2.5 Flare"]),
        ("unknown", []),
    ],
)
def test_the_last_of_a_list_of_models_is_completed(typed: str, suggested: list[str]) -> None:
    found = list(lists_of_models(typed, MODELS))
    assert [value for _name, value in found] == suggested
    for _name, value in found:
        assert read_rule({"models": value}, EVERYONE, MODELS).models


def test_limits_are_found_by_either_name() -> None:
    assert list(fields("cooldown", english)) == [("Wait between requests", "cooldown")]
    assert list(fields("wait", english)) == [("Wait between requests", "cooldown")]
    assert [value for _name, value in fields("", english)] == list(FIELDS)


def test_a_city_is_found_without_its_continent_and_before_others_that_contain_it() -> None:
    assert [value for _name, value in zones("berl")] == ["Europe/Berlin"]
    assert [value for _name, value in zones("new york")] == ["America/New_York"]
    assert next(iter(zones("utc")))[1] == "UTC"
    assert list(zones("atlantis")) == []


def test_suggestions_are_as_many_and_as_long_as_discord_takes() -> None:
    found = choices((f"{n}" * (60 if n % 2 else 1), f"{n}") for n in range(100, 200))
    assert len(found) == MAX_CHOICES
    assert all(len(choice.name) <= 100 for choice in found)
    assert len(choices(zones(""))) == MAX_CHOICES
