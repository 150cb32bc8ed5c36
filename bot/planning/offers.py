"""What a member is offered within their limits, and what they get where they leave an option out. Pure.

Sizes compare by their pixels. What is left to the model (``auto``) is allowed only where nothing limits it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.generation.models import EDGE_STEP, LEGACY_SIZES, STANDARD_SIZES
from bot.limits.rules import QUALITY_RANK
from bot.model import Quality, Size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.generation.models import Capabilities
    from bot.limits.policy import Limits


def size_allowed(limits: Limits, size: Size | None) -> bool:
    """Whether a size is within the limits; None leaves it to the model."""
    largest = limits.max_size.value
    return largest is None or (size is not None and size.pixels <= largest.pixels)


def quality_allowed(limits: Limits, quality: Quality, model: Capabilities) -> bool:
    """Whether a quality is within the limits; a model that knows no qualities is not asked for any."""
    best = limits.max_quality.value
    return best is None or not model.qualities or QUALITY_RANK[quality] <= QUALITY_RANK[best]


def model_allowed(limits: Limits, model: Capabilities) -> bool:
    """Whether a model is among the allowed ones."""
    return limits.models.value is None or model.name in limits.models.value


def allowed_sizes(limits: Limits, model: Capabilities) -> tuple[Size, ...]:
    """Sizes to suggest, most useful first: the model's, the very limit if it can draw that, small ones."""
    limit = limits.max_size.value
    exact = (limit,) if limit is not None and model.size_fault(limit) is None else ()
    offered = dict.fromkeys((*model.offered_sizes(), *exact, *LEGACY_SIZES))
    return tuple(size for size in offered if size_allowed(limits, size))


def allowed_qualities(limits: Limits, model: Capabilities) -> tuple[Quality, ...]:
    """Qualities of the model that are within the limits, in the model's order."""
    return tuple(quality for quality in model.qualities if quality_allowed(limits, quality, model))


def allowed_models(limits: Limits, models: Sequence[Capabilities]) -> tuple[Capabilities, ...]:
    """The allowed ones of the models on offer, in their order; there may be none."""
    return tuple(model for model in models if model_allowed(limits, model))


def default_model(limits: Limits, models: Sequence[Capabilities]) -> Capabilities:
    """The first allowed model; the very first if none is allowed, so that the refusal names it."""
    return next(iter(allowed_models(limits, models)), models[0])


def default_size(limits: Limits, model: Capabilities) -> Size:
    """The square of 1024 pixels, else the largest smaller one that is allowed and can be had."""
    edges = range(STANDARD_SIZES[0].width, 0, -EDGE_STEP) if model.sizes is None else ()
    squares = (STANDARD_SIZES[0], *(Size(edge, edge) for edge in edges), *reversed(LEGACY_SIZES))
    can_be_had = (size for size in squares if size in LEGACY_SIZES or model.size_fault(size) is None)
    return next((size for size in can_be_had if size_allowed(limits, size)), LEGACY_SIZES[0])


def default_quality(limits: Limits, model: Capabilities) -> Quality:
    """Medium, or the best allowed one if that is less."""
    medium = QUALITY_RANK[Quality.MEDIUM]
    modest = (quality for quality in allowed_qualities(limits, model) if QUALITY_RANK[quality] <= medium)
    return max(modest, key=lambda quality: QUALITY_RANK[quality], default=Quality.MEDIUM)
