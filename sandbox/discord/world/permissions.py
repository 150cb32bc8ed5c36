"""Permissions, and how roles and channel overwrites add up to them.

Source: https://discord.com/developers/docs/topics/permissions
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Permission(IntFlag):
    """The permissions that mean something in the sandbox."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CHANGE_NICKNAME = 1 << 26
    USE_APPLICATION_COMMANDS = 1 << 31
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40


NONE = Permission(0)
ALL = Permission((1 << 53) - 1)
"""Every bit in use today."""

# A new server lets everybody mention @everyone. This is kept on purpose: a prompt with @everyone in it
# pings the whole server unless the bot prevents it.
EVERYONE_DEFAULT = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.SEND_MESSAGES_IN_THREADS
)
MODERATION = Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES | Permission.MODERATE_MEMBERS
INVITED_BOT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""What an ordinary invite link grants a bot's own role."""
NEEDS_SENDING = (
    Permission.SEND_TTS_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.MENTION_EVERYONE
)
"""Meaningless, and so removed, without SEND_MESSAGES."""


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What one channel allows and denies one role or one member, whatever the server says."""

    target: int
    is_member: bool = False
    allow: Permission = NONE
    deny: Permission = NONE


def in_channel(
    base: Permission, overwrites: Iterable[Overwrite], *, everyone: int, roles: Iterable[int], member: int
) -> Permission:
    """Apply a channel's overwrites to a member's permissions in the server.

    The order is Discord's: @everyone first, then all of the member's roles together (an allow beats a
    deny), then the member's own.
    """
    if base & Permission.ADMINISTRATOR:
        return ALL
    by_target = {(overwrite.target, overwrite.is_member): overwrite for overwrite in overwrites}
    nothing = Overwrite(0)
    own = by_target.get((everyone, False), nothing)
    result = (base & ~own.deny) | own.allow
    applied = [by_target.get((role, False), nothing) for role in roles if role != everyone]
    for overwrite in applied:
        result &= ~overwrite.deny
    for overwrite in applied:
        result |= overwrite.allow
    own = by_target.get((member, True), nothing)
    return _without_implied((result & ~own.deny) | own.allow)


def _without_implied(permissions: Permission) -> Permission:
    if not permissions & Permission.VIEW_CHANNEL:
        return Permission(0)
    if not permissions & Permission.SEND_MESSAGES:
        return permissions & ~NEEDS_SENDING
    return permissions
