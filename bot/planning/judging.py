"""Whether one request is within a member's limits. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import CountNotAllowed, ModelNotAllowed, QualityNotAllowed, SizeNotAllowed
from bot.limits.rules import QUALITY_RANK
from bot.planning.offers import (
    allowed_models,
    allowed_qualities,
    allowed_sizes,
    model_allowed,
    quality_allowed,
    size_allowed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.generation.models import Capabilities
    from bot.limits.policy import Limits
    from bot.model import Quality, Size


def judge(
    limits: Limits,
    *,
    size: Size | None,
    quality: Quality,
    count: int,
    model: Capabilities,
    models: Sequence[Capabilities],
) -> None:
    """Refuse what the member may not have here; the errors carry what they may have instead.

    Args:
        limits: what holds for the member in the channel.
        size: what the member will see, so the scaled-down size of a small one; None leaves it to the model.
        quality: what is asked for.
        count: how many pictures.
        model: the model asked for.
        models: every model on offer, the default one first.

    Raises:
        ModelNotAllowed, SizeNotAllowed, QualityNotAllowed, CountNotAllowed: the first of them that holds.
    """
    if not model_allowed(limits, model):
        raise ModelNotAllowed(model.label, [allowed.label for allowed in allowed_models(limits, models)])
    largest = limits.max_size.value
    if largest is not None and not size_allowed(limits, size):
        raise SizeNotAllowed(str(size or "auto"), str(_largest(limits, model, largest)))
    best = limits.max_quality.value
    if best is not None and not quality_allowed(limits, quality, model):
        raise QualityNotAllowed(quality.value, _best(limits, model, best).value)
    most = limits.max_count.value
    if most is not None and count > most:
        raise CountNotAllowed(count, min(most, model.max_count))


def _largest(limits: Limits, model: Capabilities, limit: Size) -> Size:
    """The largest size within the limits that the model draws, for naming the limit itself may not help."""
    return max(allowed_sizes(limits, model), key=lambda size: size.pixels, default=limit)


def _best(limits: Limits, model: Capabilities, limit: Quality) -> Quality:
    """The best quality within the limits that the model knows."""
    return max(allowed_qualities(limits, model), key=lambda quality: QUALITY_RANK[quality], default=limit)
