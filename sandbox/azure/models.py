"""What each image model accepts, and what a picture of it costs in tokens.

The rules and their sources, as of 2026-11-22: MicrosoftDocs/azure-ai-docs `how-to/dall-e.md` and the
reference of 2025-04-01-preview; the parameter types of openai 3.54 (`types/image_generate_params.py`,
`types/image_edit_params.py`). Retired models are not here: a deployment of one is as good as gone.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Size = tuple[int, int]

STANDARD_SIZES: tuple[Size, ...] = ((1024, 1024), (1536, 1024), (1024, 1536))
EDGE_MULTIPLE = 16
EDGE_MAX = 3840
RATIO_MAX = 3
PIXELS_MIN = 655_360
PIXELS_MAX = 8_294_400

_CLASSIC_QUALITIES = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class ImageModel:
    """One model version as deployed on Azure.

    Attributes:
        name: The model's name.
        version: Azure's version of it.
        qualities: What `quality` takes besides `auto`.
        auto_quality: What `auto` comes to (how-to: high; medium for mini).
        any_size: Whether any legal WIDTHxHEIGHT is drawn, or only `STANDARD_SIZES`.
        prompt_max: Longest prompt in characters. The reference says 32,000; Azure's models page 4,000 for
            the first models, so those are held to the lower figure.
        input_fidelities: What `input_fidelity` takes on edits; empty where the model refuses it.
        factors: Quality → the factor A of the token formula, for `any_size` models.
        tokens: (size, quality) → tokens, for the others.
    """

    name: str
    version: str
    qualities: tuple[str, ...]
    auto_quality: str
    any_size: bool
    prompt_max: int
    input_fidelities: tuple[str, ...]
    factors: Mapping[str, int]
    tokens: Mapping[tuple[Size, str], int]

    def size_problem(self, size: Size) -> str | None:
        """Why the service would refuse a size to an `any_size` model, in its words, or None."""
        width, height = size
        text = f"Invalid size '{width}x{height}'."
        if width % EDGE_MULTIPLE or height % EDGE_MULTIPLE:
            return f"{text} Width and height must both be divisible by {EDGE_MULTIPLE}."
        if max(size) > EDGE_MAX:
            return f"{text} The longest edge must be less than or equal to {EDGE_MAX} pixels."
        if max(size) > RATIO_MAX * min(size):
            return f"{text} The aspect ratio must be between 1:{RATIO_MAX} and {RATIO_MAX}:1."
        if width * height < PIXELS_MIN:
            return f"{text} The requested resolution is below the current minimum pixel budget."
        if width * height > PIXELS_MAX:
            return f"{text} The requested resolution exceeds the current maximum pixel budget."
        return None

    def output_tokens(self, size: Size, quality: str) -> int:
        """Tokens one picture costs.

        For models that draw any size, with L and S the long and short edge and A the quality's factor:
        s = floor((2·A·S + L) / (2·L)), tokens = ceil(A·s·(2,000,000 + w·h) / 4,000,000). The formula was
        worked out by users, not published; it gives the figures measured on Azure (196, 1756, 1372). The
        others have a fixed table (OpenAI's image guide).
        """
        if not self.any_size:
            return self.tokens[size, quality]
        factor = self.factors[quality]
        long, short = max(size), min(size)
        step = (2 * factor * short + long) // (2 * long)
        return math.ceil(factor * step * (2_000_000 + size[0] * size[1]) / 4_000_000)


def parse_size(text: str) -> Size | None:
    """The edges named by "WIDTHxHEIGHT", or None if the text has another form."""
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    return (int(match[1]), int(match[2])) if match else None


def _table(*rows: tuple[int, int, int]) -> dict[tuple[Size, str], int]:
    """Rows of low, medium, high in the order of `STANDARD_SIZES`."""
    return {
        (size, quality): tokens
        for size, row in zip(STANDARD_SIZES, rows, strict=True)
        for quality, tokens in zip(_CLASSIC_QUALITIES, row, strict=True)
    }


_FIRST_TABLE = _table((272, 1056, 4160), (400, 1568, 6208), (408, 1584, 6240))
_SECOND_FACTORS = {"low": 16, "medium": 48, "high": 96}
_LATER_FACTORS = {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96}


def _first(name: str, version: str, auto: str, fidelities: tuple[str, ...]) -> ImageModel:
    return ImageModel(name, version, _CLASSIC_QUALITIES, auto, False, 4_000, fidelities, {}, _FIRST_TABLE)


def _later(name: str, version: str, factors: Mapping[str, int]) -> ImageModel:
    return ImageModel(name, version, tuple(factors), "high", True, 32_000, (), factors, {})


MODELS: Mapping[str, ImageModel] = {
    model.name: model
    for model in (
        _first("gpt-image-1-mini", "2025-10-06", "medium", ("low",)),
        _first("gpt-image-1.5", "2025-12-16", "high", ("low", "high")),
        _later("gpt-image-2", "2026-04-21", _SECOND_FACTORS),
        _later("gpt-image-2.5-flare", "2026-09-08", _LATER_FACTORS),
        _later("gpt-image-2.5-sunburst", "2026-09-08", _LATER_FACTORS),
    )
}
"""Model name → what it takes."""
