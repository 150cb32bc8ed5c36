"""The options of ``/limits``: what they take, how they are described, and what is suggested for them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import discord
from discord import app_commands

from bot.errors import RuleFault, RuleRefused
from bot.generation.models import LEGACY_SIZES
from bot.limits.rules import EVERYONE, FIELDS, Target, TargetKind, canonical
from bot.limits.values import MOST_DOLLARS, BestQuality, Dollars, LargestSize, WholeNumber
from bot.limits.windows import known_zones
from cogs.limits.words import WORDS, field_names, size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.generation.models import Capabilities
    from bot.limits.values import Kind
    from cogs.locales import Translate

    Named = Iterable[tuple[str, str]]

CallbackT = TypeVar("CallbackT", bound="Callable[..., Any]")

Person = discord.User | discord.Member
"""Somebody, whether they are still in the server or not."""

CHANNEL_TYPES = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
)
"""Types of channels that rules can be for: lasting ones. A thread has the rule of its channel."""

DESCRIPTIONS = {
    "role": "For members with this role; for everyone, if no role, member or channel is named",
    "member": "For this member",
    "channel": "For everyone in this channel, where it can only narrow what they have elsewhere",
    **{name: words.option for name, words in WORDS.items()},
    "preview": "Show what would change, and change nothing yet",
}


class _LastingChannel(app_commands.Transformer[discord.Client]):
    """A channel as Discord names it, whether it is in the cache or not."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """The option's type."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The types of channels that Discord lets moderators choose from."""
        return list(CHANNEL_TYPES)

    async def transform(
        self, _interaction: discord.Interaction[discord.Client], value: discord.abc.Snowflake, /
    ) -> discord.abc.Snowflake:
        """Return the channel as it is; only its id is used."""
        return value


LastingChannel = app_commands.Transform[discord.abc.Snowflake, _LastingChannel]


def with_limits(callback: CallbackT) -> CallbackT:
    """Give a command an option for each limit, which its callback takes as ``**values``.

    They come before its keyword-only parameters. discord.py derives options from the signature alone.
    """
    signature = inspect.signature(callback)
    parameters = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
    first = next((at for at, one in enumerate(parameters) if one.kind is one.KEYWORD_ONLY), len(parameters))
    parameters[first:first] = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_type_of(field.kind) | None
        )
        for name, field in FIELDS.items()
    ]
    vars(callback)["__signature__"] = signature.replace(parameters=parameters)
    return callback


def _type_of(kind: Kind[Any]) -> Any:
    """Return what Discord lets moderators type, as far as it can check; ``kind`` has the last word."""
    ranges: Any = app_commands.Range  # to type checkers, its bounds are part of a type
    match kind:
        case WholeNumber(allowed=allowed):
            return ranges[int, allowed[0], allowed[-1]]
        case Dollars():
            return ranges[float, 0, MOST_DOLLARS]
        case BestQuality():
            return Literal["low", "medium", "high", "xhigh", "max"]
        case LargestSize():
            return ranges[str, 1, 20]
        case _:
            return ranges[str, 1, 500]


def target_named(
    guild_id: int,
    role: discord.abc.Snowflake | None,
    member: discord.abc.Snowflake | None,
    channel: discord.abc.Snowflake | None,
) -> Target:
    """Return the target that a command names, or everyone if it names none.

    Raises:
        RuleRefused: more than one is named.
    """
    named = {TargetKind.ROLE: role, TargetKind.MEMBER: member, TargetKind.CHANNEL: channel}
    targets = [Target(kind, found.id) for kind, found in named.items() if found is not None]
    if len(targets) > 1:
        raise RuleRefused([(targets[0].kind.value, RuleFault.SEVERAL_TARGETS, "")])
    return canonical(guild_id, targets[0]) if targets else EVERYONE


# --- suggestions, as a name and a value each --------------------------------------------------------


def sizes(typed: str, models: Sequence[Capabilities]) -> Named:
    """Suggest the sizes that a model on offer draws and the small legacy ones, smallest first."""
    offered = {size for model in models for size in model.offered_sizes()}
    needle = typed.strip().lower().replace("×", "x")
    for size in sorted(offered.union(LEGACY_SIZES), key=lambda size: (size.pixels, size)):
        if needle in str(size):
            yield size_text(str(size)), str(size)


def lists_of_models(typed: str, models: Sequence[Capabilities]) -> Named:
    """Complete the last name in a list of models, and keep those before it."""
    *named, last = (part.strip() for part in typed.split(","))
    taken = {name.lower() for name in named}
    kept = "".join(f"{name}, " for name in named if name)
    for model in models:
        names = (model.label.lower(), model.name.lower())
        if not taken.intersection(names) and any(last.lower() in name for name in names):
            yield kept + model.label, kept + model.label


def fields(typed: str, _: Translate) -> Named:
    """Suggest limits by their name or that of their option."""
    needle = typed.strip().lower()
    return ((text, name) for name, text in field_names(_).items() if needle in f"{name} {text}".lower())


def zones(typed: str) -> Named:
    """Suggest time zones; a city can be typed without its continent."""
    needle = typed.strip().lower().replace(" ", "_")
    found = [zone for zone in known_zones() if needle in zone.lower()]
    cities = {zone: zone.lower().rpartition("/")[2] for zone in found}
    found.sort(key=lambda zone: (zone.lower() != needle, not cities[zone].startswith(needle)))
    return ((zone, zone) for zone in found)
