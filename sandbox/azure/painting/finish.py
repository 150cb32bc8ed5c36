"""From a painted scene to the bytes of a picture: the mark, the cut-out, the file format."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sandbox.azure.painting import provenance, textures

MARK = "simulated"

PNG_LEVEL = 1
"""zlib level: on grainy pictures, higher ones take three times the time to save a tenth of the bytes."""


def mark(picture: Image.Image) -> None:
    """Write "simulated" into the lower right corner, in place, readable on any background."""
    font = _font(max(12, round(min(picture.size) / 42)))
    left, top, right, bottom = font.getbbox(MARK)
    pad = round((bottom - top) * 0.6)
    width, height = round(right - left) + 2 * pad, round(bottom - top) + 2 * pad
    label = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(label)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), radius=height // 2, fill=115)
    corner = (picture.width - width - pad, picture.height - height - pad)
    dark, light = (16, 16, 24), (255, 255, 255)
    if picture.mode == "RGBA":
        picture.paste((*dark, 255), corner, label)
    else:
        picture.paste(dark, corner, label)
    ImageDraw.Draw(picture).text((corner[0] + pad - left, corner[1] + pad - top), MARK, fill=light, font=font)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def cut_out(picture: Image.Image) -> Image.Image:
    """Return the picture as a soft-edged medallion on transparency, for `background=transparent`."""
    width, height = picture.size
    inset = min(width, height) * 0.04
    mask = Image.new("L", (width // 2, height // 2), 0)
    box = (inset / 2, inset / 2, (width - inset) / 2, (height - inset) / 2)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius=min(mask.size) * 0.42, fill=255)
    mask = mask.filter(ImageFilter.BoxBlur(max(1, min(mask.size) // 160))).resize(picture.size)
    result = picture.convert("RGBA")
    result.putalpha(mask)
    return result


def veiled(picture: Image.Image, share: float) -> Image.Image:
    """Return an unfinished version of the picture: `share` 0 is blots of colour, near 1 almost sharp."""
    cells = max(8, round(12 * 8**share))
    across = max(1, round(cells * picture.width / max(picture.size)))
    down = max(1, round(cells * picture.height / max(picture.size)))
    return picture.resize((across, down), Image.Resampling.BOX).resize(picture.size, Image.Resampling.BICUBIC)


def recolour(photograph: Image.Image, painted: Image.Image, mask: Image.Image | None) -> Image.Image:
    """Return the result of an edit: the painting in the mask's holes, or the photograph in its light.

    Args:
        photograph: The first input image.
        painted: A scene from the edit's prompt, of the requested size.
        mask: An image whose transparent parts mark what to change, or None for all of it.
    """
    base = textures.cover(photograph.convert("RGB"), painted.size)
    if mask is not None:
        holes = (
            textures.cover(mask.convert("RGBA"), painted.size)
            .getchannel("A")
            .point([255 - v for v in range(256)])
        )
        return Image.composite(painted, base, holes.filter(ImageFilter.BoxBlur(2)))
    mood = painted.filter(ImageFilter.BoxBlur(min(painted.size) / 12))
    return Image.blend(base, textures.soft_light(base, mood), 0.8)


def encode(picture: Image.Image, form: str, compression: int = 100) -> bytes:
    """Encode the picture as a file with a placeholder for Content Credentials.

    Args:
        picture: RGB or RGBA.
        form: `png` or `jpeg`.
        compression: Azure's `output_compression`, 0 to 100: the JPEG quality.
    """
    buffer = io.BytesIO()
    if form == "jpeg":
        picture.convert("RGB").save(buffer, "JPEG", quality=min(95, max(1, compression)))
        return provenance.stamp_jpeg(buffer.getvalue())
    picture.save(buffer, "PNG", compress_level=PNG_LEVEL)
    return provenance.stamp_png(buffer.getvalue())
