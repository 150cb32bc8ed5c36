"""Files that Discord accepts: the originals where they fit, smaller files made from them where not.

A picture from Azure carries Content Credentials that any re-save destroys, so an original is replaced
only if it must be, and no more of them than necessary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import ImageUnusable
from bot.model import Size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.imaging.workers import ImagingPool
    from bot.model import GeneratedImage

_QUALITIES = (95, 85, 75, 62)
"""Quality steps of JPEG and WebP, tried at full size before the picture is shrunk.

Below 62 a smaller picture looks better than a coarser one.
"""

_SHRUNK_QUALITY = 75
"""Quality of a picture that had to be shrunk."""

_SHORTEST_EDGE = 48
"""Shortest edge worth seeing, in pixels; a limit that requires less is a mistake elsewhere."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file to upload.

    Attributes:
        data: the file.
        format: ``png``, ``jpeg`` or ``webp``.
        derived: whether it is a smaller file made from the original; if not, ``data`` is the original itself.
    """

    data: bytes
    format: str
    derived: bool = False


def fit(images: Sequence[GeneratedImage], *, file_limit: int, total_limit: int) -> tuple[Attachment, ...]:
    """Make attachments that fit one upload, in the order of ``images``.

    Returns at once when everything fits; otherwise blocks, for about 0.3 s for each 3840x2160 picture
    made smaller, and some seconds if it is transparent: run it off the event loop.

    Args:
        images: the originals.
        file_limit: bytes one file may have.
        total_limit: bytes all files together may have.

    Raises:
        ImageUnusable: an original does not decode, or no picture worth seeing fits the limits.
    """
    fitted = [Attachment(image.data, image.format) for image in images]
    for index, image in enumerate(images):
        if len(image.data) > file_limit:
            fitted[index] = _derive(image, min(file_limit, total_limit))
    share = total_limit // max(len(images), 1)
    # While the total is too large, the largest file exceeds its equal share. It is cut to what the others
    # leave it, or to its share if that is more: so each file is cut at most once, the largest first.
    while (excess := sum(len(item.data) for item in fitted) - total_limit) > 0:
        largest = max(range(len(fitted)), key=lambda index: len(fitted[index].data))
        budget = max(share, len(fitted[largest].data) - excess)
        fitted[largest] = _derive(images[largest], budget)
    return tuple(fitted)


async def fit_in(
    pool: ImagingPool, images: Sequence[GeneratedImage], *, file_limit: int, total_limit: int
) -> tuple[Attachment, ...]:
    """Make attachments as ``fit`` does, off the event loop if there is anything to encode."""
    lengths = [len(image.data) for image in images]
    if max(lengths, default=0) <= file_limit and sum(lengths) <= total_limit:
        return fit(images, file_limit=file_limit, total_limit=total_limit)
    return await pool.run(fit, images, file_limit=file_limit, total_limit=total_limit)


def _derive(image: GeneratedImage, limit: int) -> Attachment:
    """Make a JPEG of ``image``, or a WebP if it has transparency, of at most ``limit`` bytes."""
    from bot.imaging import codec  # noqa: PLC0415 - Pillow is loaded by the first picture that needs it

    picture = codec.decode(image)
    # JPEG wherever possible: WebP takes four to ten times as long.
    image_format = "webp" if picture.mode == "RGBA" else "jpeg"
    length = len(image.data)
    for quality in _QUALITIES:
        data = codec.encode(picture, image_format, quality=quality)
        length = len(data)
        if length <= limit:
            return Attachment(data, image_format, derived=True)
    for size in _smaller_sizes(image.size):
        # The file shrinks roughly with its pixels: skip the sizes that are hopeless by that measure.
        if length * size.pixels / image.size.pixels > 2 * limit:
            continue
        data = codec.encode(codec.resize(picture, size), image_format, quality=_SHRUNK_QUALITY)
        if len(data) <= limit:
            return Attachment(data, image_format, derived=True)
    raise ImageUnusable(f"no picture worth seeing fits {limit} bytes")


def _smaller_sizes(size: Size) -> Iterator[Size]:
    """Yield sizes of the same shape, each with seven tenths of the pixels of the one before."""
    factor = math.sqrt(0.7)
    while factor * min(size.width, size.height) >= _SHORTEST_EDGE:
        yield Size(round(size.width * factor), round(size.height * factor))
        factor *= math.sqrt(0.7)
