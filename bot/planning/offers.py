"""What a member may have within their limits: values to offer, defaults, and checks. Pure functions.

Sizes compare by their pixels. A size left to the model (``auto``) is allowed only where no limit applies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import CountNotAllowed, ModelNotAllowed, QualityNotAllowed, SizeNotAllowed
from bot.generation.models import EDGE_STEP, LEGACY_SIZES, STANDARD_SIZES
from bot.limits.values import QUALITY_RANK
from bot.model import Quality, Size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.generation.models import Capabilities
    from bot.limits.policy import Limits


def size_allowed(limits: Limits, size: Size | None) -> bool:
    """Return whether a size is within the limits; None leaves it to the model."""
    largest = limits.values.max_size
    return largest is None or (size is not None and size.pixels <= largest.pixels)


def quality_allowed(limits: Limits, quality: Quality, model: Capabilities) -> bool:
    """Return whether a quality is within the limits; a model without qualities is never asked for one."""
    best = limits.values.max_quality
    return best is None or not model.qualities or QUALITY_RANK[quality] <= QUALITY_RANK[best]


def model_allowed(limits: Limits, model: Capabilities) -> bool:
    """Return whether a model is allowed."""
    return limits.values.models is None or model.name in limits.values.models


def allowed_sizes(limits: Limits, model: Capabilities) -> tuple[Size, ...]:
    """Return sizes to suggest, most useful first: the model's, the limit if it can draw that, small ones."""
    limit = limits.values.max_size
    exact = (limit,) if limit is not None and model.size_fault(limit) is None else ()
    offered = dict.fromkeys((*model.offered_sizes(), *exact, *LEGACY_SIZES))
    return tuple(size for size in offered if size_allowed(limits, size))


def allowed_qualities(limits: Limits, model: Capabilities) -> tuple[Quality, ...]:
    """Return the model's qualities that are within the limits, in the model's order."""
    return tuple(quality for quality in model.qualities if quality_allowed(limits, quality, model))


def allowed_models(limits: Limits, models: Sequence[Capabilities]) -> tuple[Capabilities, ...]:
    """Return those models on offer that are allowed, in order; there may be none."""
    return tuple(model for model in models if model_allowed(limits, model))


def default_model(limits: Limits, models: Sequence[Capabilities]) -> Capabilities:
    """Return the first allowed model; if none is, the first on offer, so that the refusal names it."""
    return next(iter(allowed_models(limits, models)), models[0])


def default_size(limits: Limits, model: Capabilities) -> Size:
    """Return 1024x1024, or else the largest smaller square that is allowed and can be drawn."""
    edges = range(STANDARD_SIZES[0].width, 0, -EDGE_STEP) if model.sizes is None else ()
    squares = (STANDARD_SIZES[0], *(Size(edge, edge) for edge in edges), *reversed(LEGACY_SIZES))
    allowed = (size for size in squares if size_allowed(limits, size))
    can_be_had = (size for size in allowed if size in LEGACY_SIZES or model.size_fault(size) is None)
    return next(can_be_had, LEGACY_SIZES[0])


def default_quality(limits: Limits, model: Capabilities) -> Quality:
    """Return medium, or the best allowed quality below it."""
    medium = QUALITY_RANK[Quality.MEDIUM]
    modest = (quality for quality in allowed_qualities(limits, model) if QUALITY_RANK[quality] <= medium)
    return max(modest, key=lambda quality: QUALITY_RANK[quality], default=Quality.MEDIUM)


# --- judging --------------------------------------------------------------------------------------


def judge(
    limits: Limits,
    *,
    size: Size | None,
    quality: Quality,
    count: int,
    model: Capabilities,
    models: Sequence[Capabilities],
) -> None:
    """Refuse a request beyond the member's limits here; the errors carry what is allowed instead.

    Args:
        limits: the member's limits in the channel.
        size: the size that the member will see, after scaling down; None leaves it to the model.
        quality: the quality asked for.
        count: how many pictures.
        model: the model asked for.
        models: every model on offer, the default one first.

    Raises:
        ModelNotAllowed, SizeNotAllowed, QualityNotAllowed, CountNotAllowed: the first of them that applies.
    """
    if not model_allowed(limits, model):
        raise ModelNotAllowed(model.label, [allowed.label for allowed in allowed_models(limits, models)])
    largest = limits.values.max_size
    if largest is not None and not size_allowed(limits, size):
        raise SizeNotAllowed(str(size or "auto"), str(_largest(limits, model, largest)))
    best = limits.values.max_quality
    if best is not None and not quality_allowed(limits, quality, model):
        raise QualityNotAllowed(quality.value, _best(limits, model, best).value)
    most = limits.values.max_count
    if most is not None and count > most:
        raise CountNotAllowed(count, min(most, model.max_count))


def _largest(limits: Limits, model: Capabilities, limit: Size) -> Size:
    """Return the largest allowed size that the model draws: it may not be able to draw the limit itself."""
    return max(allowed_sizes(limits, model), key=lambda size: size.pixels, default=limit)


def _best(limits: Limits, model: Capabilities, limit: Quality) -> Quality:
    """Return the model's best quality within the limits."""
    return max(allowed_qualities(limits, model), key=lambda quality: QUALITY_RANK[quality], default=limit)
