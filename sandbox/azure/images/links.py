"""Links to pictures in place of the pictures themselves, both good and faulty."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.azure.blobs.routes import HTTP_LINK
from sandbox.azure.blobs.store import Blob

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.azure.images.studio import Picture
    from sandbox.azure.images.validation import ImageRequest
    from sandbox.azure.resource import Resource
    from sandbox.faults import Fault

_ELSEWHERE = {
    "url_private": "https://10.0.0.1/private.png",
    "url_http": HTTP_LINK,
    "url_foreign": "https://example.com/x.png",
}
"""Kinds whose link leads away from the sandbox; a fault's data["url"] replaces the link."""


def link(
    resource: Resource, request: web.Request, asked: ImageRequest, picture: Picture, fault: Fault | None
) -> str:
    """Store a picture and return the link to it for the answer.

    Args:
        resource: The resource that stores it.
        request: The call, whose host the link uses unless the options give another base.
        asked: The validated request, for the media type.
        picture: The picture.
        fault: A fault of `kinds.LINKS`, if one hit this call.
    """
    if fault is not None and fault.kind in _ELSEWHERE:
        return str(fault.data.get("url", _ELSEWHERE[fault.kind]))
    options = resource.options
    blob = Blob(
        picture.data,
        f"image/{asked.form}",
        time.monotonic() + options.link_lifetime,
        trick=fault.kind if fault is not None else "",
        delay=fault.delay if fault is not None else 0.0,
    )
    base = options.blobs_url or f"{request.scheme}://{request.host}/blobs"
    return f"{base}/{resource.blobs.put(blob, options.link_lifetime)}"
