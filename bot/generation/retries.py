"""Whether and when a job may retry a deployment that failed it: the money rules as one pure decision.

A call that was certainly not billed may be retried within the job's time. A call that may have been billed
counts against the job's call budget. A call that was billed, or cannot succeed, is final. The router may
also leave a deployment alone for all jobs; this module knows nothing of that.
"""

from __future__ import annotations

from bot.errors import Billed, DeploymentBusy, GenerationError, ServiceFailed, ServiceUnreachable

CALL_BUDGET = 2
"""Calls per job that Azure may have billed: the first, and one more after an unclear outcome."""

QUICK_PAUSES = (0.5, 1.5)
"""Seconds before each retry after an instant failure: a member waits, so seconds, not minutes."""

SHORTEST_DRAWING = 10.0
"""Seconds that the quickest pictures take; a call made with less time left is paid for and thrown away."""

MOST_REFUSALS = 12
"""Answers of "not now" per job and deployment, so that endless answers of "one more second" end too."""


def pause_after(failure: GenerationError, *, failures: int) -> float | None:
    """Return how long a job must wait before it may retry a deployment that failed it.

    Args:
        failure: the failure; the job's call budget allows another call.
        failures: how often the deployment has failed the job, this time included.

    Returns:
        Seconds until the job may ask that deployment again; None if it never may. After a
        429, or where Azure named a time, it is 0, as the router waits for that.
    """
    if failure.billed is Billed.UNKNOWN:
        # The call budget allows it, or this would not be called.
        return QUICK_PAUSES[0]
    told = isinstance(failure, ServiceFailed) and failure.retry_after is not None
    if told or isinstance(failure, DeploymentBusy):
        return 0.0 if failures <= MOST_REFUSALS else None
    if isinstance(failure, ServiceFailed | ServiceUnreachable):
        return QUICK_PAUSES[failures - 1] if failures <= len(QUICK_PAUSES) else None
    return None
