from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given

from bot.limits.rules import EVERYONE, FIELDS, ORDINARY, PRIORITIES, Rule, Target, TargetKind
from bot.model import Quality, Size
from bot.queue.fair import SHARES
from tests.properties import UNHURRIED
from tests.unit.limits.strategies import rules

FULL = Rule(
    images_per_day=20,
    images_per_week=0,
    max_size=Size(1536, 1024),
    max_quality=Quality.HIGH,
    max_count=4,
    max_prompt_length=500,
    models=("gpt-image-1-mini", "gpt-image-2"),
    cooldown=30,
    concurrent=2,
    priority=3,
    dollars_per_month=Decimal("12.50"),
    server_concurrent=20,
    server_dollars_per_month=Decimal(300),
)


# --- values ---------------------------------------------------------------------------------------


def test_a_rule_is_true_if_it_says_anything_even_nought() -> None:
    assert not Rule()
    assert Rule(images_per_day=0)
    assert Rule(models=())


def test_set_fields_replace_and_the_others_stay() -> None:
    changed = Rule(images_per_day=5, cooldown=60).with_(Rule(images_per_day=0, max_count=2))
    assert changed == Rule(images_per_day=0, cooldown=60, max_count=2)


def test_a_field_is_taken_out_alone() -> None:
    assert FULL.without("cooldown").cooldown is None
    assert FULL.without("cooldown").with_(Rule(cooldown=30)) == FULL


def test_an_unknown_field_cannot_be_taken_out() -> None:
    with pytest.raises(KeyError):
        FULL.without("colour")


@UNHURRIED
@given(rules())
def test_without_any_of_its_fields_nothing_is_left(rule: Rule) -> None:
    for name in FIELDS:
        rule = rule.without(name)
    assert not rule


@UNHURRIED
@given(rules(), rules())
def test_what_is_set_last_counts(first: Rule, second: Rule) -> None:
    both = first.with_(second)
    assert both.with_(second) == both
    assert all(
        getattr(both, name)
        == (getattr(first, name) if getattr(second, name) is None else getattr(second, name))
        for name in FIELDS
    )


def test_targets_sort_by_kind_and_id() -> None:
    targets = [
        Target(TargetKind.ROLE, 2),
        EVERYONE,
        Target(TargetKind.ROLE, 1),
        Target(TargetKind.CHANNEL, 9),
    ]
    assert sorted(targets) == [targets[3], EVERYONE, targets[2], targets[0]]


def test_there_are_as_many_priorities_as_shares_of_turns() -> None:
    assert list(PRIORITIES) == list(range(len(SHARES)))
    assert SHARES[ORDINARY] == min(SHARES)


# --- JSON -----------------------------------------------------------------------------------------


def test_json_holds_the_fields_that_are_set_as_plain_values() -> None:
    assert FULL.to_json() == {
        "images_per_day": 20,
        "images_per_week": 0,
        "max_size": "1536x1024",
        "max_quality": "high",
        "max_count": 4,
        "max_prompt_length": 500,
        "models": ["gpt-image-1-mini", "gpt-image-2"],
        "cooldown": 30,
        "concurrent": 2,
        "priority": 3,
        "dollars_per_month": "12.50",
        "server_concurrent": 20,
        "server_dollars_per_month": "300",
    }
    assert type(FULL.to_json()["max_quality"]) is str
    assert Rule().to_json() == {}


def test_a_sum_is_written_without_an_exponent() -> None:
    assert Rule(dollars_per_month=Decimal("5E+2")).to_json() == {"dollars_per_month": "500"}
    assert Rule(dollars_per_month=Decimal("0.000001")).to_json() == {"dollars_per_month": "0.000001"}


@UNHURRIED
@given(rules())
def test_a_rule_survives_json(rule: Rule) -> None:
    assert Rule.from_json(json.loads(json.dumps(rule.to_json()))) == rule


@pytest.mark.parametrize(
    "document",
    [
        {"colour": "red"},
        {"images_per_day": "20"},
        {"images_per_day": True},
        {"images_per_day": 1.5},
        {"images_per_day": None},
        {"max_size": "large"},
        {"max_size": 1024},
        {"max_quality": "superb"},
        {"max_quality": 3},
        {"models": "gpt-image-2"},
        {"models": [2]},
        {"dollars_per_month": "much"},
        {"dollars_per_month": "NaN"},
        {"dollars_per_month": 5.5},
        {"priority": "2"},
        {"server_concurrent": True},
    ],
    ids=str,
)
def test_a_document_of_another_make_is_no_rule(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a rule"):
        Rule.from_json(document)
