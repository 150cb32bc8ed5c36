"""Everything on the ground: layers of land, trees, towers, boats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from sandbox.azure.painting import textures
from sandbox.azure.painting.palettes import mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.azure.painting.palettes import Colour
    from sandbox.azure.painting.sketch import Sketch
    from sandbox.azure.painting.textures import Point


def layer(
    sketch: Sketch, picture: Image.Image, mask: Image.Image, colour: Colour, *, top: float, mist: float
) -> None:
    """Fill a silhouette with its colour at the crest, fading into mist towards its foot.

    Args:
        sketch: The plan.
        picture: What to paint on.
        mask: The silhouette.
        colour: Its colour at the crest.
        top: Where its highest crest is, as a share of the picture's height.
        mist: How much the foot takes on the sky's lowest colours, 0 to 1.
    """
    start = max(0, round(sketch.height * top))
    foot = mix(colour, mix(sketch.palette.sky[-1], sketch.palette.sky[-2], 0.4), mist)
    fill = Image.new("RGB", sketch.size, colour)
    fill.paste(
        textures.gradient((sketch.width, max(2, round(sketch.height * 0.3))), [colour, colour, foot]),
        (0, start),
    )
    below = start + round(sketch.height * 0.3)
    if below < sketch.height:
        fill.paste(foot, (0, below, sketch.width, sketch.height))
    picture.paste(fill, (0, 0), mask)


def pines(sketch: Sketch, ground: Callable[[float], float], tall: float, usual: int) -> list[list[Point]]:
    """Return a wood of pines along a ground line (share of width → y in pixels); `tall` in pixels."""
    rng = sketch.rng
    shapes = []
    density = textures.wander(rng, 0.8)
    for _ in range(sketch.count(usual)):
        share = rng.uniform(-0.02, 1.02)
        if density(share) < rng.uniform(-0.9, 0.5):
            continue
        x, y = share * sketch.width, ground(min(max(share, 0.0), 1.0)) + tall * 0.08
        shapes.append(_pine(x, y, tall * rng.uniform(0.55, 1.15), rng.uniform(0.2, 0.28)))
    return shapes


def _pine(x: float, y: float, tall: float, slim: float) -> list[Point]:
    """Return one tree: three tiers, each narrower than the one below."""
    half = tall * slim
    left: list[Point] = []
    for share, wide in ((0.12, 1.0), (0.42, 0.45), (0.42, 0.78), (0.68, 0.3), (0.68, 0.52), (1.0, 0.0)):
        left.append((x - half * wide, y - tall * share))
    right = [(2 * x - px, py) for px, py in reversed(left)]
    trunk = tall * 0.03
    return [
        (x - trunk, y),
        (x - trunk, y - tall * 0.12),
        *left,
        *right,
        (x + trunk, y - tall * 0.12),
        (x + trunk, y),
    ]


def sailboat(sketch: Sketch, picture: Image.Image, x: float, y: float, scale: float) -> None:
    """Paint a boat with two sails; `x`, `y` is its waterline, `scale` its height in pixels."""
    hull = [
        (x - scale * 0.34, y - scale * 0.1),
        (x + scale * 0.36, y - scale * 0.1),
        (x + scale * 0.24, y),
        (x - scale * 0.25, y),
    ]
    main = [
        (x + scale * 0.02, y - scale * 0.14),
        (x + scale * 0.02, y - scale),
        (x + scale * 0.4, y - scale * 0.14),
    ]
    jib = [
        (x - scale * 0.03, y - scale * 0.16),
        (x - scale * 0.03, y - scale * 0.86),
        (x - scale * 0.32, y - scale * 0.16),
    ]
    textures.tint(picture, sketch.palette.near, textures.polygons(sketch.size, [hull]))
    textures.tint(
        picture,
        mix(sketch.palette.light, sketch.palette.accent, 0.15),
        textures.polygons(sketch.size, [main]),
    )
    textures.tint(
        picture, mix(sketch.palette.accent, sketch.palette.light, 0.25), textures.polygons(sketch.size, [jib])
    )


@dataclass(frozen=True, slots=True)
class Tower:
    """One building; edges in pixels."""

    left: float
    top: float
    right: float
    bottom: float


def towers(sketch: Sketch, base: float, tall: float, wide: tuple[float, float]) -> list[Tower]:
    """Return a row of buildings at `base`, about `tall` pixels high and `wide` units broad."""
    rng, unit = sketch.rng, sketch.unit
    row = []
    skyline = textures.wander(rng, 0.6)
    x = -unit * 4
    while x < sketch.width:
        breadth = unit * rng.uniform(*wide)
        rise = tall * (0.45 + 0.3 * skyline(x / sketch.width) + 0.35 * rng.random() ** 2)
        row.append(Tower(x, base - max(rise, tall * 0.18), x + breadth, float(sketch.height + 1)))
        x += breadth + unit * rng.choice((0.0, 0.0, 0.4, 1.2))
    return row


def outlines(sketch: Sketch, row: list[Tower]) -> list[list[Point]]:
    """Return the silhouettes of a row of buildings, some with masts."""
    shapes: list[list[Point]] = []
    for tower in row:
        left, top, right, bottom = tower.left, tower.top, tower.right, tower.bottom
        shapes.append([(left, top), (right, top), (right, bottom), (left, bottom)])
        if sketch.rng.random() < 0.22:
            middle, slim = (left + right) / 2, sketch.unit * 0.15
            shapes.append([(middle - slim, top), (middle, top - sketch.unit * 7), (middle + slim, top)])
    return shapes


def windows(sketch: Sketch, row: list[Tower]) -> list[list[Point]]:
    """Return the lit windows on a grid inside each building; some are dark."""
    rng, unit = sketch.rng, sketch.unit
    panes: list[list[Point]] = []
    across, down, pane = unit * 1.5, unit * 1.72, unit * 0.62
    for tower in row:
        lit = rng.uniform(0.12, 0.55) * min(1.0, sketch.detail)
        columns = int((tower.right - tower.left - unit) / across)
        floors = int((min(tower.bottom, sketch.height) - tower.top - unit) / down)
        for number in range(columns * floors):
            if rng.random() < lit:
                x = tower.left + unit * 0.8 + number % columns * across
                y = tower.top + unit + number // columns * down
                panes.append([(x, y), (x + pane, y), (x + pane, y + pane * 1.3), (x, y + pane * 1.3)])
    return panes
