"""Users, roles, channels and members: plain values and their JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.discord.world.permissions import Overwrite, Permission

TEXT_CHANNEL = 0
JOINED_AT = "2026-01-01T12:00:00.000000+00:00"


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``color`` paints the round avatar, since nobody here has a picture."""

    id: int
    name: str
    color: str
    bot: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return Discord's user object, as everybody sees it."""
        return {
            "id": str(self.id),
            "username": self.name if self.bot else self.name.lower().replace(" ", "."),
            "discriminator": "4210" if self.bot else "0",
            "global_name": None if self.bot else self.name,
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "accent_color": None,
            "collectibles": None,
            "primary_guild": None,
            "bot": self.bot,
            "flags": 0,
            "public_flags": 0,
        }


@dataclass(frozen=True, slots=True)
class Role:
    """A role; ``bot_id`` is set on the one Discord makes for a bot when it joins."""

    id: int
    name: str
    permissions: Permission
    position: int
    color: int = 0
    mentionable: bool = False
    bot_id: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return Discord's role object."""
        data: dict[str, Any] = {
            "id": str(self.id),
            "name": self.name,
            "description": None,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "color": self.color,
            "colors": {"primary_color": self.color, "secondary_color": None, "tertiary_color": None},
            "hoist": self.color != 0,
            "managed": self.bot_id is not None,
            "mentionable": self.mentionable,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }
        if self.bot_id is not None:
            data["tags"] = {"bot_id": str(self.bot_id)}
        return data


@dataclass(frozen=True, slots=True)
class Channel:
    """A text channel."""

    id: int
    name: str
    topic: str
    position: int
    nsfw: bool = False
    overwrites: tuple[Overwrite, ...] = ()

    def to_json(self, guild_id: int, last_message_id: int | None) -> dict[str, Any]:
        """Return Discord's channel object."""
        return {
            "id": str(self.id),
            "type": TEXT_CHANNEL,
            "guild_id": str(guild_id),
            "name": self.name,
            "topic": self.topic,
            "position": self.position,
            "nsfw": self.nsfw,
            "flags": 0,
            "parent_id": None,
            "last_message_id": None if last_message_id is None else str(last_message_id),
            "last_pin_timestamp": None,
            "rate_limit_per_user": 0,
            "permission_overwrites": [
                {
                    "id": str(item.target),
                    "type": int(item.is_member),
                    "allow": str(int(item.allow)),
                    "deny": str(int(item.deny)),
                }
                for item in self.overwrites
            ],
        }


@dataclass(frozen=True, slots=True)
class Member:
    """A user in the server, with the language of their app."""

    user: User
    roles: tuple[int, ...] = ()
    locale: str = "en-US"

    @property
    def id(self) -> int:
        """The user's id."""
        return self.user.id

    def to_json(self) -> dict[str, Any]:
        """Return Discord's guild member object."""
        return {**self.partial(), "user": self.user.to_json(), "deaf": False, "mute": False}

    def partial(self) -> dict[str, Any]:
        """Return the member as it appears in resolved data: without user, deaf and mute."""
        return {
            "roles": [str(role) for role in self.roles],
            "nick": None,
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "collectibles": None,
            "joined_at": JOINED_AT,
            "premium_since": None,
            "communication_disabled_until": None,
            "unusual_dm_activity_until": None,
            "pending": False,
            "flags": 0,
        }
