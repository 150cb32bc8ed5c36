"""What one job has been through so far: which deployments failed it, and when it may ask each again."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.generation.retries import pause_after

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.errors import GenerationError
    from bot.generation.deployments import Deployment


@dataclass(slots=True)
class _Trial:
    """One deployment, as one job knows it.

    Attributes:
        failure: how it failed last.
        failures: how often it did.
        again_at: when the job may ask it again; infinity if never.
    """

    failure: GenerationError
    failures: int
    again_at: float


@dataclass(slots=True)
class Attempts:
    """The calls of one job, and what is remembered of those that failed.

    Attributes:
        under_way: whether a call is being made, or was given up while it was.
    """

    under_way: bool = False
    _trials: dict[Deployment, _Trial] = field(default_factory=dict)

    def began(self) -> None:
        """Note that a call is being made."""
        self.under_way = True

    def ended(self) -> bool:
        """Note that it failed, in a way that tells what it cost; say whether there was a call at all."""
        was, self.under_way = self.under_way, False
        return was

    def failed(self, deployment: Deployment, failure: GenerationError, now: float) -> None:
        """Note one more."""
        before = self._trials.get(deployment)
        failures = before.failures + 1 if before else 1
        pause = pause_after(failure, failures=failures)
        self._trials[deployment] = _Trial(failure, failures, math.inf if pause is None else now + pause)

    def resting(self, now: float) -> Collection[Deployment]:
        """The deployments that the job may not ask now."""
        return {deployment for deployment, trial in self._trials.items() if trial.again_at > now}

    def again_at(self, deployment: Deployment) -> float:
        """When the job may ask ``deployment``: infinity if never again, minus infinity if it has not yet."""
        trial = self._trials.get(deployment)
        return trial.again_at if trial else -math.inf

    @property
    def failure(self) -> GenerationError | None:
        """The failure to tell of: "busy" of one deployment says more than that another is set up wrong."""
        failures = [trial.failure for trial in self._trials.values()]
        return next((failure for failure in failures if not failure.alarming), next(iter(failures), None))
