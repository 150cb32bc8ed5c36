"""What is asked of the ledger, and what it answers."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.limits.entries import UNCLEAR_CALLS, Kind
from bot.limits.rules import ORDINARY

if TYPE_CHECKING:
    from bot.limits.windows import Windows

MOST_MONEY = 10**15
"""Micro-dollars of one job at most, a billion dollars: sums of it fit the counters' 64 bits."""


class Outcome(enum.Enum):
    """What became of a request for a reservation that was not refused."""

    GRANTED = "granted"
    DUPLICATE = "duplicate"
    """The job is known already, whatever its state."""
    STALE = "stale"
    """The server's policy has changed since the limits were read from it. Nothing was reserved."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be taken; None is unlimited. Money in micro-dollars.

    Attributes:
        windows: what the reservation counts in.
        revision: the revision of the server's policy that the limits are from.
        images_per_day: of the member.
        images_per_week: of the member.
        charge_per_month: the member's money.
        concurrent: the member's jobs at once.
        priority: how many turns in the queue the member gets, 0 to 3.
        cooldown: seconds from one of the member's reservations to the next.
        server_concurrent: the jobs at once of all members of this server.
        server_cost_per_month: the operator's money for this server.
        operator_cost_per_month: the operator's money for all servers.
    """

    windows: Windows
    revision: int = 0
    images_per_day: int | None = None
    images_per_week: int | None = None
    charge_per_month: int | None = None
    concurrent: int | None = None
    priority: int = ORDINARY
    cooldown: int | None = None
    server_concurrent: int | None = None
    server_cost_per_month: int | None = None
    operator_cost_per_month: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ends; money in micro-dollars.

    Attributes:
        job_id: the job.
        kind: ``Kind.SETTLE`` or ``Kind.REFUND``.
        images: pictures delivered.
        charge: what the member pays for them; never more than was held.
        cost: what Azure billed for the calls whose outcome is known; None for all that is still held.
        unclear_calls: how many calls had an unknown outcome; booked here if they have not been.
        ours_only: leave alone what another process reserved under the same job.
        worker: the process that ends it; if the job is another one's by then, it is left alone. Empty if it
            does not matter whose it is.
    """

    job_id: int
    kind: Kind
    images: int = 0
    charge: int = 0
    cost: int | None = 0
    unclear_calls: int = 0
    ours_only: bool = False
    worker: str = ""

    def __post_init__(self) -> None:
        """Refuse what would give back instead of take.

        Raises:
            ValueError: a figure is out of range.
        """
        if not 0 <= self.unclear_calls <= len(UNCLEAR_CALLS) or self.images < 0:
            raise ValueError(f"not an end: {self}")
        if not all(0 <= money <= MOST_MONEY for money in (self.charge, self.cost or 0)):
            raise ValueError(f"not an end: {self}")
