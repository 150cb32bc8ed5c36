"""The table of routes: handler, rate-limit bucket, and whether the bot's token is required."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.discord.rest import about, callbacks, channels, commands, webhooks

if TYPE_CHECKING:
    from sandbox.discord.rest.calls import Handler

PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """One route.

    Attributes:
        bucket: Its rate-limit bucket, a name in ``limits.LIMITS``.
        major: The path parameter whose values have separate buckets.
        open: Whether it works without the bot's token, and outside the global rate limit.
    """

    method: str
    template: str
    handler: Handler
    bucket: str
    major: str | None = None
    open: bool = False
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        expression = PARAMETER.sub(r"(?P<\1>[^/]+)", self.template)
        object.__setattr__(self, "pattern", re.compile(expression))


def _command_routes(scope: str) -> list[Route]:
    everything, one = f"{scope}/commands", f"{scope}/commands/{{command_id}}"
    major = "guild_id" if "guild_id" in scope else None
    return [
        Route("GET", everything, commands.list_commands, "commands-read", major),
        Route("PUT", everything, commands.overwrite_commands, "commands-bulk", major),
        Route("POST", everything, commands.create_command, "commands-write", major),
        Route("GET", one, commands.get_command, "commands-read", major),
        Route("PATCH", one, commands.edit_command, "commands-write", major),
        Route("DELETE", one, commands.delete_command, "commands-write", major),
    ]


CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
WEBHOOK_MESSAGE = f"{WEBHOOK}/messages/{{message_id}}"
MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = f"{MESSAGES}/{{message_id}}"
TOKEN, CHANNEL = "webhook_token", "channel_id"

ROUTES: list[Route] = [
    Route(
        "POST", CALLBACK, callbacks.create_callback, "interaction-callback", "interaction_token", open=True
    ),
    Route("POST", WEBHOOK, webhooks.create_followup, "webhook-send", TOKEN, open=True),
    Route("PATCH", WEBHOOK_MESSAGE, webhooks.edit_message, "webhook-edit", TOKEN, open=True),
    Route("GET", WEBHOOK_MESSAGE, webhooks.get_message, "webhook-read", TOKEN, open=True),
    Route("DELETE", WEBHOOK_MESSAGE, webhooks.delete_message, "webhook-delete", TOKEN, open=True),
    Route("GET", MESSAGES, channels.list_messages, "message-read", CHANNEL),
    Route("POST", MESSAGES, channels.create_message, "message-send", CHANNEL),
    Route("GET", MESSAGE, channels.get_message, "message-read", CHANNEL),
    Route("PATCH", MESSAGE, channels.edit_message, "message-edit", CHANNEL),
    Route("DELETE", MESSAGE, channels.delete_message, "message-delete", CHANNEL),
    Route("GET", "/channels/{channel_id}", channels.get_channel, "channel", CHANNEL),
    Route("GET", "/guilds/{guild_id}", about.get_guild, "guild", "guild_id"),
    Route("GET", "/guilds/{guild_id}/members/{user_id}", about.get_member, "member", "guild_id"),
    Route(
        "GET",
        "/guilds/{guild_id}/roles/member-counts",
        about.get_role_member_counts,
        "role-counts",
        "guild_id",
    ),
    Route("GET", "/users/@me", about.get_me, "self"),
    Route("GET", "/users/{user_id}", about.get_user, "self"),
    Route("GET", "/oauth2/applications/@me", about.get_application, "self"),
    Route("GET", "/applications/@me", about.get_application, "self"),
    Route("GET", "/gateway", about.get_gateway, "gateway", open=True),
    Route("GET", "/gateway/bot", about.get_gateway_bot, "gateway"),
    *_command_routes("/applications/{application_id}"),
    *_command_routes("/applications/{application_id}/guilds/{guild_id}"),
]


def find_route(method: str, path: str) -> tuple[Route | None, dict[str, str], bool]:
    """Return the route of a call, its parameters, and whether the path exists with any method."""
    exists = False
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match is None:
            continue
        exists = True
        if route.method == method:
            return route, match.groupdict(), True
    return None, {}, exists
