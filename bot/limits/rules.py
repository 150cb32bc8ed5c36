"""What moderators set: rules, and the targets they are set on.

A field that is None says nothing, so that another rule may speak. ``bot.limits.reading`` makes rules
from what somebody typed, ``bot.limits.policy`` makes of several rules what holds for one member.
"""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from bot.model import Quality, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class TargetKind(enum.StrEnum):
    """What a rule is set on."""

    EVERYONE = "everyone"
    CHANNEL = "channel"
    ROLE = "role"
    MEMBER = "member"


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """Whom or where a rule is for; ``id`` is Discord's, 0 for everyone."""

    kind: TargetKind
    id: int = 0


EVERYONE = Target(TargetKind.EVERYONE)


def canonical(guild_id: int, target: Target) -> Target:
    """The target as rules are kept: the role @everyone, which has the server's own id, is everyone."""
    return EVERYONE if target == Target(TargetKind.ROLE, guild_id) else target


QUALITY_RANK = {quality: rank for rank, quality in enumerate(Quality)}
"""Qualities told apart by how good they are; ``AUTO`` may be any, so it ranks above all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is set on one target.

    Attributes:
        images_per_day: most pictures a member may have in a day of the server's zone.
        images_per_week: the same for an ISO week.
        max_size: largest size, by its pixels.
        max_quality: best quality; never ``AUTO``.
        max_count: most pictures per request.
        models: names of the models that may be used, sorted; none may be if it is empty.
        cooldown: least seconds from one request to the next.
        concurrent: most requests of a member at once.
        priority: how many turns in the queue the member gets, beside the other members of the server; one of
            ``PRIORITIES``. It changes whose turn comes first, and nothing else.
        dollars_per_month: most US dollars of a member in a month of the server's zone.
        server_concurrent: most requests of all members of the server together at once.
        server_dollars_per_month: most US dollars of all members of the server together in such a month.
    """

    images_per_day: int | None = None
    images_per_week: int | None = None
    max_size: Size | None = None
    max_quality: Quality | None = None
    max_count: int | None = None
    models: tuple[str, ...] | None = None
    cooldown: int | None = None
    concurrent: int | None = None
    priority: int | None = None
    dollars_per_month: Decimal | None = None
    server_concurrent: int | None = None
    server_dollars_per_month: Decimal | None = None

    def __bool__(self) -> bool:
        return self != Rule()

    def with_(self, changes: Rule) -> Rule:
        """This rule with the fields that ``changes`` sets in place of its own."""
        return dataclasses.replace(self, **changes._set_fields())

    def without(self, field: str) -> Rule:
        """This rule with nothing said about ``field``.

        Raises:
            KeyError: there is no such field.
        """
        if field not in FIELDS:
            raise KeyError(field)
        return dataclasses.replace(self, **{field: None})

    def to_json(self) -> dict[str, Any]:
        """The fields that are set, as JSON scalars and lists; ``from_json`` and ``read_rule`` read it."""
        return {name: _plain(value) for name, value in self._set_fields().items()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Rule:
        """Read what ``to_json`` wrote.

        Raises:
            ValueError: the document was not written by ``to_json``.
        """
        try:
            return cls(**{name: _READERS[name](value) for name, value in document.items()})
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise ValueError(f"not a rule: {error!r}") from error

    def _set_fields(self) -> dict[str, Any]:
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


FIELDS = tuple(field.name for field in dataclasses.fields(Rule))
"""Names of the fields of a rule, in the order in which people are shown them."""

SHARED_FIELDS = ("server_concurrent", "server_dollars_per_month")
"""Those of them that are about all members together, and so are for everyone only."""

PRIORITIES = range(4)
"""As many as ``bot.queue.fair`` has shares of turns."""

ORDINARY = 0
"""The priority of members about whom nothing is said."""


def _plain(value: object) -> object:
    """A field's value as JSON: money as text too, since a float would not be exact."""
    if isinstance(value, Size | Quality | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return list(value) if isinstance(value, tuple) else value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


def _size(value: object) -> Size:
    size = Size.parse(value) if isinstance(value, str) else None
    if size is None:
        raise ValueError(f"{value!r} is no size")
    return size


def _quality(value: object) -> Quality:
    return Quality(str(value))


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"{value!r} is no list of names")
    return tuple(sorted(set(value)))


def _money(value: object) -> Decimal:
    amount = Decimal(value) if isinstance(value, str) else None
    if amount is None or not amount.is_finite():
        raise ValueError(f"{value!r} is no sum of money")
    return amount


_READERS: dict[str, Callable[[object], Any]] = {
    "images_per_day": _whole,
    "images_per_week": _whole,
    "max_size": _size,
    "max_quality": _quality,
    "max_count": _whole,
    "models": _names,
    "cooldown": _whole,
    "concurrent": _whole,
    "priority": _whole,
    "dollars_per_month": _money,
    "server_concurrent": _whole,
    "server_dollars_per_month": _money,
}
