"""Embeds. Source: https://discord.com/developers/docs/resources/message#embed-object-embed-limits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.forms import INVALID, Boolean, Form, Integer, ListOf, Rule, Text, Url

if TYPE_CHECKING:
    from sandbox.discord.rules.errors import FormErrors, Path

MOST_CHARACTERS = 6000
"""Characters in the titles, descriptions, fields, footers and authors of all embeds of a message."""


class Moment:
    """A date and time in ISO 8601."""

    def check(self, value: Any, path: Path, errors: FormErrors) -> Any:
        """Refuse whatever `datetime` cannot parse."""
        try:
            datetime.fromisoformat(value)
        except (TypeError, ValueError):
            text = f"Could not parse {value}. Should be ISO8601."
            errors.add(path, "DATE_TIME_TYPE_PARSE", text)
            return INVALID
        return value


LINK = Rule(Url())
PICTURE = Form({"url": Rule(Url(("http", "https", "attachment"))), "description": Rule(Text(4096))})
EMBED = Form(
    {
        "title": Rule(Text(256)),
        "description": Rule(Text(4096)),
        "url": LINK,
        "color": Rule(Integer(0, 0xFFFFFF)),
        "timestamp": Rule(Moment()),
        "author": Rule(
            Form(
                {
                    "name": Rule(Text(256), required=True),
                    "url": LINK,
                    "icon_url": Rule(Url(("http", "https", "attachment"))),
                }
            )
        ),
        "footer": Rule(
            Form(
                {
                    "text": Rule(Text(2048), required=True),
                    "icon_url": Rule(Url(("http", "https", "attachment"))),
                }
            )
        ),
        "image": Rule(PICTURE),
        "thumbnail": Rule(PICTURE),
        "fields": Rule(
            ListOf(
                Form(
                    {
                        "name": Rule(Text(256, least=1), required=True),
                        "value": Rule(Text(1024, least=1), required=True),
                        "inline": Rule(Boolean()),
                    }
                ),
                25,
            )
        ),
    }
)
EMBEDS = ListOf(EMBED, 10)


def check_embeds(embeds: list[dict[str, Any]], path: Path, errors: FormErrors) -> None:
    """Check that no embed is empty and that all together are not too long."""
    total = 0
    for index, embed in enumerate(embeds):
        if not any(embed.get(key) for key in EMBED.rules if key not in {"url", "color"}):
            errors.add((*path, index, "description"), "BASE_TYPE_REQUIRED", "This field is required")
        total += _characters(embed)
    if total > MOST_CHARACTERS:
        text = f"Embed size exceeds maximum size of {MOST_CHARACTERS}"
        errors.add(path, "MAX_EMBED_SIZE_EXCEEDED", text)


def _characters(embed: dict[str, Any]) -> int:
    texts = [embed.get("title", ""), embed.get("description", "")]
    texts += [embed.get("author", {}).get("name", ""), embed.get("footer", {}).get("text", "")]
    texts += [text for field in embed.get("fields", ()) for text in (field["name"], field["value"])]
    return sum(map(len, texts))
