"""Everything above the horizon: light, clouds, stars, northern lights, birds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from sandbox.azure.painting import textures
from sandbox.azure.painting.palettes import mix

if TYPE_CHECKING:
    from sandbox.azure.painting.sketch import Sketch
    from sandbox.azure.painting.textures import Point

SOFT = 4
"""How many times smaller each way the air is painted: it has no edges to lose, and costs a sixteenth."""


def sky(sketch: Sketch, horizon: float) -> tuple[Image.Image, Point]:
    """Paint a whole picture of sky; return it and the position of its sun or moon.

    Args:
        sketch: The plan.
        horizon: Where the land starts, as a share of the height; the gradient ends a little below it.
    """
    sun = (
        sketch.width * sketch.rng.uniform(0.18, 0.82),
        sketch.height * horizon * sketch.rng.uniform(0.42, 0.86),
    )
    picture = _air(sketch.smaller(SOFT), horizon, (sun[0] / SOFT, sun[1] / SOFT)).resize(sketch.size)
    if sketch.palette.night:
        textures.tint(picture, sketch.palette.light, textures.discs(sketch.size, _stars(sketch, horizon)))
    radius = sketch.rng.uniform(4.5, 8.5) * sketch.unit
    textures.tint(picture, sketch.palette.light, textures.discs(sketch.size, [(*sun, radius)]))
    _clouds(sketch, picture, horizon)
    return picture, sun


def _air(sketch: Sketch, horizon: float, sun: Point) -> Image.Image:
    """Paint what has no edges and can be painted small: the gradient, and light in the air."""
    palette = sketch.palette
    end = min(sketch.height, round(sketch.height * (horizon + 0.12)))
    picture = Image.new("RGB", sketch.size, palette.sky[-1])
    picture.paste(textures.gradient((sketch.width, end), palette.sky), (0, 0))
    if palette.night:
        dust = textures.threshold(textures.noise(sketch.size, sketch.rng, (4, 3), 5), 120, 210, 70)
        picture = textures.shine(picture, mix(palette.sky[-1], palette.light, 0.3), dust)
        if sketch.asks_for("aurora", "northern", "magic") or sketch.rng.random() < 0.35:
            picture = _aurora(sketch, picture, horizon)
    wide = textures.glow(
        sketch.size, sun, sketch.rng.uniform(48, 75) * sketch.unit, 150 if palette.night else 190
    )
    picture = textures.shine(picture, mix(palette.light, palette.sky[-2], 0.35), wide)
    return textures.shine(picture, palette.light, textures.glow(sketch.size, sun, 21 * sketch.unit, 170))


def _clouds(sketch: Sketch, picture: Image.Image, horizon: float) -> None:
    """Paint two banks of long clouds, lit from below, that thin out towards the zenith."""
    palette = sketch.palette
    stops = (40, 150, 255, 90) if horizon > 0.45 else (90, 255)
    clear = textures.ramp(sketch.size, [255 - stop for stop in stops])
    for share, peak in ((0.15, 150), (0.7, 120)):
        blots = textures.noise(sketch.size, sketch.rng, (3, sketch.rng.randint(9, 14)), 5)
        low = sketch.rng.randint(128, 142)
        mask = textures.threshold(blots, low, low + 62, peak)
        mask.paste(0, (0, 0), clear)
        colour = mix(palette.light, palette.sky[-2], share)
        textures.tint(picture, mix(colour, palette.sky[1], 0.72) if palette.night else colour, mask)


def _stars(sketch: Sketch, horizon: float) -> list[tuple[float, float, float]]:
    """Return points of light (x, y, radius), most of them faint, fewer towards the horizon."""
    rng, unit = sketch.rng, sketch.unit
    return [
        (
            rng.uniform(0, sketch.width),
            sketch.height * horizon * rng.random() ** 1.4,
            unit * (0.06 + 0.2 * rng.random() ** 4),
        )
        for _ in range(sketch.count(260))
    ]


def _aurora(sketch: Sketch, picture: Image.Image, horizon: float) -> Image.Image:
    """Paint hanging curtains of light: bright along a wavy lower edge, fading upwards."""
    rng = sketch.rng
    columns, rows = 160, 90
    for colour in (sketch.palette.accent, mix(sketch.palette.accent, sketch.palette.sky[-1], 0.6)):
        edge, folds = textures.wander(rng, 0.4), textures.wander(rng, 1.0)
        base, tall = horizon * rng.uniform(0.55, 0.8), horizon * rng.uniform(0.35, 0.55)
        curtain = bytearray(columns * rows)
        for column in range(columns):
            x = column / columns
            foot = base + 0.09 * edge(x)
            bright = 95 + 75 * math.sin(folds(x) * 5 + x * 9)
            for row in range(rows):
                rise = (foot - row / rows) / tall
                if -0.06 < rise < 1:
                    fall = (1 - rise) ** 2.2 if rise >= 0 else 1 + rise / 0.06
                    curtain[row * columns + column] = max(0, min(255, round(bright * fall)))
        mask = Image.frombytes("L", (columns, rows), bytes(curtain)).resize(
            sketch.size, Image.Resampling.BICUBIC
        )
        picture = textures.shine(picture, colour, mask)
    return picture


def birds(sketch: Sketch, picture: Image.Image, horizon: float) -> None:
    """Paint a loose flock, far away."""
    rng, unit = sketch.rng, sketch.unit
    x, y = sketch.width * rng.uniform(0.2, 0.7), sketch.height * horizon * rng.uniform(0.25, 0.6)
    wings = []
    for _ in range(rng.randint(4, 9)):
        cx, cy = x + rng.gauss(0, 9) * unit, y + rng.gauss(0, 4) * unit
        span, dip = unit * rng.uniform(0.9, 1.7), rng.uniform(0.35, 0.6)
        for side in (-1, 1):
            tip = (cx + side * span, cy - span * dip)
            bend = (cx + side * span * 0.45, cy - span * dip * 1.05)
            under = (cx + side * span * 0.45, cy - span * dip * 0.7)
            wings.append([(cx, cy), bend, tip, under, (cx, cy + unit * 0.16)])
    textures.tint(picture, sketch.palette.near, textures.dim(textures.polygons(sketch.size, wings), 0.75))


def haze(sketch: Sketch, picture: Image.Image, level: float, thickness: int) -> None:
    """Paint a band of mist at `level` (share of the height), `thickness` grey levels strong."""
    band = max(2, round(sketch.height * 0.16))
    drift = textures.threshold(textures.noise((sketch.width, band), sketch.rng, (4, 2), 3), 60, 190)
    veil = ImageChops.multiply(textures.ramp((sketch.width, band), (0, thickness, 0)), drift)
    top = round(sketch.height * level) - band // 2
    picture.paste(
        mix(sketch.palette.sky[-1], sketch.palette.light, 0.25), (0, top, sketch.width, top + band), veil
    )
