"""A server of the sandbox's world: its roles, channels and members, and who may do what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.discord.world import ids
from sandbox.discord.world.people import JOINED_AT, Channel, Member, Role, User
from sandbox.discord.world.permissions import (
    ALL,
    EVERYONE_DEFAULT,
    INVITED_BOT,
    MODERATION,
    Overwrite,
    Permission,
    in_channel,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCALE = "en-US"
BOT_USER = User(ids.BOT, "Easel", "#5865f2", bot=True)


class Guild:
    """A server that the bot was invited to. Its @everyone role has the server's id."""

    def __init__(
        self,
        guild_id: int,
        name: str,
        *,
        owner_id: int,
        roles: Iterable[Role],
        channels: Iterable[Channel],
        members: Iterable[Member],
    ) -> None:
        self.id = guild_id
        self.name = name
        self.owner_id = owner_id
        self.roles = {role.id: role for role in roles}
        self.channels = {channel.id: channel for channel in channels}
        self.members = {member.id: member for member in members}

    def permissions(self, member: Member, channel: Channel | None = None) -> Permission:
        """Return what a member may do, in one channel or in the server as a whole."""
        if member.id == self.owner_id:
            return ALL
        base = self.roles[self.id].permissions
        for role in member.roles:
            base |= self.roles[role].permissions
        if base & Permission.ADMINISTRATOR:
            return ALL
        if channel is None:
            return base
        return in_channel(base, channel.overwrites, everyone=self.id, roles=member.roles, member=member.id)

    @property
    def bot(self) -> Member:
        """The bot as a member."""
        return self.members[ids.BOT]

    def add_member(self, user: User, *roles: int) -> Member:
        """Add a user as a member, and return the member."""
        member = self.members[user.id] = Member(user, roles)
        return member

    def set_roles(self, user_id: int, *roles: int) -> None:
        """Give a member exactly these roles."""
        self.members[user_id] = replace(self.members[user_id], roles=roles)

    def set_overwrites(self, channel_id: int, *overwrites: Overwrite) -> None:
        """Give a channel exactly these overwrites."""
        self.channels[channel_id] = replace(self.channels[channel_id], overwrites=overwrites)

    def base_json(self) -> dict[str, Any]:
        """Return what REST and the gateway both say about the server."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "description": None,
            "home_header": None,
            "splash": None,
            "discovery_splash": None,
            "features": ["COMMUNITY"],
            "banner": None,
            "owner_id": str(self.owner_id),
            "application_id": None,
            "region": "deprecated",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "widget_enabled": False,
            "widget_channel_id": None,
            "verification_level": 1,
            "roles": [role.to_json() for role in self.roles.values()],
            "default_message_notifications": 1,
            "mfa_level": 0,
            "explicit_content_filter": 2,
            "max_presences": None,
            "max_members": 500000,
            "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25,
            "vanity_url_code": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": LOCALE,
            "rules_channel_id": None,
            "safety_alerts_channel_id": None,
            "public_updates_channel_id": None,
            "premium_progress_bar_enabled": False,
            "premium_progress_bar_enabled_user_updated_at": None,
            "nsfw": False,
            "nsfw_level": 0,
            "emojis": [],
            "stickers": [],
            "incidents_data": None,
        }

    def gateway_json(self, last_messages: dict[int, int]) -> dict[str, Any]:
        """Return the data of GUILD_CREATE; its only member is the bot, as without the members intent."""
        return {
            **self.base_json(),
            "joined_at": JOINED_AT,
            "large": False,
            "lazy": True,
            "unavailable": False,
            "member_count": len(self.members),
            "members": [self.bot.to_json()],
            "channels": [
                channel.to_json(self.id, last_messages.get(channel.id)) for channel in self.channels.values()
            ],
            "threads": [],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }


def easel_studio() -> Guild:
    """Build the server that exists from the start."""
    return Guild(
        ids.GUILD,
        "Easel Studio",
        owner_id=ids.OWNER,
        roles=_roles(),
        channels=_channels(),
        members=_members(),
    )


def new_guild(snowflakes: ids.Snowflakes, name: str) -> Guild:
    """Build another server, as it is just after the bot was invited: one channel, its owner and the bot."""
    guild_id, bot_role = snowflakes.new(), snowflakes.new()
    owner = User(snowflakes.new(), f"Owner of {name}", "#80848e")
    roles = [
        Role(guild_id, "@everyone", EVERYONE_DEFAULT, 0),
        Role(bot_role, BOT_USER.name, INVITED_BOT, 1, bot_id=ids.BOT),
    ]
    return Guild(
        guild_id,
        name,
        owner_id=owner.id,
        roles=roles,
        channels=[Channel(snowflakes.new(), "general", "", 0)],
        members=[Member(BOT_USER, (bot_role,)), Member(owner)],
    )


def _roles() -> list[Role]:
    return [
        Role(ids.EVERYONE, "@everyone", EVERYONE_DEFAULT, 0),
        Role(ids.ARTISTS, "Artists", Permission(0), 1, color=0xE67E22, mentionable=True),
        Role(ids.MODERATORS, "Moderators", MODERATION, 2, color=0x2ECC71),
        Role(ids.BOT_ROLE, "Easel", INVITED_BOT, 3, bot_id=ids.BOT),
    ]


def _channels() -> list[Channel]:
    return [
        Channel(ids.STUDIO, "studio", "Type /imagine and see what comes", 0),
        Channel(ids.GALLERY, "gallery", "Pictures worth keeping", 1),
    ]


def _members() -> list[Member]:
    return [
        Member(BOT_USER, (ids.BOT_ROLE,)),
        Member(User(ids.MEMBER_ONE, "Member One", "#eb459e")),
        Member(User(ids.MEMBER_TWO, "Member Two", "#f0b232"), (ids.ARTISTS,)),
        Member(User(ids.MODERATOR, "Moderator", "#23a55a"), (ids.MODERATORS,)),
        Member(User(ids.OWNER, "Owner", "#80848e")),
    ]
