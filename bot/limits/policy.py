"""A server's policy, and what it allows one member in one channel. Pure.

For each field, a member gets what their own rule sets; else the most generous of what their roles set;
else what the rule for everyone sets; else the operator's default. A channel, and then the operator's caps,
can only narrow that.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from bot.errors import GuildPaused, MemberBlocked
from bot.limits.entries import Allowance
from bot.limits.rules import EVERYONE, FIELDS, ORDINARY, Rule, Target, TargetKind
from bot.limits.values import ModelNames
from bot.limits.windows import windows_at
from bot.model import micro_dollars

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from bot.limits.rules import Field

T = TypeVar("T")


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
        revision: raised by every change, so that an outdated copy is recognised.
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
    """A member who wants to draw, and where: ``channel_ids`` is the channel and, for a thread, its parent."""

    guild_id: int
    member_id: int
    role_ids: frozenset[int] = frozenset()
    channel_ids: tuple[int, ...] = ()


class OriginKind(enum.StrEnum):
    """The kind of rule that decided."""

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
    """What applies for one field, and why.

    Attributes:
        value: None if nothing limits it.
        origin: the rule that decided.
        also: other rules that contributed; only lists of models are combined from several.
    """

    value: T | None
    origin: Origin
    also: tuple[Origin, ...] = ()


_Source: TypeAlias = "tuple[Origin, Rule]"
"""A rule, and where it comes from."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What applies to one member in one channel, and why.

    Attributes:
        values: the values alone.
        found: each of them with its origin; ``limits[name]`` for short.
    """

    values: Rule
    found: Mapping[str, Effective[Any]]

    @classmethod
    def of(cls, found: Mapping[str, Effective[Any]]) -> Limits:
        """Make the limits from what applies for each field."""
        return cls(Rule(**{name: effective.value for name, effective in found.items()}), found)

    def __getitem__(self, name: str) -> Effective[Any]:
        return self.found[name]


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
    """Return what applies to a member in a channel.

    For a field about all members together, only the rule for everyone, the default and the cap count.

    Args:
        policy: the server's.
        asker: the member and the channel.
        defaults: what applies where the server's moderators set nothing.
        caps: what nobody can exceed.
    """
    own, shared = _sources(policy, asker, defaults, caps)
    return Limits.of(
        {name: _effective(shared if field.shared else own, name, field) for name, field in FIELDS.items()}
    )


@dataclass(frozen=True, slots=True)
class _Sources:
    """The rules that concern a member.

    Attributes:
        layers: the first of these in which any rule sets a field gives its value.
        narrowers: what can only narrow that.
    """

    layers: tuple[tuple[_Source, ...], ...]
    narrowers: tuple[_Source, ...]

    def speaking(self, name: str) -> list[tuple[Origin, Any]]:
        """Return the values from the first layer that sets the field; nothing if none does."""
        for layer in self.layers:
            if said := _said(layer, name):
                return said
        return []

    def narrowing(self, name: str) -> list[tuple[Origin, Any]]:
        """Return the values that can only narrow the field."""
        return _said(self.narrowers, name)


def _sources(policy: GuildPolicy, asker: Asker, defaults: Rule, caps: Rule) -> tuple[_Sources, _Sources]:
    """Return the rules that concern the member, and those that concern all members together."""

    def found(kind: TargetKind, target_id: int) -> _Source:
        return Origin(OriginKind(kind.value), target_id), policy.rules.get(Target(kind, target_id), Rule())

    everyone = policy.rules.get(EVERYONE, Rule())
    # Sorted, so that among equally generous roles it is always the same one that is named.
    roles = tuple(found(TargetKind.ROLE, role) for role in sorted(asker.role_ids))
    general = (((Origin(OriginKind.EVERYONE), everyone),), ((Origin(OriginKind.DEFAULT), defaults),))
    channels = tuple(found(TargetKind.CHANNEL, channel) for channel in asker.channel_ids)
    cap = (Origin(OriginKind.CAP), caps)
    own = (found(TargetKind.MEMBER, asker.member_id),)
    return _Sources((own, roles, *general), (*channels, cap)), _Sources(general, (cap,))


def _said(sources: Sequence[_Source], name: str) -> list[tuple[Origin, Any]]:
    return [(origin, value) for origin, rule in sources if (value := getattr(rule, name)) is not None]


def _effective(sources: _Sources, name: str, field: Field) -> Effective[Any]:
    said, narrowing = sources.speaking(name), sources.narrowing(name)
    return _models(said, narrowing) if isinstance(field.kind, ModelNames) else _amount(field, said, narrowing)


def _amount(
    field: Field, said: Sequence[tuple[Origin, Any]], narrowing: Sequence[tuple[Origin, Any]]
) -> Effective[Any]:
    """Return the most generous value that is set, or a less generous one that narrows it."""
    best: Effective[Any] = Effective(None, Origin(OriginKind.NONE))
    for origin, value in said:
        if best.value is None or field.wider(value, best.value):
            best = Effective(value, origin)
    if best.value is None:
        best = Effective(field.unsaid, best.origin)
    for origin, value in narrowing:
        if best.value is None or field.wider(best.value, value):
            best = Effective(value, origin)
    return best


def _models(
    said: Sequence[tuple[Origin, tuple[str, ...]]], narrowing: Sequence[tuple[Origin, tuple[str, ...]]]
) -> Effective[tuple[str, ...]]:
    """Return the models of all roles together that every channel rule and cap allows too."""
    origins = [origin for origin, _ in said]
    names = {name for _, value in said for name in value} if said else None
    for origin, value in narrowing:
        if names is not None and names <= set(value):
            continue
        wholly = names is None or names >= set(value)
        names = set(value) if names is None else names & set(value)
        origins = [origin] if wholly else [origin, *origins]
    if names is None:
        return Effective(None, Origin(OriginKind.NONE))
    return Effective(tuple(sorted(names)), origins[0], tuple(origins[1:]))


# --- what the ledger is asked ---------------------------------------------------------------------


def allowance_of(policy: GuildPolicy, limits: Limits, budget: int, now: dt.datetime) -> Allowance:
    """Make an allowance from the limits; ``budget`` is the operator's in micro-dollars, ``now`` aware."""
    values = limits.values
    return Allowance(
        windows=windows_at(now, policy.zone),
        revision=policy.revision,
        images_per_day=values.images_per_day,
        images_per_week=values.images_per_week,
        charge_per_month=_micro(values.dollars_per_month),
        concurrent=values.concurrent,
        priority=values.priority or ORDINARY,
        cooldown=values.cooldown,
        server_concurrent=values.server_concurrent,
        server_cost_per_month=_micro(values.server_dollars_per_month),
        operator_cost_per_month=budget,
    )


def _micro(dollars: Decimal | None) -> int | None:
    return None if dollars is None else micro_dollars(dollars)
