"""What each image model accepts, and how many tokens its pictures cost.

The figures are read from the bot's `models.toml`, so that a new model is an entry in one file. Their sources
are given there.
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
"""The one file that describes models, and the only thing of the bot's, beside its settings, used here."""

_AUTO_SIZE = (1024, 1024)
"""The size that `auto` means for a model that draws any size."""


@dataclass(frozen=True, slots=True)
class AnySize:
    """The limits on sizes for models without a list of sizes; edges in pixels."""

    edge_step: int
    longest_edge: int
    steepest_ratio: int
    fewest_pixels: int
    most_pixels: int

    def problem(self, size: Size) -> str | None:
        """Return the service's message for a size it would refuse, or None."""
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
        version: Azure's version of it: its release date.
        sizes: The sizes it draws; None for any that `any_size` allows.
        any_size: The limits on the size if there is no list.
        qualities: The values of `quality` besides `auto`.
        auto_quality: The quality that `auto` means.
        count_max: Most pictures per request.
        prompt_max: Longest prompt in characters.
        input_fidelities: The values of `input_fidelity` on edits; empty if the model refuses it.
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
        """The size that `auto` means."""
        return self.sizes[0] if self.sizes else _AUTO_SIZE

    def size_problem(self, size: Size) -> str | None:
        """Return the service's message for a size it would refuse; None for a model with a list of sizes."""
        return self.any_size.problem(size) if self.sizes is None else None

    def output_tokens(self, size: Size, quality: str) -> int:
        """Count the tokens one picture costs.

        For models that draw any size, with L and S the long and short edge and A the quality's factor:
        s = floor((2·A·S + L) / (2·L)), tokens = ceil(A·s·(2,000,000 + w·h) / 4,000,000). The formula is
        unpublished and was worked out by users; it gives the figures measured on Azure (196, 1756, 1372). The
        other models have a fixed table (OpenAI's image guide).
        """
        if self.sizes is not None:
            return self.tokens[size, quality]
        factor = self.factors[quality]
        long, short = max(size), min(size)
        step = (2 * factor * short + long) // (2 * long)
        return math.ceil(factor * step * (2_000_000 + size[0] * size[1]) / 4_000_000)


def parse_size(text: str) -> Size | None:
    """Parse "WIDTHxHEIGHT"; return None if the text has another form."""
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    return (int(match[1]), int(match[2])) if match else None


def load_models(text: str = TEXT) -> Mapping[str, ImageModel]:
    """Read the models that are served, oldest first, from the text of `models.toml`.

    Models already retired when the list was last checked are left out, because their deployments no longer
    work. The date of that check counts, not today's, so that the models served do not change overnight.

    Raises:
        KeyError: If the file lacks something that a served model needs.
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
"""Model name → model."""
