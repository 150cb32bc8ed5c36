"""Reads rules that a moderator typed or an operator wrote, and reports every fault at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.errors import RuleFault, RuleRefused
from bot.limits.rules import EVERYONE, FIELDS, Rule
from bot.limits.values import ValueRefused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.generation.models import Capabilities
    from bot.limits.rules import Field, Target


def read_rule(values: Mapping[str, object], target: Target, models: Sequence[Capabilities]) -> Rule:
    """Make a rule of the values given, or report everything that is wrong with them.

    Args:
        values: fields of ``Rule``: numbers, or text as a moderator types it; models as a list or separated
            by commas, by name or label. None counts as not given.
        target: the people or the channel that the rule is for.
        models: the models on offer.

    Raises:
        RuleRefused: with every fault at once.
    """
    read: dict[str, Any] = {}
    faults: list[tuple[str, RuleFault, str]] = []
    for name, value in values.items():
        if value is None:
            continue
        try:
            read[name] = _field(name, target).kind.parse(value, models)
        except ValueRefused as refused:
            faults.append((name, refused.fault, refused.right))
    if not read and not faults:
        faults.append(("", RuleFault.EMPTY, ", ".join(_names_for(target))))
    if faults:
        raise RuleRefused(faults)
    return Rule(**read)


def _names_for(target: Target) -> tuple[str, ...]:
    return tuple(name for name, field in FIELDS.items() if not field.shared or target == EVERYONE)


def _field(name: str, target: Target) -> Field:
    if name not in FIELDS:
        raise ValueRefused(RuleFault.UNKNOWN_FIELD, ", ".join(_names_for(target)))
    if name not in _names_for(target):
        raise ValueRefused(RuleFault.NOT_FOR_TARGET, EVERYONE.kind.value)
    return FIELDS[name]
