"""A small schema language for request bodies: what a field may hold, and Discord's error otherwise.

A form is declared once, as data, and checks a value: it returns the cleaned value and notes every problem
with its path. Unknown keys are dropped, as Discord does.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.discord.rules.errors import FormErrors, Path

INVALID: Any = object()
"""Returned in place of a refused value; it occurs only where an error has been noted."""


class Field(Protocol):
    """One kind of value."""

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Return the cleaned value, or note what is wrong and return `INVALID`."""
        ...


def _refuse(errors: FormErrors, path: Path, code: str, message: str) -> Any:
    errors.add(path, code, message)
    return INVALID


def _length_problem(length: int, least: int, most: int) -> tuple[str, str] | None:
    if least <= length <= most:
        return None
    if least:
        return "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length."
    return "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length."


@dataclass(frozen=True, slots=True)
class Text:
    """A string, its length counted in code points."""

    most: int
    least: int = 0
    pattern: str | None = None

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Accept numbers as Discord does; refuse other types, bad lengths and bad patterns."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return _refuse(errors, path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        text = str(value)
        if problem := _length_problem(len(text), self.least, self.most):
            return _refuse(errors, path, *problem)
        if self.pattern is not None and re.fullmatch(self.pattern, text) is None:
            return _refuse(errors, path, "STRING_TYPE_REGEX", "String value did not match validation regex.")
        return text


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number, or a string that holds one."""

    least: int = -(2**53) + 1
    most: int = 2**53 - 1

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Refuse booleans, what `int` cannot read, and numbers outside the range."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return _refuse(errors, path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        try:
            number = int(value)
        except (ValueError, OverflowError):
            return _refuse(errors, path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        if number < self.least:
            text = f"int value should be greater than or equal to {self.least}."
            return _refuse(errors, path, "NUMBER_TYPE_MIN", text)
        if number > self.most:
            return _refuse(
                errors, path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {self.most}."
            )
        return number


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number."""

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Refuse anything else."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return _refuse(errors, path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not float.')
        return value


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Refuse anything else."""
        if value not in (True, False, "true", "false", "True", "False"):
            return _refuse(errors, path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return value in (True, "true", "True")


@dataclass(frozen=True, slots=True)
class Snowflake:
    """An id, as a string of digits or a number; cleaned to a string."""

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Refuse what is not a 64-bit unsigned number."""
        text = str(value)
        fits = not isinstance(value, bool) and isinstance(value, str | int)
        if not fits or not text.isascii() or not text.isdigit() or int(text) >= 2**64:
            return _refuse(errors, path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
        return text


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values."""

    values: tuple[Any, ...]

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Refuse any other value; true is not 1."""
        if isinstance(value, bool) or value not in self.values:
            listed = ", ".join(repr(item) for item in self.values)
            return _refuse(errors, path, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
        return value


@dataclass(frozen=True, slots=True)
class Url:
    """An address with one of the named schemes."""

    schemes: tuple[str, ...] = ("http", "https")
    most: int = 2048

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Refuse other schemes and addresses without a host."""
        text = Text(self.most).check(value, path, errors)
        if text is INVALID:
            return INVALID
        scheme, separator, rest = text.partition("://")
        if not separator or not rest or re.search(r"\s", text):
            return _refuse(errors, path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        if scheme.lower() not in self.schemes:
            known = ", ".join(repr(item) for item in self.schemes)
            message = f'Scheme "{scheme}" is not supported. Scheme must be one of ({known}).'
            return _refuse(errors, path, "URL_TYPE_INVALID_SCHEME", message)
        return text


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind of value."""

    item: Field
    most: int
    least: int = 0

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Check the length, then every item under its index."""
        if not isinstance(value, list):
            return _refuse(errors, path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        if not self.least <= len(value) <= self.most:
            text = f"Must be between {self.least} and {self.most} in length."
            return _refuse(errors, path, "BASE_TYPE_BAD_LENGTH", text)
        return [self.item.check(item, (*path, index), errors) for index, item in enumerate(value)]


@dataclass(frozen=True, slots=True)
class Rule:
    """One key of a form: what it holds and whether it must be there.

    A key that is not required may be null, which means the same as leaving it out unless `keep_null`:
    an edit distinguishes "clear this" (null) from "leave this alone" (absent).
    """

    field: Field
    required: bool = False
    keep_null: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """An object with known keys."""

    rules: Mapping[str, Rule]

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Return a new object with the known keys, cleaned."""
        if not isinstance(value, dict):
            return _refuse(errors, path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        cleaned: dict[str, Any] = {}
        for key, rule in self.rules.items():
            item = value.get(key)
            if item is not None:
                cleaned[key] = rule.field.check(item, (*path, key), errors)
            elif rule.required:
                errors.required((*path, key))
                cleaned[key] = INVALID
            elif rule.keep_null and key in value:
                cleaned[key] = None
        return cleaned


@dataclass(frozen=True, slots=True)
class Union:
    """An object whose numeric ``type`` decides which form it follows."""

    forms: Mapping[int, Field]

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Pick the form by type and check with it."""
        if not isinstance(value, dict):
            return _refuse(errors, path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        kind = value.get("type")
        if kind is None:
            errors.required((*path, "type"))
            return INVALID
        form = None if isinstance(kind, bool) or not isinstance(kind, int) else self.forms.get(kind)
        if form is None:
            listed = ", ".join(str(item) for item in self.forms)
            text = f'Value of field "type" must be one of ({listed}).'
            return _refuse(errors, (*path, "type"), "UNION_TYPE_CHOICES", text)
        return form.check(value, path, errors)
