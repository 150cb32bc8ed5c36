"""What is known of one deployment from the calls made to it. Pure: the time is passed in.

``Breaker`` and ``Backoff`` decide when to leave it alone, after failures of its own and after a "too many
requests". Their ``jitter`` draws a factor of 1 or a little more, so that several processes do not come back
in step.
"""

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
from bot.generation.rate_limiter import RateHint, RateLimiter, a_little_late

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.generation.deployments import Deployment

FAILURES = 3
"""Consecutive failures that open a breaker."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds that a deployment is left alone: at first, then doubled with each further failure, and at most."""

LAST_RESORT_PAUSE = 2.0
"""Seconds between calls to a failing deployment when no other draws the model. Short, because members want
to know soon whether it works again."""

BLOCKED_PAUSE = 3600.0
"""Seconds between trials of a blocked resource: Azure lifts a block after days, if at all (reports in
pollinations/pollinations #12446), and to keep asking is what it is blocked for."""

LONGEST_COOLING = 3600.0
"""Longest Retry-After to believe, in seconds; Azure has been seen to ask for a day (jasonacox/TinyLLM#17)."""

RECOVERY = 0.8
"""Factor by which each success shrinks the space between calls that 429s imposed. If it were smaller, every
second call would be refused again; if larger, one bad minute would cost half an hour."""

ASK_AGAIN = 1.0
"""Seconds until asking again if the wait cannot be known: a trial is under way, or all slots are taken."""

SLOTS = 64
"""Calls at once on a deployment whose rate limit neither the operator nor Azure has stated.

Not a throttle, only an upper bound: the bench's 20 prompts a second of 2 s each need 40.
"""

_TELLING = (AccessDenied, DeploymentMissing, TokenUnavailable, ServiceUnreachable)
"""Failures that tell an operator more than "failed", and that still hold when the next job asks."""


class State(enum.StrEnum):
    """The state of a deployment, the worst last."""

    HEALTHY = "healthy"
    COOLING = "cooling"
    OPEN = "open"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Health:
    """The health of one deployment at one moment.

    Attributes:
        state: healthy; cooling after a 429; open (left alone after failures); blocked by Azure.
        ready_in: seconds until it takes a call or a trial; even a healthy one may need pacing.
        in_flight: calls under way.
        rate: requests per minute it takes; None while unknown.
        told_rate: Azure's own figure for that; None until it has given one.
    """

    state: State
    ready_in: float
    in_flight: int
    rate: float | None
    told_rate: float | None


class Breaker:
    """A circuit breaker: closed while a deployment works; after failures open, then half open for one trial.

    Attributes:
        is_open: whether the deployment is left alone, except for one trial at a time.
    """

    def __init__(
        self,
        jitter: Callable[[], float],
        *,
        failures: int = FAILURES,
        first_pause: float = FIRST_PAUSE,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        self._jitter = jitter
        self._threshold = failures
        self._first, self._longest = first_pause, longest_pause
        self.is_open = False
        self._in_a_row = 0
        self._openings = 0
        self._opened_at = self._until = -math.inf
        self._trial = False

    def ready_in(self, now: float) -> float:
        """Return the seconds until this breaker lets a call through."""
        if not self.is_open:
            return 0.0
        return ASK_AGAIN if self._trial else max(0.0, self._until - now)

    @property
    def opened_at(self) -> float:
        """When it last opened, or was kept open by a failed trial."""
        return self._opened_at

    def begin(self) -> bool:
        """Note that a call begins, and return whether it is a trial."""
        self._trial = self.is_open
        return self._trial

    def leave(self, *, trial: bool) -> None:
        """Note that a call ended without telling anything about the deployment; another may be the trial."""
        if trial:
            self._trial = False

    def succeed(self, started: float, *, trial: bool) -> bool:
        """Note that a call made at ``started`` succeeded, and return whether that closed the breaker."""
        self.leave(trial=trial)
        if self._is_old(started, trial=trial):
            return False
        was_open, self.is_open = self.is_open, False
        self._trial = False
        self._in_a_row = self._openings = 0
        return was_open

    def fail(self, now: float, started: float, *, trial: bool) -> float | None:
        """Note the failure of a call made at ``started``.

        Returns:
            Seconds until the next trial, if this opened the breaker or kept it open; None otherwise.
        """
        self.leave(trial=trial)
        if self._is_old(started, trial=trial):
            return None
        self._in_a_row += 1
        if not self.is_open and self._in_a_row < self._threshold:
            return None
        pause = min(self._longest, self._first * 2.0 ** min(self._openings, 16)) * self._jitter()
        self._openings += 1
        self.is_open, self._opened_at, self._until = True, now, now + pause
        return pause

    def _is_old(self, started: float, *, trial: bool) -> bool:
        """Return whether a call was already under way when the breaker opened, and so tells nothing new."""
        return self.is_open and not trial and started <= self._opened_at


class Backoff:
    """What 429s teach: how long to make no calls, and how much space to leave between calls afterwards.

    The space keeps a crowd of waiting calls from being refused all at once again. It doubles with each
    further 429 and shrinks with successes, so that the rate finds the limit even if nobody states it.

    Attributes:
        until: when the deployment takes calls again.
        space: seconds between the starts of two calls.
    """

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._refused_at = -math.inf
        self.until = -math.inf
        self.space = 0.0

    def refuse(self, now: float, started: float, retry_after: float | None) -> None:
        """Note a 429 to a call made at ``started``; ``retry_after`` is in seconds, None if not given."""
        if started > self._refused_at:  # otherwise it is one of a crowd whose first refusal was counted
            self._refused_at = now
            self.space = min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self.space))
        wait = self.space * self._jitter() if retry_after is None else a_little_late(retry_after)
        self.until = max(self.until, now + min(wait, LONGEST_COOLING))

    def rest(self, now: float, seconds: float) -> None:
        """Make no calls for ``seconds``, because Azure asked for that with another kind of failure."""
        self.until = max(self.until, now + min(a_little_late(seconds), LONGEST_COOLING))

    def succeed(self) -> None:
        """Note that Azure took a call."""
        self.space = self.space * RECOVERY if self.space * RECOVERY >= FIRST_PAUSE else 0.0


class Call:
    """One call under way; ``Router.call`` yields it.

    Attributes:
        started: when it began.
        made: whether Azure is asked; False once the call is withdrawn.
        trial: whether it is the one call that an open breaker lets through.
        block_trial: the same for the breaker of the whole resource.
    """

    def __init__(self, condition: DeploymentState, started: float) -> None:
        self._condition = condition
        self.started = started
        self.made = True
        condition.begin(started)
        self.trial = condition.breaker.begin()
        self.block_trial = condition.block.begin()

    def hear(self, headers: Mapping[str, str]) -> None:
        """Learn from the headers of an answer, good or bad."""
        self._condition.limiter.learn(RateHint.read(headers), self.started)

    def withdraw(self) -> None:
        """Withdraw the call before Azure is asked: how it ends then tells nothing about the deployment."""
        self.made = False


class DeploymentState:
    """What is remembered of one deployment.

    Attributes:
        block: the breaker of its whole resource, shared with the resource's other deployments.
        trouble: the latest failure that counted against it.
        credit: the turns it is owed among deployments of equal priority.
    """

    def __init__(self, deployment: Deployment, block: Breaker, jitter: Callable[[], float]) -> None:
        self.deployment = deployment
        self.block = block
        self.breaker = Breaker(jitter)
        self.cooling = Backoff(jitter)
        self.limiter = RateLimiter(deployment.requests_per_minute)
        self.trouble: GenerationError | None = None
        self.in_flight = 0
        self.credit = 0
        self._last_start = -math.inf

    @property
    def is_out(self) -> bool:
        """Whether it is left alone, except for trials."""
        return self.breaker.is_open or self.block.is_open

    @property
    def rate(self) -> float | None:
        """Requests per minute it takes, given the space that 429s imposed; None while unknown."""
        limit = self.limiter.limit
        return limit if limit is None or not self.cooling.space else min(limit, 60.0 / self.cooling.space)

    def begin(self, now: float) -> None:
        """Count a call that begins."""
        self.in_flight += 1
        self.limiter.take(now)
        self._last_start = now

    def ready_in(self, now: float, *, last_resort: bool = False) -> float:
        """Return the seconds until it can take a call; ``last_resort`` if nothing better draws the model."""
        paced = max(self.limiter.ready_at(now), self.cooling.until, self._last_start + self.cooling.space)
        full = 0.0 if self._slots_left() > 0 else ASK_AGAIN
        return max(0.0, paced - now, full, self._left_alone(now, last_resort=last_resort))

    def _left_alone(self, now: float, *, last_resort: bool) -> float:
        usual = max(self.block.ready_in(now), self.breaker.ready_in(now))
        if not last_resort or not self.is_out:
            return usual
        if not self.breaker.is_open:
            return 0.0  # blocked: Azure says so at once and free of charge
        return min(usual, max(self.breaker.opened_at, self._last_start) + LAST_RESORT_PAUSE - now)

    def room(self, now: float, *, last_resort: bool = False) -> int:
        """Return how many calls could begin now."""
        if self.ready_in(now, last_resort=last_resort) > 0:
            return 0
        if self.breaker.is_open or (self.is_out and not last_resort) or self.cooling.space:
            return 1
        room = min(self._slots_left(), self.limiter.room(now))
        return max(0, int(room)) if room < math.inf else SLOTS

    def health(self, now: float, *, last_resort: bool = False) -> Health:
        """Return its health, for those who watch it."""
        return Health(
            self._state(now),
            self.ready_in(now, last_resort=last_resort),
            self.in_flight,
            self.rate,
            self.limiter.told,
        )

    def _state(self, now: float) -> State:
        if self.block.is_open:
            return State.BLOCKED
        if self.breaker.is_open:
            return State.OPEN
        return State.COOLING if self.cooling.until > now else State.HEALTHY

    def refusal(self, wait: float) -> GenerationError:
        """Return why it takes no call for ``wait`` seconds; none was made, so nothing was billed."""
        if self.block.is_open:
            return ResourceBlocked("the resource was blocked for images by Azure, and is left alone")
        if self.breaker.is_open and isinstance(self.trouble, _TELLING):
            return type(self.trouble)(str(self.trouble))
        if self.breaker.is_open:
            return ServiceFailed(f"left alone after: {self.trouble}", billed=Billed.NO, retry_after=wait)
        return DeploymentBusy("no capacity in time", retry_after=wait)

    def _slots_left(self) -> float:
        """Return how many more calls may be under way at once; a known rate is limit enough."""
        slots = self.deployment.slots or (SLOTS if self.limiter.limit is None else math.inf)
        return slots - self.in_flight
