"""The operator's budget: how much of the month's money is used, in the log and in the metrics."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.errors import StoreUnavailable
from bot.limits.windows import windows_at

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from bot.limits.ledger import Ledger
    from bot.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

WARN_AT = (50, 80, 100)
"""Percentages of the budget at which the operator is told."""

LOOK_EVERY = 30.0
"""Seconds between looks; refusing a request that does not fit does not depend on them."""


class BudgetWatch:
    """Reads the operator's counter at intervals, and logs once when a mark is passed."""

    def __init__(
        self, ledger: Ledger, budget: int, metrics: Metrics, *, clock: Callable[[], dt.datetime]
    ) -> None:
        """Make a watch over ``budget`` micro-dollars a month."""
        self._ledger = ledger
        self._budget = budget
        self._metrics = metrics
        self._clock = clock
        self._told = ("", 0)

    async def run(self) -> None:
        """Look for ever; a database that does not answer is only logged, as others deal with it."""
        while True:
            try:
                await self.look()
            except StoreUnavailable as error:
                _log.warning("the budget cannot be looked at: %s", error)
            except Exception:  # noqa: BLE001 - nobody waits for this task, so nothing may end it
                _log.exception("the budget cannot be looked at")
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Look once.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        windows = windows_at(self._clock(), "UTC")
        count = (await self._ledger.counts(0, 0, windows)).operator
        for state, amount in (("used", count.used), ("held", count.held), ("limit", self._budget)):
            self._metrics.budget_dollars.labels(state=state).set(amount / 1_000_000)
        mark = max((mark for mark in WARN_AT if count.taken * 100 >= mark * self._budget), default=0)
        month, told = self._told
        if mark > (told if month == windows.budget_month else 0):
            self._told = (windows.budget_month, mark)
            level = logging.ERROR if mark >= 100 else logging.WARNING
            _log.log(
                level,
                "%d %% of the budget for %s is used: $%.2f of $%.2f",
                mark,
                windows.budget_month,
                count.taken / 1_000_000,
                self._budget / 1_000_000,
            )
