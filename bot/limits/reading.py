"""Rules from what a moderator typed, or an operator wrote: everything is checked, and all at once."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.errors import RuleFault, RuleRefused
from bot.generation.models import LEGACY_SIZES, STANDARD_SIZES
from bot.limits.rules import EVERYONE, FIELDS, PRIORITIES, SHARED_FIELDS, Rule
from bot.model import Quality, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.generation.models import Capabilities
    from bot.limits.rules import Target

WHOLE_RANGES = {
    "images_per_day": range(1_000_001),
    "images_per_week": range(1_000_001),
    "max_count": range(1, 11),  # 10 is what Discord attaches to one message, and Azure draws in one call
    "cooldown": range(604_801),  # seconds; a week
    "concurrent": range(1, 10_001),
    "priority": PRIORITIES,
    "server_concurrent": range(1, 10_001),
}
"""What the whole numbers may be."""

MOST_DOLLARS = 1_000_000
"""Greatest sum of money; sums may have cents and parts of cents, down to a micro-dollar."""

_MONEY_FIELDS = ("dollars_per_month", "server_dollars_per_month")
_DECIMALS = 6
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
"""A number as text. Python's own readers take underscores, exponents and the digits of every script too."""


class _Fault(Exception):
    """One thing wrong with one field; ``right`` says what would be right."""

    def __init__(self, fault: RuleFault, right: str) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.right = right


def read_rule(values: Mapping[str, object], target: Target, models: Sequence[Capabilities]) -> Rule:
    """Make a rule of what somebody gave, or say everything that is wrong with it.

    Args:
        values: fields of ``Rule``: numbers, or text such as a moderator types; models as a list or separated
            by commas, by name or label. None counts as not given.
        target: whom or where the rule is for.
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
            read[name] = _read_field(name, value, target, models)
        except _Fault as fault:
            faults.append((name, fault.fault, fault.right))
    if not read and not faults:
        faults.append(("", RuleFault.EMPTY, ", ".join(_fields_for(target))))
    if faults:
        raise RuleRefused(faults)
    return Rule(**read)


def _fields_for(target: Target) -> tuple[str, ...]:
    return tuple(name for name in FIELDS if name not in SHARED_FIELDS or target == EVERYONE)


def _read_field(name: str, value: object, target: Target, models: Sequence[Capabilities]) -> object:
    if name not in FIELDS:
        raise _Fault(RuleFault.UNKNOWN_FIELD, ", ".join(_fields_for(target)))
    if name not in _fields_for(target):
        raise _Fault(RuleFault.NOT_FOR_TARGET, EVERYONE.kind.value)
    if name in WHOLE_RANGES:
        return _whole(value, WHOLE_RANGES[name])
    if name in _MONEY_FIELDS:
        return _dollars(value)
    readers: dict[str, Callable[[object, Sequence[Capabilities]], object]] = {
        "max_size": _size,
        "max_quality": _quality,
        "models": _models,
    }
    return readers[name](value, models)


# --- numbers ------------------------------------------------------------------------------------


def _whole(value: object, allowed: range) -> int:
    right = f"{allowed[0]} to {allowed[-1]}"
    number = _number(value, right)
    if number != number.to_integral_value():
        raise _Fault(RuleFault.NOT_A_NUMBER, right)
    if not allowed[0] <= number <= allowed[-1]:
        raise _Fault(RuleFault.OUT_OF_RANGE, right)
    return int(number)


def _dollars(value: object) -> Decimal:
    right = f"0 to {MOST_DOLLARS}, at most {_DECIMALS} decimals"
    number = _number(value, right)
    if not 0 <= number <= MOST_DOLLARS or number != round(number, _DECIMALS):
        raise _Fault(RuleFault.OUT_OF_RANGE, right)
    # One spelling of one sum: 5, 5.0 and -0 are kept as 5 and 0.
    return Decimal(format(abs(number).normalize(), "f"))


def _number(value: object, right: str) -> Decimal:
    """The value as an exact decimal; a float counts as it is written, 0.1 as a tenth."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
        if number.is_finite():
            return number
    elif isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    raise _Fault(RuleFault.NOT_A_NUMBER, right)


# --- what models can draw -----------------------------------------------------------------------


def _size(value: object, models: Sequence[Capabilities]) -> Size:
    size = value if isinstance(value, Size) else Size.parse(value) if isinstance(value, str) else None
    if size is None:
        raise _Fault(RuleFault.MALFORMED_SIZE, f"such as {STANDARD_SIZES[0]}")
    if size in LEGACY_SIZES or any(model.size_fault(size) is None for model in models):
        return size
    nearest = dict.fromkeys(near for model in models for near in model.nearest_sizes(size, limit=2))
    raise _Fault(RuleFault.SIZE_NOT_DRAWABLE, ", ".join(map(str, nearest)))


def _quality(value: object, models: Sequence[Capabilities]) -> Quality:
    # AUTO is no bound: it leaves the choice to the model.
    known = {quality for model in models for quality in model.qualities} - {Quality.AUTO}
    names = {quality.value: quality for quality in Quality if quality in known}
    quality = names.get(value.strip().casefold()) if isinstance(value, str) else None
    if quality is None:
        raise _Fault(RuleFault.UNKNOWN_QUALITY, ", ".join(names))
    return quality


def _models(value: object, models: Sequence[Capabilities]) -> tuple[str, ...]:
    known = {text.casefold(): model.name for model in models for text in (model.label, model.name)}
    listed = value.split(",") if isinstance(value, str) else value
    wanted = [str(one).strip().casefold() for one in listed] if isinstance(listed, list | tuple) else []
    names = [known.get(one) for one in wanted if one]
    if not names or None in names:
        raise _Fault(RuleFault.UNKNOWN_MODEL, ", ".join(model.label for model in models))
    return tuple(sorted({name for name in names if name}))
