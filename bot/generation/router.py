"""Which deployment draws next: load is shared fairly among them, and each is left alone when it needs to be.

The router decides and remembers; it neither calls nor waits, and reads the time only from its clock.
Its memory is per process: two processes on one deployment each keep their own estimate of its room, and
learn of each other from the rate-limit headers and from 429s.
"""

from __future__ import annotations

import contextlib
import logging
import random
from typing import TYPE_CHECKING

from bot.errors import (
    DeploymentBusy,
    GenerationError,
    OutputFiltered,
    PromptRefused,
    RequestRejected,
    ResourceBlocked,
    ServiceFailed,
)
from bot.generation.deployment_state import BLOCKED_PAUSE, Breaker, Call, DeploymentState, Health
from bot.generation.rate_limiter import RateHint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from bot.generation.deployments import Deployment, Fleet

_log = logging.getLogger(__name__)

WORKING = (PromptRefused, OutputFiltered, RequestRejected)
"""Errors that only a working deployment gives."""

_SPREAD = 1.2
"""Pauses that Azure did not name are lengthened at random, by a factor of 1 to this."""


class Router:
    """The state of every deployment, and the choice among them. For one event loop."""

    def __init__(self, fleet: Fleet, clock: Callable[[], float], rng: random.Random | None = None) -> None:
        """Start with all deployments healthy.

        Args:
            fleet: the operator's deployments.
            clock: a monotonic clock in seconds, such as the event loop's ``time``.
            rng: spreads pauses, so that several processes do not come back in step.
        """
        self.fleet = fleet
        self._clock = clock
        rng = rng or random.Random()  # noqa: S311 - nothing secret about a pause

        def jitter() -> float:
            return rng.uniform(1.0, _SPREAD)

        blocks = {
            resource: Breaker(jitter, failures=1, first_pause=BLOCKED_PAUSE, longest_pause=BLOCKED_PAUSE)
            for resource in {deployment.resource for deployment in fleet.deployments}
        }
        self._conditions = {
            deployment: DeploymentState(deployment, blocks[deployment.resource], jitter)
            for deployment in fleet.deployments
        }
        self._subscribers: list[Callable[[], None]] = []

    # --- choosing -------------------------------------------------------------------------------

    def choose(self, model: str, *, tried: Collection[Deployment] = ()) -> Deployment | None:
        """Return the deployment to call next; call it at once or not at all.

        Of those that can take a call now, the lowest priority number wins; equals take turns by weight.

        Args:
            model: the model that is to draw.
            tried: deployments to leave out.

        Returns:
            A deployment of the model, or None if none can take a call now.

        Raises:
            ModelNotOffered: no deployment has that model.
        """
        ready = [
            condition
            for condition, ready_in in self._ready_in(model).items()
            if ready_in <= 0 and condition.deployment not in tried
        ]
        # They are sorted, the lowest priority number first.
        equals = [one for one in ready if one.deployment.priority == ready[0].deployment.priority]
        # Smooth weighted round robin, as nginx does it: spread as evenly as the weights allow.
        for one in equals:
            one.credit += one.deployment.weight
        chosen = max(equals, key=lambda one: one.credit, default=None)
        if chosen is None:
            return None
        chosen.credit -= sum(one.deployment.weight for one in equals)
        return chosen.deployment

    def ready_in(self, model: str) -> float:
        """Return the seconds until a deployment of ``model`` can take a call: 0 for now, infinity for never.

        If that cannot be known, because all slots are taken or a trial is under way, it is a second: ask
        again, or subscribe.

        Raises:
            ModelNotOffered: no deployment has that model.
        """
        return min(self._ready_in(model).values())

    def deployment_ready_in(self, deployment: Deployment) -> float:
        """Return the seconds until that one deployment can take a call, as ``ready_in`` does."""
        return self._ready_in(deployment.model)[self._conditions[deployment]]

    def room(self, model: str) -> int:
        """Return how many calls for ``model`` could begin right now, over all its deployments.

        Raises:
            ModelNotOffered: no deployment has that model.
        """
        now, resorts = self._clock(), self._last_resorts(model)
        return sum(
            condition.room(now, last_resort=condition in resorts) for condition in self._serving(model)
        )

    def capacity(self, model: str) -> float | None:
        """Return the requests per minute of all deployments of ``model`` that are not out; None if unknown.

        Raises:
            ModelNotOffered: no deployment has that model.
        """
        rates = [condition.rate for condition in self._serving(model) if not condition.is_out]
        known = [rate for rate in rates if rate is not None]
        return sum(known) if rates and len(known) == len(rates) else None

    def refusal(self, model: str) -> GenerationError:
        """Return why no deployment of ``model`` takes a call, as the error of a job that made none.

        Raises:
            ModelNotOffered: no deployment has that model.
        """
        ready_in = self._ready_in(model)
        condition = min(ready_in, key=lambda condition: (condition.is_out, ready_in[condition]))
        error = condition.refusal(ready_in[condition])
        error.deployment = self.fleet.label(condition.deployment)
        return error

    # --- calling --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def call(self, deployment: Deployment) -> Iterator[Call]:
        """Count a call as under way, and note how it ends by the exception that passes through, if any.

        Nothing is learnt from a withdrawn call, and its place in the rate limit becomes free.
        """
        condition = self._conditions[deployment]
        call = Call(condition, self._clock())
        try:
            yield call
        except BaseException as error:
            self._went_wrong(condition, call, error)
            raise
        else:
            self._succeeded(condition, call)
        finally:
            condition.in_flight -= 1
            self._changed()

    def learn(self, deployment: Deployment, headers: Mapping[str, str]) -> None:
        """Learn from the headers of an answer received outside ``call``."""
        self._conditions[deployment].limiter.learn(RateHint.read(headers), self._clock())
        self._changed()

    def _went_wrong(self, condition: DeploymentState, call: Call, error: BaseException) -> None:
        if call.made and isinstance(error, WORKING):
            self._succeeded(condition, call)
        elif call.made and isinstance(error, GenerationError):
            self._failed(condition, call, error)
        else:
            # Withdrawn, cancelled, or a mistake of ours: this says nothing about the deployment.
            condition.breaker.leave(trial=call.trial)
            condition.block.leave(trial=call.block_trial)
            if not call.made:
                condition.limiter.give_back(call.started)

    def _succeeded(self, condition: DeploymentState, call: Call) -> None:
        condition.cooling.succeed()
        news = condition.breaker.succeed(call.started, trial=call.trial)
        if condition.block.succeed(call.started, trial=call.block_trial) or news:
            _log.info("deployment %s draws again", self.fleet.label(condition.deployment))

    def _failed(self, condition: DeploymentState, call: Call, error: GenerationError) -> None:
        now, label = self._clock(), self.fleet.label(condition.deployment)
        if isinstance(error, ResourceBlocked):
            condition.breaker.leave(trial=call.trial)
            pause = condition.block.fail(now, call.started, trial=call.block_trial)
            if pause is not None and not call.block_trial:
                _log.error(
                    "Azure blocked the resource of deployment %s for images, because of what members asked"
                    " for; where others draw, it is left out for %.0f minutes. Write to Microsoft's support",
                    label,
                    pause / 60,
                )
            return
        condition.block.leave(trial=call.block_trial)
        if isinstance(error, DeploymentBusy):
            condition.breaker.leave(trial=call.trial)
            condition.limiter.give_back(call.started)
            condition.cooling.refuse(now, call.started, error.retry_after)
            return
        if isinstance(error, ServiceFailed) and error.retry_after is not None:
            condition.cooling.rest(now, error.retry_after)
        condition.trouble = error
        pause = condition.breaker.fail(now, call.started, trial=call.trial)
        if pause is not None and not call.trial:
            _log.warning("deployment %s keeps failing; others are asked instead, where there are any", label)

    # --- watching -------------------------------------------------------------------------------

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Run ``callback`` whenever a call has ended, as there may be room sooner than ``ready_in`` said.

        Returns:
            A function that ends the subscription.
        """
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def health(self) -> Mapping[Deployment, Health]:
        """Return the health of every deployment now."""
        return {deployment: self.health_of(deployment) for deployment in self._conditions}

    def health_of(self, deployment: Deployment) -> Health:
        """Return the health of one deployment now."""
        condition = self._conditions[deployment]
        last_resort = condition in self._last_resorts(deployment.model)
        return condition.health(self._clock(), last_resort=last_resort)

    def _serving(self, model: str) -> Sequence[DeploymentState]:
        return [self._conditions[deployment] for deployment in self.fleet.serving(model)]

    def _last_resorts(self, model: str) -> Collection[DeploymentState]:
        """Return the deployments that are out but are called all the same, as no better one draws the model.

        Leaving one alone only helps jobs that can go elsewhere; a single deployment is called as long as
        members wait for it.
        """
        serving = self._serving(model)
        if not all(condition.is_out for condition in serving):
            return ()
        return [condition for condition in serving if not condition.block.is_open] or serving

    def _ready_in(self, model: str) -> Mapping[DeploymentState, float]:
        """Return the seconds until each deployment of a model takes a call, lowest priority number first."""
        now, resorts = self._clock(), self._last_resorts(model)
        return {
            condition: condition.ready_in(now, last_resort=condition in resorts)
            for condition in self._serving(model)
        }

    def _changed(self) -> None:
        for callback in tuple(self._subscribers):
            callback()
