"""Scales pictures down to sizes that no model draws: the 256x256 and 512x512 of the DALL·E days."""

from __future__ import annotations

from bot.model import GeneratedImage, Size


def scale(image: GeneratedImage, size: Size) -> GeneratedImage:
    """Scale ``image`` to a PNG of ``size``; return it unchanged if that would enlarge either edge.

    Blocks while it works (about 0.2 s from 1024x1024): run it off the event loop.

    Raises:
        ImageUnusable: ``image`` does not decode.
    """
    if image.size.width < size.width or image.size.height < size.height or image.size == size:
        return image
    from bot.imaging import codec  # noqa: PLC0415 - Pillow is loaded by the first picture that needs it

    smaller = codec.resize(codec.decode(image), size)
    return GeneratedImage(codec.encode(smaller, "png"), "png", size)
