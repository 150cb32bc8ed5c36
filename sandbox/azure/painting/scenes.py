"""The scenes a picture can show, and the words of a prompt that choose them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter, ImageOps

from sandbox.azure.painting import land, sky, textures
from sandbox.azure.painting.palettes import mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.azure.painting.sketch import Sketch

    Scene = Callable[[Sketch], Image.Image]


def hills(sketch: Sketch) -> Image.Image:
    """Paint rolling hills that fade into the distance, with woods on the nearer ones."""
    horizon = sketch.rng.uniform(0.46, 0.58)
    picture, _ = sky.sky(sketch, horizon)
    count = 6
    for number in range(count):
        share = number / (count - 1)
        line = textures.wander(sketch.rng, 0.25 + 0.3 * share)
        base = horizon + (0.9 - horizon) * share**1.15
        swing = 0.045 + 0.04 * share
        _lay(sketch, picture, _Ground(share, line, base, swing, trees=share > 0.35))
    if not sketch.palette.night:
        sky.birds(sketch, picture, horizon)
    return picture


def mountains(sketch: Sketch) -> Image.Image:
    """Paint crags behind crags, with mist between them and a wood in front."""
    horizon = sketch.rng.uniform(0.48, 0.6)
    picture, _ = sky.sky(sketch, horizon)
    for number, (share, base, swing) in enumerate(
        ((0.0, horizon - 0.02, 0.17), (0.28, horizon + 0.08, 0.15), (0.52, horizon + 0.19, 0.11))
    ):
        line = textures.crags(sketch.rng)
        _lay(sketch, picture, _Ground(share, line, base, swing, mist=0.75))
        sky.haze(sketch, picture, base + 0.07, 190 - 45 * number)
    for share, base in ((0.8, 0.86), (1.0, 0.95)):
        line = textures.wander(sketch.rng, 0.6)
        _lay(sketch, picture, _Ground(share, line, base, 0.035, trees=True, mist=0.3))
    return picture


def sea(sketch: Sketch) -> Image.Image:
    """Paint open water that mirrors the sky, with islands and a boat or two."""
    horizon = sketch.rng.uniform(0.5, 0.6)
    picture, sun = sky.sky(sketch, horizon)
    for share in (0.15, 0.5):
        _islands(sketch, picture, horizon + 0.006, share)
    picture = _water(sketch, picture, horizon, sun[0])
    berths = sketch.rng.sample((0.18, 0.36, 0.54, 0.72, 0.86), k=sketch.rng.randint(1, 2))
    for depth, berth in zip((0.1, 0.3), berths, strict=False):
        y = sketch.height * (horizon + depth * (1 - horizon))
        land.sailboat(sketch, picture, sketch.width * berth, y, sketch.unit * (4 + 26 * depth))
    sky.birds(sketch, picture, horizon)
    return picture


def dunes(sketch: Sketch) -> Image.Image:
    """Paint sand in long curves, with one side of every crest in the light."""
    horizon = sketch.rng.uniform(0.42, 0.52)
    picture, _ = sky.sky(sketch, horizon)
    count = 5
    for number in range(count):
        share = number / (count - 1)
        line = textures.wander(sketch.rng, 0.0)
        base, swing = horizon + 0.06 + (0.86 - horizon) * share**1.3, 0.05 + 0.05 * share
        outline = textures.under(sketch.size, line, sketch.height * base, sketch.height * swing, 200)
        mask = textures.polygons(sketch.size, [outline])
        lit = mix(mix(sketch.palette.far, sketch.palette.accent, 0.35), sketch.palette.near, share * 0.55)
        land.layer(sketch, picture, mask, lit, top=base - swing, mist=0.15)
        crest = textures.wander(sketch.rng, 0.0)
        shade = [
            (x, y + (abs(crest(x / sketch.width)) * 0.16 + 0.02) * sketch.height * (0.4 + share))
            for x, y in outline[1:-1]
        ]
        dark = textures.polygons(sketch.size, [[*outline[1:-1], *reversed(shade)]])
        textures.tint(picture, mix(lit, sketch.palette.near, 0.6), textures.dim(dark, 0.62))
    return picture


def city(sketch: Sketch) -> Image.Image:
    """Paint three rows of towers against the sky, with windows lit in the nearer two."""
    palette = sketch.palette
    picture, _ = sky.sky(sketch, 0.72)
    for share, tall, wide in ((0.12, 0.5, (5, 9)), (0.5, 0.42, (5, 11)), (0.95, 0.34, (7, 14))):
        foot = 0.8 + 0.16 * share
        towers = land.towers(sketch, sketch.height * foot, sketch.height * tall, wide)
        mask = textures.polygons(sketch.size, land.outlines(sketch, towers))
        colour = mix(palette.far, palette.near, share)
        land.layer(sketch, picture, mask, colour, top=foot - tall, mist=0.45 * (1 - share))
        if share > 0.3:
            glass = textures.polygons(sketch.size, land.windows(sketch, towers))
            textures.tint(picture, mix(palette.accent, palette.light, 0.3), textures.dim(glass, 0.87))
            picture = textures.shine(picture, palette.accent, textures.halo(glass, sketch.unit, 85))
    return picture


def ribbons(sketch: Sketch) -> Image.Image:
    """Paint nothing in particular: folds of colour, like silk or paint."""
    palette = sketch.palette
    picture = textures.gradient(sketch.size, [*palette.sky[::-1]])
    colours = [*palette.sky, palette.accent, palette.light, palette.far]
    count = 9
    for number in range(count):
        share = number / (count - 1)
        line = textures.wander(sketch.rng, 0.12)
        base, swing = -0.05 + 1.05 * share, sketch.rng.uniform(0.06, 0.16)
        outline = textures.under(sketch.size, line, sketch.height * base, sketch.height * swing, 160)
        mask = textures.polygons(sketch.size, [outline])
        textures.tint(picture, palette.near, textures.halo(mask, sketch.unit * 3, 85))
        colour = mix(sketch.rng.choice(colours), colours[number % len(colours)], 0.5)
        land.layer(sketch, picture, mask, mix(colour, palette.light, 0.25), top=base - swing, mist=0.0)
        shade = ImageChops.multiply(_falloff(sketch, base, swing), mask)
        textures.tint(picture, mix(colour, palette.near, 0.35), shade)
    return picture


def _falloff(sketch: Sketch, base: float, swing: float) -> Image.Image:
    """Return a grey ramp that starts at a fold and deepens below it."""
    start = round(sketch.height * (base - swing))
    mask = Image.new("L", sketch.size, 150)
    mask.paste(0, (0, 0, sketch.width, max(0, start)))
    mask.paste(textures.ramp((sketch.width, max(2, round(sketch.height * 0.28))), (0, 150)), (0, start))
    return mask


@dataclass(frozen=True, slots=True)
class _Ground:
    """One layer of land.

    Attributes:
        share: Where it lies between the horizon (0) and the foreground (1).
        line: Its outline over 0..1, values around -1..1.
        base: Where it lies, as a share of the height.
        swing: How high it rises and falls, as a share of the height.
        trees: Whether there is a wood on it.
        mist: How much its foot takes on the sky's colour, 0 to 1, before distance counts.
    """

    share: float
    line: Callable[[float], float]
    base: float
    swing: float
    trees: bool = False
    mist: float = 0.5


def _lay(sketch: Sketch, picture: Image.Image, ground: _Ground) -> None:
    """Paint a layer of land in the colour its distance gives it."""
    base, swing, share = ground.base, ground.swing, ground.share
    shapes = [textures.under(sketch.size, ground.line, sketch.height * base, sketch.height * swing, 260)]
    if ground.trees:

        def surface(x: float) -> float:
            return sketch.height * (base - swing * ground.line(x))

        trees = round(220 * (1.25 - share) * sketch.width / sketch.height)
        shapes += land.pines(sketch, surface, sketch.unit * (2.5 + 9 * share**1.6), trees)
    colour = mix(sketch.palette.far, sketch.palette.near, share)
    mask = textures.polygons(sketch.size, shapes)
    land.layer(sketch, picture, mask, colour, top=base - swing, mist=ground.mist * (1 - share * 0.8))


def _islands(sketch: Sketch, picture: Image.Image, base: float, share: float) -> None:
    """Paint a coast that rises out of the water here and there."""
    rocks, reach = textures.crags(sketch.rng, 7), textures.wander(sketch.rng, 0.0)

    def line(x: float) -> float:
        return (abs(rocks(x)) + 0.35) * (reach(x) - 0.25)

    outline = textures.under(sketch.size, line, sketch.height * base, sketch.height * 0.12, 240)
    colour = mix(sketch.palette.far, sketch.palette.near, share)
    land.layer(sketch, picture, textures.polygons(sketch.size, [outline]), colour, top=base - 0.06, mist=0.3)


def _water(sketch: Sketch, picture: Image.Image, horizon: float, sun: float) -> Image.Image:
    """Reflect the sky in the water below the horizon, with ripples and the sun's glitter path."""
    top = round(sketch.height * horizon)
    depth = sketch.height - top
    mirror = ImageOps.flip(picture.crop((0, max(0, top - depth), sketch.width, top))).resize(
        (sketch.width, depth)
    )
    mirror = mirror.filter(ImageFilter.BoxBlur(sketch.unit * 0.7))
    deep = mix(sketch.palette.near, sketch.palette.sky[0], 0.45)
    mirror.paste(deep, (0, 0), textures.ramp((sketch.width, depth), (70, 120, 190)))
    ripples = textures.noise((sketch.width, depth), sketch.rng, (5, 34), 3)
    mirror.paste(
        mix(sketch.palette.light, sketch.palette.sky[-1], 0.5),
        (0, 0),
        textures.threshold(ripples, 140, 205, 90),
    )
    road = textures.glow((sketch.width, depth), (sun, 0.0), depth * 1.1)
    glints = textures.threshold(textures.noise((sketch.width, depth), sketch.rng, (14, 60), 2), 120, 170)
    mirror.paste(sketch.palette.light, (0, 0), ImageChops.multiply(glints, road))
    picture.paste(mirror, (0, top))
    return picture


def _scene(scene: Scene, words: str) -> tuple[Scene, frozenset[str]]:
    return scene, frozenset(words.split())


SCENES: tuple[tuple[Scene, frozenset[str]], ...] = (
    _scene(
        hills,
        "hill hills forest wood garden meadow field fields lavender village fox deer bear rabbit cottage",
    ),
    _scene(mountains, "mountain mountains peak alps valley castle dragon snow eagle cliff"),
    _scene(sea, "sea ocean lake water boat ship island beach harbour harbor river whale fish lighthouse"),
    _scene(dunes, "desert dune dunes sand mars camel pyramid planet"),
    _scene(city, "city town street tower skyline robot cyberpunk neon building london tokyo york paris"),
    _scene(ribbons, "abstract pattern silk paint wave waves flow music wallpaper texture marble ink"),
)
"""Each scene with the words of a prompt that choose it."""


def choose(sketch: Sketch) -> Scene:
    """Return the scene that matches most words, at random among equals; `ribbons` only if a word matches."""
    best = max(len(words & sketch.words) for _, words in SCENES)
    if best == 0:
        return sketch.rng.choice([scene for scene, _ in SCENES if scene is not ribbons])
    return sketch.rng.choice([scene for scene, words in SCENES if len(words & sketch.words) == best])
