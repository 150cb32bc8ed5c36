"""The state that the routes of the Azure side share."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from sandbox.azure import kinds
from sandbox.azure.access.capacity import Capacity
from sandbox.azure.access.tokens import TokenStore
from sandbox.azure.blobs.store import BlobStore
from sandbox.azure.painting.painter import Painter
from sandbox.faults import FaultList

if TYPE_CHECKING:
    from sandbox.azure.options import AzureOptions
    from sandbox.azure.records import AzureRequest, Download, TokenRequest


class Closing(ConnectionError):
    """The sandbox closes while a call waits; its connection is cut, as by any server that goes away."""


class Resource:
    """One Azure OpenAI resource as it is now.

    Attributes:
        options: What it is; may be replaced while it runs, the next request sees the new value.
        faults: What it is to do wrong.
        requests: Every call to an image route, in order.
        token_requests: Every call to a token endpoint, in order.
        downloads: Every fetch of a picture by its link, in order.
        tokens: The Entra tokens it has issued.
        blobs: The pictures its links lead to.
        capacity: Its rate limiter.
        painter: What draws its pictures.
    """

    def __init__(self, options: AzureOptions) -> None:
        self.options = options
        self.faults = FaultList(kinds.ALL)
        self.requests: list[AzureRequest] = []
        self.token_requests: list[TokenRequest] = []
        self.downloads: list[Download] = []
        self.tokens = TokenStore()
        self.blobs = BlobStore()
        self.capacity = Capacity()
        self.painter = Painter()
        self._closing = asyncio.Event()

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than the sandbox stays open: a stalled call must not hold up its end.

        Raises:
            Closing: If the sandbox closes meanwhile.
        """
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), seconds)
                raise Closing

    async def pause_until(self, moment: float) -> None:
        """Wait for a moment of the monotonic clock; one that is past does not wait.

        Raises:
            Closing: If the sandbox closes meanwhile.
        """
        await self.pause(moment - time.monotonic())

    def release(self) -> None:
        """End every pause, now and from now on, and let go of the painter."""
        self._closing.set()
        self.painter.close()
