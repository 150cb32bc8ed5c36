"""Message components: legacy action rows, and Components V2.

Source: https://discord.com/developers/docs/components/reference and Discord's OpenAPI document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.forms import (
    Boolean,
    Choice,
    Form,
    Integer,
    ListOf,
    Rule,
    Snowflake,
    Text,
    Union,
    Url,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.rules.errors import FormErrors, Path

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT_DISPLAY, THUMBNAIL, MEDIA_GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
SELECTS = frozenset({STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT})

LINK_STYLE, PREMIUM_STYLE = 5, 6
MOST_COMPONENTS = 40
"""Components in one message, nested ones included."""
MOST_TEXT = 4000
"""Characters in all text displays of one message together."""
ROW_WIDTH = 5

CUSTOM_ID = Text(100, least=1)
EMOJI = Form({"id": Rule(Snowflake(), keep_null=True), "name": Rule(Text(32)), "animated": Rule(Boolean())})
MEDIA = Form({"url": Rule(Url(("http", "https", "attachment")), required=True)})
FILE_MEDIA = Form({"url": Rule(Url(("attachment",)), required=True)})


def component(kind: int, **rules: Rule) -> Form:
    """Declare a component: its type, its optional numeric id, and its own fields."""
    common = {"type": Rule(Choice((kind,)), required=True), "id": Rule(Integer(0, 2**31 - 1))}
    return Form({**common, **rules})


SELECT_OPTION = Form(
    {
        "label": Rule(Text(100, least=1), required=True),
        "value": Rule(Text(100, least=1), required=True),
        "description": Rule(Text(100)),
        "emoji": Rule(EMOJI),
        "default": Rule(Boolean()),
    }
)
DEFAULT_VALUE = Form(
    {
        "id": Rule(Snowflake(), required=True),
        "type": Rule(Choice(("user", "role", "channel")), required=True),
    }
)
SELECT_COMMON = {
    "custom_id": Rule(CUSTOM_ID, required=True),
    "placeholder": Rule(Text(150)),
    "min_values": Rule(Integer(0, 25)),
    "max_values": Rule(Integer(1, 25)),
    "disabled": Rule(Boolean()),
    "required": Rule(Boolean()),
}
DEFAULTS = Rule(ListOf(DEFAULT_VALUE, 25))
SELECT_FORMS: dict[int, Form] = {
    STRING_SELECT: component(
        STRING_SELECT, **SELECT_COMMON, options=Rule(ListOf(SELECT_OPTION, 25, least=1), required=True)
    ),
    USER_SELECT: component(USER_SELECT, **SELECT_COMMON, default_values=DEFAULTS),
    ROLE_SELECT: component(ROLE_SELECT, **SELECT_COMMON, default_values=DEFAULTS),
    MENTIONABLE_SELECT: component(MENTIONABLE_SELECT, **SELECT_COMMON, default_values=DEFAULTS),
    CHANNEL_SELECT: component(
        CHANNEL_SELECT,
        **SELECT_COMMON,
        default_values=DEFAULTS,
        channel_types=Rule(ListOf(Integer(0, 17), 25)),
    ),
}
BUTTON_FORM = component(
    BUTTON,
    style=Rule(Integer(1, 6), required=True),
    custom_id=Rule(CUSTOM_ID),
    label=Rule(Text(80)),
    emoji=Rule(EMOJI),
    url=Rule(Url(("http", "https", "discord"), most=512)),
    sku_id=Rule(Snowflake()),
    disabled=Rule(Boolean()),
)
ROW_FORM = component(
    ACTION_ROW,
    components=Rule(ListOf(Union({BUTTON: BUTTON_FORM, **SELECT_FORMS}), 5, least=1), required=True),
)
TEXT_FORM = component(TEXT_DISPLAY, content=Rule(Text(MOST_TEXT, least=1), required=True))
THUMBNAIL_FORM = component(
    THUMBNAIL,
    media=Rule(MEDIA, required=True),
    description=Rule(Text(1024, least=1)),
    spoiler=Rule(Boolean()),
)
GALLERY_ITEM = Form(
    {
        "media": Rule(MEDIA, required=True),
        "description": Rule(Text(1024, least=1)),
        "spoiler": Rule(Boolean()),
    }
)
SECTION_FORM = component(
    SECTION,
    components=Rule(ListOf(Union({TEXT_DISPLAY: TEXT_FORM}), 3, least=1), required=True),
    accessory=Rule(Union({BUTTON: BUTTON_FORM, THUMBNAIL: THUMBNAIL_FORM}), required=True),
)
INNER_FORMS = {
    ACTION_ROW: ROW_FORM,
    SECTION: SECTION_FORM,
    TEXT_DISPLAY: TEXT_FORM,
    MEDIA_GALLERY: component(MEDIA_GALLERY, items=Rule(ListOf(GALLERY_ITEM, 10, least=1), required=True)),
    FILE: component(FILE, file=Rule(FILE_MEDIA, required=True), spoiler=Rule(Boolean())),
    SEPARATOR: component(SEPARATOR, spacing=Rule(Integer(1, 2)), divider=Rule(Boolean())),
}
CONTAINER_FORM = component(
    CONTAINER,
    components=Rule(ListOf(Union(INNER_FORMS), MOST_COMPONENTS, least=1), required=True),
    accent_color=Rule(Integer(0, 0xFFFFFF)),
    spoiler=Rule(Boolean()),
)
LEGACY = ListOf(Union({ACTION_ROW: ROW_FORM}), 5)
V2 = ListOf(Union({**INNER_FORMS, CONTAINER: CONTAINER_FORM}), MOST_COMPONENTS)


def walk(components: list[dict[str, Any]], path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every component of a message or modal with its path, depth first, as Discord numbers them."""
    for index, item in enumerate(components):
        here = (*path, index)
        yield here, item
        yield from walk(item.get("components", ()), (*here, "components"))
        for key in ("accessory", "component"):
            if key in item:
                yield (*here, key), item[key]


def check_components(components: list[dict[str, Any]], path: Path, errors: FormErrors) -> None:
    """Check the rules that span fields and components, once every field is valid by itself."""
    everything = list(walk(components, path))
    if len(everything) > MOST_COMPONENTS:
        text = f"The total number of components exceeds the maximum of {MOST_COMPONENTS}"
        errors.add(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text)
    if sum(len(item["content"]) for _, item in everything if item["type"] == TEXT_DISPLAY) > MOST_TEXT:
        text = f"The total displayable text size exceeds the maximum size of {MOST_TEXT}"
        errors.add(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)
    check_unique_ids(everything, errors)
    for here, item in everything:
        if item["type"] == BUTTON:
            _check_button(item, here, errors)
        elif item["type"] == ACTION_ROW:
            _check_row(item, here, errors)
        elif item["type"] in SELECTS:
            check_select(item, here, errors)


def check_unique_ids(everything: list[tuple[Path, dict[str, Any]]], errors: FormErrors) -> None:
    """Refuse two components with the same custom_id or the same numeric id."""
    custom_ids: set[str] = set()
    numbers: set[int] = set()
    for path, item in everything:
        custom_id, number = item.get("custom_id"), item.get("id")
        if custom_id is not None:
            if custom_id in custom_ids:
                text = "Component custom id cannot be duplicated"
                errors.add((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", text)
            custom_ids.add(custom_id)
        if number:
            if number in numbers:
                errors.add((*path, "id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
            numbers.add(number)


def _check_row(row: dict[str, Any], path: Path, errors: FormErrors) -> None:
    width = sum(ROW_WIDTH if item["type"] in SELECTS else 1 for item in row["components"])
    if width > ROW_WIDTH:
        text = "The specified component exceeds the maximum width"
        errors.add((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)


def _check_button(button: dict[str, Any], path: Path, errors: FormErrors) -> None:
    style = button["style"]
    forbidden: tuple[str, ...]
    if style == LINK_STYLE:
        needed, forbidden = "url", ("custom_id", "sku_id")
    elif style == PREMIUM_STYLE:
        needed, forbidden = "sku_id", ("custom_id", "url", "label", "emoji")
    else:
        needed, forbidden = "custom_id", ("url", "sku_id")
    if needed not in button:
        errors.add((*path, needed), f"BUTTON_COMPONENT_{needed.upper()}_REQUIRED", f"A {needed} is required")
    for key in forbidden:
        if key in button:
            text = f"The field {key} cannot be used with this button style"
            errors.add((*path, key), "BUTTON_COMPONENT_FIELD_NOT_ALLOWED", text)
    if style != PREMIUM_STYLE and not button.get("label") and "emoji" not in button:
        errors.add(path, "BUTTON_COMPONENT_LABEL_REQUIRED", "A label or an emoji is required")


def check_select(select: dict[str, Any], path: Path, errors: FormErrors) -> None:
    """Check a select's counts against each other and its options for repeated values."""
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if least > most:
        text = f"int value should be less than or equal to {most}."
        errors.add((*path, "min_values"), "NUMBER_TYPE_MAX", text)
    options = select.get("options")
    if options is None:
        return
    if most > len(options):
        text = f"int value should be less than or equal to {len(options)}."
        errors.add((*path, "max_values"), "NUMBER_TYPE_MAX", text)
    seen: set[str] = set()
    for index, option in enumerate(options):
        if option["value"] in seen:
            text = "The specified option value is already used"
            where = (*path, "options", index, "value")
            errors.add(where, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)
        seen.add(option["value"])
