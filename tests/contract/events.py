"""What an event of the gateway is made of, as far as Discord's document describes it.

The document has no gateway events. Discord's pages on them (events/gateway-events, and
interactions/receiving-and-responding) build each from an object that the document does describe, and some
fields more, which are named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.contract.listener import Event
    from tests.contract.specifications import Specification

OF_ONESELF = {"email", "mfa_enabled", "verified"}
"""What READY's user has beyond what everybody sees (resources/user)."""

OF_A_GUILD = {
    *("joined_at", "large", "unavailable", "member_count", "voice_states", "members", "channels", "threads"),
    *("presences", "stage_instances", "guild_scheduled_events", "soundboard_sounds", "lazy"),
}
"""GUILD_CREATE's extra fields; the last one is seen, not described."""

OF_A_MESSAGE = {"guild_id", "member", "channel_type"}
IN_AN_INTERACTION = {"permissions"}
"""What a member has in an interaction: what they may do in its channel."""

UNDESCRIBED = {"MESSAGE_DELETE", "RESUMED"}
"""Made of ids alone, or of nothing."""

Judged = tuple[str, str, Any]
"""A place, the name of its schema, and what stands there."""


def _without(data: dict[str, Any], extra: set[str]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in extra}


def described(name: str, data: dict[str, Any]) -> Iterator[Judged]:
    """The objects in an event that the document describes."""
    match name:
        case "READY":
            yield "user", "UserResponse", _without(data["user"], OF_ONESELF)
        case "GUILD_CREATE":
            yield "guild", "GuildResponse", _without(data, OF_A_GUILD)
            yield from (("channels", "GuildChannelResponse", channel) for channel in data["channels"])
            yield from (("members", "GuildMemberResponse", member) for member in data["members"])
        case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
            yield "message", "MessageResponse", _without(data, OF_A_MESSAGE)
        case "INTERACTION_CREATE":
            yield "member", "GuildMemberResponse", _without(data["member"], IN_AN_INTERACTION)
            yield "channel", "GuildChannelResponse", data["channel"]
            if "message" in data:
                yield "message", "MessageResponse", data["message"]
            yield from _resolved(data["data"].get("resolved", {}))
        case _:
            assert name in UNDESCRIBED, name


def _resolved(found: dict[str, dict[str, Any]]) -> Iterator[Judged]:
    """The objects that an interaction's options and values name; its channels are partial."""
    for user in found.get("users", {}).values():
        yield "resolved/users", "UserResponse", user
    for member in found.get("members", {}).values():
        yield "resolved/members", "BasicGuildMemberResponse", _without(member, IN_AN_INTERACTION)
    for role in found.get("roles", {}).values():
        yield "resolved/roles", "GuildRoleResponse", role


def wrong_in_events(specification: Specification, events: Iterable[Event]) -> list[str]:
    """Everything wrong in what was sent, each thing once."""
    found = {
        f"{name} {place}: {problem}": None
        for name, data in events
        for place, schema, value in described(name, data)
        for problem in specification.problems(specification.schema(schema), value)
    }
    return list(found)
