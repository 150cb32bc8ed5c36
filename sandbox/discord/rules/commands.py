"""Application commands: names, options, counts and sizes.

Source: https://discord.com/developers/docs/interactions/application-commands
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.errors import ApiError, FormErrors
from sandbox.discord.rules.forms import (
    INVALID,
    Boolean,
    Choice,
    Form,
    Integer,
    ListOf,
    Number,
    Rule,
    Snowflake,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.discord.rules.errors import Path

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER_OPTION, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11

CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15)
"""The types listed in the published document, which lacks media channels (16)."""

MOST_PER_TYPE = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
MOST_CHARACTERS = 8000
"""Characters in all names, descriptions and values of one command; the longest localisation counts."""
LOCALES = frozenset(
    {
        *(
            "ar",
            "bg",
            "cs",
            "da",
            "de",
            "el",
            "en-GB",
            "en-US",
            "es-419",
            "es-ES",
            "fi",
            "fr",
            "he",
            "hi",
            "hr",
        ),
        *(
            "hu",
            "id",
            "it",
            "ja",
            "ko",
            "lt",
            "nl",
            "no",
            "pl",
            "pt-BR",
            "ro",
            "ru",
            "sv-SE",
            "th",
            "tr",
            "uk",
        ),
        *("vi", "zh-CN", "zh-TW"),
    }
)
# Letters and digits of any script, and the marks that Devanagari and Thai words need.
NAME = re.compile(r"[-_'\w\u0900-\u097F\u0E00-\u0E7F]{1,32}")


class Localizations:
    """A text per known locale."""

    def __init__(self, most: int) -> None:
        self._text = Text(most, least=1)

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Refuse unknown locales and texts out of bounds."""
        if not isinstance(value, dict):
            errors.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            return INVALID
        for locale in value:
            if locale not in LOCALES:
                listed = ", ".join(repr(item) for item in sorted(LOCALES))
                text = f"Value must be one of {{{listed}}}."
                errors.add((*path, locale), "BASE_TYPE_CHOICES", text)
        return {locale: self._text.check(text, (*path, locale), errors) for locale, text in value.items()}


class Permissions:
    """A bit set, as a number or a string of digits; cleaned to a string."""

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Refuse negative numbers and bits above the 54th."""
        number = Integer(0, 2**54 - 1).check(value, path, errors)
        return number if number is INVALID else str(number)


def _named(kind: int, **rules: Rule) -> Form:
    return Form(
        {
            "type": Rule(Choice((kind,)), required=True),
            "name": Rule(Text(32, least=1), required=True),
            "name_localizations": Rule(Localizations(32), keep_null=True),
            "description": Rule(Text(100, least=1), required=True),
            "description_localizations": Rule(Localizations(100), keep_null=True),
            "required": Rule(Boolean()),
            **rules,
        }
    )


def _choices(value: Text | Integer | Number) -> Rule:
    form = Form(
        {
            "name": Rule(Text(100, least=1), required=True),
            "name_localizations": Rule(Localizations(100), keep_null=True),
            "value": Rule(value, required=True),
        }
    )
    return Rule(ListOf(form, 25))


AUTOCOMPLETE = Rule(Boolean())
LEAF_OPTIONS = {
    STRING: _named(
        STRING,
        choices=_choices(Text(100)),
        autocomplete=AUTOCOMPLETE,
        min_length=Rule(Integer(0, 6000)),
        max_length=Rule(Integer(1, 6000)),
    ),
    INTEGER: _named(
        INTEGER,
        choices=_choices(Integer()),
        autocomplete=AUTOCOMPLETE,
        min_value=Rule(Integer()),
        max_value=Rule(Integer()),
    ),
    BOOLEAN: _named(BOOLEAN),
    USER_OPTION: _named(USER_OPTION),
    CHANNEL: _named(CHANNEL, channel_types=Rule(ListOf(Choice(CHANNEL_TYPES), 25))),
    ROLE: _named(ROLE),
    MENTIONABLE: _named(MENTIONABLE),
    NUMBER: _named(
        NUMBER,
        choices=_choices(Number()),
        autocomplete=AUTOCOMPLETE,
        min_value=Rule(Number()),
        max_value=Rule(Number()),
    ),
    ATTACHMENT: _named(ATTACHMENT),
}
SUB_COMMAND_FORM = _named(SUB_COMMAND, options=Rule(ListOf(Union(LEAF_OPTIONS), 25)))
GROUP_FORM = _named(SUB_COMMAND_GROUP, options=Rule(ListOf(Union({SUB_COMMAND: SUB_COMMAND_FORM}), 25)))
OPTIONS = ListOf(Union({**LEAF_OPTIONS, SUB_COMMAND: SUB_COMMAND_FORM, SUB_COMMAND_GROUP: GROUP_FORM}), 25)
COMMAND = Form(
    {
        "id": Rule(Snowflake()),
        "type": Rule(Choice((CHAT_INPUT, USER, MESSAGE))),
        "name": Rule(Text(32, least=1), required=True),
        "name_localizations": Rule(Localizations(32), keep_null=True),
        "description": Rule(Text(100), keep_null=True),
        "description_localizations": Rule(Localizations(100), keep_null=True),
        "options": Rule(OPTIONS, keep_null=True),
        "default_member_permissions": Rule(Permissions(), keep_null=True),
        "dm_permission": Rule(Boolean()),
        "contexts": Rule(ListOf(Choice((0, 1, 2)), 3, least=1), keep_null=True),
        "integration_types": Rule(ListOf(Choice((0, 1)), 2, least=1), keep_null=True),
        "nsfw": Rule(Boolean()),
    }
)


def check_command(body: Any, path: Path = ()) -> dict[str, Any]:
    """Check one command and return it cleaned.

    Raises:
        ApiError: 400, code 50035.
    """
    errors = FormErrors()
    command: dict[str, Any] = COMMAND.check(body, path, errors)
    errors.raise_any()
    _check_command(command, path, errors)
    errors.raise_any()
    return command


def check_commands(body: Any) -> list[dict[str, Any]]:
    """Check a bulk overwrite and return the cleaned commands.

    Raises:
        ApiError: 400, code 50035; or 30032 for more commands of one type than may be registered.
    """
    errors = FormErrors()
    commands: list[dict[str, Any]] = ListOf(COMMAND, sum(MOST_PER_TYPE.values())).check(body, (), errors)
    errors.raise_any()
    for index, command in enumerate(commands):
        _check_command(command, (index,), errors)
    names = Counter((command.get("type", CHAT_INPUT), command["name"]) for command in commands)
    for index, command in enumerate(commands):
        if names[command.get("type", CHAT_INPUT), command["name"]] > 1:
            text = "Application command names must be unique"
            errors.add((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", text)
    errors.raise_any()
    check_counts(command.get("type", CHAT_INPUT) for command in commands)
    return commands


def check_counts(types: Iterable[int]) -> None:
    """Refuse more commands of one type than one scope may have.

    Raises:
        ApiError: 400, code 30032.
    """
    for kind, count in Counter(types).items():
        most = MOST_PER_TYPE[kind]
        if count > most:
            raise ApiError(400, 30032, f"Maximum number of application commands reached ({most})")


def _check_command(command: dict[str, Any], path: Path, errors: FormErrors) -> None:
    if command.get("type", CHAT_INPUT) == CHAT_INPUT:
        _check_name(command, path, errors)
        if not command.get("description"):
            errors.required((*path, "description"))
        _check_options(command.get("options") or [], (*path, "options"), errors)
    else:
        for key in ("description", "options"):
            if command.get(key):
                text = "Context menu commands cannot have " + key
                errors.add((*path, key), f"APPLICATION_COMMAND_{key.upper()}_NOT_ALLOWED", text)
    if _size(command) > MOST_CHARACTERS:
        text = f"Command exceeds maximum size ({MOST_CHARACTERS})"
        errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", text)


def _is_name(name: str) -> bool:
    text = unicodedata.normalize("NFC", name)
    return NAME.fullmatch(text) is not None and text == text.lower()


def _check_name(item: Mapping[str, Any], path: Path, errors: FormErrors) -> None:
    texts = {(*path, "name"): item["name"]}
    for locale, text in (item.get("name_localizations") or {}).items():
        texts[*path, "name_localizations", locale] = text
    for where, text in texts.items():
        if not _is_name(text):
            errors.add(where, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(options: list[dict[str, Any]], path: Path, errors: FormErrors) -> None:
    names: set[str] = set()
    optional_seen = False
    nested = [option["type"] in {SUB_COMMAND, SUB_COMMAND_GROUP} for option in options]
    for index, option in enumerate(options):
        here = (*path, index)
        _check_name(option, here, errors)
        if option["name"] in names:
            text = "Option name already exists"
            errors.add((*here, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", text)
        names.add(option["name"])
        if any(nested) and not nested[index]:
            text = "Sub-command and sub-command group option types are mutually exclusive to all other types"
            errors.add(here, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)
        if option.get("required") and optional_seen:
            text = "Required options must be placed before non-required options"
            errors.add(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        optional_seen = optional_seen or not option.get("required", False)
        if nested[index]:
            _check_options(option.get("options", []), (*here, "options"), errors)
        else:
            _check_leaf(option, here, errors)


def _check_leaf(option: dict[str, Any], path: Path, errors: FormErrors) -> None:
    choices = option.get("choices")
    if option.get("autocomplete") and choices:
        text = "Autocomplete options cannot have choices"
        errors.add((*path, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_CHOICES_AND_AUTOCOMPLETE", text)
    for least, most in (("min_length", "max_length"), ("min_value", "max_value")):
        if least in option and most in option and option[least] > option[most]:
            text = f"int value should be greater than or equal to {option[least]}."
            errors.add((*path, most), "NUMBER_TYPE_MIN", text)
    seen: set[str] = set()
    for index, choice in enumerate(choices or ()):
        if choice["name"] in seen:
            text = "Option choice name already exists"
            where = (*path, "choices", index, "name")
            errors.add(where, "APPLICATION_COMMAND_OPTIONS_CHOICES_NAME_ALREADY_EXISTS", text)
        seen.add(choice["name"])


def _longest(item: Mapping[str, Any], key: str) -> int:
    texts = [item.get(key) or "", *(item.get(f"{key}_localizations") or {}).values()]
    return max(map(len, texts))


def _size(item: Mapping[str, Any]) -> int:
    """Return how many characters of a command, an option or a choice count towards the 8000."""
    size = _longest(item, "name") + _longest(item, "description")
    if isinstance(item.get("value"), str):
        size += len(item["value"])
    for key in ("options", "choices"):
        size += sum(_size(inner) for inner in item.get(key) or ())
    return size
