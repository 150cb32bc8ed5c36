"""Writing answers to the connection, whole or broken."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson
from aiohttp import web

from sandbox import sockets

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sandbox.azure.errors import AzureError

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

JSON = "application/json"
HTML = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
"""What a proxy answers when the service behind it is unavailable."""

_FLUSH = 0.05
"""Seconds between the last bytes and the end of a broken connection, so that the client sees the bytes."""


def unbothered(handler: Handler) -> Handler:
    """Wrap a handler so that a lost connection, which is common here, is not an error."""

    @functools.wraps(handler)
    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ConnectionError:
            sockets.cut(request.transport, reset=True)
            return web.Response()

    return serve


def identity() -> dict[str, str]:
    """Return the ids that Microsoft's support asks for, new for each answer."""
    return {"apim-request-id": str(uuid4()), "x-request-id": str(uuid4()), "x-ms-region": "Sandbox"}


async def send(
    request: web.Request,
    body: bytes,
    *,
    status: int = 200,
    content_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Write a whole answer; on return, its last byte has been passed to the socket."""
    response = await _begin(request, len(body), status, content_type, headers)
    await response.write(body)
    await response.write_eof()
    return response


async def send_half(
    request: web.Request,
    body: bytes,
    *,
    rst: bool,
    content_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Announce a whole answer, write half of it, and end the connection by a reset or a clean close."""
    response = await _begin(request, len(body), 200, content_type, headers)
    await response.write(body[: len(body) // 2])
    await cut(request, rst=rst)
    return response


async def _begin(
    request: web.Request, length: int, status: int, content_type: str, headers: Mapping[str, str] | None
) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers={**identity(), **(headers or {})})
    response.content_type = content_type
    response.content_length = length
    await response.prepare(request)
    return response


def refusal(error: AzureError) -> web.Response:
    """Return an error as the response the service would send."""
    return web.Response(
        status=error.status,
        body=orjson.dumps(error.body),
        content_type=JSON,
        headers={**identity(), **error.headers},
    )


async def send_refusal(
    request: web.Request, error: AzureError, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Write the response of `refusal` at once."""
    body = orjson.dumps(error.body)
    return await send(request, body, status=error.status, headers={**headers, **error.headers})


async def cut(request: web.Request, *, rst: bool) -> None:
    """End the connection once the bytes written so far have been sent."""
    await asyncio.sleep(_FLUSH)
    if rst:
        sockets.cut(request.transport, reset=True)
    elif request.transport is not None:
        request.transport.close()
