"""Whether a job may ask a deployment again that failed it, and when: the money rules as one pure decision.

What was certainly not billed may be tried again within the job's time. What may have been billed
counts against the job's call budget. What was billed, or cannot succeed, is final. Besides, a deployment
may rest for everybody's sake; that is the router's to know.
"""

from __future__ import annotations

from bot.errors import Billed, DeploymentBusy, GenerationError, ServiceFailed, ServiceUnreachable

CALL_BUDGET = 2
"""Calls per job that Azure may have billed: the first, and one more after an unclear outcome."""

QUICK_PAUSES = (0.5, 1.5)
"""Seconds before each further try after an instant failure: a member waits, so seconds, not minutes."""

SHORTEST_DRAWING = 10.0
"""Seconds that the quickest pictures take; a call begun with less time left is paid for and thrown away."""

MOST_REFUSALS = 12
"""Answers of "not now" per job and deployment, so that one that always says "one more second" ends too."""


def pause_after(failure: GenerationError, *, failures: int) -> float | None:
    """Decide what follows when a deployment has failed a job.

    Args:
        failure: how, within the job's call budget.
        failures: how often by now, this one included.

    Returns:
        Seconds until the job may ask that deployment again; None if it never may. Where Azure named a time
        it is 0, as the router waits for that.
    """
    if failure.billed is Billed.UNKNOWN:
        # The call budget allows it, or this would not be asked.
        return QUICK_PAUSES[0]
    told = isinstance(failure, ServiceFailed) and failure.retry_after is not None
    if told or isinstance(failure, DeploymentBusy):
        return 0.0 if failures <= MOST_REFUSALS else None
    if isinstance(failure, ServiceFailed | ServiceUnreachable):
        return QUICK_PAUSES[failures - 1] if failures <= len(QUICK_PAUSES) else None
    return None
