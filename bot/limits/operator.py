"""What the operator decides about every server's limits, in ``easel.toml``."""

from __future__ import annotations

from dataclasses import dataclass

from bot.limits.rules import Rule

DEFAULTS = Rule(images_per_day=20)
"""What a new server starts with: usable at once, and bounded."""

BUDGET = 500_000_000
"""Micro-dollars a month, unless the operator sets another sum."""

NOTHING = Rule()


@dataclass(frozen=True, slots=True)
class OperatorLimits:
    """The limits that the operator sets; unlimited is never the default.

    Attributes:
        defaults: what applies in a server whose moderators set nothing.
        caps: what no server can exceed.
        budget: micro-dollars that all servers together may cost in a month (UTC).
    """

    defaults: Rule = DEFAULTS
    caps: Rule = NOTHING
    budget: int = BUDGET
