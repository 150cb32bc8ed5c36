"""The generation service: one job's calls to Azure, over all deployments that can draw it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.errors import AnswerTimedOut, Billed, GenerationError, OutputFiltered, PromptRefused, ResourceBlocked
from bot.generation.retries import CALL_BUDGET, SHORTEST_DRAWING, pause_after

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.generation.azure import AzureImages
    from bot.generation.deployment_state import Call
    from bot.generation.deployments import Deployment, Resource
    from bot.generation.prices import PriceTable
    from bot.generation.router import Router
    from bot.model import Generation, ImageRequest
    from bot.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

WORTH_TELLING = 2.0
"""Shortest wait that is worth telling the member about, in seconds."""


class Watch(Protocol):
    """Follows one job's calls, and has a say in whether there is another.

    ``calling`` comes before each call. If the call fails, ``free``, ``unclear`` or ``abandoned`` says what it
    cost; none does if Azure billed it, which the error says. An exception from any of them ends the job.
    """

    async def calling(self) -> None:
        """Note that a call is about to be made; the router counts it already.

        An exception forbids the call: Azure is not asked, and the job ends with that exception.
        """

    async def free(self) -> None:
        """Note that the call just made has failed, and certainly cost nothing."""

    async def waiting(self, seconds: float) -> None:
        """Note that the job waits ``seconds`` before its next try; called only if a member would notice."""

    async def unclear(self) -> bool:
        """Note that the call just made has failed, and that Azure may bill it.

        Returns:
            Whether there is money for another call.
        """

    def abandoned(self) -> None:
        """Note that a call was abandoned while under way, so Azure may bill it; no other follows."""


@dataclass(slots=True)
class _Trial:
    """One deployment, as one job knows it.

    Attributes:
        failure: how it failed last.
        failures: how often it failed.
        again_at: when the job may ask it again; infinity if never.
    """

    failure: GenerationError
    failures: int
    again_at: float


@dataclass(slots=True)
class Attempts:
    """The calls of one job, and what is remembered of those that failed.

    Attributes:
        under_way: whether a call is under way, or was abandoned while it was.
    """

    under_way: bool = False
    _trials: dict[Deployment, _Trial] = field(default_factory=dict)

    def began(self) -> None:
        """Note that a call is being made."""
        self.under_way = True

    def ended(self) -> bool:
        """Note that it failed, with an error that tells what it cost; return whether there was a call."""
        was, self.under_way = self.under_way, False
        return was

    def failed(self, deployment: Deployment, failure: GenerationError, now: float) -> None:
        """Note one more failure of ``deployment``."""
        before = self._trials.get(deployment)
        failures = before.failures + 1 if before else 1
        pause = pause_after(failure, failures=failures)
        self._trials[deployment] = _Trial(failure, failures, math.inf if pause is None else now + pause)

    def resting(self, now: float) -> Collection[Deployment]:
        """Return the deployments that the job may not ask now."""
        return {deployment for deployment, trial in self._trials.items() if trial.again_at > now}

    def again_at(self, deployment: Deployment) -> float:
        """Return when the job may ask ``deployment``: infinity for never, minus infinity if not asked yet."""
        trial = self._trials.get(deployment)
        return trial.again_at if trial else -math.inf

    @property
    def failure(self) -> GenerationError | None:
        """The failure to report: that one deployment is busy says more than that another is set up wrong."""
        failures = [trial.failure for trial in self._trials.values()]
        return next((failure for failure in failures if not failure.alarming), next(iter(failures), None))


class GenerationService:
    """Draws one request, switching deployments and retrying.

    It does so freely after calls that cost nothing, and within the call budget after those that may have.
    """

    def __init__(
        self,
        router: Router,
        resources: Mapping[Resource, AzureImages],
        prices: PriceTable,
        metrics: Metrics,
        *,
        call_budget: int = CALL_BUDGET,
    ) -> None:
        self._router = router
        self._prices = prices
        self._resources = resources
        self._metrics = metrics
        self._call_budget = call_budget
        self._call_ended = asyncio.Event()
        router.subscribe(self._wake)

    async def generate(self, request: ImageRequest, *, time_left: float, watch: Watch) -> Generation:
        """Draw ``request``.

        Args:
            request: what to draw, already checked against the model's capabilities.
            time_left: seconds until the job must be over; no try starts in the last ``SHORTEST_DRAWING``.
            watch: follows the calls.

        Raises:
            GenerationError: no deployment gave a usable picture. Its ``billed`` is about the last call alone.
            PromptRefused: the content filter refused the prompt.
            OutputFiltered: the content filter held back every picture.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + time_left
        attempts = Attempts()
        end = asyncio.timeout_at(deadline)
        try:
            async with end:
                return await self._persist(request, attempts, deadline, watch)
        except TimeoutError as error:
            if not end.expired():
                raise  # raised by ``watch``
            late = AnswerTimedOut(time_left)
            if not attempts.under_way:
                late.billed = Billed.NO
            self._note(late)
            raise late from error

    async def _persist(
        self, request: ImageRequest, attempts: Attempts, deadline: float, watch: Watch
    ) -> Generation:
        """Ask deployments until one draws, no other is worth a try, or the call budget is spent."""
        loop = asyncio.get_running_loop()
        spent = 0
        while True:
            deployment = await self._turn(request.model, attempts, deadline, watch)
            try:
                return await self._draw(deployment, request, attempts, watch)
            except GenerationError as error:
                if not attempts.ended():
                    raise  # ``watch`` forbade the call
                self._note(error)
                spent += error.billed is not Billed.NO
                affordable = await self._tell(error, watch)
                if spent >= self._call_budget or not affordable:
                    raise
                attempts.failed(deployment, error, loop.time())
            except PromptRefused:
                if attempts.ended():
                    await watch.free()
                raise
            except OutputFiltered:
                raise  # drawn, so billed
            except BaseException:
                # Cancelled, or a mistake of ours: nobody can know what Azure makes of the call.
                if attempts.under_way:
                    watch.abandoned()
                raise

    async def _turn(self, model: str, attempts: Attempts, deadline: float, watch: Watch) -> Deployment:
        """Wait for a deployment that takes a call of this job, and return it; it must be called at once.

        Raises:
            GenerationError: none takes it in time.
        """
        loop = asyncio.get_running_loop()
        told = -math.inf
        while True:
            now, call_ended = loop.time(), self._call_ended
            failure = attempts.failure
            if deadline - now < SHORTEST_DRAWING:
                raise failure or self._refused(model)
            if deployment := self._router.choose(model, tried=attempts.resting(now)):
                return deployment
            until = now + self._pause(model, attempts, now)
            if until + SHORTEST_DRAWING >= deadline:
                raise failure or self._refused(model)
            if until > max(now, told) + WORTH_TELLING:
                told = until
                await watch.waiting(until - now)
            # When any job's call has ended, there may be room sooner.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await call_ended.wait()

    def _pause(self, model: str, attempts: Attempts, now: float) -> float:
        """Return the seconds until a deployment may take a call of this job; infinity if none ever will."""
        return min(
            max(self._router.deployment_ready_in(deployment), attempts.again_at(deployment) - now)
            for deployment in self._router.fleet.serving(model)
        )

    def _wake(self) -> None:
        self._call_ended.set()
        self._call_ended = asyncio.Event()

    async def _draw(
        self, deployment: Deployment, request: ImageRequest, attempts: Attempts, watch: Watch
    ) -> Generation:
        """Make one call, if ``watch`` allows it."""
        with self._router.call(deployment) as call:
            try:
                await watch.calling()
            except BaseException:
                call.withdraw()
                raise
            attempts.began()
            return await self._call(deployment, request, call)

    async def _call(self, deployment: Deployment, request: ImageRequest, call: Call) -> Generation:
        label = self._router.fleet.label(deployment)
        images = self._resources[deployment.resource]
        with self._metrics.generation_seconds.labels(deployment=label).time():
            try:
                generation = await images.generate(deployment, request, call.hear)
            except GenerationError as error:
                error.deployment = label
                raise
            except (PromptRefused, OutputFiltered) as refusal:
                self._metrics.generation_failures.labels(reason=type(refusal).__name__).inc()
                raise
        cost = self._prices.cost(deployment.model, generation.usage)
        return dataclasses.replace(generation, deployment=label, cost=cost)

    async def _tell(self, error: GenerationError, watch: Watch) -> bool:
        """Tell ``watch`` what a failed call cost, and return whether there is money for another."""
        if error.billed is Billed.UNKNOWN:
            return await watch.unclear()
        if error.billed is Billed.NO:
            await watch.free()
        return error.billed is Billed.NO

    def _refused(self, model: str) -> GenerationError:
        """Note and return the error of a job that no deployment took."""
        error = self._router.refusal(model)
        self._note(error)
        return error

    def _note(self, error: GenerationError) -> None:
        # The router logs a blocked resource once, as an error; each job that met it logs a warning.
        loud = error.alarming and not isinstance(error, ResourceBlocked)
        _log.log(
            logging.ERROR if loud else logging.WARNING,
            "deployment %s: %s: %s",
            error.deployment or "-",
            type(error).__name__,
            error,
        )
        self._metrics.generation_failures.labels(reason=type(error).__name__).inc()
