from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RuleFault, RuleRefused
from bot.generation.models import LEGACY_SIZES
from bot.limits.reading import read_rule
from bot.limits.rules import EVERYONE, FIELDS, SHARED_FIELDS, Rule, Target, TargetKind
from bot.limits.values import MOST_DOLLARS
from bot.model import Quality, Size
from tests.properties import UNHURRIED
from tests.unit.limits.strategies import FLEET, MODELS, WHOLE_RANGES, rules

ROLE = Target(TargetKind.ROLE, 11)


def read(**values: object) -> Rule:
    return read_rule(values, EVERYONE, FLEET)


def faults(target: Target = EVERYONE, **values: object) -> list[tuple[str, RuleFault, str]]:
    with pytest.raises(RuleRefused) as refused:
        read_rule(values, target, FLEET)
    return list(refused.value.faults)


def fault(**values: Any) -> tuple[RuleFault, str]:
    (only,) = faults(**values)
    assert only[0] == next(iter(values))
    return only[1], only[2]


# --- what is taken --------------------------------------------------------------------------------


def test_typed_values_become_a_rule() -> None:
    assert read(
        images_per_day=20,
        images_per_week="100",
        max_size="1536 × 1024",
        max_quality=" High ",
        max_count=4,
        max_prompt_length="500",
        models="GPT Image 2, gpt-image-1-MINI",
        cooldown=30,
        concurrent=1,
        priority="2",
        dollars_per_month=12.5,
        server_concurrent=20,
        server_dollars_per_month=300,
    ) == Rule(
        images_per_day=20,
        images_per_week=100,
        max_size=Size(1536, 1024),
        max_quality=Quality.HIGH,
        max_count=4,
        max_prompt_length=500,
        models=("gpt-image-1-mini", "gpt-image-2"),
        cooldown=30,
        concurrent=1,
        priority=2,
        dollars_per_month=Decimal("12.5"),
        server_concurrent=20,
        server_dollars_per_month=Decimal(300),
    )


def test_an_option_left_out_says_nothing() -> None:
    assert read(images_per_day=1, max_size=None, models=None) == Rule(images_per_day=1)


@UNHURRIED
@given(rules(shared=False).filter(bool), st.sampled_from([EVERYONE, ROLE]))
def test_a_rule_written_as_json_is_read_as_it_was(rule: Rule, target: Target) -> None:
    assert read_rule(rule.to_json(), target, FLEET) == rule


@pytest.mark.parametrize("name", WHOLE_RANGES)
def test_whole_numbers_end_where_their_range_does(name: str) -> None:
    first, last = WHOLE_RANGES[name][0], WHOLE_RANGES[name][-1]
    assert getattr(read(**{name: first}), name) == first
    assert getattr(read(**{name: float(last)}), name) == last
    for beyond in (first - 1, last + 1, 10**30, -(10**30), "9" * 30, Decimal("1e999999")):
        assert fault(**{name: beyond}) == (RuleFault.OUT_OF_RANGE, f"{first} to {last}")


@pytest.mark.parametrize("name", [*WHOLE_RANGES, "dollars_per_month"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "many",
        "0x10",
        "1e3",
        "1_000",
        "٣",
        "9" * 5000,
        True,
        False,
        float("nan"),
        float("inf"),
        [1],
        {},
        b"1",
    ],
    ids=lambda value: repr(value)[:10],
)
def test_what_is_no_number_is_refused(name: str, value: object) -> None:
    assert fault(**{name: value})[0] is RuleFault.NOT_A_NUMBER


@pytest.mark.parametrize("value", [1.5, "2.5", Decimal("0.1")])
def test_half_a_picture_is_no_number_of_pictures(value: object) -> None:
    assert fault(images_per_day=value) == (RuleFault.NOT_A_NUMBER, "0 to 1000000")


@pytest.mark.parametrize("name", ["dollars_per_month", "server_dollars_per_month"])
@pytest.mark.parametrize(
    ("value", "sum_"),
    [
        (0, "0"),
        (-0.0, "0"),
        (0.1, "0.1"),
        ("5.00", "5"),
        (500.0, "500"),
        ("0.000001", "0.000001"),
        (1_000_000, "1000000"),
        ("+7", "7"),
        ("1." + "0" * 30, "1"),
    ],
)
def test_money_is_exact_and_has_one_spelling(name: str, value: object, sum_: str) -> None:
    assert str(getattr(read(**{name: value}), name)) == sum_


@pytest.mark.parametrize(
    "value",
    [-1, -0.01, 1_000_000.01, "1000000.000001", 0.0000001, "1.0000001", 10**40, "0." + "0" * 29 + "1"],
)
def test_money_beyond_its_range_is_refused_and_never_rounded(value: object) -> None:
    assert fault(dollars_per_month=value) == (
        RuleFault.OUT_OF_RANGE,
        f"0 to {MOST_DOLLARS}, at most 6 decimals",
    )


# --- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [*LEGACY_SIZES, Size(1024, 1024), Size(3840, 2160), Size(1600, 1200)])
def test_a_size_that_can_be_had_can_be_the_largest(size: Size) -> None:
    assert read(max_size=str(size)).max_size == size


@pytest.mark.parametrize("value", ["", "large", "1024", "auto", "1024x", "-1x5", 1024, ["1024x1024"]])
def test_what_is_no_size_is_refused(value: object) -> None:
    assert fault(max_size=value) == (RuleFault.MALFORMED_SIZE, "such as 1024x1024")


@pytest.mark.parametrize("value", ["0x0", "1x1", "64x64", "3856x2160", "99999x99999"])
def test_a_size_that_no_model_draws_is_refused_with_the_nearest(value: str) -> None:
    refused, right = fault(max_size=value)
    assert refused is RuleFault.SIZE_NOT_DRAWABLE
    nearest = [Size.parse(text) for text in right.split(", ")]
    assert nearest
    assert all(any(size and model.size_fault(size) is None for model in FLEET) for size in nearest)


def test_a_size_is_judged_by_the_models_on_offer() -> None:
    with pytest.raises(RuleRefused):
        read_rule({"max_size": "2048x2048"}, EVERYONE, [MODELS["gpt-image-1-mini"]])


# --- qualities and models -------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["auto", "superb", "", 3])
def test_a_quality_is_one_that_bounds(value: object) -> None:
    assert fault(max_quality=value) == (RuleFault.UNKNOWN_QUALITY, "low, medium, high, xhigh, max")


def test_a_quality_is_judged_by_the_models_on_offer() -> None:
    with pytest.raises(RuleRefused) as refused:
        read_rule({"max_quality": "xhigh"}, EVERYONE, [MODELS["gpt-image-2"]])
    assert refused.value.faults == (("max_quality", RuleFault.UNKNOWN_QUALITY, "low, medium, high"),)


@pytest.mark.parametrize(
    "value",
    [
        "gpt-image-2,GPT Image 2 ,, ",
        ["gpt-image-2"],
        ("GPT IMAGE 2", "gpt-image-2"),
    ],
)
def test_models_go_by_name_or_label_and_count_once(value: object) -> None:
    assert read(models=value).models == ("gpt-image-2",)


@pytest.mark.parametrize(
    "value", ["", " , ", [], "dall-e-2", "gpt-image-2, nothing", [2], {"gpt-image-2"}, 2]
)
def test_a_model_that_is_not_on_offer_is_refused_with_those_that_are(value: object) -> None:
    assert fault(models=value) == (
        RuleFault.UNKNOWN_MODEL,
        "GPT Image 2, GPT Image 1 mini, GPT Image 2.5 Flare, other-1",
    )


# --- fields and targets ---------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{}, {"images_per_day": None}])
def test_a_rule_that_says_nothing_is_refused(values: dict[str, Any]) -> None:
    assert faults(**values) == [("", RuleFault.EMPTY, ", ".join(FIELDS))]


def test_an_unknown_field_is_refused_with_the_known_ones() -> None:
    refused, right = fault(colour="red")
    assert refused is RuleFault.UNKNOWN_FIELD
    assert right == ", ".join(FIELDS)


@pytest.mark.parametrize("name", SHARED_FIELDS)
@pytest.mark.parametrize("kind", [TargetKind.CHANNEL, TargetKind.ROLE, TargetKind.MEMBER])
def test_what_is_of_all_members_together_is_for_everyone_only(kind: TargetKind, name: str) -> None:
    assert faults(Target(kind, 5), **{name: 5}) == [(name, RuleFault.NOT_FOR_TARGET, "everyone")]
    assert name not in faults(Target(kind, 5))[0][2]


def test_every_fault_is_told_at_once() -> None:
    found = faults(ROLE, images_per_day=-1, max_size="big", colour=1, server_dollars_per_month=1, max_count=2)
    assert [(name, kind) for name, kind, _ in found] == [
        ("images_per_day", RuleFault.OUT_OF_RANGE),
        ("max_size", RuleFault.MALFORMED_SIZE),
        ("colour", RuleFault.UNKNOWN_FIELD),
        ("server_dollars_per_month", RuleFault.NOT_FOR_TARGET),
    ]


junk = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=12)
    | st.lists(st.text(max_size=3), max_size=2)
    | st.from_regex(r"[0-9]{1,5}[xX][0-9]{1,5}", fullmatch=True)
)


@UNHURRIED
@given(st.dictionaries(st.sampled_from((*FIELDS, "colour")), junk))
def test_anything_at_all_is_a_sound_rule_or_is_refused(values: dict[str, object]) -> None:
    try:
        rule = read_rule(values, EVERYONE, FLEET)
    except RuleRefused:
        return
    assert rule
    for name, allowed in WHOLE_RANGES.items():
        value = getattr(rule, name)
        assert value is None or (type(value) is int and value in allowed)
    for value in (rule.dollars_per_month, rule.server_dollars_per_month):
        assert value is None or 0 <= value * 10**6 == int(value * 10**6) <= MOST_DOLLARS * 10**6
    assert Rule.from_json(rule.to_json()) == rule
