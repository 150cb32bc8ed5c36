"""Answers on the wire, whole and broken."""

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
"""What a proxy answers when the service behind it is away."""

_FLUSH = 0.05
"""Seconds between the last bytes and the end of a broken connection, so that the client sees the bytes."""


def unbothered(handler: Handler) -> Handler:
    """The handler, but a connection that ends under it is no error: it happens here by the dozen."""

    @functools.wraps(handler)
    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ConnectionError:
            sockets.cut(request.transport, reset=True)
            return web.Response()

    return serve


def identity() -> dict[str, str]:
    """The ids Microsoft's support asks for, new for each answer."""
    return {"apim-request-id": str(uuid4()), "x-request-id": str(uuid4()), "x-ms-region": "Sandbox"}


async def send(
    request: web.Request,
    body: bytes,
    *,
    status: int = 200,
    content_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Write a whole answer; on return its last byte has left for the socket."""
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
    """Announce a whole answer, write half of it, and end the connection, by a reset or by a clean close."""
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
    """An error as the service would answer it."""
    return web.Response(
        status=error.status,
        body=orjson.dumps(error.body),
        content_type=JSON,
        headers={**identity(), **error.headers},
    )


async def send_refusal(
    request: web.Request, error: AzureError, headers: Mapping[str, str]
) -> web.StreamResponse:
    """`refusal`, written at once."""
    body = orjson.dumps(error.body)
    return await send(request, body, status=error.status, headers={**headers, **error.headers})


async def cut(request: web.Request, *, rst: bool) -> None:
    """End the connection after what was written so far has gone out."""
    await asyncio.sleep(_FLUSH)
    if rst:
        sockets.cut(request.transport, reset=True)
    elif request.transport is not None:
        request.transport.close()
