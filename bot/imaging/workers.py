"""Threads for picture work, so that the event loop never waits for a pixel.

Threads are enough, without processes: Pillow's codecs release the interpreter lock while they work. Measured
with a 3840x2160 picture in one thread, the event loop was late by at most 6 ms while PNG and
JPEG were decoded and encoded, WebP encoded and pixels resampled. Only decoding WebP holds the lock, for
up to 110 ms; Easel never asks Azure for WebP.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 2
"""Pictures worked on at a time: this bounds the memory, and leaves a small machine's event loop its share.

A 3840x3840 picture takes 59 MB as pixels.
"""


class ImagingPool:
    """A few threads that do picture work; while all are busy, further work waits in the queue.

    Use it as an async context manager: leaving it waits for running and queued work, without blocking the
    event loop.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="imaging")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._executor.shutdown)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call ``function`` in one of the threads.

        If the caller is cancelled, queued work is dropped, and running work finishes with its result ignored.

        Raises:
            RuntimeError: the pool is closed.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, partial(function, *args, **kwargs))
