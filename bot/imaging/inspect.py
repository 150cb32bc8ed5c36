"""Is it a picture? Every image from Azure passes here before it is kept or shown."""

from __future__ import annotations

from bot.errors import ImageUnusable
from bot.imaging.formats import Header, describe, read_header
from bot.model import GeneratedImage

MAX_BYTES = 48 * 2**20
"""The largest picture Azure draws, 3840x2160 PNG, has about 16 MB; three times that is no picture of ours."""

MAX_PIXELS = 3840 * 3840
"""The longest edge gpt-image-2 and later draw is 3840 pixels.

Source: the size rules of the Azure OpenAI image models, "longest edge at most 3840".
"""


def inspect(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> GeneratedImage:
    """Find out whether ``data`` is one sound, still PNG, JPEG or WebP within the caps.

    Blocks for some milliseconds (16 for a 1024x1024 PNG of 2.4 MB): run it off the event loop.
    The caps are judged by the header, so a decompression bomb costs nothing. Every damage to a PNG is
    found; JPEG and lossy WebP carry no checksums, so there only damage that stops the decoder is.

    Args:
        data: the file; the result refers to it, nothing is copied.
        max_bytes: the largest file to take.
        max_pixels: the most pixels, width times height, to take.

    Raises:
        ImageUnusable: with the reason, which quotes nothing of the file.
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


def _check_by_decoding(data: bytes, header: Header) -> None:
    from bot.imaging import codec  # noqa: PLC0415 - Pillow is loaded by the first picture that needs it

    with codec.opened(data, header.format) as picture:
        # A PNG's checksums, every one; decoding alone skips those of the pixels.
        picture.verify()
    with codec.opened(data, header.format) as picture:
        if picture.size != (header.size.width, header.size.height):
            raise ImageUnusable(f"corrupt {header.format}: two sizes in one file")
        if getattr(picture, "is_animated", False):
            raise ImageUnusable(f"animated {header.format}")
        picture.load()
