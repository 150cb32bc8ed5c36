"""What members are offered while they type: at once rather than exact."""

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
"""Seconds that suggestions wait for the store; a member types on meanwhile."""


class Suggestions:
    """Suggests values for the options of a command, within the member's limits, from memory.

    Only the first suggestion in a server has to ask the store, and does not wait for it long.
    """

    def __init__(self, planner: Planner, book: PolicyBook, operator: OperatorLimits) -> None:
        self._planner = planner
        self._book = book
        self._operator = operator

    async def sizes(self, model: str | None, typed: str, asker: Asker) -> tuple[str, ...]:
        """Suggest sizes; ``model`` is the one already typed."""
        return self._planner.suggest_sizes(model, typed, await self._likely_limits(asker))

    async def qualities(self, model: str | None, typed: str, asker: Asker) -> tuple[str, ...]:
        """Suggest qualities."""
        return self._planner.suggest_qualities(model, typed, await self._likely_limits(asker))

    async def counts(self, model: str | None, asker: Asker) -> range:
        """Suggest numbers of pictures."""
        return self._planner.suggest_counts(model, await self._likely_limits(asker))

    async def models(self, typed: str, asker: Asker) -> tuple[tuple[str, str], ...]:
        """Suggest models: the label and the name of each."""
        return self._planner.suggest_models(typed, await self._likely_limits(asker))

    def prices(self, limits: Limits) -> tuple[PriceExample, ...]:
        """Price what a member may have; see ``Planner.price_examples``."""
        return self._planner.price_examples(limits)

    async def _likely_limits(self, asker: Asker) -> Limits:
        """What most likely holds for the member: no look at what has changed meanwhile."""
        try:
            async with asyncio.timeout(SUGGEST_WITHIN):
                policy = await self._book.policy(asker.guild_id)
        except (StoreUnavailable, TimeoutError):
            policy = GuildPolicy(asker.guild_id)
        return resolve(policy, asker, self._operator.defaults, self._operator.caps)
