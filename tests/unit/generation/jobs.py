"""A generation service over scripted deployments, and somebody who watches a job go through it."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final

import pytest

from bot.errors import GenerationError
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.prices import load_prices
from bot.generation.retries import CALL_BUDGET
from bot.generation.router import Router
from bot.generation.service import GenerationService
from bot.model import ImageRequest
from bot.telemetry.metrics import Metrics
from tests.fakes import After, ScriptedImages, elapsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bot.generation.azure import AzureImages
    from bot.model import Generation

RESOURCE: Final = Resource("https://example.openai.azure.com", "v1", "scope")
REQUEST: Final = ImageRequest("a red bicycle", "gpt-image-2", count=2)
TIME: Final = 840.0
PRICES: Final = load_prices()


def service_of(
    fleet: Fleet,
    resources: Mapping[Resource, AzureImages],
    metrics: Metrics | None = None,
    *,
    call_budget: int = CALL_BUDGET,
) -> GenerationService:
    """A service over a fleet, with a router whose pauses are drawn the same each time."""
    router = Router(fleet, elapsed, random.Random(0))
    return GenerationService(router, resources, PRICES, metrics or Metrics(), call_budget=call_budget)


class Watcher:
    """Who asks for a job: the seconds it was told to wait, and when; and all else it is told.

    Attributes:
        waits: each wait in seconds.
        told_at: when it was told of each.
        told: what it was told besides, in order: the names of the methods.
        affordable: whether there is money for another call.
        steps: what comes of telling it, by method: an error, or one or nothing after some time.
        look: called whenever it is told something.
    """

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.told_at: list[float] = []
        self.told: list[str] = []
        self.affordable = True
        self.steps: dict[str, BaseException | After] = {}
        self.look: Callable[[], None] = lambda: None

    async def calling(self) -> None:
        await self._hear("calling")

    async def free(self) -> None:
        await self._hear("free")

    async def waiting(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.told_at.append(elapsed())
        await self._take("waiting")

    async def unclear(self) -> bool:
        await self._hear("unclear")
        return self.affordable

    def abandoned(self) -> None:
        self.told.append("abandoned")

    async def _hear(self, name: str) -> None:
        self.told.append(name)
        self.look()
        await self._take(name)

    async def _take(self, name: str) -> None:
        step = self.steps.get(name)
        error = step
        if isinstance(step, After):
            await asyncio.sleep(step.seconds)
            error = step.error
        if isinstance(error, BaseException):
            raise error


class Job:
    """One generation service over scripted deployments, and what a member would see of it."""

    def __init__(
        self, *, call_budget: int = CALL_BUDGET, **script: Iterable[Exception | After | None]
    ) -> None:
        self.images = ScriptedImages(**script)
        self.metrics = Metrics()
        self.watch = Watcher()
        self.deployments = tuple(Deployment(name, "gpt-image-2", RESOURCE) for name in script)
        self.router = Router(Fleet(self.deployments), elapsed, random.Random(0))
        resources = {RESOURCE: self.images.as_resource()}
        self.service = GenerationService(
            self.router, resources, PRICES, self.metrics, call_budget=call_budget
        )

    async def run(self, time_left: float = TIME) -> Generation:
        return await self.service.generate(REQUEST, time_left=time_left, watch=self.watch)

    async def fail(self, time_left: float = TIME) -> GenerationError:
        with pytest.raises(GenerationError) as raised:
            await self.run(time_left)
        return raised.value

    @property
    def waits(self) -> list[float]:
        return self.watch.waits

    @property
    def called(self) -> list[str]:
        return self.images.called
