"""The check that a file is a picture. Every image from Azure passes it before it is kept or shown."""

from __future__ import annotations

import struct
from typing import NamedTuple

from bot.errors import ImageUnusable
from bot.model import GeneratedImage, Size

MAX_BYTES = 48 * 2**20
"""The largest picture Azure draws, a 3840x2160 PNG, has about 16 MB; three times that is not ours."""

MAX_PIXELS = 3840 * 3840
"""The longest edge gpt-image-2 and later draw is 3840 pixels.

Source: the size rules of the Azure OpenAI image models, "longest edge at most 3840".
"""


def inspect(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> GeneratedImage:
    """Check that ``data`` is one valid, still PNG, JPEG or WebP within the caps.

    Blocks for some milliseconds (16 for a 1024x1024 PNG of 2.4 MB): run it off the event loop.
    The caps are checked on the header, so a decompression bomb costs nothing. Any damage to a PNG is
    found; JPEG and lossy WebP have no checksums, so only damage that stops the decoder is found there.

    Args:
        data: the file; the result refers to it, nothing is copied.
        max_bytes: the largest file to take.
        max_pixels: the most pixels, width times height, to take.

    Raises:
        ImageUnusable: with the reason, which quotes nothing from the file.
    """
    if not data:
        raise ImageUnusable("empty file")
    if len(data) > max_bytes:
        raise ImageUnusable(f"{len(data)} bytes, over the cap of {max_bytes}")
    header = read_header(data)
    if header is None:
        raise ImageUnusable(f"not a PNG, JPEG or WebP picture but {describe(data)}")
    if header.size.pixels > max_pixels:
        raise ImageUnusable(f"{header.size} pixels, over the cap of {max_pixels}")
    _check_by_decoding(data, header)
    return GeneratedImage(data, header.format, header.size)


# --- what a file says about itself in its first bytes, nothing decoded -----------------------------
# The size is read here, not by Pillow, because a WebP canvas is allocated as soon as Pillow opens it and
# because Pillow warns about a huge picture, and one thread alone cannot silence a warning.

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start-of-frame markers of JPEG, the segments that hold the size: SOF0-15 without DHT, JPG and DAC.

Source: ITU-T T.81, table B.1.
"""

_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length: TEM, RST0-7 and SOI."""

_OTHERS = (
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP"),
    (b"II*\x00", "a TIFF"),
    (b"MM\x00*", "a TIFF"),
    (b"%PDF", "a PDF"),
    (b"<", "markup (HTML, XML or SVG)"),
    (b"{", "JSON"),
)
"""What Azure or a download might send instead of a picture Easel accepts, for the operator's log."""


class Header(NamedTuple):
    """The format (``png``, ``jpeg`` or ``webp``) and the size a file declares; either may be a lie."""

    format: str
    size: Size


def read_header(data: bytes) -> Header | None:
    """Read format and size from the first bytes; None if it is not a PNG, JPEG or WebP, or is cut off."""
    for name, accept, measure in (
        ("png", data.startswith(PNG_SIGNATURE), _png_size),
        ("jpeg", data.startswith(b"\xff\xd8\xff"), _jpeg_size),
        ("webp", data.startswith(b"RIFF") and data[8:12] == b"WEBP", _webp_size),
    ):
        if accept:
            size = measure(data)
            return Header(name, size) if size and size.pixels else None
    return None


def describe(data: bytes) -> str:
    """Return what a file that is not a picture seems to be, without quoting it."""
    start = data[:64].lstrip()
    return next((name for prefix, name in _OTHERS if start.startswith(prefix)), "an unknown format")


def _png_size(data: bytes) -> Size | None:
    # The header chunk must come first: length 13, type, then width and height.
    if len(data) < 24 or data[8:16] != b"\x00\x00\x00\x0dIHDR":
        return None
    return Size(*struct.unpack_from(">II", data, 16))


def _jpeg_size(data: bytes) -> Size | None:
    position = 2
    while position + 9 <= len(data):
        marker = data[position + 1]
        if data[position] != 0xFF:
            return None
        if marker == 0xFF:  # a fill byte before the marker
            position += 1
        elif marker in _JPEG_BARE:
            position += 2
        elif marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return Size(width, height)
        else:
            (length,) = struct.unpack_from(">H", data, position + 2)
            position += 2 + length
    return None


def _webp_size(data: bytes) -> Size | None:
    # Source: RFC 9649, sections 2.5 to 2.7; each layout stores its size differently.
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        return None
    if kind == b"VP8X":
        return Size(int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1)
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", body, 6)
        return Size(width & 0x3FFF, height & 0x3FFF)
    return None


def _check_by_decoding(data: bytes, header: Header) -> None:
    from bot.imaging import codec  # noqa: PLC0415 - Pillow is loaded by the first picture that needs it

    with codec.opened(data, header.format) as picture:
        # Checks all of a PNG's checksums; decoding alone skips those of the pixels.
        picture.verify()
    with codec.opened(data, header.format) as picture:
        if picture.size != (header.size.width, header.size.height):
            raise ImageUnusable(f"corrupt {header.format}: two sizes in one file")
        if getattr(picture, "is_animated", False):
            raise ImageUnusable(f"animated {header.format}")
        picture.load()
