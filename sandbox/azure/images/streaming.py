"""Answers as server-sent events: partial images, then the picture (OpenAI's specification 2.3.0)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from sandbox.azure import wire
from sandbox.azure.images.answers import described
from sandbox.azure.images.usage import usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.azure.images.answers import Answer, Item
    from sandbox.azure.images.validation import ImageRequest

EVENT_STREAM = "text/event-stream"
_NAMES = {"generations": "image_generation", "edits": "image_edit"}


def events(answer: Answer, *, flat_errors: bool = False) -> Iterator[bytes]:
    """Yield the events of an answer in order: for each picture its stages, then the picture.

    Args:
        answer: The answer; missing items have no `completed` event, so the stream just ends.
        flat_errors: Write errors as `{"type": "error", …}`, which SDKs mistake for a picture, instead of
            under an `error` key.
    """
    for number, stages in enumerate(answer.stages):
        for index, stage in enumerate(stages):
            yield _event("partial_image", answer.request, {"b64_json": stage}, {"partial_image_index": index})
        if answer.error is not None:
            yield _error(answer.error, flat=flat_errors)
            return
        if answer.items is not None and number < len(answer.items):
            entry = answer.items[number]
            if "error" in entry:
                yield _error(entry["error"], flat=flat_errors)
            else:
                yield _completed(answer, entry, number)


def _completed(answer: Answer, entry: Item, number: int) -> bytes:
    """Return the event of a picture; a link, which no model streams, takes the place of the base64."""
    content: dict[str, Any] = {key: entry[key] for key in ("b64_json", "url") if key in entry}
    # The input is billed once, with the first picture.
    inputs = answer.inputs if number == 0 else ()
    cost = usage(answer.request, inputs, images=1, partials=len(answer.stages[number]))
    return _event("completed", answer.request, content, {"usage": cost})


def _event(kind: str, request: ImageRequest, content: Mapping[str, Any], more: Mapping[str, Any]) -> bytes:
    name = f"{_NAMES[request.operation]}.{kind}"
    data = {"type": name, **content, "created_at": round(time.time()), **described(request), **more}
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"


def _error(error: dict[str, Any], *, flat: bool) -> bytes:
    data = {"type": "error", **error} if flat else {"error": error}
    return b"event: error\ndata: " + orjson.dumps(data) + b"\n\n"


async def begin(
    request: web.Request, headers: Mapping[str, str], content_type: str = EVENT_STREAM
) -> web.StreamResponse:
    """Send the headers of a stream."""
    response = web.StreamResponse(headers={**wire.identity(), **headers, "Cache-Control": "no-cache"})
    response.content_type = content_type
    response.enable_chunked_encoding()
    await response.prepare(request)
    return response
