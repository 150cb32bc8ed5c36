"""The plan of a picture: the prompt's words and a seeded source of randomness."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from sandbox.azure.painting import palettes

if TYPE_CHECKING:
    from sandbox.azure.painting.palettes import Palette

DETAIL = {"low": 0.35, "medium": 0.7, "high": 1.0, "xhigh": 1.15, "max": 1.3}
"""Quality → amount of small detail: trees, windows, stars."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """The plan of one picture.

    Attributes:
        size: Width and height in pixels.
        rng: The only source of randomness, seeded by the arguments of `plan` except `quality`.
        palette: The colours.
        words: The words of the prompt, lower case.
        detail: Amount of small detail; 1.0 is the usual amount.
    """

    size: tuple[int, int]
    rng: Random
    palette: Palette
    words: frozenset[str]
    detail: float

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.size[0]

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.size[1]

    @property
    def unit(self) -> float:
        """A hundredth of the shorter edge, in pixels: the unit for small things."""
        return min(self.size) / 100

    def asks_for(self, *words: str) -> bool:
        """Return whether the prompt has one of these words."""
        return not self.words.isdisjoint(words)

    def smaller(self, times: int) -> Sketch:
        """Return the same plan at a smaller size, with the same source of randomness."""
        return replace(self, size=(max(1, self.width // times), max(1, self.height // times)))

    def count(self, usual: int) -> int:
        """Return how many of a small thing to draw at this level of detail, at least one."""
        return max(1, round(usual * self.detail))


def plan(
    prompt: str, size: tuple[int, int], *, index: int = 0, quality: str = "high", seed: str = ""
) -> Sketch:
    """Turn a prompt into a sketch; equal arguments make equal pictures.

    `quality` is not part of the seed, so that a better quality shows the same place with more in it. `seed`
    distinguishes pictures with the same words, such as edits of different photographs.
    """
    key = f"{prompt}\0{size[0]}x{size[1]}\0{index}\0{seed}".encode()
    rng = Random(hashlib.sha256(key).digest())
    words = frozenset(re.findall(r"[^\W_]+", prompt.lower()))
    return Sketch(size, rng, palettes.choose(words, rng), words, DETAIL.get(quality, 1.0))
