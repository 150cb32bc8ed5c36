"""Small files of every kind, sound and broken, to hold up against the checks."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def painted(width: int, height: int, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """Grain in every channel: the hardest thing to compress, so that file sizes are predictable."""
    channels = {"L": 1, "RGB": 3, "RGBA": 4, "LA": 2}[mode]
    return Image.frombytes(mode, (width, height), random.Random(seed).randbytes(width * height * channels))


def saved(picture: Image.Image, image_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, image_format, **options)
    return buffer.getvalue()


def png(width: int = 40, height: int = 30, mode: str = "RGB") -> bytes:
    return saved(painted(width, height, mode), "PNG")


def jpeg(width: int = 40, height: int = 30, **options: Any) -> bytes:
    return saved(painted(width, height), "JPEG", **options)


def webp(width: int = 40, height: int = 30, mode: str = "RGB", **options: Any) -> bytes:
    return saved(painted(width, height, mode), "WEBP", **options)


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(
    width: int = 4, height: int = 3, depth: int = 8, colour: int = 2, interlace: int = 0, **odd: int
) -> bytes:
    rest = (odd.get("compression", 0), odd.get("filtering", 0), interlace)
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, *rest))


def rows(count: int = 3, length: int = 12, row_filter: int = 0) -> bytes:
    return (bytes([row_filter]) + bytes(length)) * count


def built(*chunks: bytes) -> bytes:
    """A PNG of just these chunks, and the end."""
    return PNG_SIGNATURE + b"".join(chunks) + chunk(b"IEND")


def data(raw: bytes) -> bytes:
    return chunk(b"IDAT", zlib.compress(raw))
