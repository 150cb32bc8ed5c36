"""Drawing the pictures of a request, or reusing the canned picture."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import orjson
import pybase64
from PIL import Image

from sandbox.azure.painting import finish
from sandbox.azure.painting.painter import Order

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.azure.images.validation import ImageRequest
    from sandbox.azure.painting.painter import Painter


@dataclass(frozen=True)
class Picture:
    """One picture, ready for an answer.

    Attributes:
        data: The bytes of its file.
        stages: The files of its earlier stages, as JSON strings.
    """

    data: bytes = field(repr=False)
    stages: tuple[orjson.Fragment, ...] = ()

    @cached_property
    def encoded(self) -> orjson.Fragment:
        """The file as a JSON string, made once because a canned picture is sent many times."""
        return as_json(self.data)


def as_json(data: bytes) -> orjson.Fragment:
    """Return bytes as the JSON string of their base64, without a detour via `str`."""
    return orjson.Fragment(b'"' + pybase64.b64encode(data) + b'"')


class Studio:
    """Draws pictures with the painter, and caches the canned one."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter
        self._shelf: dict[tuple[int, int], Picture] = {}
        self._canned: bytes | None = None

    async def draw(self, request: ImageRequest, canned: bytes | None) -> list[Picture]:
        """Draw all pictures of a request, with as many earlier stages as its stream is to have."""
        if canned is not None:
            picture = await self._off_the_shelf(canned, request.partial_images)
            return [picture] * request.n
        order = Order(
            prompt=request.prompt,
            size=request.size,
            quality=request.quality,
            form=request.form,
            compression=request.compression,
            transparent=request.transparent,
            photograph=request.images[0].data if request.images else None,
            mask=request.mask.data if request.mask else None,
        )
        return list(
            await asyncio.gather(*(self._paint(order, i, request.partial_images) for i in range(request.n)))
        )

    async def _paint(self, order: Order, index: int, stages: int) -> Picture:
        painting = await self._painter.paint(order, index, stages)
        return Picture(painting.data, tuple(as_json(stage) for stage in painting.stages))

    async def spoil(self, spoiler: Callable[[bytes], bytes], picture: Picture) -> Picture:
        """Spoil the bytes of a picture, off the event loop; its earlier stages stay good."""
        return Picture(await self._painter.run(spoiler, picture.data), picture.stages)

    async def _off_the_shelf(self, canned: bytes, stages: int) -> Picture:
        """Return the canned picture; its base64 and its stages are made only once."""
        if canned is not self._canned:
            self._canned, self._shelf = canned, {}
        key = (id(canned), stages)
        if key not in self._shelf:
            veiled = await self._painter.run(_veil, canned, stages) if stages else ()
            self._shelf[key] = Picture(canned, tuple(as_json(stage) for stage in veiled))
        return self._shelf[key]


def _veil(canned: bytes, stages: int) -> tuple[bytes, ...]:
    picture = Image.open(io.BytesIO(canned)).convert("RGB")
    return tuple(
        finish.encode(finish.veiled(picture, (number + 1) / (stages + 1)), "png") for number in range(stages)
    )
