"""A request as typed, and the plan for drawing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.generation.models import Capabilities
    from bot.model import ImageRequest, Size


@dataclass(frozen=True, slots=True)
class Draft:
    """A request as a member typed it, unchecked.

    Attributes:
        size: ``WIDTHxHEIGHT`` or ``auto``; None for the default.
        quality: a quality's name; None for the default.
        model: a model's name; None for the operator's default.
    """

    prompt: str
    size: str | None = None
    quality: str | None = None
    count: int = 1
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that can be drawn.

    Attributes:
        request: the request to Azure.
        model: the model's capabilities.
        estimate: the most that one call costs, in micro-dollars.
        scale_to: size to scale the result down to; None to leave it as drawn.
    """

    request: ImageRequest
    model: Capabilities
    estimate: int
    scale_to: Size | None = None
