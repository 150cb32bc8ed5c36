"""Modals and autocomplete answers.

Source: https://discord.com/developers/docs/interactions/receiving-and-responding and the OpenAPI document.
"""

from __future__ import annotations

from typing import Any

from sandbox.discord.rules.components import (
    ACTION_ROW,
    CUSTOM_ID,
    SELECT_FORMS,
    SELECTS,
    TEXT_DISPLAY,
    TEXT_FORM,
    TEXT_INPUT,
    check_select,
    check_unique_ids,
    component,
)
from sandbox.discord.rules.errors import FormErrors, Path
from sandbox.discord.rules.forms import (
    INVALID,
    Boolean,
    Choice,
    Form,
    Integer,
    ListOf,
    Number,
    Rule,
    Text,
    Union,
)

LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 18, 19, 21, 22, 23

OPTION = Form(
    {
        "label": Rule(Text(100, least=1), required=True),
        "value": Rule(Text(100, least=1), required=True),
        "description": Rule(Text(100)),
        "default": Rule(Boolean()),
    }
)
TEXT_INPUT_FORM = component(
    TEXT_INPUT,
    custom_id=Rule(CUSTOM_ID, required=True),
    style=Rule(Choice((1, 2)), required=True),
    label=Rule(Text(45, least=1)),
    value=Rule(Text(4000)),
    placeholder=Rule(Text(100)),
    required=Rule(Boolean()),
    min_length=Rule(Integer(0, 4000)),
    max_length=Rule(Integer(1, 4000)),
)
COUNTED = {
    "custom_id": Rule(CUSTOM_ID, required=True),
    "min_values": Rule(Integer(0, 10)),
    "max_values": Rule(Integer(1, 10)),
    "required": Rule(Boolean()),
}
LABEL_FORM = component(
    LABEL,
    label=Rule(Text(45, least=1), required=True),
    description=Rule(Text(100, least=1)),
    component=Rule(
        Union(
            {
                TEXT_INPUT: TEXT_INPUT_FORM,
                **SELECT_FORMS,
                FILE_UPLOAD: component(FILE_UPLOAD, **COUNTED),
                RADIO_GROUP: component(
                    RADIO_GROUP,
                    custom_id=Rule(CUSTOM_ID, required=True),
                    required=Rule(Boolean()),
                    options=Rule(ListOf(OPTION, 10, least=2), required=True),
                ),
                CHECKBOX_GROUP: component(
                    CHECKBOX_GROUP, **COUNTED, options=Rule(ListOf(OPTION, 10, least=1), required=True)
                ),
                CHECKBOX: component(
                    CHECKBOX, custom_id=Rule(CUSTOM_ID, required=True), default=Rule(Boolean())
                ),
            }
        ),
        required=True,
    ),
)
ROW_FORM = component(
    ACTION_ROW, components=Rule(ListOf(Union({TEXT_INPUT: TEXT_INPUT_FORM}), 1, least=1), required=True)
)
MODAL = Form(
    {
        "custom_id": Rule(CUSTOM_ID, required=True),
        "title": Rule(Text(45, least=1), required=True),
        "components": Rule(
            ListOf(
                Union({ACTION_ROW: ROW_FORM, LABEL: LABEL_FORM, TEXT_DISPLAY: TEXT_FORM}),
                5,
                least=1,
            ),
            required=True,
        ),
    }
)


class ChoiceValue:
    """An autocomplete value: a string of at most 100 characters, or a number."""

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Check by the value's own type."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            errors.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return INVALID
        return (Text(100) if isinstance(value, str) else Number()).check(value, path, errors)


CHOICE = Form(
    {
        "name": Rule(Text(100, least=1), required=True),
        "value": Rule(ChoiceValue(), required=True),
    }
)
AUTOCOMPLETE = Form({"choices": Rule(ListOf(CHOICE, 25), required=True)})


def inputs(components: list[dict[str, Any]]) -> list[tuple[Path, dict[str, Any]]]:
    """Return the components of a modal that hold an answer, with their paths inside the list."""
    found: list[tuple[Path, dict[str, Any]]] = []
    for index, item in enumerate(components):
        if item["type"] == LABEL:
            found.append(((index, "component"), item["component"]))
        elif item["type"] == ACTION_ROW:
            found.append(((index, "components", 0), item["components"][0]))
    return found


def check_modal(body: Any) -> dict[str, Any]:
    """Check the data of a MODAL callback and return it cleaned.

    Raises:
        ApiError: 400, code 50035.
    """
    errors = FormErrors()
    modal: dict[str, Any] = MODAL.check(body, ("data",), errors)
    errors.raise_any()
    everything = [(("data", "components", *path), item) for path, item in inputs(modal["components"])]
    check_unique_ids(everything, errors)
    for path, item in everything:
        if item["type"] in SELECTS:
            check_select(item, path, errors)
        elif item["type"] == TEXT_INPUT and path[-1] == 0 and "label" not in item:
            errors.required((*path, "label"))
    errors.raise_any()
    return modal


def check_choices(body: Any) -> list[dict[str, Any]]:
    """Check the data of an autocomplete callback and return its choices.

    Raises:
        ApiError: 400, code 50035, e.g. for more than 25 choices.
    """
    errors = FormErrors()
    data = AUTOCOMPLETE.check(body, ("data",), errors)
    errors.raise_any()
    choices: list[dict[str, Any]] = data["choices"]
    return choices
