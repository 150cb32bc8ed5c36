"""How interactions are answered over HTTP: one request, one answer, and no opinion on what to do next.

discord.py's own adapter (2.7.1, webhook/async_.py) tries five times by itself and holds a lock per
interaction meanwhile. That is in the way of a reply that knows better: it sleeps through a rate limit
*before* returning a success, leaves the lock taken for ever when cancelled during that sleep, hides the
5xx that turns a second acknowledgement into 40060, and breaks on an error whose body is not JSON. Here
every answer comes back at once, and ``cogs/reply.py`` decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import orjson
from discord.utils import _to_json
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord.http import Route

LONGEST_WAIT = 60.0
"""Seconds that a rate limit is waited for at most; a member is waiting too."""


class RateLimited(discord.HTTPException):
    """429: may be tried again after ``retry_after`` seconds."""

    def __init__(self, response: aiohttp.ClientResponse, body: Any) -> None:
        super().__init__(response, body)
        told = body.get("retry_after") if isinstance(body, dict) else None
        headers = response.headers
        self.retry_after = _seconds(
            told, headers.get("X-RateLimit-Reset-After"), headers.get("Retry-After"), "1"
        )


class PlainAdapter(AsyncWebhookAdapter):
    """Sends one request for each call and returns or raises what came back."""

    async def request(  # the base class's signature
        self,
        route: Route,
        session: aiohttp.ClientSession,
        *,
        payload: dict[str, Any] | None = None,
        multipart: list[dict[str, Any]] | None = None,
        proxy: str | None = None,
        proxy_auth: aiohttp.BasicAuth | None = None,
        files: Sequence[discord.File] | None = None,
        reason: str | None = None,
        auth_token: str | None = None,
        params: dict[str, Any] | None = None,
    ) -> Any:
        """Send ``payload``, or ``multipart`` with files.

        Returns:
            The decoded JSON; an empty table if the answer is a success without JSON.

        Raises:
            discord.HTTPException: the answer is an error; a subclass tells which kind.
            aiohttp.ClientError, OSError: there is no answer.
        """
        del files, reason  # positions are fresh: every call here comes with new files
        headers = {"Authorization": f"Bot {auth_token}"} if auth_token else {}
        data: str | aiohttp.FormData | None = None
        if multipart:
            data = aiohttp.FormData(quote_fields=False)
            for part in multipart:
                data.add_field(**part)
        elif payload is not None:
            headers["Content-Type"] = "application/json"
            data = _to_json(payload)
        async with session.request(
            route.method,
            route.url,
            data=data,
            headers=headers,
            params=params,
            proxy=proxy,
            proxy_auth=proxy_auth,
        ) as response:
            body = _decoded(await response.read())
            if response.ok:
                return body if body is not None else {}
            raise _error(response)(response, body if body is not None else response.reason)


def answer_interactions_plainly() -> None:
    """Use ``PlainAdapter`` in this task and all that it starts."""
    async_context.set(PlainAdapter())  # type: ignore[no-untyped-call]


async def original_response(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """The answer to an interaction as Discord has it now, as plain data.

    discord.py's ``Interaction.original_response`` keeps the first copy it fetched, wants a channel it
    knows, and cannot read a message that lacks a field.
    """
    http = interaction.client.http
    message = await async_context.get().get_original_interaction_response(
        interaction.application_id,
        interaction.token,
        session=interaction._session,  # noqa: SLF001 - what every answer of discord.py's goes through
        proxy=http.proxy,
        proxy_auth=http.proxy_auth,
    )
    return dict(message)


def _decoded(body: bytes) -> Any:
    """The body as JSON, whatever its Content-Type says; None if it is something else."""
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _error(response: aiohttp.ClientResponse) -> type[discord.HTTPException]:
    if response.status >= 500:
        return discord.DiscordServerError
    kinds = {403: discord.Forbidden, 404: discord.NotFound, 429: RateLimited}
    return kinds.get(response.status, discord.HTTPException)


def _seconds(*candidates: object) -> float:
    """The first candidate that is a number of seconds, within reason."""
    for candidate in candidates:
        try:
            seconds = float(str(candidate))
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return min(seconds, LONGEST_WAIT)
    return 0.0
