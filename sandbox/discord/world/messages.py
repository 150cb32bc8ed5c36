"""Messages and how they change: drafts become messages, edits become new versions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.messages import COMPONENTS_V2, EPHEMERAL, LOADING
from sandbox.discord.world.ids import APPLICATION, made_at
from sandbox.discord.world.mentions import NOBODY, Mentions
from sandbox.discord.world.render import (
    Attachment,
    MediaIndex,
    component_links,
    embed_links,
    render_component,
    render_embed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.discord.world.files import FileStore
    from sandbox.discord.world.guild import Guild
    from sandbox.discord.world.people import User

DEFAULT, REPLY, CHAT_INPUT_COMMAND, CONTEXT_MENU_COMMAND = 0, 19, 20, 23


@dataclass(frozen=True, slots=True)
class Message:
    """One version of a message. If it is ephemeral, only ``owner`` sees it."""

    id: int
    channel_id: int
    author: User
    kind: int = DEFAULT
    content: str = ""
    embeds: tuple[dict[str, Any], ...] = ()
    components: tuple[dict[str, Any], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    flags: int = 0
    tts: bool = False
    mentions: Mentions = NOBODY
    edited_at: float | None = None
    owner: int | None = None
    nonce: str | None = None
    reference: int | None = None
    interaction: dict[str, Any] | None = None
    """The interaction_metadata object, for a response to an interaction."""

    @property
    def is_ephemeral(self) -> bool:
        """Whether only its owner sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def is_loading(self) -> bool:
        """Whether it still says "thinking"."""
        return bool(self.flags & LOADING)

    @property
    def is_v2(self) -> bool:
        """Whether it is made of components alone."""
        return bool(self.flags & COMPONENTS_V2)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.content or self.embeds or self.components or self.attachments)

    def visible_to(self, user_id: int) -> bool:
        """Return whether a user who sees the channel sees the message."""
        return self.owner is None or self.owner == user_id


def timestamp(moment: float) -> str:
    """Return seconds since 1970 in Discord's timestamp format."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")


class MessageStore:
    """Every message of the world, by id; ids increase, so iteration is chronological.

    Args:
        files: Where their attachments are stored.
        guild_of: Returns the server of a channel.
    """

    def __init__(self, files: FileStore, guild_of: Callable[[int], Guild]) -> None:
        self._files = files
        self._guild_of = guild_of
        self._messages: dict[int, Message] = {}
        self._dismissed: set[int] = set()
        self._last: dict[int, int] = {}

    def get(self, message_id: int) -> Message | None:
        """Return a message as it is now."""
        return self._messages.get(message_id)

    def put(self, message: Message) -> dict[str, Any]:
        """Keep a message, or a new version of one, and return its JSON."""
        self._messages[message.id] = message
        if message.owner is None:
            self._last[message.channel_id] = max(message.id, self._last.get(message.channel_id, 0))
        return self.render(message)

    def remove(self, message_id: int) -> Message | None:
        """Delete a message and return it."""
        return self._messages.pop(message_id, None)

    def dismiss(self, message_id: int) -> None:
        """Hide an ephemeral message from its owner; the bot may still edit it unseen."""
        self._dismissed.add(message_id)

    def is_dismissed(self, message_id: int) -> bool:
        """Return whether its owner has hidden it."""
        return message_id in self._dismissed

    def in_channel(self, channel_id: int) -> Iterator[Message]:
        """Return the messages of a channel, oldest first, including ephemeral ones."""
        return (message for message in self._messages.values() if message.channel_id == channel_id)

    def seen_by(self, user_id: int, channel_id: int) -> list[dict[str, Any]]:
        """Return what a user's app shows in a channel, oldest first."""
        return [
            self.render(message)
            for message in self.in_channel(channel_id)
            if message.visible_to(user_id) and message.id not in self._dismissed
        ]

    def last_ids(self) -> dict[int, int]:
        """Return the newest public message's id by channel, even if that message was deleted."""
        return self._last

    def clear(self) -> None:
        """Forget everything."""
        self._messages.clear()
        self._dismissed.clear()
        self._last.clear()

    def media(self, message: Message) -> MediaIndex:
        """Return the index that resolves the links in a message."""
        return MediaIndex(message.attachments, self._files.link)

    def visible_attachments(self, message: Message) -> list[Attachment]:
        """Return the attachments to list: those that no embed or component shows already."""
        media = self.media(message)
        links = [*embed_links(message.embeds), *(link for _, link in component_links([*message.components]))]
        shown = {attachment.id for link in links if (attachment := media.find(link)) is not None}
        return [attachment for attachment in message.attachments if attachment.id not in shown]

    def render(self, message: Message, *, nested: bool = False) -> dict[str, Any]:
        """Return Discord's message object, with links signed now."""
        media = self.media(message)
        members, pinged = self._guild_of(message.channel_id).members, message.mentions
        data: dict[str, Any] = {
            "id": str(message.id),
            "type": message.kind,
            "channel_id": str(message.channel_id),
            "author": message.author.to_json(),
            "content": message.content,
            "timestamp": timestamp(made_at(message.id)),
            "edited_timestamp": None if message.edited_at is None else timestamp(message.edited_at),
            "tts": message.tts,
            "pinned": False,
            "flags": message.flags,
            "mention_everyone": pinged.everyone,
            "mentions": [members[user].user.to_json() for user in pinged.users],
            "mention_roles": [str(role) for role in pinged.roles],
            "attachments": [
                attachment.to_json(self._files.link) for attachment in self.visible_attachments(message)
            ],
            "embeds": [render_embed(embed, media) for embed in message.embeds],
            "components": [render_component(item, media) for item in message.components],
        }
        if message.nonce is not None:
            data["nonce"] = message.nonce
        if message.interaction is not None:
            data |= _interaction_keys(message.interaction)
        if message.reference is not None:
            data |= self._reference_keys(message, nested=nested)
        return data

    def _reference_keys(self, message: Message, *, nested: bool) -> dict[str, Any]:
        data: dict[str, Any] = {
            "message_reference": {
                "type": 0,
                "message_id": str(message.reference),
                "channel_id": str(message.channel_id),
                "guild_id": str(self._guild_of(message.channel_id).id),
            }
        }
        if not nested:
            referenced = self._messages.get(message.reference or 0)
            data["referenced_message"] = None if referenced is None else self.render(referenced, nested=True)
        return data


def _interaction_keys(metadata: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "application_id": str(APPLICATION),
        "webhook_id": str(APPLICATION),
        "interaction_metadata": metadata,
    }
    if "name" in metadata:
        # Superseded by interaction_metadata, but still sent for commands.
        keys = ("id", "type", "name", "user")
        data["interaction"] = {key: metadata[key] for key in keys}
    return data


def edited(message: Message, moment: float, **changes: Any) -> Message:
    """Return the next version of a message.

    The first edit of a loading response counts as its first version: it is not marked as edited.
    """
    first = message.is_loading
    flags = changes.pop("flags", message.flags) & ~LOADING
    return replace(message, flags=flags, edited_at=None if first else moment, **changes)
