"""What the operator decides about every server's limits, in ``easel.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.limits.policy import resolve
from bot.limits.rules import Rule

if TYPE_CHECKING:
    from bot.limits.policy import Asker, GuildPolicy, Limits

DEFAULTS = Rule(images_per_day=20)
"""What a new server starts with: usable at once, and bounded."""

BUDGET = 500_000_000
"""Micro-dollars a month, if the operator names no other sum."""

NOTHING = Rule()


@dataclass(frozen=True, slots=True)
class OperatorLimits:
    """The operator's word on limits; unlimited is never the default.

    Attributes:
        defaults: what a server has whose moderators say nothing.
        caps: what no server can exceed.
        budget: micro-dollars that all servers together may cost in a month (UTC).
    """

    defaults: Rule = DEFAULTS
    caps: Rule = NOTHING
    budget: int = BUDGET

    def limits(self, policy: GuildPolicy, asker: Asker) -> Limits:
        """Resolve what holds for a member in a channel."""
        return resolve(policy, asker, self.defaults, self.caps)
