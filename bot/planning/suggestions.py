"""Suggestions to members while they type: quick rather than exact."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.errors import StoreUnavailable
from bot.limits.policy import GuildPolicy, resolve

if TYPE_CHECKING:
    from bot.limits.book import PolicyBook
    from bot.limits.operator import OperatorLimits
    from bot.limits.policy import Asker, Limits
    from bot.planning.planner import Planner, PriceExample

SUGGEST_WITHIN = 0.5
"""Seconds that suggestions wait for the database; the member keeps typing meanwhile."""


class Suggestions:
    """Suggests values for the options of a command, within the member's limits, from memory.

    Only the first suggestion in a server has to ask the database, and it does not wait long for that.
    """

    def __init__(self, planner: Planner, book: PolicyBook, operator: OperatorLimits) -> None:
        self._planner = planner
        self._book = book
        self._operator = operator

    async def sizes(self, model: str | None, typed: str, asker: Asker) -> tuple[str, ...]:
        """Suggest sizes; ``model`` is the model already typed."""
        return self._planner.suggest_sizes(model, typed, await self._likely_limits(asker))

    async def qualities(self, model: str | None, typed: str, asker: Asker) -> tuple[str, ...]:
        """Suggest qualities."""
        return self._planner.suggest_qualities(model, typed, await self._likely_limits(asker))

    async def counts(self, model: str | None, asker: Asker) -> range:
        """Suggest numbers of pictures."""
        return self._planner.suggest_counts(model, await self._likely_limits(asker))

    async def models(self, typed: str, asker: Asker) -> tuple[tuple[str, str], ...]:
        """Suggest models, as pairs of label and name."""
        return self._planner.suggest_models(typed, await self._likely_limits(asker))

    def prices(self, limits: Limits) -> tuple[PriceExample, ...]:
        """Price what a member may have; see ``Planner.price_examples``."""
        return self._planner.price_examples(limits)

    async def _likely_limits(self, asker: Asker) -> Limits:
        """Return the member's likely limits: the policy may be outdated, or empty if the database is slow."""
        try:
            async with asyncio.timeout(SUGGEST_WITHIN):
                policy = await self._book.policy(asker.guild_id)
        except (StoreUnavailable, TimeoutError):
            policy = GuildPolicy(asker.guild_id)
        return resolve(policy, asker, self._operator.defaults, self._operator.caps)
