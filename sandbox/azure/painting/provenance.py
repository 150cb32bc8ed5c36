"""Placeholders in the place where Azure's pictures carry their Content Credentials (C2PA).

The real service signs a C2PA manifest and stores it in a `caBX` chunk of a PNG, or in APP11 segments of a
JPEG; any program that re-saves the picture drops it. The placeholder is not a manifest and proves nothing.
It is there so that a test can tell whether a picture arrived byte for byte as it was drawn.
"""

from __future__ import annotations

import struct
import zlib

PLACEHOLDER = b"Easel sandbox: stands in for C2PA Content Credentials; not a manifest, not signed"

_PNG_HEAD = 8 + 25  # signature and IHDR chunk, which must come first
_JPEG_HEAD = 2  # the SOI marker


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one PNG chunk: length, type, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _box() -> bytes:
    """Return a JUMBF superbox labelled `c2pa` like a manifest store, with `PLACEHOLDER` inside."""
    label = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71" + b"\x03c2pa\x00"
    description = struct.pack(">I", 8 + len(label)) + b"jumd" + label
    content = struct.pack(">I", 8 + len(PLACEHOLDER)) + b"json" + PLACEHOLDER
    return struct.pack(">I", 8 + len(description) + len(content)) + b"jumb" + description + content


def stamp_png(png: bytes) -> bytes:
    """Add a `caBX` chunk to a PNG, after its header."""
    return png[:_PNG_HEAD] + chunk(b"caBX", _box()) + png[_PNG_HEAD:]


def stamp_jpeg(jpeg: bytes) -> bytes:
    """Add one APP11 segment (a JPEG XT box: "JP", instance, sequence) to a JPEG, after its SOI."""
    segment = b"JP" + struct.pack(">HI", 1, 1) + _box()
    return jpeg[:_JPEG_HEAD] + b"\xff\xeb" + struct.pack(">H", len(segment) + 2) + segment + jpeg[_JPEG_HEAD:]
