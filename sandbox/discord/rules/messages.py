"""Messages: what a body may hold, and what cannot be combined.

Source: https://discord.com/developers/docs/resources/message
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from sandbox.discord.rules import components, embeds
from sandbox.discord.rules.errors import FormErrors
from sandbox.discord.rules.forms import (
    Boolean,
    Choice,
    Form,
    Integer,
    ListOf,
    Number,
    Rule,
    Snowflake,
    Text,
    Url,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.discord.rules.errors import Path

SUPPRESS_EMBEDS, EPHEMERAL, LOADING = 1 << 2, 1 << 6, 1 << 7
SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = 1 << 12, 1 << 15

MOST_ATTACHMENTS = 10

ATTACHMENT = Form(
    {
        "id": Rule(Snowflake(), required=True),
        "filename": Rule(Text(1024, least=1)),
        "description": Rule(Text(1024), keep_null=True),
        "title": Rule(Text(1024)),
        "is_spoiler": Rule(Boolean()),
        "duration_secs": Rule(Number()),
        "waveform": Rule(Text(400)),
    }
)
ALLOWED_MENTIONS = Form(
    {
        "parse": Rule(ListOf(Choice(("roles", "users", "everyone")), 3)),
        "users": Rule(ListOf(Snowflake(), 100)),
        "roles": Rule(ListOf(Snowflake(), 100)),
        "replied_user": Rule(Boolean()),
    }
)
REFERENCE = Form(
    {
        "type": Rule(Choice((0, 1))),
        "message_id": Rule(Snowflake(), required=True),
        "channel_id": Rule(Snowflake()),
        "guild_id": Rule(Snowflake()),
        "fail_if_not_exists": Rule(Boolean()),
    }
)


class Door(Enum):
    """The way a message comes in, which decides its flags and extra keys."""

    CHANNEL = "channel"
    INTERACTION = "interaction"
    EDIT = "edit"


SETTABLE = {
    Door.CHANNEL: SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2,
    Door.INTERACTION: SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2 | EPHEMERAL,
    Door.EDIT: SUPPRESS_EMBEDS | COMPONENTS_V2,
}
EXTRA: dict[Door, dict[str, Rule]] = {
    Door.CHANNEL: {
        "nonce": Rule(Text(25)),
        "enforce_nonce": Rule(Boolean()),
        "message_reference": Rule(REFERENCE),
        "sticker_ids": Rule(ListOf(Snowflake(), 3)),
        "tts": Rule(Boolean()),
    },
    Door.INTERACTION: {
        "tts": Rule(Boolean()),
        "username": Rule(Text(80, least=1)),
        "avatar_url": Rule(Url()),
    },
    Door.EDIT: {},
}


def _form(door: Door, component_list: ListOf) -> Form:
    return Form(
        {
            "content": Rule(Text(2000), keep_null=True),
            "embeds": Rule(embeds.EMBEDS, keep_null=True),
            "components": Rule(component_list, keep_null=True),
            "attachments": Rule(ListOf(ATTACHMENT, MOST_ATTACHMENTS), keep_null=True),
            "allowed_mentions": Rule(ALLOWED_MENTIONS, keep_null=True),
            "flags": Rule(Integer(0, 2**31 - 1)),
            **EXTRA[door],
        }
    )


FORMS = {
    (door, v2): _form(door, components.V2 if v2 else components.LEGACY)
    for door in Door
    for v2 in (False, True)
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A valid message body, cleaned, with only the keys that were sent."""

    fields: Mapping[str, Any]
    flags: int

    @property
    def is_v2(self) -> bool:
        """Whether it is made of components alone."""
        return bool(self.flags & COMPONENTS_V2)

    @property
    def replaces_attachments(self) -> bool:
        """Whether it names every attachment to keep, rather than adding to the existing ones."""
        return "attachments" in self.fields


def check_message(body: Any, door: Door, *, path: Path = (), was_v2: bool = False) -> Draft:
    """Check one message body.

    Args:
        body: The decoded JSON.
        door: The way it came in.
        path: Where the message sits in the request body, for the paths in the answer.
        was_v2: Whether the message being edited is a Components V2 message already; it stays one.

    Raises:
        ApiError: 400, code 50035, with every problem found.
    """
    errors = FormErrors()
    flags = body.get("flags") if isinstance(body, dict) else None
    asked = flags if isinstance(flags, int) and not isinstance(flags, bool) else 0
    v2 = was_v2 or bool(asked & COMPONENTS_V2)
    fields = FORMS[door, v2].check(body, path, errors)
    errors.raise_any()
    if v2:
        _check_no_legacy(fields, path, errors)
    if fields.get("components"):
        components.check_components(fields["components"], (*path, "components"), errors)
    if fields.get("embeds"):
        embeds.check_embeds(fields["embeds"], (*path, "embeds"), errors)
    if fields.get("allowed_mentions"):
        _check_mentions(fields["allowed_mentions"], (*path, "allowed_mentions"), errors)
    errors.raise_any()
    return Draft(fields, (fields.get("flags", 0) & SETTABLE[door]) | (COMPONENTS_V2 if v2 else 0))


def _check_no_legacy(fields: Mapping[str, Any], path: Path, errors: FormErrors) -> None:
    for key in ("content", "embeds", "sticker_ids"):
        if fields.get(key):
            text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            errors.add((*path, key), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)


def _check_mentions(allowed: Mapping[str, Any], path: Path, errors: FormErrors) -> None:
    for key in ("users", "roles"):
        if allowed.get(key) and key in allowed.get("parse", ()):
            text = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            errors.add(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
