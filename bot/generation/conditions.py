"""What is known of one deployment, from the calls that were made to it: pure but for times handed in."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import (
    AccessDenied,
    Billed,
    DeploymentBusy,
    DeploymentMissing,
    GenerationError,
    ResourceBlocked,
    ServiceFailed,
    ServiceUnreachable,
    TokenUnavailable,
)
from bot.generation.breaker import ASK_AGAIN, LAST_RESORT_PAUSE, Breaker, Cooling
from bot.generation.budgets import Budget
from bot.generation.rate_headers import RateHint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.generation.deployments import Deployment

SLOTS = 64
"""Calls at once on a deployment of which neither the operator nor Azure has said how much it takes.

No throttle, only an end: 20 prompts a second of 2 s each, which is what the bench asks, need 40.
"""

_TELLING = (AccessDenied, DeploymentMissing, TokenUnavailable, ServiceUnreachable)
"""Failures that say more to an operator than "failed"; what they say still holds when the next job asks."""


class State(enum.StrEnum):
    """How a deployment is, the worst last."""

    HEALTHY = "healthy"
    COOLING = "cooling"
    OPEN = "open"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Health:
    """How one deployment is at a moment.

    Attributes:
        state: healthy; cooling after a 429; open (left alone after failures); blocked by Azure.
        ready_in: seconds until it takes a call, or a trial; also a healthy one may have to be paced.
        in_flight: calls under way.
        rate: requests per minute that it takes, None while not known.
        told_rate: Azure's own figure of them, None while not told.
    """

    state: State
    ready_in: float
    in_flight: int
    rate: float | None
    told_rate: float | None


class Call:
    """One call under way; ``Router.call`` gives it.

    Attributes:
        started: when it began.
        made: whether Azure is asked; False once it was withdrawn.
        trial: whether it is the one call that an open breaker lets through.
        block_trial: the same for the breaker of the whole resource.
    """

    def __init__(self, condition: Condition, started: float) -> None:
        self._condition = condition
        self.started = started
        self.made = True
        condition.begin(started)
        self.trial = condition.breaker.begin()
        self.block_trial = condition.block.begin()

    def hear(self, headers: Mapping[str, str]) -> None:
        """Learn from the headers of an answer, good or bad."""
        self._condition.budget.learn(RateHint.read(headers), self.started)

    def withdraw(self) -> None:
        """Do not make it after all: whatever it ends with now says nothing about the deployment."""
        self.made = False


class Condition:
    """What is remembered of one deployment.

    Attributes:
        block: the breaker of its whole resource, shared with the resource's other deployments.
        trouble: the latest failure that counted against it.
        credit: its turns owed among equals.
    """

    def __init__(self, deployment: Deployment, block: Breaker, jitter: Callable[[], float]) -> None:
        self.deployment = deployment
        self.block = block
        self.breaker = Breaker(jitter)
        self.cooling = Cooling(jitter)
        self.budget = Budget(deployment.requests_per_minute)
        self.trouble: GenerationError | None = None
        self.in_flight = 0
        self.credit = 0
        self._last_start = -math.inf

    @property
    def is_out(self) -> bool:
        """Whether it is left alone, but for trials."""
        return self.breaker.is_open or self.block.is_open

    @property
    def rate(self) -> float | None:
        """Requests per minute, counting the space that 429s taught."""
        limit = self.budget.limit
        return limit if limit is None or not self.cooling.space else min(limit, 60.0 / self.cooling.space)

    def begin(self, now: float) -> None:
        """Count a call that begins."""
        self.in_flight += 1
        self.budget.take(now)
        self._last_start = now

    def ready_in(self, now: float, *, last_resort: bool = False) -> float:
        """Seconds until it can take a call; ``last_resort`` if nothing better draws the model."""
        paced = max(self.budget.ready_at(now), self.cooling.until, self._last_start + self.cooling.space)
        full = 0.0 if self._slots_left() > 0 else ASK_AGAIN
        return max(0.0, paced - now, full, self._left_alone(now, last_resort=last_resort))

    def _left_alone(self, now: float, *, last_resort: bool) -> float:
        usual = max(self.block.ready_in(now), self.breaker.ready_in(now))
        if not last_resort or not self.is_out:
            return usual
        if not self.breaker.is_open:
            return 0.0  # blocked, which it says at once and for nothing
        return min(usual, max(self.breaker.opened_at, self._last_start) + LAST_RESORT_PAUSE - now)

    def room(self, now: float, *, last_resort: bool = False) -> int:
        """How many calls could begin now."""
        if self.ready_in(now, last_resort=last_resort) > 0:
            return 0
        if self.breaker.is_open or (self.is_out and not last_resort) or self.cooling.space:
            return 1
        room = min(self._slots_left(), self.budget.room(now))
        return max(0, int(room)) if room < math.inf else SLOTS

    def health(self, now: float, *, last_resort: bool = False) -> Health:
        """How it is, for whoever looks on."""
        return Health(
            self._state(now),
            self.ready_in(now, last_resort=last_resort),
            self.in_flight,
            self.rate,
            self.budget.told,
        )

    def _state(self, now: float) -> State:
        if self.block.is_open:
            return State.BLOCKED
        if self.breaker.is_open:
            return State.OPEN
        return State.COOLING if self.cooling.until > now else State.HEALTHY

    def refusal(self, wait: float) -> GenerationError:
        """Why it takes no call for ``wait`` seconds; nothing was called for this, so nothing was billed."""
        if self.block.is_open:
            return ResourceBlocked("the resource was blocked for images by Azure, and is left alone")
        if self.breaker.is_open and isinstance(self.trouble, _TELLING):
            return type(self.trouble)(str(self.trouble))
        if self.breaker.is_open:
            return ServiceFailed(f"left alone after: {self.trouble}", billed=Billed.NO, retry_after=wait)
        return DeploymentBusy("no capacity in time", retry_after=wait)

    def _slots_left(self) -> float:
        """How many more calls may be under way at once; the rate is bound enough where it is known."""
        slots = self.deployment.slots or (SLOTS if self.budget.limit is None else math.inf)
        return slots - self.in_flight
