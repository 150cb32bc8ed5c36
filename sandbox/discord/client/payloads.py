"""The INTERACTION_CREATE payload, and the objects resolved inside it.

Source: https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.world.guild import LOCALE
from sandbox.discord.world.ids import APPLICATION
from sandbox.discord.world.interactions import InteractionType
from sandbox.discord.world.render import Attachment

if TYPE_CHECKING:
    from sandbox.discord.world.files import StoredFile
    from sandbox.discord.world.guild import Guild
    from sandbox.discord.world.interactions import Interaction
    from sandbox.discord.world.people import Channel
    from sandbox.discord.world.world import World

IN_GUILD = 0
"""The interaction context of a guild's channel, and the integration type of an app installed in a guild."""
CHANNEL_KEYS = ("id", "type", "name", "parent_id", "position", "nsfw", "flags", "topic", "last_message_id")


def owners(guild: Guild) -> dict[str, str]:
    """Return authorizing_integration_owners: only the guild, since no user installed the app."""
    return {str(IN_GUILD): str(guild.id)}


def interaction_payload(world: World, interaction: Interaction) -> dict[str, Any]:
    """Return the data of INTERACTION_CREATE."""
    guild = world.guild_of(interaction.channel_id)
    member, channel = guild.members[interaction.user_id], guild.channels[interaction.channel_id]
    payload: dict[str, Any] = {
        "id": str(interaction.id),
        "application_id": str(APPLICATION),
        "type": int(interaction.kind),
        "data": interaction.data,
        "guild": {"id": str(guild.id), "locale": LOCALE, "features": ["COMMUNITY"]},
        "guild_id": str(guild.id),
        "channel": {**world.channel_json(channel), "permissions": _permissions(guild, member.id, channel)},
        "channel_id": str(channel.id),
        "member": {**member.to_json(), "permissions": _permissions(guild, member.id, channel)},
        "token": interaction.token,
        "version": 1,
        "app_permissions": str(int(guild.permissions(guild.bot, channel))),
        "locale": member.locale,
        "guild_locale": LOCALE,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": owners(guild),
        "context": IN_GUILD,
        "attachment_size_limit": world.options.attachment_size_limit,
    }
    source = world.messages.get(interaction.source or 0)
    if source is not None and interaction.kind in {InteractionType.COMPONENT, InteractionType.MODAL_SUBMIT}:
        payload["message"] = world.messages.render(source)
    return payload


def _permissions(guild: Guild, user_id: int, channel: Channel) -> str:
    return str(int(guild.permissions(guild.members[user_id], channel)))


class Resolved:
    """Collects the objects behind the ids in an interaction's data."""

    def __init__(self, world: World, channel_id: int) -> None:
        self._world = world
        self._guild = world.guild_of(channel_id)
        self._channel = self._guild.channels[channel_id]
        self._found: dict[str, dict[str, Any]] = {}

    @property
    def guild(self) -> Guild:
        """The guild that the ids belong to."""
        return self._guild

    def to_json(self) -> dict[str, Any]:
        """Return the collected objects by kind; empty if there are none."""
        return self._found

    def add_user(self, user_id: int) -> None:
        """Resolve a user and their guild member."""
        member = self._guild.members[user_id]
        self._put("users", user_id, member.user.to_json())
        permissions = _permissions(self._guild, user_id, self._channel)
        self._put("members", user_id, {**member.partial(), "permissions": permissions})

    def add_role(self, role_id: int) -> None:
        """Resolve a role."""
        self._put("roles", role_id, self._guild.roles[role_id].to_json())

    def add_channel(self, channel_id: int, user_id: int) -> None:
        """Resolve a channel, with the permissions of the user and of the app there."""
        channel = self._guild.channels[channel_id]
        full = self._world.channel_json(channel)
        bot = self._guild.permissions(self._guild.bot, channel)
        extra = {
            "permissions": _permissions(self._guild, user_id, channel),
            "app_permissions": str(int(bot)),
        }
        self._put("channels", channel_id, {**{key: full[key] for key in CHANNEL_KEYS}, **extra})

    def add_message(self, message_id: int) -> None:
        """Resolve the message that a context menu was used on."""
        message = self._world.messages.get(message_id)
        if message is not None:
            self._put("messages", message_id, self._world.messages.render(message))

    def add_attachment(self, file: StoredFile) -> None:
        """Resolve a file that the member attached."""
        data = attached(file).to_json(self._world.files.link)
        self._put("attachments", file.id, data)

    def _put(self, group: str, item_id: int, data: dict[str, Any]) -> None:
        self._found.setdefault(group, {})[str(item_id)] = data


def attached(file: StoredFile) -> Attachment:
    """Return the attachment object of a file given to a command or a modal."""
    return Attachment(
        id=file.id,
        filename=file.filename,
        size=len(file.data),
        content_type=file.content_type,
        pixels=file.pixels,
        path=file.path,
        ephemeral=True,
    )
