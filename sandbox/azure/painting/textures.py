"""Brushes: gradients, clouds, ridges, glows and grain, each a few calls into Pillow's C code."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from sandbox.azure.painting.palettes import Colour

Size = tuple[int, int]
Point = tuple[float, float]

_GRAIN_TILE = 256


def gradient(size: Size, colours: Sequence[Colour]) -> Image.Image:
    """Return a vertical blend of the colours, the first at the top."""
    strip = Image.new("RGB", (1, len(colours)))
    strip.putdata(list(colours))
    # A strip of n pixels blends between pixel centres; the box keeps the outer colours at both ends.
    edge = 0.5 if len(colours) > 1 else 0.0
    box = (0.0, edge, 1.0, len(colours) - edge)
    return strip.resize((1, size[1]), Image.Resampling.BICUBIC, box=box).resize(size)


def ramp(size: Size, greys: Sequence[int]) -> Image.Image:
    """Return a vertical blend of greys, as a mask."""
    return gradient(size, [(grey, grey, grey) for grey in greys]).getchannel(0)


def noise(size: Size, rng: Random, cell: Size, octaves: int = 4) -> Image.Image:
    """Return soft grey fractal noise, its largest blots `cell` times smaller than the picture each way."""
    small = _soft(size)
    result = _blots(small, rng, cell)
    columns, rows = cell
    for octave in range(1, octaves):
        columns, rows = columns * 2, rows * 2
        result = Image.blend(result, _blots(small, rng, (columns, rows)), 0.5 ** (octave + 1) * 1.3)
    return result.resize(size, Image.Resampling.BILINEAR)


def _soft(size: Size) -> Size:
    """Return the size for painting soft things: a quarter each way, a sixteenth of the work."""
    return max(1, size[0] // 4), max(1, size[1] // 4)


def _blots(size: Size, rng: Random, cell: Size) -> Image.Image:
    columns, rows = cell[0] + 2, cell[1] + 2
    return Image.frombytes("L", (columns, rows), rng.randbytes(columns * rows)).resize(
        size, Image.Resampling.BICUBIC
    )


def threshold(mask: Image.Image, low: int, high: int, peak: int = 255) -> Image.Image:
    """Stretch the greys from `low` to `high` over 0 to `peak`, smoothly at both ends."""

    def step(value: int) -> int:
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return round(peak * share * share * (3 - 2 * share))

    return mask.point([step(value) for value in range(256)])


def glow(size: Size, centre: Point, radius: float, peak: int = 255) -> Image.Image:
    """Return a mask that is brightest at a point and fades to nothing `radius` pixels from it."""
    # Pillow's radial gradient is 256 pixels square: 0 in the middle, 181 at the middle of an edge.
    disc = Image.radial_gradient("L").point([round(peak * max(0.0, 1 - v / 181) ** 2) for v in range(256)])
    small = _soft(size)
    across = max(2, round(radius * 2 * small[0] / size[0]))
    mask = Image.new("L", small, 0)
    corner = (centre[0] * small[0] / size[0] - across / 2, centre[1] * small[1] / size[1] - across / 2)
    mask.paste(disc.resize((across, across)), (round(corner[0]), round(corner[1])))
    return mask.resize(size, Image.Resampling.BILINEAR)


def dim(mask: Image.Image, share: float) -> Image.Image:
    """Return a mask at a share of its strength."""
    return mask.point([round(grey * share) for grey in range(256)])


def halo(mask: Image.Image, radius: float, peak: int) -> Image.Image:
    """Return a mask blurred by `radius` pixels and dimmed to `peak`, for the shadow or light it casts."""
    small = mask.reduce(4).filter(ImageFilter.BoxBlur(radius / 4))
    return dim(small, peak / 255).resize(mask.size, Image.Resampling.BILINEAR)


def polygons(size: Size, shapes: Sequence[Sequence[Point]]) -> Image.Image:
    """Return a mask of filled shapes with smooth edges: drawn at twice the size, then halved."""
    mask = Image.new("L", (size[0] * 2, size[1] * 2), 0)
    draw = ImageDraw.Draw(mask)
    for shape in shapes:
        draw.polygon([(x * 2, y * 2) for x, y in shape], fill=255)
    return mask.reduce(2)


def discs(size: Size, circles: Sequence[tuple[float, float, float]]) -> Image.Image:
    """Return a mask of filled circles (x, y, radius) with smooth edges."""
    mask = Image.new("L", (size[0] * 2, size[1] * 2), 0)
    draw = ImageDraw.Draw(mask)
    for x, y, radius in circles:
        draw.ellipse([(x - radius) * 2, (y - radius) * 2, (x + radius) * 2, (y + radius) * 2], fill=255)
    return mask.reduce(2)


def wander(rng: Random, roughness: float) -> Callable[[float], float]:
    """Return a smooth random line over 0..1 with values around -1..1: three slow waves and some quick ones.

    Args:
        rng: The source of its shape.
        roughness: The weight of the quick waves, 0 for dunes, 1 for crags.
    """
    waves = [(rng.uniform(0.8, 2.6), rng.uniform(0, math.tau), rng.uniform(0.3, 0.6)) for _ in range(3)]
    for octave in range(2, 6):
        pitch = rng.uniform(0.9, 1.1) * 2.0**octave
        waves.append((pitch, rng.uniform(0, math.tau), roughness * 0.9 / 2.0 ** (octave - 0.6)))

    def height(x: float) -> float:
        return sum(weight * math.sin(x * pitch * math.pi + phase) for pitch, phase, weight in waves)

    return height


def crags(rng: Random, octaves: int = 8) -> Callable[[float], float]:
    """Return a jagged random line over 0..1 with values around -1..1, by midpoint displacement."""
    heights = [rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6)]
    spread = 0.9
    for _ in range(octaves):
        finer = []
        for left, right in pairwise(heights):
            finer += [left, (left + right) / 2 + rng.uniform(-spread, spread)]
        heights = [*finer, heights[-1]]
        spread *= 0.52
    last = len(heights) - 1

    def height(x: float) -> float:
        place = min(max(x, 0.0), 0.999999) * last
        index = int(place)
        return heights[index] + (heights[index + 1] - heights[index]) * (place - index)

    return height


def under(size: Size, line: Callable[[float], float], base: float, swing: float, steps: int) -> list[Point]:
    """Return the outline of the ground below a line; `base` and `swing` in pixels."""
    width, height = size
    top = [(width * step / steps, base - swing * line(step / steps)) for step in range(steps + 1)]
    return [(0.0, height + 1.0), *top, (float(width), height + 1.0)]


def tint(picture: Image.Image, colour: Colour, mask: Image.Image) -> None:
    """Lay a colour over a picture in place, with the mask as its opacity."""
    picture.paste(colour, (0, 0), mask)


def shine(picture: Image.Image, colour: Colour, mask: Image.Image) -> Image.Image:
    """Add light of a colour without clipping bright parts (a screen blend)."""
    light = Image.new("RGB", picture.size, (0, 0, 0))
    light.paste(colour, (0, 0), mask)
    return ImageChops.screen(picture, light)


def cover(picture: Image.Image, size: Size) -> Image.Image:
    """Scale the picture and crop it around its centre to fill a size."""
    return ImageOps.fit(picture, size, Image.Resampling.BICUBIC)


def soft_light(picture: Image.Image, mood: Image.Image) -> Image.Image:
    """Light the picture with another one, and keep its shapes (a soft-light blend)."""
    return ImageChops.soft_light(picture, mood)


def grain(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Add fine grey noise, `strength` grey levels wide, which hides banding and looks like paper."""
    tile = Image.frombytes("L", (_GRAIN_TILE, _GRAIN_TILE), rng.randbytes(_GRAIN_TILE**2))
    other = Image.frombytes("L", (_GRAIN_TILE, _GRAIN_TILE), rng.randbytes(_GRAIN_TILE**2))
    scale = strength / 128
    tile = Image.blend(tile, other, 0.5).point([round(128 + (v - 128) * scale) for v in range(256)])
    sheet = Image.new("L", picture.size)
    for y in range(0, picture.height, _GRAIN_TILE):
        for x in range(0, picture.width, _GRAIN_TILE):
            sheet.paste(tile, (x, y))
    return ImageChops.add(picture, Image.merge("RGB", (sheet, sheet, sheet)), 1.0, -128)
