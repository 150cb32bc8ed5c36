"""The generation service: one job's calls to Azure, over all deployments that can draw it."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import logging
from typing import TYPE_CHECKING, Protocol

from bot.errors import AnswerTimedOut, Billed, GenerationError, OutputFiltered, PromptRefused, ResourceBlocked
from bot.generation.retries import CALL_BUDGET, SHORTEST_DRAWING, pause_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.generation.azure import AzureImages
    from bot.generation.deployments import Deployment, Fleet, Resource
    from bot.model import Generation, ImageRequest
    from bot.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

WORTH_TELLING = 2.0
"""Seconds: shorter waits are not worth a word to the member."""


class Watch(Protocol):
    """Is told how one job's calls go, and has a say in whether there is another."""

    async def waiting(self, seconds: float) -> None:
        """The job waits that long before its next try; told only if a member would notice."""

    async def unclear(self) -> bool:
        """A call failed that Azure may bill.

        Returns:
            Whether there is money for another call.
        """

    def abandoned(self) -> None:
        """A call was given up while under way, so Azure may bill it; no other follows."""


class GenerationService:
    """Draws one request, moving on between deployments and trying again.

    Both happen freely after calls that cost nothing, and within the call budget after those that may have.
    """

    def __init__(
        self,
        fleet: Fleet,
        resources: Mapping[Resource, AzureImages],
        metrics: Metrics,
        *,
        call_budget: int = CALL_BUDGET,
    ) -> None:
        self._fleet = fleet
        self._resources = resources
        self._metrics = metrics
        self._call_budget = call_budget
        self._blocked: set[Resource] = set()

    async def generate(self, request: ImageRequest, *, time_left: float, watch: Watch) -> Generation:
        """Draw ``request``.

        Args:
            request: what to draw, already checked against the model's capabilities.
            time_left: seconds until the job must be over; no new try starts past that.
            watch: is told how it goes.

        Raises:
            GenerationError: no deployment gave a usable picture.
            PromptRefused: the content filter refused the prompt.
            OutputFiltered: the content filter held back every picture.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + time_left
        try:
            async with asyncio.timeout_at(deadline):
                return await self._persist(request, deadline, watch)
        except TimeoutError as error:
            late = AnswerTimedOut(time_left)
            self._note(late)
            raise late from error

    async def _persist(self, request: ImageRequest, deadline: float, watch: Watch) -> Generation:
        """Go round the deployments until one draws, nothing more is worth a try, or the budget is spent."""
        loop = asyncio.get_running_loop()
        spent = 0
        for round_number in itertools.count():
            failures: list[GenerationError] = []
            for deployment in self._in_order(request.model):
                if failures and deadline - loop.time() < SHORTEST_DRAWING:
                    break
                try:
                    return await self._draw(deployment, request)
                except GenerationError as error:
                    self._note(error)
                    failures.append(error)
                    spent += error.billed is not Billed.NO
                    affordable = error.billed is not Billed.UNKNOWN or await watch.unclear()
                    if error.billed is Billed.YES or spent >= self._call_budget or not affordable:
                        raise
                except asyncio.CancelledError:
                    watch.abandoned()
                    raise
            pause = pause_after(failures, round_number=round_number, time_left=deadline - loop.time())
            if pause is None:
                # "Busy" of one deployment tells a member more than that another one is set up wrong.
                raise next((error for error in failures if not error.alarming), failures[0])
            if pause > WORTH_TELLING:
                await watch.waiting(pause)
            await asyncio.sleep(pause)
        raise AssertionError("unreachable: the rounds never end by themselves")

    async def _draw(self, deployment: Deployment, request: ImageRequest) -> Generation:
        label = self._fleet.label(deployment)
        with self._metrics.generation_seconds.labels(deployment=label).time():
            try:
                generation = await self._resources[deployment.resource].generate(deployment, request)
            except GenerationError as error:
                error.deployment = label
                if isinstance(error, ResourceBlocked):
                    self._blocked.add(deployment.resource)
                raise
            except (PromptRefused, OutputFiltered) as refusal:
                self._metrics.generation_failures.labels(reason=type(refusal).__name__).inc()
                raise
        self._blocked.discard(deployment.resource)
        return dataclasses.replace(generation, deployment=label)

    def _in_order(self, model: str) -> list[Deployment]:
        """The deployments to try; those of a resource that Azure blocked come last, in case it lifts that."""
        return sorted(self._fleet.serving(model), key=lambda deployment: deployment.resource in self._blocked)

    def _note(self, error: GenerationError) -> None:
        level = logging.ERROR if error.alarming else logging.WARNING
        _log.log(level, "deployment %s: %s: %s", error.deployment or "-", type(error).__name__, error)
        self._metrics.generation_failures.labels(reason=type(error).__name__).inc()
