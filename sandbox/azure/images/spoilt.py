"""Faulty pictures: one function for each kind in `kinds.PICTURE`."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

from PIL import Image

from sandbox.azure import wire
from sandbox.azure.painting.provenance import chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Spoiler = Callable[[bytes, Mapping[str, Any]], bytes]

OVERSIZE = 61 * 10**6
"""Bytes of padding that make a picture too big to accept."""

BOMB_EDGE = 60_000
"""Pixels on each edge of the bomb: 3.6 gigapixels, forty times the size Pillow warns about."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_AFTER_HEADER = 8 + 25


def html(_data: bytes, _settings: Mapping[str, Any]) -> bytes:
    """Return an HTML error page instead of the picture."""
    return wire.HTML


def corrupt(data: bytes, _settings: Mapping[str, Any]) -> bytes:
    """Overwrite the middle, and keep the header and the length."""
    third = len(data) // 3
    return data[:third] + bytes(byte ^ 0x5A for byte in data[third : third + 4096]) + data[third + 4096 :]


def truncate(data: bytes, _settings: Mapping[str, Any]) -> bytes:
    """Return the first six tenths."""
    return data[: len(data) * 6 // 10]


def other_type(data: bytes, settings: Mapping[str, Any]) -> bytes:
    """Convert the picture to GIF, or as `settings["format"]` (a format of Pillow, such as BMP or TIFF)."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").save(buffer, settings.get("format", "GIF"))
    return buffer.getvalue()


def other_size(data: bytes, _settings: Mapping[str, Any]) -> bytes:
    """Halve the picture's width and height."""
    picture = Image.open(io.BytesIO(data))
    buffer = io.BytesIO()
    picture.resize((picture.width // 2, picture.height // 2)).save(buffer, picture.format)
    return buffer.getvalue()


def oversize(data: bytes, settings: Mapping[str, Any]) -> bytes:
    """Add a private chunk of `settings["bytes"]` (61 MB) to the picture, which stays valid.

    A JPEG is converted to PNG first, because its segments are too small for that.
    """
    if not data.startswith(_SIGNATURE):
        buffer = io.BytesIO()
        Image.open(io.BytesIO(data)).save(buffer, "PNG", compress_level=1)
        data = buffer.getvalue()
    padding = chunk(b"eaSl", bytes(int(settings.get("bytes", OVERSIZE))))
    return data[:_AFTER_HEADER] + padding + data[_AFTER_HEADER:]


def bomb(_data: bytes, settings: Mapping[str, Any]) -> bytes:
    """Return a few kilobytes that declare a picture of `settings["edge"]` (60,000) pixels each way."""
    edge = int(settings.get("edge", BOMB_EDGE))
    header = struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0)
    content = zlib.compress(bytes(4 * 2**20), 9)
    return _SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


SPOILERS: Mapping[str, Spoiler] = {
    "html_image": html,
    "corrupt_image": corrupt,
    "truncated_image": truncate,
    "wrong_type_image": other_type,
    "wrong_size_image": other_size,
    "oversized_image": oversize,
    "bomb": bomb,
}
