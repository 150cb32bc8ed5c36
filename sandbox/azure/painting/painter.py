"""The painter: whole pictures as bytes, drawn on its own threads."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from PIL import Image

from sandbox.azure.painting import finish, scenes, sketch, textures

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

WORKERS = 2
"""Threads that paint. Pillow's C code releases the GIL, so the event loop keeps running."""

LARGE = 2_600_000
"""Pixels above which a scene is painted at half the size and enlarged; its grain stays at full size."""

GRAIN = {"low": 4.0, "medium": 7.0}
"""Grey levels of grain per quality; `GRAIN_HIGH` for the others."""
GRAIN_HIGH = 9.0

REMEMBERED = 8
"""Pictures cached in case the same one is ordered again; at 1024x1024 one takes 1.3 MB."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to paint.

    Attributes:
        prompt: Words that choose scene and colours, and seed the randomness.
        size: Width and height in pixels.
        quality: The quality, as Azure calls it.
        form: `png` or `jpeg`.
        compression: The JPEG quality, 0 to 100.
        transparent: Whether the background is transparent.
        photograph: Bytes of the image to edit, if this is an edit.
        mask: Bytes of its mask, if any.
    """

    prompt: str
    size: tuple[int, int]
    quality: str = "high"
    form: str = "png"
    compression: int = 100
    transparent: bool = False
    photograph: bytes | None = None
    mask: bytes | None = None


@dataclass(frozen=True, slots=True)
class Painting:
    """A finished picture and its earlier stages.

    Attributes:
        data: The bytes of the file.
        stages: Files of the earlier stages, roughest first; as many as requested.
    """

    data: bytes
    stages: tuple[bytes, ...] = ()


def paint(order: Order, index: int = 0, stages: int = 0) -> Painting:
    """Paint one picture; equal arguments give equal bytes.

    1024x1024 takes about 0.15 s of CPU time, 3840x2160 under a second.

    Args:
        order: What to paint.
        index: Which of the order's pictures to paint; each looks different.
        stages: How many earlier stages to keep, for a stream with partial images.
    """
    picture = _compose(order, index)
    earlier = tuple(_stage(picture, order, (number + 1) / (stages + 1)) for number in range(stages))
    return Painting(_file(picture, order), earlier)


def _compose(order: Order, index: int) -> Image.Image:
    """Return the scene with its grain, at full size."""
    half = order.size[0] * order.size[1] > LARGE
    size = ((order.size[0] + 1) // 2, (order.size[1] + 1) // 2) if half else order.size
    plan = sketch.plan(order.prompt, size, index=index, quality=order.quality, seed=_fingerprint(order))
    picture = scenes.choose(plan)(plan)
    if half:
        picture = picture.resize(order.size, Image.Resampling.BICUBIC)
    if order.photograph is not None:
        mask = _open(order.mask) if order.mask is not None else None
        picture = finish.recolour(_open(order.photograph), picture, mask)
    return textures.grain(picture, plan.rng, GRAIN.get(order.quality, GRAIN_HIGH))


def _fingerprint(order: Order) -> str:
    return str(len(order.photograph)) if order.photograph is not None else ""


def _open(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def _stage(picture: Image.Image, order: Order, share: float) -> bytes:
    return _file(finish.veiled(picture, share), order)


def _file(picture: Image.Image, order: Order) -> bytes:
    if order.transparent:
        picture = finish.cut_out(picture)
    finish.mark(picture)
    return finish.encode(picture, order.form, order.compression)


_paint_or_remember = lru_cache(maxsize=REMEMBERED)(paint)


class Painter:
    """Paints on its own threads, so that the event loop stays free."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="painter")

    async def paint(self, order: Order, index: int = 0, stages: int = 0) -> Painting:
        """Run `paint` on a thread; a recent picture is not painted again, unless it is an edit."""
        work = paint if order.photograph else _paint_or_remember
        return await self.run(work, order, index, stages)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run any other work on pixels on a thread, so that it does not block the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*args, **kwargs))

    def close(self) -> None:
        """Shut down the threads; finish pictures in progress and drop those that wait."""
        self._threads.shutdown(wait=False, cancel_futures=True)
