"""A server's policy, and what it comes down to for one member in one channel. Pure.

Of each field a member is given what their own rule says; else the most generous of what their roles
say; else what is said to everyone; else the operator's default. A channel, and then the operator's
caps, can only narrow that.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from bot.errors import GuildPaused, MemberBlocked
from bot.limits.rules import EVERYONE, ORDINARY, QUALITY_RANK, Rule, Target, TargetKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from bot.model import Quality, Size

T = TypeVar("T")
_Number = TypeVar("_Number", int, Decimal)


@dataclass(frozen=True, slots=True)
class Block:
    """A member who may not draw; ``until`` is aware, None for good. ``reason`` may be empty."""

    until: dt.datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GuildPolicy:
    """Everything a server's moderators decided.

    Attributes:
        guild_id: the server.
        revision: raised by every change, so that an old copy is known to be old.
        zone: name of the time zone whose days, weeks and months count.
        paused: whether nobody may draw.
        pause_note: what members read while paused; may be empty.
        rules: by target.
        blocks: by member's id, expired ones included.
    """

    guild_id: int
    revision: int = 0
    zone: str = "UTC"
    paused: bool = False
    pause_note: str = ""
    rules: Mapping[Target, Rule] = field(default_factory=dict)
    blocks: Mapping[int, Block] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asker:
    """A member who wants to draw, and where: ``channel_ids`` is the channel and, of a thread, its parent."""

    guild_id: int
    member_id: int
    role_ids: frozenset[int] = frozenset()
    channel_ids: tuple[int, ...] = ()


class OriginKind(enum.StrEnum):
    """Which kind of rule decided."""

    DEFAULT = "default"  # the operator's [limits.default]
    EVERYONE = "everyone"
    ROLE = "role"
    MEMBER = "member"
    CHANNEL = "channel"
    CAP = "cap"  # the operator's [limits.operator]
    NONE = "none"  # nothing limits it


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """The rule that decided; ``id`` is the role's, member's or channel's, else 0."""

    kind: OriginKind
    id: int = 0


@dataclass(frozen=True, slots=True)
class Effective(Generic[T]):
    """What holds for one field, and why.

    Attributes:
        value: None if nothing limits it.
        origin: the rule that decided.
        also: other rules that had a part in it; only lists of models are put together from several.
    """

    value: T | None
    origin: Origin
    also: tuple[Origin, ...] = ()


_Source: TypeAlias = "tuple[Origin, Rule]"
"""A rule, and where it comes from."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for one member in one channel; the fields are those of ``Rule``."""

    images_per_day: Effective[int]
    images_per_week: Effective[int]
    max_size: Effective[Size]
    max_quality: Effective[Quality]
    max_count: Effective[int]
    models: Effective[tuple[str, ...]]
    cooldown: Effective[int]
    concurrent: Effective[int]
    priority: Effective[int]
    dollars_per_month: Effective[Decimal]
    server_concurrent: Effective[int]
    server_dollars_per_month: Effective[Decimal]

    @property
    def values(self) -> Rule:
        """The values alone, without their origins."""
        return Rule(
            images_per_day=self.images_per_day.value,
            images_per_week=self.images_per_week.value,
            max_size=self.max_size.value,
            max_quality=self.max_quality.value,
            max_count=self.max_count.value,
            models=self.models.value,
            cooldown=self.cooldown.value,
            concurrent=self.concurrent.value,
            priority=self.priority.value,
            dollars_per_month=self.dollars_per_month.value,
            server_concurrent=self.server_concurrent.value,
            server_dollars_per_month=self.server_dollars_per_month.value,
        )


def standing_of(policy: GuildPolicy, asker: Asker, now: dt.datetime) -> None:
    """Refuse a member who may not draw at all.

    Args:
        policy: the server's.
        asker: the member.
        now: the time, aware; a block that ended by then does not count.

    Raises:
        GuildPaused: nobody may, in this server.
        MemberBlocked: this member may not.
    """
    if policy.paused:
        raise GuildPaused(policy.pause_note)
    block = policy.blocks.get(asker.member_id)
    if block and (block.until is None or block.until > now):
        raise MemberBlocked(block.until, block.reason)


def resolve(policy: GuildPolicy, asker: Asker, defaults: Rule, caps: Rule) -> Limits:
    """What holds for a member in a channel.

    The fields in ``SHARED_FIELDS`` are about all members together, so only what is said to everyone, the
    default and the cap count for them.

    Args:
        policy: the server's.
        asker: the member and the channel.
        defaults: what holds where the server's moderators say nothing.
        caps: what nobody can exceed.
    """
    own, shared = _sources(policy, asker, defaults, caps)
    return Limits(
        images_per_day=_amount(own, lambda rule: rule.images_per_day, _greater),
        images_per_week=_amount(own, lambda rule: rule.images_per_week, _greater),
        max_size=_amount(own, lambda rule: rule.max_size, _larger),
        max_quality=_amount(own, lambda rule: rule.max_quality, _better),
        max_count=_amount(own, lambda rule: rule.max_count, _greater),
        models=_models(own),
        cooldown=_amount(own, lambda rule: rule.cooldown, _less),
        concurrent=_amount(own, lambda rule: rule.concurrent, _greater),
        priority=_amount(own, lambda rule: rule.priority, _greater, unsaid=ORDINARY),
        dollars_per_month=_amount(own, lambda rule: rule.dollars_per_month, _greater),
        server_concurrent=_amount(shared, lambda rule: rule.server_concurrent, _greater),
        server_dollars_per_month=_amount(shared, lambda rule: rule.server_dollars_per_month, _greater),
    )


@dataclass(frozen=True, slots=True)
class _Sources:
    """The rules that concern a member.

    Attributes:
        layers: of these, the first one in which any rule says something about a field gives its value.
        narrowers: what can only narrow that.
    """

    layers: tuple[tuple[_Source, ...], ...]
    narrowers: tuple[_Source, ...]

    def speaking(self, field: Callable[[Rule], T | None]) -> list[tuple[Origin, T]]:
        """What the first layer that speaks says about the field; nothing if none does."""
        for layer in self.layers:
            if said := _said(layer, field):
                return said
        return []


def _sources(policy: GuildPolicy, asker: Asker, defaults: Rule, caps: Rule) -> tuple[_Sources, _Sources]:
    """The rules that concern the member, and those that concern all members together."""

    def found(kind: TargetKind, target_id: int) -> _Source:
        return Origin(OriginKind(kind.value), target_id), policy.rules.get(Target(kind, target_id), Rule())

    everyone = policy.rules.get(EVERYONE, Rule())
    # Sorted, so that of equally generous roles always the same one is named.
    roles = tuple(found(TargetKind.ROLE, role) for role in sorted(asker.role_ids))
    general = (((Origin(OriginKind.EVERYONE), everyone),), ((Origin(OriginKind.DEFAULT), defaults),))
    channels = tuple(found(TargetKind.CHANNEL, channel) for channel in asker.channel_ids)
    cap = (Origin(OriginKind.CAP), caps)
    own = (found(TargetKind.MEMBER, asker.member_id),)
    return _Sources((own, roles, *general), (*channels, cap)), _Sources(general, (cap,))


def _said(sources: Sequence[_Source], field: Callable[[Rule], T | None]) -> list[tuple[Origin, T]]:
    return [(origin, value) for origin, rule in sources if (value := field(rule)) is not None]


def _amount(
    sources: _Sources,
    field: Callable[[Rule], T | None],
    more_generous: Callable[[T, T], bool],
    *,
    unsaid: T | None = None,
) -> Effective[T]:
    """What holds for a field whose values can be told apart by how generous they are.

    Args:
        sources: the rules.
        field: reads the field.
        more_generous: whether the first of two values is.
        unsaid: what holds if none of the layers speaks; None for no limit at all.
    """
    best: Effective[T] = Effective(None, Origin(OriginKind.NONE))
    for origin, value in sources.speaking(field):
        if best.value is None or more_generous(value, best.value):
            best = Effective(value, origin)
    if best.value is None:
        best = Effective(unsaid, best.origin)
    for origin, value in _said(sources.narrowers, field):
        if best.value is None or more_generous(best.value, value):
            best = Effective(value, origin)
    return best


def _models(sources: _Sources) -> Effective[tuple[str, ...]]:
    """The models of all roles together, narrowed to those that every channel rule and cap has too."""

    def models(rule: Rule) -> tuple[str, ...] | None:
        return rule.models

    given = sources.speaking(models)
    origins = [origin for origin, _ in given]
    names = {name for _, value in given for name in value} if given else None
    for origin, value in _said(sources.narrowers, models):
        if names is not None and names <= set(value):
            continue
        wholly = names is None or names >= set(value)
        names = set(value) if names is None else names & set(value)
        origins = [origin] if wholly else [origin, *origins]
    if names is None:
        return Effective(None, Origin(OriginKind.NONE))
    return Effective(tuple(sorted(names)), origins[0], tuple(origins[1:]))


def _greater(one: _Number, other: _Number) -> bool:
    return one > other


def _less(one: int, other: int) -> bool:
    return one < other


def _larger(one: Size, other: Size) -> bool:
    return one.pixels > other.pixels


def _better(one: Quality, other: Quality) -> bool:
    return QUALITY_RANK[one] > QUALITY_RANK[other]
