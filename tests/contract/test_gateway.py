"""What the simulated gateway sends, as far as it is made of objects that Discord's document describes.

The document has no gateway events. Discord's pages on them (events/gateway-events, and
interactions/receiving-and-responding) build each from such an object and some fields more, named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.conftest import Documents, Traffic

pytestmark = pytest.mark.timeout(300)

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


def without(data: dict[str, Any], extra: set[str]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in extra}


def described(name: str, data: dict[str, Any]) -> Iterator[Judged]:
    """The objects in an event that the document describes."""
    match name:
        case "READY":
            yield "user", "UserResponse", without(data["user"], OF_ONESELF)
        case "GUILD_CREATE":
            yield "guild", "GuildResponse", without(data, OF_A_GUILD)
            yield from (("channels", "GuildChannelResponse", channel) for channel in data["channels"])
            yield from (("members", "GuildMemberResponse", member) for member in data["members"])
        case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
            yield "message", "MessageResponse", without(data, OF_A_MESSAGE)
        case "INTERACTION_CREATE":
            yield "member", "GuildMemberResponse", without(data["member"], IN_AN_INTERACTION)
            yield "channel", "GuildChannelResponse", data["channel"]
            if "message" in data:
                yield "message", "MessageResponse", data["message"]
            yield from resolved(data["data"].get("resolved", {}))
        case _:
            assert name in UNDESCRIBED, name


def resolved(found: dict[str, dict[str, Any]]) -> Iterator[Judged]:
    """The objects that an interaction's options and values name; its channels are partial."""
    for user in found.get("users", {}).values():
        yield "resolved/users", "UserResponse", user
    for member in found.get("members", {}).values():
        yield "resolved/members", "BasicGuildMemberResponse", without(member, IN_AN_INTERACTION)
    for role in found.get("roles", {}).values():
        yield "resolved/roles", "GuildRoleResponse", role


def test_events_are_made_of_published_objects(documents: Documents, traffic: Traffic) -> None:
    found = {
        f"{name} {place}: {problem}"
        for name, data in traffic.events
        for place, schema, value in described(name, data)
        for problem in documents.discord.problems(documents.discord.schema(schema), value)
    }
    assert found == set()


def test_everything_described_was_heard(traffic: Traffic) -> None:
    heard = {(name, place) for name, data in traffic.events for place, _, _ in described(name, data)}
    assert heard == {
        ("READY", "user"),
        ("GUILD_CREATE", "guild"),
        ("GUILD_CREATE", "channels"),
        ("GUILD_CREATE", "members"),
        ("MESSAGE_CREATE", "message"),
        ("MESSAGE_UPDATE", "message"),
        ("INTERACTION_CREATE", "member"),
        ("INTERACTION_CREATE", "channel"),
        ("INTERACTION_CREATE", "message"),
        ("INTERACTION_CREATE", "resolved/users"),
        ("INTERACTION_CREATE", "resolved/members"),
        ("INTERACTION_CREATE", "resolved/roles"),
    }
