from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from bot.limits.counters import Count, Counts
from bot.limits.policy import Block
from bot.limits.rules import EVERYONE, Rule
from bot.model import Quality, Size
from bot.planning.planner import PriceExample
from cogs.quota.text import SHOWN_MODELS, quota_text
from tests.unit.cogs.rules import LABELS, MEMBER, NOW, asker, english, standing

TODAY, THIS_WEEK, THIS_MONTH = "<t:1795392000:R>", "<t:1795392000:R>", "<t:1796083200:R>"
"""The ends of 22 November 2026, a Sunday, and of its month, in UTC."""


def quota(
    rule: Rule | None = None,
    counts: Counts | None = None,
    prices: tuple[PriceExample, ...] = (),
    **more: Any,
) -> list[str]:
    found = standing(asker(), {EVERYONE: rule or Rule()}, counts, defaults=Rule(), caps=Rule(), **more)
    return quota_text(found, asker(), prices, NOW, LABELS, english).splitlines()[1:]


def test_what_is_left_is_told_with_when_it_renews() -> None:
    rule = Rule(images_per_day=20, images_per_week=1000)
    assert quota(rule, Counts(day=Count(5), week=Count(6))) == [
        f"- Today: **15 of 20** left, renews {TODAY}",
        f"- This week: **994 of 1,000** left, renews {THIS_WEEK}",
    ]


def test_what_is_still_being_drawn_is_not_left() -> None:
    (line,) = quota(Rule(images_per_day=20), Counts(day=Count(5, 2)))
    assert line == f"- Today: **13 of 20** left, renews {TODAY} (2 still being drawn)"


def test_a_limit_lowered_below_what_is_used_leaves_nothing() -> None:
    assert "**0 of 3** left" in quota(Rule(images_per_day=3), Counts(day=Count(5)))[0]
    rule = Rule(images_per_day=3, dollars_per_month=Decimal(1))
    assert "**$0 of $1** left" in quota(rule, Counts(charge=Count(2_000_000)))[1]


def test_without_limits_what_was_made_is_told() -> None:
    assert quota(None, Counts(day=Count(3), week=Count(1234))) == [
        "- As many as you like; 3 today, 1,234 this week so far"
    ]


def test_money_is_told_one_s_own_and_the_server_s() -> None:
    rule = Rule(images_per_day=1, dollars_per_month=Decimal("2.5"), server_dollars_per_month=Decimal(50))
    lines = quota(rule, Counts(charge=Count(1_009_001, 1), server=Count(10_000_000)))
    assert lines[1:] == [
        f"- This month: **$1.49 of $2.50** left, renews {THIS_MONTH}",
        f"- All members together this month: **$40 of $50** left, renews {THIS_MONTH}",
    ]


def test_what_bounds_a_request_is_told_on_one_line() -> None:
    rule = Rule(
        images_per_day=1,
        max_size=Size(1024, 1024),
        max_quality=Quality.MEDIUM,
        max_count=2,
        max_prompt_length=1500,
        models=("gpt-image-2",),
        cooldown=30,
        concurrent=1,
        server_concurrent=20,
    )
    assert quota(rule)[1] == (
        "- Each request here: up to 1024×1024 · up to medium quality · up to 2 pictures"
        " · prompts up to 1,500 characters · drawn by GPT Image 2 · 30 s after the one before · 1 at once"
        " · 20 at once of all members together"
    )


def test_more_turns_than_others_have_are_told() -> None:
    turns = "- In the queue: **×4 turns**, beside a member without priority"
    assert quota(Rule(images_per_day=1, priority=2))[1:] == [turns]
    assert len(quota(Rule(images_per_day=1, priority=0))) == 1


def test_one_picture_per_request_is_told_as_one() -> None:
    assert quota(Rule(images_per_day=1, max_count=1))[1] == "- Each request here: one picture"


def test_a_small_budget_is_told_whole() -> None:
    rule = Rule(images_per_day=1, dollars_per_month=Decimal("0.0005"))
    assert "**$0.0005 of $0.0005** left" in quota(rule)[1]
    rule = Rule(images_per_day=1, dollars_per_month=Decimal("1.999"))
    assert "of $1.999** left" in quota(rule)[1]


def test_a_pause_a_block_and_a_cooldown_come_first() -> None:
    later = NOW + dt.timedelta(hours=1)
    assert quota(paused=True, pause_note="Back at six")[0] == (
        "⏸️ The moderators have paused drawing in this server. They say: “Back at six”"
    )
    assert quota(blocks={MEMBER: Block(later, "spam")})[0] == (
        "🚫 The moderators do not let you draw in this server until <t:1795365000:f>. Their reason: “spam”"
    )
    assert quota(cooling_until=later)[0] == "⏳ You can ask again <t:1795365000:R>."


def test_what_is_over_is_not_told() -> None:
    plain = quota()
    assert quota(blocks={MEMBER: Block(NOW, "spam"), 99: Block()}) == plain
    assert quota(cooling_until=NOW) == plain


def prices(models: int) -> tuple[PriceExample, ...]:
    qualities = {Quality.LOW: 10_001, Quality.HIGH: 170_000, Quality.AUTO: 170_000}
    return tuple(
        PriceExample(f"Model {n}", Size(1024, 1024), quality, price)
        for n in range(models)
        for quality, price in qualities.items()
    )


def test_what_a_picture_costs_is_told_by_model_and_never_too_low() -> None:
    assert quota(prices=prices(2))[1:] == [
        "A picture costs at most:",
        "-# Model 0, 1024×1024: low $0.011 · high $0.17",
        "-# Model 1, 1024×1024: low $0.011 · high $0.17",
    ]


@pytest.mark.parametrize(("models", "lines"), [(0, 0), (1, 2), (50, SHOWN_MODELS + 1)])
def test_no_more_prices_are_told_than_anybody_reads(models: int, lines: int) -> None:
    assert len(quota(prices=prices(models))) - 1 == lines
