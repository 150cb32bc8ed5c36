"""Who a message would ping.

Source: https://discord.com/developers/docs/resources/message#allowed-mentions-object
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sandbox.discord.world.guild import Guild

USER = re.compile(r"<@!?(\d{1,20})>")
ROLE = re.compile(r"<@&(\d{1,20})>")
EVERYONE = re.compile(r"@(?:everyone|here)\b")

CHANNEL_DEFAULT: dict[str, Any] = {"parse": ["users", "roles", "everyone"]}
INTERACTION_DEFAULT: dict[str, Any] = {"parse": ["users"]}
"""What is parsed when a body has no allowed_mentions: everything, but through a webhook only users."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """The users and roles that are pinged, by id, and whether everybody is."""

    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    everyone: bool = False


NOBODY = Mentions()


def find_mentions(text: str, allowed: Mapping[str, Any], guild: Guild, *, may_ping_all: bool) -> Mentions:
    """Return whom a text pings.

    Args:
        text: All text of the message.
        allowed: The allowed_mentions object.
        guild: Where the message is.
        may_ping_all: Whether the author has MENTION_EVERYONE: without it neither @everyone nor roles that
            are not mentionable are pinged.
    """
    if "@" not in text:
        return NOBODY
    parse = allowed.get("parse", ())
    users = _found(USER, text, guild.members, allowed.get("users") or (), everything="users" in parse)
    roles = _found(ROLE, text, guild.roles, allowed.get("roles") or (), everything="roles" in parse)
    return Mentions(
        users=users,
        roles=tuple(role for role in roles if may_ping_all or guild.roles[role].mentionable),
        everyone=may_ping_all and "everyone" in parse and EVERYONE.search(text) is not None,
    )


def _found(
    pattern: re.Pattern[str],
    text: str,
    known: Mapping[int, object],
    named: Collection[str],
    *,
    everything: bool,
) -> tuple[int, ...]:
    found = dict.fromkeys(int(match) for match in pattern.findall(text))
    return tuple(item for item in found if item in known and (everything or str(item) in named))
