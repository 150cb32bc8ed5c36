"""The state shared by the routes of the Azure side."""

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
    """The sandbox is closing while a call waits; its connection is cut, as when any server goes away."""


class Resource:
    """The current state of one Azure OpenAI resource.

    Attributes:
        options: Its options; may be replaced while it runs, and apply from the next request.
        faults: The faults armed on it.
        requests: Every call to an image route, in order.
        token_requests: Every call to a token endpoint, in order.
        downloads: Every fetch of a picture by its link, in order.
        tokens: The Entra tokens it has issued.
        blobs: The pictures its links point to.
        capacity: Its rate limiter.
        painter: Draws its pictures.
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
        """Wait, but only while the sandbox is open: a stalled call must not delay its shutdown.

        Raises:
            Closing: If the sandbox closes during the wait.
        """
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), seconds)
                raise Closing

    async def pause_until(self, moment: float) -> None:
        """Wait until a time on the monotonic clock; return at once if it has passed.

        Raises:
            Closing: If the sandbox closes during the wait.
        """
        await self.pause(moment - time.monotonic())

    def release(self) -> None:
        """End all current and future pauses, and close the painter."""
        self._closing.set()
        self.painter.close()
