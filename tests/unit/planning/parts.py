from __future__ import annotations

from typing import TYPE_CHECKING

from bot.generation.models import load_models
from bot.generation.prices import load_prices
from bot.planning.planner import Planner

if TYPE_CHECKING:
    from bot.planning.plan import Draft, Plan

MEMBER = 123456789012345678
ON_OFFER = ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare", "dall-e-2", "gpt-image-9")


def planner(*, models: tuple[str, ...] = ON_OFFER, salt: bytes = b"salt") -> Planner:
    known = load_models()
    return Planner([known[name] for name in models], load_prices(), salt=salt)


def plan(draft: Draft, member: int = MEMBER) -> Plan:
    return planner().plan(draft, member)
