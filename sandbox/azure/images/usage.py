"""The tokens a request is billed for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.azure.images.validation import ImageRequest
    from sandbox.azure.models import Size

PARTIAL_TOKENS = 100
"""Output tokens each partial image of a stream adds (OpenAI's image guide)."""

BYTES_PER_TOKEN = 4
"""UTF-8 bytes of a prompt per token here; the real tokenizer is not public."""

PIXELS_PER_TOKEN = 1024
"""Pixels of an input image per token (measured on Azure with gpt-image-2)."""


def usage(request: ImageRequest, inputs: Sequence[Size], *, images: int, partials: int = 0) -> dict[str, Any]:
    """Return the `usage` object of an answer.

    Args:
        request: The validated request.
        inputs: The sizes of the input images, in pixels.
        images: How many pictures the answer holds.
        partials: How many partial images preceded it.
    """
    text = max(1, math.ceil(len(request.prompt.encode()) / BYTES_PER_TOKEN))
    image = sum(math.ceil(width * height / PIXELS_PER_TOKEN) for width, height in inputs)
    each = request.model.output_tokens(request.size, request.quality)
    output = images * each + partials * PARTIAL_TOKENS
    return {
        "input_tokens": text + image,
        "input_tokens_details": {"text_tokens": text, "image_tokens": image},
        "output_tokens": output,
        "output_tokens_details": {"image_tokens": output, "text_tokens": 0},
        "total_tokens": text + image + output,
    }
