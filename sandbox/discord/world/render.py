"""Embeds and components as Discord returns them: numbered, with defaults filled in and files resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.discord.rules import components as rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

IS_SPOILER = 1 << 3
SPOILER_PREFIX = "SPOILER_"
ATTACHMENT_SCHEME = "attachment://"


DEFAULTS: dict[int, dict[str, Any]] = {
    **{kind: {"min_values": 1, "max_values": 1} for kind in rules.SELECTS},
    rules.THUMBNAIL: {"description": None, "spoiler": False},
    rules.FILE: {"spoiler": False},
    rules.SEPARATOR: {"spacing": 1, "divider": True},
    rules.CONTAINER: {"accent_color": None, "spoiler": False},
}
"""What Discord fills in, by type of component."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message, without its bytes."""

    id: int
    filename: str
    size: int
    content_type: str
    pixels: tuple[int, int] | None
    path: str
    description: str | None = None
    title: str | None = None
    spoiler: bool = False
    ephemeral: bool = False

    def to_json(self, link: Callable[[str], str]) -> dict[str, Any]:
        """Return Discord's attachment object; ``link`` signs its path."""
        url = link(self.path)
        data: dict[str, Any] = {
            "id": str(self.id),
            "filename": self.filename,
            "size": self.size,
            "url": url,
            "proxy_url": url,
            "content_type": self.content_type,
            "content_scan_version": 0,
        }
        if self.pixels is not None:
            data["width"], data["height"] = self.pixels
        if self.description:
            data["description"] = self.description
        if self.title:
            data["title"] = self.title
        if self.ephemeral:
            data["ephemeral"] = True
        if self.spoiler or self.filename.startswith(SPOILER_PREFIX):
            data["flags"] = IS_SPOILER
        return data


class MediaIndex:
    """Finds the attachment that a link in an embed or component refers to."""

    def __init__(self, attachments: Iterable[Attachment], link: Callable[[str], str]) -> None:
        self._link = link
        self._by_path: dict[str, Attachment] = {}
        self._by_name: dict[str, Attachment] = {}
        for attachment in attachments:
            self._by_path[attachment.path] = attachment
            self._by_name.setdefault(attachment.filename, attachment)

    def find(self, url: str) -> Attachment | None:
        """Return the attachment behind attachment://NAME, or behind a link to one of this message's files."""
        if url.startswith(ATTACHMENT_SCHEME):
            return self._by_name.get(url.removeprefix(ATTACHMENT_SCHEME))
        bare = url.partition("?")[0]
        return next((item for path, item in self._by_path.items() if bare.endswith(path)), None)

    def is_missing(self, url: str) -> bool:
        """Return whether a link names an attachment that does not exist."""
        return url.startswith(ATTACHMENT_SCHEME) and self.find(url) is None

    def media(self, url: str, number: int) -> dict[str, Any]:
        """Return the unfurled media item for a link in a component."""
        attachment = self.find(url)
        if attachment is None:
            return {
                "id": str(number),
                "url": url,
                "proxy_url": url,
                "width": None,
                "height": None,
                "content_type": None,
            }
        data = attachment.to_json(self._link)
        return {
            "id": str(attachment.id),
            "attachment_id": str(attachment.id),
            "url": data["url"],
            "proxy_url": data["proxy_url"],
            "width": data.get("width"),
            "height": data.get("height"),
            "content_type": attachment.content_type,
        }

    def picture(self, url: str) -> dict[str, Any] | None:
        """Return the image object for a link in an embed; None where Discord silently shows nothing."""
        if self.is_missing(url):
            return None
        attachment = self.find(url)
        if attachment is None:
            return {"url": url, "proxy_url": url}
        data = attachment.to_json(self._link)
        keys = ("url", "proxy_url", "width", "height", "content_type")
        return {key: data[key] for key in keys if key in data}


def number_components(components: list[dict[str, Any]]) -> None:
    """Give every component without a number the next free one, in Discord's order, in place."""
    everything = [item for _, item in rules.walk(components)]
    taken = {item["id"] for item in everything if item.get("id")}
    following = 1
    for item in everything:
        if item.get("id"):
            continue
        while following in taken:
            following += 1
        item["id"] = following
        taken.add(following)


def component_links(components: list[dict[str, Any]]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every link to a file in a message's components, with its path."""
    for path, item in rules.walk(components):
        if item["type"] == rules.FILE:
            yield (*path, "file", "url"), item["file"]["url"]
        elif item["type"] == rules.THUMBNAIL:
            yield (*path, "media", "url"), item["media"]["url"]
        elif item["type"] == rules.MEDIA_GALLERY:
            for index, entry in enumerate(item["items"]):
                yield (*path, "items", index, "media", "url"), entry["media"]["url"]


def embed_links(embeds: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield every link to an image in a message's embeds."""
    for embed in embeds:
        for holder, key in (
            ("image", "url"),
            ("thumbnail", "url"),
            ("author", "icon_url"),
            ("footer", "icon_url"),
        ):
            link = embed.get(holder, {}).get(key)
            if link:
                yield link


def render_component(item: dict[str, Any], media: MediaIndex) -> dict[str, Any]:
    """Return one component as Discord returns it, with its defaults filled in."""
    data = {key: value for key, value in item.items() if not (key == "disabled" and value is False)}
    for key, value in DEFAULTS.get(item["type"], {}).items():
        data.setdefault(key, value)
    if "components" in item:
        data["components"] = [render_component(inner, media) for inner in item["components"]]
    if "accessory" in item:
        data["accessory"] = render_component(item["accessory"], media)
    if "media" in item:
        data["media"] = media.media(item["media"]["url"], item["id"])
    if "items" in item:
        data["items"] = [
            {
                "media": media.media(entry["media"]["url"], item["id"]),
                "description": entry.get("description"),
                "spoiler": entry.get("spoiler", False),
            }
            for entry in item["items"]
        ]
    if "file" in item:
        attachment = media.find(item["file"]["url"])
        data["file"] = media.media(item["file"]["url"], item["id"])
        data["name"] = attachment.filename if attachment else None
        data["size"] = attachment.size if attachment else None
    return data


def render_embed(embed: Mapping[str, Any], media: MediaIndex) -> dict[str, Any]:
    """Return one embed as Discord returns it."""
    data: dict[str, Any] = {"type": "rich", **embed}
    for key in ("image", "thumbnail"):
        if key in embed:
            picture = media.picture(embed[key].get("url", ""))
            data.pop(key)
            if picture is not None:
                data[key] = picture
    for key in ("author", "footer"):
        if "icon_url" in embed.get(key, {}):
            icon = media.picture(embed[key]["icon_url"])
            data[key] = {name: value for name, value in embed[key].items() if name != "icon_url"}
            if icon is not None:
                data[key] |= {"icon_url": icon["url"], "proxy_icon_url": icon["proxy_url"]}
    if "fields" in embed:
        data["fields"] = [{"inline": False, **field} for field in embed["fields"]]
    return data


def all_text(content: str, components: Sequence[dict[str, Any]]) -> str:
    """Return all text in a message that may mention somebody."""
    texts = [
        item["content"] for _, item in rules.walk(list(components)) if item["type"] == rules.TEXT_DISPLAY
    ]
    return "\n".join([content, *texts]) if texts else content
