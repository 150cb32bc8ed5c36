"""Request bodies: JSON, or a form with ``payload_json`` and ``files[n]``.

The body is read whole and split by searching for the boundary: at 25 MiB at most, that costs a fraction of
what a part-by-part stream parser does, and load tests run through here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson

from sandbox.discord.rules.errors import invalid_content_type, invalid_json, too_large
from sandbox.discord.world.files import Upload

if TYPE_CHECKING:
    from aiohttp import web

PARAMETER = re.compile(r';\s*([\w-]+\*?)=(?:"((?:[^"\\]|\\.)*)"|([^;]*))')
ESCAPE = re.compile(r"\\(.)")
FILE_FIELD = re.compile(r"files\[(\d{1,2})\]")
DRAIN_LIMIT = 512 * 2**20
"""Bytes that are read of an oversized request, so that the client still receives the refusal."""


@dataclass(frozen=True, slots=True)
class Body:
    """A decoded body; ``data`` is None if there was none."""

    data: Any = None
    uploads: dict[int, Upload] = field(default_factory=dict)


async def read_raw(request: web.Request, limit: int) -> bytes | None:
    """Read a body of at most ``limit`` bytes; return None if it is longer."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        elif size > DRAIN_LIMIT:
            break
        else:
            chunks.clear()
    return b"".join(chunks) if size <= limit else None


def decode(raw: bytes | None, content_type: str) -> Body:
    """Decode a body by its declared type.

    Raises:
        ApiError: 413, code 40005, if it was too long; 400, code 50109, for invalid JSON; 400, code 50035,
            for any other content type or a form without a boundary.
    """
    if raw is None:
        raise too_large()
    if not raw:
        return Body()
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return Body(_json(raw))
    if kind == "multipart/form-data":
        return _form(raw, content_type)
    raise invalid_content_type()


def _json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise invalid_json() from None


def _form(raw: bytes, content_type: str) -> Body:
    data: Any = None
    uploads: dict[int, Upload] = {}
    boundary = _parameters(content_type).get("boundary", "")
    for header, content in _parts(raw, boundary.encode()):
        named = _parameters(header)
        name, filename = named.get("name", ""), named.get("filename")
        if name == "payload_json":
            data = _json(content)
        elif filename is not None and (match := FILE_FIELD.fullmatch(name)):
            uploads[int(match[1])] = Upload(filename, content)
    return Body({} if data is None else data, uploads)


def _parts(raw: bytes, boundary: bytes) -> list[tuple[str, bytes]]:
    """Cut a multipart body into (Content-Disposition, content) pairs."""
    if not boundary:
        raise invalid_content_type()
    delimiter = b"\r\n--" + boundary
    parts: list[tuple[str, bytes]] = []
    # The first delimiter may be at the very start, without a line break before it.
    start = raw.find(delimiter[2:])
    while start >= 0:
        start = raw.find(b"\r\n", start)
        head_end = raw.find(b"\r\n\r\n", start)
        end = raw.find(delimiter, head_end + 4)
        if start < 0 or head_end < 0 or end < 0:
            break
        parts.append((_disposition(raw[start:head_end]), raw[head_end + 4 : end]))
        start = end + 2
        if raw.startswith(b"--", start + len(delimiter) - 2):
            break
    return parts


def _disposition(headers: bytes) -> str:
    for line in headers.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            return value.strip()
    return ""


def _parameters(header: str) -> dict[str, str]:
    """Read the parameters of a header such as ``form-data; name="files[0]"; filename="a.png"``."""
    found: dict[str, str] = {}
    for name, quoted, plain in PARAMETER.findall(header):
        value = ESCAPE.sub(r"\1", quoted) if quoted else plain.strip()
        if name.endswith("*"):
            # RFC 5987: charset, language and percent-encoded text. It wins over the plain form.
            found[name[:-1].lower()] = unquote(value.rpartition("'")[2])
        else:
            found.setdefault(name.lower(), value)
    return found
