"""What each image model accepts, and what a picture of it costs in tokens.

The figures are those of the bot's `models.toml`, read as data, so that a new model is an entry in one file.
Their sources stand there.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

Size = tuple[int, int]

TEXT = resources.files("bot.generation").joinpath("models.toml").read_text(encoding="utf-8")
"""The one file that tells of models; nothing else in the sandbox knows the bot by more than its settings."""

_AUTO_SIZE = (1024, 1024)
"""What a model that draws any size makes of `auto`."""


@dataclass(frozen=True, slots=True)
class AnySize:
    """The sizes that models draw which are not held to a list; edges in pixels."""

    edge_step: int
    longest_edge: int
    steepest_ratio: int
    fewest_pixels: int
    most_pixels: int

    def problem(self, size: Size) -> str | None:
        """Return why the service would refuse a size, in its words, or None."""
        width, height = size
        text = f"Invalid size '{width}x{height}'."
        if width % self.edge_step or height % self.edge_step:
            return f"{text} Width and height must both be divisible by {self.edge_step}."
        if max(size) > self.longest_edge:
            return f"{text} The longest edge must be less than or equal to {self.longest_edge} pixels."
        if max(size) > self.steepest_ratio * min(size):
            ratio = self.steepest_ratio
            return f"{text} The aspect ratio must be between 1:{ratio} and {ratio}:1."
        if width * height < self.fewest_pixels:
            return f"{text} The requested resolution is below the current minimum pixel budget."
        if width * height > self.most_pixels:
            return f"{text} The requested resolution exceeds the current maximum pixel budget."
        return None


@dataclass(frozen=True, slots=True)
class ImageModel:
    """One model version as deployed on Azure.

    Attributes:
        name: The model's name.
        version: Azure's version of it, the day it came out.
        sizes: The sizes it draws; None means any that `any_size` has nothing against.
        any_size: What holds for the size if there is no list.
        qualities: What `quality` takes besides `auto`.
        auto_quality: What `auto` comes to.
        count_max: Most pictures of one request.
        prompt_max: Longest prompt in characters.
        input_fidelities: What `input_fidelity` takes on edits; empty where the model refuses it.
        factors: Quality → the factor A of the token formula, for models without a list of sizes.
        tokens: (size, quality) → tokens, for the others.
    """

    name: str
    version: dt.date
    sizes: tuple[Size, ...] | None
    any_size: AnySize
    qualities: tuple[str, ...]
    auto_quality: str
    count_max: int
    prompt_max: int
    input_fidelities: tuple[str, ...]
    factors: Mapping[str, int]
    tokens: Mapping[tuple[Size, str], int]

    @property
    def auto_size(self) -> Size:
        """The size that `auto` comes to."""
        return self.sizes[0] if self.sizes else _AUTO_SIZE

    def size_problem(self, size: Size) -> str | None:
        """Return why the service would refuse a size, in its words; None for a model with a list of sizes."""
        return self.any_size.problem(size) if self.sizes is None else None

    def output_tokens(self, size: Size, quality: str) -> int:
        """Count the tokens one picture costs.

        For models that draw any size, with L and S the long and short edge and A the quality's factor:
        s = floor((2·A·S + L) / (2·L)), tokens = ceil(A·s·(2,000,000 + w·h) / 4,000,000). The formula was
        worked out by users, not published; it gives the figures measured on Azure (196, 1756, 1372). The
        others have a fixed table (OpenAI's image guide).
        """
        if self.sizes is not None:
            return self.tokens[size, quality]
        factor = self.factors[quality]
        long, short = max(size), min(size)
        step = (2 * factor * short + long) // (2 * long)
        return math.ceil(factor * step * (2_000_000 + size[0] * size[1]) / 4_000_000)


def parse_size(text: str) -> Size | None:
    """Read the edges from "WIDTHxHEIGHT"; None if the text has another form."""
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    return (int(match[1]), int(match[2])) if match else None


def load_models(text: str = TEXT) -> Mapping[str, ImageModel]:
    """Read the models that are served, oldest first, from the text of `models.toml`.

    Those that were retired when the list was last checked are not among them: a deployment of one is as good
    as gone. The day of the check, not today, so that what the sandbox serves does not change overnight.

    Raises:
        KeyError: If the file leaves out something that a model needs in order to be served.
    """
    document = tomllib.loads(text)
    served = [
        _model(name, entry, document["prices"][name], AnySize(**document["any_size"]))
        for name, entry in document["models"].items()
        if "retires" not in entry or entry["retires"] > document["checked"]
    ]
    return MappingProxyType({model.name: model for model in sorted(served, key=lambda model: model.version)})


def _model(name: str, entry: Mapping[str, Any], price: Mapping[str, Any], any_size: AnySize) -> ImageModel:
    return ImageModel(
        name=name,
        version=entry["version"],
        sizes=None if entry["sizes"] == "any" else tuple(_size(size) for size in entry["sizes"]),
        any_size=any_size,
        qualities=tuple(quality for quality in entry["qualities"] if quality != "auto"),
        auto_quality=entry["auto_quality"],
        count_max=entry["max_count"],
        prompt_max=entry["max_prompt"],
        input_fidelities=tuple(entry.get("input_fidelity", ())),
        factors=price.get("detail", {}),
        tokens={
            (_size(size), quality): tokens
            for size, row in price.get("tokens", {}).items()
            for quality, tokens in row.items()
        },
    )


def _size(text: str) -> Size:
    size = parse_size(text)
    if size is None:
        raise ValueError(f"not a size: {text!r}")
    return size


MODELS = load_models()
"""Model name → what it takes."""
