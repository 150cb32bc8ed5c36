"""Answers interactions over HTTP: one request, one answer, and no decision on what to do next.

discord.py's own adapter (2.7.1, webhook/async_.py) tries five times by itself and holds a lock per
interaction meanwhile. That hinders a caller with its own retries: the adapter sleeps through a rate limit
*before* returning a success, leaves the lock taken for ever when cancelled during that sleep, hides the 5xx
that turns a second acknowledgement into 40060, and breaks on an error whose body is not JSON. Here every
answer is returned at once, and ``bot/discord/reply.py`` and ``bot/discord/response.py`` decide.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import orjson
from discord.http import handle_message_parameters
from discord.utils import _to_json
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from discord.http import Route

MISSING: Any = discord.utils.MISSING

NO_PINGS = discord.AllowedMentions.none()
"""Prompts are written by members: whatever they contain, nobody is pinged."""

LONGEST_WAIT = 60.0
"""Longest wait for a rate limit, in seconds; a member is waiting too."""


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
            The decoded JSON; an empty dict for a success without JSON.

        Raises:
            discord.HTTPException: the answer is an error; a subclass tells which kind.
            aiohttp.ClientError, OSError: there is no answer.
        """
        del files, reason  # nothing has to be rewound: every call here comes with new files
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
    """Use ``PlainAdapter`` in this task and in every task that it starts."""
    async_context.set(PlainAdapter())  # type: ignore[no-untyped-call]


class ByToken:
    """The operations that an interaction's token allows on the message that answers it.

    All it needs can be stored and used after a restart, when the ``Interaction`` is gone. The methods of an
    ``Interaction`` also parse every answer, and fail if a field is missing.

    Each call raises ``discord.HTTPException`` for an error answer, ``aiohttp.ClientError`` or ``OSError`` for
    none, and ``RuntimeError`` if the client is closed or was never open.
    """

    def __init__(self, client: discord.Client, application_id: int, token: str) -> None:
        self._client = client
        self._application_id = application_id
        self._token = token
        self._adapter = PlainAdapter()  # type: ignore[no-untyped-call]

    async def read(self) -> dict[str, Any]:
        """Fetch the message as Discord has it now, as plain data."""
        message = await self._adapter.get_original_interaction_response(
            self._application_id, self._token, **self._line()
        )
        return _table(message)

    async def edit(
        self, text: str, files: Sequence[discord.File] = MISSING, view: discord.ui.View | None = MISSING
    ) -> None:
        """Edit the message; files or a view that are left out stay as they are."""
        with handle_message_parameters(
            text, attachments=files, view=view, allowed_mentions=NO_PINGS
        ) as params:
            await self._adapter.edit_original_interaction_response(
                self._application_id,
                self._token,
                payload=params.payload,
                multipart=params.multipart,
                **self._line(),
            )

    async def delete(self) -> None:
        """Delete the message."""
        await self._adapter.delete_original_interaction_response(
            self._application_id, self._token, **self._line()
        )

    async def follow_up(self, text: str) -> None:
        """Send one more message, to the member alone."""
        flags = discord.MessageFlags(ephemeral=True)
        with handle_message_parameters(text, flags=flags, allowed_mentions=NO_PINGS) as params:
            await self._adapter.execute_webhook(
                self._application_id, self._token, payload=params.payload, wait=True, **self._line()
            )

    def _line(self) -> dict[str, Any]:
        http = _open_http(self._client)
        session = http._HTTPClient__session  # type: ignore[attr-defined] # noqa: SLF001 - as Interaction does
        return {"session": session, "proxy": http.proxy, "proxy_auth": http.proxy_auth}


class ByBot:
    """The operations that the bot's own token allows in a channel; discord.py handles their rate limits.

    They work at any time, and raise what the calls of ``ByToken`` raise.
    """

    def __init__(self, client: discord.Client, channel_id: int) -> None:
        self._client = client
        self._channel_id = channel_id

    async def read(self, message_id: int) -> dict[str, Any]:
        """Fetch a message as Discord has it now, as plain data."""
        return _table(await _open_http(self._client).get_message(self._channel_id, message_id))

    async def page(self, most: int, *, after: int | None = None) -> list[dict[str, Any]]:
        """Fetch the latest messages of the channel, or the first ones after an id."""
        page = await _open_http(self._client).logs_from(self._channel_id, most, after=after)
        return [_table(message) for message in page]

    def wrote(self, message: Mapping[str, Any]) -> bool:
        """Return whether the bot is a message's author."""
        user = self._client.user
        return user is not None and _table(message.get("author")).get("id") == str(user.id)

    async def edit(
        self,
        message_id: int,
        text: str,
        files: Sequence[discord.File] = MISSING,
        view: discord.ui.View | None = MISSING,
    ) -> None:
        """Edit a message of the bot's; files or a view that are left out stay as they are."""
        with handle_message_parameters(
            text, attachments=files, view=view, allowed_mentions=NO_PINGS
        ) as params:
            await _open_http(self._client).edit_message(self._channel_id, message_id, params=params)

    async def post(self, text: str, files: Sequence[discord.File], nonce: str) -> dict[str, Any]:
        """Send a message and return it, or the one sent with this nonce in the past few minutes (Discord)."""
        with handle_message_parameters(
            text, files=list(files), nonce=nonce, allowed_mentions=NO_PINGS
        ) as params:
            return _table(await _open_http(self._client).send_message(self._channel_id, params=params))


def _open_http(client: discord.Client) -> discord.http.HTTPClient:
    """Return the HTTP client of a logged-in client.

    Raises:
        RuntimeError: the client has not logged in; discord.py would fail with an obscure error.
    """
    if client.http._HTTPClient__session is MISSING:  # type: ignore[attr-defined] # noqa: SLF001 - it has no word for it
        raise RuntimeError("not logged in to Discord")
    return client.http


def _table(data: Any) -> dict[str, Any]:
    """Return a JSON object, or an empty dict if Discord sent something else."""
    return data if isinstance(data, dict) else {}


def _decoded(body: bytes) -> Any:
    """Parse the body as JSON, whatever its Content-Type says; return None if it is something else."""
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
    """Return the first candidate that is a number of seconds, at most ``LONGEST_WAIT``."""
    for candidate in candidates:
        try:
            seconds = float(str(candidate))
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return min(seconds, LONGEST_WAIT)
    return 0.0


# --- the files of a message, and how those of a job are recognised ---------------------------------

SPOILER = "SPOILER_"
"""The prefix of a file name that makes Discord hide the file until clicked."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a delivery; the bytes are kept, because each call uses up a discord.py ``File``.

    Attributes:
        data: the file.
        format: ``png``, ``jpeg`` or ``webp``.
        description: the alt text.
        spoiler: whether it is hidden until clicked.
    """

    data: bytes
    format: str
    description: str
    spoiler: bool

    def file(self, interaction_id: int, number: int) -> discord.File:
        """Make a new ``File`` over the same bytes, without copying them, and name it after its job."""
        name = f"{_beginning(interaction_id)}{number}.{self.format.replace('jpeg', 'jpg')}"
        return discord.File(io.BytesIO(self.data), name, description=self.description, spoiler=self.spoiler)


def has_pictures_of(message: Mapping[str, Any], interaction_id: int) -> bool:
    """Return whether a message has pictures of that job attached."""
    names = (str(attachment.get("filename")) for attachment in message.get("attachments") or ())
    return any(name.removeprefix(SPOILER).startswith(_beginning(interaction_id)) for name in names)


def _beginning(interaction_id: int) -> str:
    return f"easel-{interaction_id}-"
