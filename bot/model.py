"""Requests to Azure and what it returns, as plain values."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Self

_SIZE = re.compile(r"\s*(\d{1,5})\s*[x×*]\s*(\d{1,5})\s*", re.IGNORECASE)


class Quality(enum.StrEnum):
    """How much work the model puts into a picture, cheapest first; ``AUTO`` leaves it to the model."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read ``WIDTHxHEIGHT`` (``x``, ``X``, ``×`` or ``*`` between); return None for anything else."""
        match = _SIZE.fullmatch(text)
        return cls(int(match[1]), int(match[2])) if match else None

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One call's worth of pictures, already checked against the model's capabilities.

    Attributes:
        prompt: what to draw, as the member typed it.
        model: the model's name, a key of ``models.toml`` or an unknown one.
        count: how many pictures, 1 to 10.
        size: pixels to draw; None lets the model choose.
        quality: see ``Quality``.
        user: a salted hash that tells members apart for Azure's abuse monitoring; never a Discord id.
    """

    prompt: str
    model: str
    count: int = 1
    size: Size | None = None
    quality: Quality = Quality.MEDIUM
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens Azure counted for one call, which is what it bills."""

    text_input: int = 0
    image_input: int = 0
    output: int = 0


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """One picture as Azure sent it: its bytes, untouched, with the format and size read from them.

    Attributes:
        data: the encoded file, byte for byte as Azure sent it.
        format: ``png``, ``jpeg`` or ``webp``, read from the bytes.
        size: pixels, read from the bytes.
    """

    data: bytes
    format: str
    size: Size


@dataclass(frozen=True, slots=True)
class Generation:
    """The result of one successful call.

    Attributes:
        images: at least one picture, in Azure's order.
        filtered: how many of the requested pictures the content filter held back.
        usage: the tokens billed; None if the answer gave none.
        deployment: the deployment that drew them.
        request_id: Azure's id of the call, for support; empty if it gave none.
        cost: the price of the usage, in micro-dollars; None if that is unknown.
    """

    images: tuple[GeneratedImage, ...]
    filtered: int
    usage: Usage | None
    deployment: str
    request_id: str
    cost: int | None = None


def micro_dollars(dollars: Decimal) -> int:
    """Convert dollars to whole micro-dollars, rounded up."""
    return int((dollars * 1_000_000).to_integral_value(ROUND_CEILING))
