"""What moderators set: rules, and the targets they are set on.

Each field of ``Rule`` is one limit, and its line defines everything about it but its words: reading what was
typed (``bot.limits.reading``), storage, export, the operator's defaults and caps, and combining several rules
(``bot.limits.policy``) are loops over ``FIELDS``. Its words are one line of ``cogs/limit_words.py``.
"""
# ruff: noqa: RUF009 - a field's default is its line of the table, made once

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from bot.limits.values import BestQuality, Dollars, LargestSize, ModelNames, WholeNumber

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.limits.values import Kind
    from bot.model import Quality, Size

T = TypeVar("T")


class TargetKind(enum.StrEnum):
    """What a rule is set on."""

    EVERYONE = "everyone"
    CHANNEL = "channel"
    ROLE = "role"
    MEMBER = "member"


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """The people or the channel that a rule is for; ``id`` is Discord's, 0 for everyone."""

    kind: TargetKind
    id: int = 0


EVERYONE = Target(TargetKind.EVERYONE)


def canonical(guild_id: int, target: Target) -> Target:
    """Return the target to keep a rule under: the role @everyone, the server's own id, means everyone."""
    return EVERYONE if target == Target(TargetKind.ROLE, guild_id) else target


PRIORITIES = range(4)
"""One for each share of turns in ``bot.queue.fair``."""

ORDINARY = 0
"""The priority of members for whom none is set."""


@dataclass(frozen=True, slots=True)
class Field:
    """One limit.

    Attributes:
        kind: the kind of its values.
        at_least: a greater value is stricter, so a cap is a minimum; for other fields it is a maximum.
        shared: it is about all members together, and so can be set for everyone only.
        unsaid: what applies where no rule sets anything; None for no limit at all.
        nothing: the value with which a member can draw nothing at all; None if it has no such value.
    """

    kind: Kind[Any]
    at_least: bool
    shared: bool
    unsaid: object
    nothing: object

    def wider(self, one: object, other: object) -> bool:
        """Return whether the first of two values is the more generous."""
        if self.at_least:
            one, other = other, one
        return bool(self.kind.rank(one) > self.kind.rank(other))


def limit(
    kind: Kind[T],
    *,
    at_least: bool = False,
    shared: bool = False,
    unsaid: T | None = None,
    nothing: T | None = None,
) -> T | None:
    """Declare a field of ``Rule``; the arguments are the attributes of ``Field``."""
    row = Field(kind, at_least, shared, unsaid, nothing)
    return dataclasses.field(default=None, metadata={"limit": row})


@dataclass(frozen=True, slots=True)
class Rule:
    """What is set on one target. A field that is None is not set, and leaves it to other rules.

    Attributes:
        images_per_day: most pictures a member may have in a day of the server's zone.
        images_per_week: the same for an ISO week.
        max_size: largest size, by its pixels.
        max_quality: best quality; never ``AUTO``.
        max_count: most pictures per request.
        max_prompt_length: most characters of a prompt.
        models: names of the models that may be used, sorted; empty if none may.
        cooldown: least seconds from one request to the next.
        concurrent: most requests of a member at once.
        priority: how many turns in the queue the member gets, relative to the server's other members; one of
            ``PRIORITIES``. It changes whose turn comes first, and nothing else.
        dollars_per_month: most US dollars of a member in a month of the server's zone.
        server_concurrent: most requests of all members of the server together at once.
        server_dollars_per_month: most US dollars of all members of the server together in such a month.
    """

    images_per_day: int | None = limit(WholeNumber(range(1_000_001)), nothing=0)
    images_per_week: int | None = limit(WholeNumber(range(1_000_001)), nothing=0)
    max_size: Size | None = limit(LargestSize())
    max_quality: Quality | None = limit(BestQuality())
    # 10 is the most that Discord attaches to one message, and that Azure draws in one call.
    max_count: int | None = limit(WholeNumber(range(1, 11)))
    max_prompt_length: int | None = limit(WholeNumber(range(1, 32_001)))  # what the models take at most
    models: tuple[str, ...] | None = limit(ModelNames(), nothing=())
    cooldown: int | None = limit(WholeNumber(range(604_801)), at_least=True)  # up to a week
    concurrent: int | None = limit(WholeNumber(range(1, 10_001)))
    priority: int | None = limit(WholeNumber(PRIORITIES), unsaid=ORDINARY)
    dollars_per_month: Decimal | None = limit(Dollars(), nothing=Decimal(0))
    server_concurrent: int | None = limit(WholeNumber(range(1, 10_001)), shared=True)
    server_dollars_per_month: Decimal | None = limit(Dollars(), shared=True, nothing=Decimal(0))

    def __bool__(self) -> bool:
        return self != Rule()

    def with_(self, changes: Rule) -> Rule:
        """Return this rule with the fields that ``changes`` sets in place of its own."""
        return dataclasses.replace(self, **dict(changes.said()))

    def without(self, field: str) -> Rule:
        """Return this rule without ``field``.

        Raises:
            KeyError: there is no such field.
        """
        if field not in FIELDS:
            raise KeyError(field)
        return dataclasses.replace(self, **{field: None})

    def said(self) -> Iterator[tuple[str, Any]]:
        """Yield the fields that are set, with their values, in the order in which people see them."""
        for name in FIELDS:
            if (value := getattr(self, name)) is not None:
                yield name, value

    def to_json(self) -> dict[str, Any]:
        """Return the set fields as JSON scalars and lists; ``from_json`` and ``read_rule`` read it."""
        return {name: FIELDS[name].kind.to_json(value) for name, value in self.said()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Rule:
        """Read what ``to_json`` wrote.

        Raises:
            ValueError: the document was not written by ``to_json``.
        """
        try:
            return cls(**{name: FIELDS[name].kind.from_json(value) for name, value in document.items()})
        except (ArithmeticError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not a rule: {error!r}") from error


FIELDS: Mapping[str, Field] = {field.name: field.metadata["limit"] for field in dataclasses.fields(Rule)}
"""The limits by name, in the order in which people are shown them."""

SHARED_FIELDS = tuple(name for name, field in FIELDS.items() if field.shared)
"""The limits that are about all members together, and so can be set for everyone only."""
