"""Routes on which a bot asks about itself, the gateway and the guild.

Source: https://discord.com/developers/docs/resources/application and /resources/guild
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sandbox.discord.rest.calls import Answer
from sandbox.discord.rules.errors import ApiError, unknown_guild, unknown_member
from sandbox.discord.world.guild import BOT_USER, LOCALE
from sandbox.discord.world.ids import APPLICATION, OWNER
from sandbox.discord.world.world import BASIC_FLAGS

if TYPE_CHECKING:
    from sandbox.discord.rest.calls import Call
    from sandbox.discord.world.guild import Guild
    from sandbox.discord.world.world import World

IDENTIFIES_PER_DAY = 1000


async def get_me(_world: World, _call: Call) -> Answer:
    """Answer GET /users/@me."""
    return Answer(
        200,
        {**BOT_USER.to_json(), "mfa_enabled": False, "locale": LOCALE, "email": None, "verified": True},
    )


async def get_application(world: World, _call: Call) -> Answer:
    """Answer GET /oauth2/applications/@me and /applications/@me."""
    data: dict[str, Any] = {
        "id": str(APPLICATION),
        "name": BOT_USER.name,
        "icon": None,
        "description": "Make art together",
        "type": None,
        "bot": BOT_USER.to_json(),
        "bot_public": True,
        "bot_require_code_grant": False,
        "integration_types_config": {"0": {}},
        "verify_key": "0" * 64,
        "flags": BASIC_FLAGS,
        "flags_new": str(BASIC_FLAGS),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "event_webhooks_url": None,
        "event_webhooks_status": 1,
        "explicit_content_filter": 0,
        "owner": world.guild.members[OWNER].user.to_json(),
        "team": None,
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
    }
    return Answer(200, data)


async def get_gateway(world: World, _call: Call) -> Answer:
    """Answer GET /gateway."""
    return Answer(200, {"url": world.gateway_url})


async def get_gateway_bot(world: World, _call: Call) -> Answer:
    """Answer GET /gateway/bot."""
    limit = {
        "total": IDENTIFIES_PER_DAY,
        "remaining": max(IDENTIFIES_PER_DAY - world.identifies(), 0),
        "reset_after": 86_400_000,
        "max_concurrency": 1,
    }
    return Answer(200, {"url": world.gateway_url, "shards": 1, "session_start_limit": limit})


def _guild(world: World, call: Call) -> Guild:
    guild = world.guilds.get(call.id("guild_id"))
    if guild is None:
        raise unknown_guild()
    return guild


async def get_guild(world: World, call: Call) -> Answer:
    """Answer GET /guilds/{guild}."""
    guild = _guild(world, call)
    data = guild.base_json()
    if call.flag("with_counts"):
        count = len(guild.members)
        data |= {"approximate_member_count": count, "approximate_presence_count": count}
    return Answer(200, data)


async def get_role_member_counts(world: World, call: Call) -> Answer:
    """Answer GET /guilds/{guild}/roles/member-counts: member counts by role, without @everyone."""
    guild = _guild(world, call)
    held = Counter(role for member in guild.members.values() for role in member.roles)
    return Answer(200, {str(role): held[role] for role in guild.roles if role != guild.id})


async def get_member(world: World, call: Call) -> Answer:
    """Answer GET /guilds/{guild}/members/{user}."""
    member = _guild(world, call).members.get(call.id("user_id"))
    if member is None:
        raise unknown_member()
    return Answer(200, member.to_json())


async def get_user(world: World, call: Call) -> Answer:
    """Answer GET /users/{user}."""
    user_id = call.id("user_id")
    try:
        member = world.home_of(user_id).members[user_id]
    except KeyError:
        raise ApiError(404, 10013, "Unknown User") from None
    return Answer(200, member.user.to_json())
