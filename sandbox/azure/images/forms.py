"""Reading the body of a request: JSON for generations, multipart for edits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, hdrs

from sandbox.azure import errors
from sandbox.azure.records import Upload

if TYPE_CHECKING:
    from aiohttp import web

JSON_MAX = 4 * 2**20
"""Most bytes of JSON accepted; the longest allowed prompt needs only a small part of it."""

FORM_MAX = 900 * 2**20
"""Most bytes of a form accepted: 16 images of 50 MB, a mask, and the rest."""


@dataclass(slots=True)
class Body:
    """A request's body, as far as it could be read.

    Attributes:
        fields: The JSON object's members, or the form's text fields.
        files: The form's files.
        problem: The error if it could not be read; raised only after the key has been checked.
        form: Whether it is a form, in which numbers are text.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)
    problem: errors.AzureError | None = None
    form: bool = False


async def read(request: web.Request, operation: str) -> Body:
    """Read the body of an image request; an error is put into `Body.problem`, not raised."""
    return await (_read_form(request) if operation == "edits" else _read_json(request))


async def _read_json(request: web.Request) -> Body:
    data = await request.clone(client_max_size=JSON_MAX).read()
    if request.content_type != "application/json":
        return Body(problem=_wrong_media_type(request, "application/json"))
    try:
        content = json.loads(data)
    except ValueError:
        message = "We could not parse the JSON body of your request."
        return Body(problem=errors.invalid(None, message, None))
    if not isinstance(content, dict):
        return Body(problem=errors.invalid("invalid_type", "The request body must be a JSON object.", None))
    return Body(content)


async def _read_form(request: web.Request) -> Body:
    if request.content_type != "multipart/form-data":
        await request.clone(client_max_size=FORM_MAX).read()
        return Body(problem=_wrong_media_type(request, "multipart/form-data"), form=True)
    body = Body(form=True)
    try:
        reader = await request.clone(client_max_size=FORM_MAX).multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader):
                await _take(part, body)
    except ValueError as error:
        body.problem = errors.invalid(None, f"The form could not be read: {error}", None)
    return body


async def _take(part: BodyPartReader, body: Body) -> None:
    name, data = part.name or "", bytes(await part.read(decode=True))
    if part.filename is None:
        body.fields[name] = data.decode("utf-8", "replace")
        return
    content_type = part.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream")
    body.files.append(Upload(name, part.filename, content_type.partition(";")[0].strip().lower(), data))


def _wrong_media_type(request: web.Request, expected: str) -> errors.AzureError:
    message = f"Invalid Content-Type header ({request.content_type}), expected {expected}."
    return errors.invalid("unsupported_content_type", message, None)
