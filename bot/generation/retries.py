"""Whether a failed call may be made again, and when: the money rules as one pure decision.

What was certainly not billed may be tried again within the job's time. What may have been billed
counts against the job's call budget. What was billed, or cannot succeed, is final.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import Billed, DeploymentBusy, GenerationError, ServiceFailed, ServiceUnreachable

if TYPE_CHECKING:
    from collections.abc import Sequence

CALL_BUDGET = 2
"""Calls per job that Azure may have billed: the first, and one more after an unclear outcome."""

QUICK_PAUSES = (0.5, 1.5)
"""Seconds before each further try after an instant failure: a member waits, so seconds, not minutes."""

BUSY_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try after a 429 that names no time; Azure counts in slices of 1 and 10 s."""

SHORTEST_DRAWING = 10.0
"""Seconds that the quickest pictures take; a call begun with less time left is paid for and thrown away."""

MOST_WAITS = 12
"""Waits for a Retry-After per job, so that a deployment that always says "one more second" ends too."""


def pause_after(failures: Sequence[GenerationError], *, round_number: int, time_left: float) -> float | None:
    """Decide what follows when every deployment of the model has failed once more.

    Args:
        failures: how each deployment failed in this round, within the job's call budget.
        round_number: 0 after the first round.
        time_left: seconds until the job must be over.

    Returns:
        Seconds until the next round; None if there is no point in one, or no time to finish it.
    """
    pauses = [pause for failure in failures if (pause := _pause(failure, round_number)) is not None]
    soonest = min(pauses, default=None)
    return soonest if soonest is not None and soonest + SHORTEST_DRAWING < time_left else None


def _pause(failure: GenerationError, round_number: int) -> float | None:
    if failure.billed is Billed.UNKNOWN:
        # The call budget allows it, or this would not be asked.
        return max(QUICK_PAUSES[0], getattr(failure, "retry_after", None) or 0.0)
    if isinstance(failure, DeploymentBusy | ServiceFailed) and failure.retry_after is not None:
        # A little late on purpose: on the dot, Azure's clock may still be a tick behind.
        return failure.retry_after * 1.02 + 0.05 if round_number < MOST_WAITS else None
    if isinstance(failure, DeploymentBusy):
        return BUSY_PAUSES[round_number] if round_number < len(BUSY_PAUSES) else None
    if isinstance(failure, ServiceFailed | ServiceUnreachable):
        return QUICK_PAUSES[round_number] if round_number < len(QUICK_PAUSES) else None
    return None
