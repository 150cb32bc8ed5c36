"""A server with rules, as the texts about them are tested with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from bot.limits.book import Change
from bot.limits.counters import Counts
from bot.limits.moderation import Standing, View
from bot.limits.policy import Asker, GuildPolicy, resolve
from bot.limits.rules import EVERYONE, Rule, Target, TargetKind
from bot.limits.windows import windows_at
from bot.model import Size

GUILD, ARTISTS, GALLERY, STUDIO, MEMBER, MODERATOR = 1, 2, 3, 4, 5, 6
NOW = dt.datetime(2026, 11, 22, 15, 30, tzinfo=dt.UTC)
LABELS = {"gpt-image-2": "GPT Image 2", "gpt-image-1-mini": "GPT Image 1 mini"}

ROLE = Target(TargetKind.ROLE, ARTISTS)
OTHER_ROLE = Target(TargetKind.ROLE, 22)
CHANNEL = Target(TargetKind.CHANNEL, GALLERY)
PERSON = Target(TargetKind.MEMBER, MEMBER)

RULES = {
    PERSON: Rule(images_per_day=100),
    CHANNEL: Rule(max_size=Size(512, 512)),
    ROLE: Rule(images_per_day=50, dollars_per_month=Decimal(5)),
    EVERYONE: Rule(images_per_day=5, models=("gpt-image-2",)),
}
DEFAULTS = Rule(images_per_day=20)
CAPS = Rule(max_count=4)


def english(text: str) -> str:
    return text


def view(
    rules: dict[Target, Rule] | None = None,
    *,
    defaults: Rule = DEFAULTS,
    caps: Rule = CAPS,
    last: Change | None = None,
    **policy: Any,
) -> View:
    found = GuildPolicy(GUILD, rules=RULES if rules is None else rules, **policy)
    return View(found, defaults, caps, last)


def change(target: Target = ROLE, before: Rule | None = None, after: Rule | None = None) -> Change:
    return Change(7, GUILD, NOW, MODERATOR, "set", target, before or Rule(), after or RULES[target])


def asker(member: int = MEMBER, *roles: int, channel: int = STUDIO) -> Asker:
    return Asker(GUILD, member, frozenset(roles), (channel,))


def standing(
    of: Asker,
    rules: dict[Target, Rule] | None = None,
    counts: Counts | None = None,
    *,
    cooling_until: dt.datetime | None = None,
    defaults: Rule = DEFAULTS,
    caps: Rule = CAPS,
    **policy: Any,
) -> Standing:
    found = GuildPolicy(GUILD, rules=RULES if rules is None else rules, **policy)
    return Standing(
        policy=found,
        limits=resolve(found, of, defaults, caps),
        counts=counts or Counts(),
        windows=windows_at(NOW, found.zone),
        cooling_until=cooling_until,
    )
