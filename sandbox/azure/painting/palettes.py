"""Colours that go well together, and the words of a prompt that ask for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one hour of the day in one kind of weather.

    Attributes:
        sky: Two or more colours from the zenith down to the horizon.
        light: The sun or moon and what it shines on.
        far: The most distant land, nearly sky.
        near: The land in the foreground.
        accent: Windows, sails, flowers: a little of it goes a long way.
        night: Whether stars show.
        words: Words in a prompt that choose this palette.
    """

    sky: tuple[Colour, ...]
    light: Colour
    far: Colour
    near: Colour
    accent: Colour
    night: bool = False
    words: frozenset[str] = field(default_factory=frozenset)


def _rgb(text: str) -> Colour:
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def _palette(sky: str, rest: str, words: str, *, night: bool = False) -> Palette:
    """Build a palette from hexadecimal colours; `rest` holds light, far, near and accent."""
    light, far, near, accent = (_rgb(colour) for colour in rest.split())
    return Palette(
        sky=tuple(_rgb(colour) for colour in sky.split()),
        light=light,
        far=far,
        near=near,
        accent=accent,
        night=night,
        words=frozenset(words.split()),
    )


PALETTES: tuple[Palette, ...] = (
    _palette(
        "2b3a67 7a5c8e e08e79 f9c784", "fff1c9 b77f86 1f1c33 ffd27d", "sunset dusk evening golden orange"
    ),
    _palette("355c7d 9d7fa3 f3a6a0 ffd9b8", "fff4e0 c39aa6 2a2742 ffb38a", "dawn morning sunrise pink rose"),
    _palette(
        "2f6fa8 74aedb bfe0ee f4f3e3", "fffbe8 9dc0cf 1d4a4f ffd166", "day sunny summer blue bright clear"
    ),
    _palette(
        "7fa8c9 b7cfdd dfe7e8 f5efe6", "ffffff b9c8d0 3c5566 e07a5f", "snow winter ice frost white cold"
    ),
    _palette(
        "0b1026 18234f 3b3f7d 7a6aa6", "f4f1de 4a4d86 090b1c ffd98a", "night midnight moon dream", night=True
    ),
    _palette(
        "07121f 0d2b3e 135058 3f8f7c",
        "d8fff0 1f5b62 040d14 9dffcb",
        "aurora star stars space galaxy",
        night=True,
    ),
    _palette(
        "4f6d7a 89a6a6 c0c9b8 e8e2cf", "fff8e7 a5b5a8 23352f d8a25e", "mist fog rain grey gray quiet calm"
    ),
    _palette(
        "264653 2a9d8f e9c46a f6dfa4", "fff3c4 8fb79a 17303a e76f51", "tropical beach island teal jungle"
    ),
    _palette(
        "5b2a4f a8435f ec7357 fdb777",
        "ffe6b0 bd6064 2b1226 ffd56b",
        "desert dune mars red canyon volcano fire dragon",
    ),
    _palette(
        "39486b 7d8cb5 c5b8d6 f6dfe4", "fff6f0 a9a3c4 262b4a f2a1b3", "lavender purple violet fairy magic"
    ),
    _palette(
        "3e5c50 7fa07a c7cf95 f5ecc1",
        "fffbe0 9fb98a 1b3326 e9b44c",
        "forest spring green garden fox bear deer",
    ),
    _palette(
        "6b3e26 b5713c e3a857 f7deb0",
        "fff2cf c08e5a 33200f c8553d",
        "autumn fall brown amber harvest steampunk",
    ),
    _palette(
        "1a1333 4b1d5e b5276f ff7a8a",
        "ffe0ef 6f2b74 0e0a1f 5ef2ff",
        "neon cyberpunk city robot future synthwave",
        night=True,
    ),
    _palette(
        "9bb8ad c6d3bd efe3cb fbf3e4",
        "ffffff b7c4b2 5a6f6a d9827b",
        "pastel watercolor watercolour soft cute cat kitten",
    ),
)


def choose(words: frozenset[str], rng: Random) -> Palette:
    """Return the palette that matches most words, at random among equals."""
    best = max(len(palette.words & words) for palette in PALETTES)
    return rng.choice([palette for palette in PALETTES if len(palette.words & words) == best])


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour between two: `share` 0 is the first, 1 the second."""
    keep = 1.0 - share
    return (
        round(first[0] * keep + second[0] * share),
        round(first[1] * keep + second[1] * share),
        round(first[2] * keep + second[2] * share),
    )
