"""The constants of Discord's gateway, version 10: opcodes, close codes and intents.

Source: https://docs.discord.com/developers/topics/opcodes-and-status-codes and
https://docs.discord.com/developers/events/gateway (read 2026-11-22).
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

API_VERSION = "10"
PAYLOAD_LIMIT = 4096
"""Most bytes in one payload from a bot; a longer one closes the connection with 4002."""
SEND_LIMIT = 120
"""Payloads a bot may send on one connection within `SEND_WINDOW` seconds; one more closes it with 4008."""
SEND_WINDOW = 60.0


class Opcode(IntEnum):
    """The kinds of payload."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    RESUME = 6
    RECONNECT = 7
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class CloseCode(IntEnum):
    """Why the gateway closes a connection."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    INVALID_SHARD = 4010
    INVALID_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class GatewayError(Exception):
    """A bot broke a rule of the gateway; its connection is closed with `code`."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(f"{int(code)} {reason}")
        self.code = code
        self.reason = reason


class Intents(IntFlag):
    """The groups of events a session can ask for."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


ALL_INTENTS = sum(Intents)
PRIVILEGED_INTENTS = Intents.GUILD_MEMBERS | Intents.GUILD_PRESENCES | Intents.MESSAGE_CONTENT
"""These must be enabled in the developer portal first; for the sandbox's application they are not."""

_INTENT_BY_PREFIX: Mapping[str, Intents] = {
    "GUILD_MEMBER_": Intents.GUILD_MEMBERS,
    "GUILD_BAN_": Intents.GUILD_MODERATION,
    "GUILD_": Intents.GUILDS,
    "CHANNEL_": Intents.GUILDS,
    "THREAD_": Intents.GUILDS,
    "MESSAGE_REACTION_": Intents.GUILD_MESSAGE_REACTIONS,
    "MESSAGE_": Intents.GUILD_MESSAGES,
    "TYPING_START": Intents.GUILD_MESSAGE_TYPING,
    "PRESENCE_UPDATE": Intents.GUILD_PRESENCES,
}
"""The first matching prefix decides; an event that matches none is sent to every session."""


def intent_of(event: str) -> Intents:
    """Return the intent that a guild's `event` requires; an empty one if it requires none."""
    for prefix, intent in _INTENT_BY_PREFIX.items():
        if event.startswith(prefix):
            return intent
    return Intents(0)


def shard_of(guild_id: int, shards: int) -> int:
    """Return which of `shards` shards receives a guild's events."""
    return (guild_id >> 22) % shards


def without_content(event: str, data: dict[str, Any], bot_id: str) -> dict[str, Any]:
    """Return an event as a bot without the message-content intent gets it.

    Other people's messages arrive empty unless they mention the bot.
    """
    if event not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
        return data
    known = (data.get("author") or {}).get("id"), *(user["id"] for user in data.get("mentions", ()))
    if bot_id in known:
        return data
    return {**data, "content": "", "embeds": [], "attachments": [], "components": []}
