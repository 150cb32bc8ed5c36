"""The route behind the links to pictures, and the faults of some links."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.azure import kinds
from sandbox.azure.records import Download

if TYPE_CHECKING:
    from sandbox.azure.blobs.store import Blob
    from sandbox.azure.resource import Resource

OVERSIZE = 64 * 2**20
"""Bytes of padding in an oversized download."""

_PIECE = 256 * 1024
_NAME = r"[0-9a-f]{24}\.(?:png|jpg)"


class Blobs:
    """The route behind the links."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def routes(self) -> list[web.RouteDef]:
        """Return the read routes: in a container and, as in Azure's `$root` container, by name alone."""
        return [web.get("/blobs/{name}", self.read), web.get(f"/{{name:{_NAME}}}", self.read)]

    async def read(self, request: web.Request) -> web.StreamResponse:
        """Answer a fetch according to its signature, its age and its link's fault."""
        name = request.match_info["name"]
        blob = self._resource.blobs.get(name)
        problem = self._problem(request, name, blob)
        status = problem.status if problem is not None else 200
        headers = {key.lower(): value for key, value in request.headers.items()}
        self._resource.downloads.append(Download(time.monotonic(), request.path, headers, status))
        if problem is not None or blob is None:
            return problem or _storage_error(404, "BlobNotFound", "The specified blob does not exist.")
        if blob.trick:
            return await self._trick(request, blob)
        return _picture(blob)

    def _problem(self, request: web.Request, name: str, blob: Blob | None) -> web.Response | None:
        if "Authorization" in request.headers:
            message = "Authentication information is not given in the correct format."
            return _storage_error(400, "InvalidAuthenticationInfo", message)
        query = request.query
        if not self._resource.blobs.signed(name, query.get("se", ""), query.get("sig", "")):
            return _forbidden("Signature did not match.")
        if blob is None or blob.trick == "url_404":
            return _storage_error(404, "BlobNotFound", "The specified blob does not exist.")
        if time.monotonic() >= blob.expires_at:
            return _forbidden("Signature not valid in the specified time frame.")
        return None

    async def _trick(self, request: web.Request, blob: Blob) -> web.StreamResponse:
        match blob.trick:
            case "url_redirect_private":
                return web.Response(status=302, headers={"Location": "https://10.0.0.1/private.png"})
            case "url_redirect_http":
                return web.Response(status=302, headers={"Location": HTTP_LINK})
            case "url_html":
                return web.Response(text="<!doctype html><title>Sign in</title>", content_type="text/html")
            case "url_oversized":
                return await _endless(request, blob)
            case _:
                await self._resource.pause(blob.delay or kinds.FOREVER_STALL)
                return _picture(blob)


HTTP_LINK = "http://easelsandbox.blob.core.windows.net/images/picture.png"
"""A link whose host is allowed but whose scheme is not."""


def _picture(blob: Blob) -> web.Response:
    return web.Response(
        body=blob.data, content_type=blob.content_type, headers={"x-ms-blob-type": "BlockBlob"}
    )


async def _endless(request: web.Request, blob: Blob) -> web.StreamResponse:
    """Send a picture followed by `OVERSIZE` bytes of padding, without announcing the length."""
    response = web.StreamResponse(headers={"Content-Type": blob.content_type})
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(blob.data)
    padding = bytes(_PIECE)
    for _ in range(OVERSIZE // _PIECE):
        await response.write(padding)
        await asyncio.sleep(0)
    await response.write_eof()
    return response


def _forbidden(detail: str) -> web.Response:
    message = f"Server failed to authenticate the request. {detail}"
    return _storage_error(403, "AuthenticationFailed", message)


def _storage_error(status: int, code: str, message: str) -> web.Response:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    body = f'<?xml version="1.0" encoding="utf-8"?>{error}'
    headers = {"x-ms-error-code": code}
    return web.Response(status=status, text=body, content_type="application/xml", headers=headers)
