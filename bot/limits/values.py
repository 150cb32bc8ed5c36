"""The kinds of value that a limit can have: how each is read, stored and compared. Pure."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bot.errors import RuleFault
from bot.generation.models import LEGACY_SIZES, STANDARD_SIZES
from bot.model import Quality, Size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.generation.models import Capabilities

T = TypeVar("T")

QUALITY_RANK = {quality: rank for rank, quality in enumerate(Quality)}
"""Qualities ranked by how good they are; ``AUTO`` may be any, so it ranks above all."""

MOST_DOLLARS = 1_000_000
"""Largest sum of money, in dollars; sums may have fractions, down to a micro-dollar."""

_DECIMALS = 6
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
"""A number as text. Python's own parsers accept underscores, exponents and the digits of any script too."""


class ValueRefused(Exception):
    """One thing wrong with one value; ``right`` says what would be right."""

    def __init__(self, fault: RuleFault, right: str) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.right = right


class Kind(ABC, Generic[T]):
    """One kind of value."""

    @abstractmethod
    def parse(self, typed: object, models: Sequence[Capabilities]) -> T:
        """Check what a moderator typed or an operator wrote, and return its value.

        Args:
            typed: a number, or text; models as a list or separated by commas, by name or label.
            models: the models on offer.

        Raises:
            ValueRefused: it makes no sense.
        """

    @abstractmethod
    def from_json(self, stored: object) -> T:
        """Read what ``to_json`` wrote.

        Raises:
            ArithmeticError, TypeError, ValueError: ``to_json`` did not write it.
        """

    def to_json(self, value: T) -> object:
        """Write a value as a JSON scalar or list, which ``parse`` takes as well."""
        return value

    def rank(self, value: T) -> Any:
        """Return what values are ordered by; for most limits, greater is more generous."""
        return value


@dataclass(frozen=True, slots=True)
class WholeNumber(Kind[int]):
    """A whole number within a range."""

    allowed: range

    def parse(self, typed: object, models: Sequence[Capabilities]) -> int:
        """Take a number without a fraction."""
        del models
        first, last = self.allowed[0], self.allowed[-1]
        right = f"{first} to {last}"
        number = _number(typed, right)
        if number != number.to_integral_value():
            raise ValueRefused(RuleFault.NOT_A_NUMBER, right)
        if not first <= number <= last:
            raise ValueRefused(RuleFault.OUT_OF_RANGE, right)
        return int(number)

    def from_json(self, stored: object) -> int:
        """Read a number."""
        if type(stored) is not int:
            raise TypeError(f"{stored!r} is no whole number")
        return stored


class Dollars(Kind[Decimal]):
    """A sum of money."""

    def parse(self, typed: object, models: Sequence[Capabilities]) -> Decimal:
        """Take an exact sum; nothing is rounded."""
        del models
        right = f"0 to {MOST_DOLLARS}, at most {_DECIMALS} decimals"
        number = _number(typed, right)
        if not 0 <= number <= MOST_DOLLARS or number != round(number, _DECIMALS):
            raise ValueRefused(RuleFault.OUT_OF_RANGE, right)
        # One spelling for each sum: 5.0 is kept as 5, and -0 as 0.
        return Decimal(format(abs(number).normalize(), "f"))

    def from_json(self, stored: object) -> Decimal:
        """Read a sum written as text."""
        amount = Decimal(stored) if isinstance(stored, str) else None
        if amount is None or not amount.is_finite():
            raise ValueError(f"{stored!r} is no sum of money")
        return amount

    def to_json(self, value: Decimal) -> str:
        """Write a sum as text, since a float would not be exact."""
        return f"{value:f}"


class LargestSize(Kind[Size]):
    """A bound on sizes, by their pixels."""

    def parse(self, typed: object, models: Sequence[Capabilities]) -> Size:
        """Take a size that a model on offer can draw, or one of the small legacy ones."""
        size = typed if isinstance(typed, Size) else Size.parse(typed) if isinstance(typed, str) else None
        if size is None:
            raise ValueRefused(RuleFault.MALFORMED_SIZE, f"such as {STANDARD_SIZES[0]}")
        if size in LEGACY_SIZES or any(model.size_fault(size) is None for model in models):
            return size
        nearest = dict.fromkeys(near for model in models for near in model.nearest_sizes(size, limit=2))
        raise ValueRefused(RuleFault.SIZE_NOT_DRAWABLE, ", ".join(map(str, nearest)))

    def from_json(self, stored: object) -> Size:
        """Read ``WIDTHxHEIGHT``."""
        size = Size.parse(stored) if isinstance(stored, str) else None
        if size is None:
            raise ValueError(f"{stored!r} is no size")
        return size

    def to_json(self, value: Size) -> str:
        """Write ``WIDTHxHEIGHT``."""
        return str(value)

    def rank(self, value: Size) -> int:
        """Count the pixels."""
        return value.pixels


class BestQuality(Kind[Quality]):
    """A bound on qualities; never ``AUTO``, which leaves the choice to the model."""

    def parse(self, typed: object, models: Sequence[Capabilities]) -> Quality:
        """Take a quality that a model on offer supports."""
        known = {quality for model in models for quality in model.qualities} - {Quality.AUTO}
        names = {quality.value: quality for quality in Quality if quality in known}
        quality = names.get(typed.strip().casefold()) if isinstance(typed, str) else None
        if quality is None:
            raise ValueRefused(RuleFault.UNKNOWN_QUALITY, ", ".join(names))
        return quality

    def from_json(self, stored: object) -> Quality:
        """Read a quality's name."""
        return Quality(str(stored))

    def to_json(self, value: Quality) -> str:
        """Write its name."""
        return str(value)

    def rank(self, value: Quality) -> int:
        """Order qualities by how good they are, not alphabetically."""
        return QUALITY_RANK[value]


class ModelNames(Kind[tuple[str, ...]]):
    """Names of the models that may be used, sorted; they are combined from several rules, not ranked."""

    def parse(self, typed: object, models: Sequence[Capabilities]) -> tuple[str, ...]:
        """Take models on offer, at least one."""
        known = {text.casefold(): model.name for model in models for text in (model.label, model.name)}
        listed = typed.split(",") if isinstance(typed, str) else typed
        wanted = [str(one).strip().casefold() for one in listed] if isinstance(listed, list | tuple) else []
        names = [known.get(one) for one in wanted if one]
        if not names or None in names:
            raise ValueRefused(RuleFault.UNKNOWN_MODEL, ", ".join(model.label for model in models))
        return tuple(sorted({name for name in names if name}))

    def from_json(self, stored: object) -> tuple[str, ...]:
        """Read a list of names."""
        if not isinstance(stored, list) or not all(isinstance(name, str) for name in stored):
            raise TypeError(f"{stored!r} is no list of names")
        return tuple(sorted(set(stored)))

    def to_json(self, value: tuple[str, ...]) -> list[str]:
        """Write a list of names."""
        return list(value)


def _number(typed: object, right: str) -> Decimal:
    """Return the value as an exact decimal; a float counts as it is printed, 0.1 as a tenth."""
    if isinstance(typed, int | float | Decimal) and not isinstance(typed, bool):
        number = Decimal(str(typed)) if isinstance(typed, float) else Decimal(typed)
        if number.is_finite():
            return number
    elif isinstance(typed, str) and _NUMBER.fullmatch(typed.strip()):
        return Decimal(typed.strip())
    raise ValueRefused(RuleFault.NOT_A_NUMBER, right)
