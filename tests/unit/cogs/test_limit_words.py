from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from bot.limits.policy import Origin, OriginKind
from bot.limits.rules import EVERYONE, FIELDS, Rule, Target, TargetKind
from bot.model import Quality, Size
from cogs.limits.words import (
    dollars,
    dollars_left,
    duration,
    field_names,
    moment,
    origin_text,
    phrases,
    price,
    shown,
    size_text,
    target_text,
)

LABELS = {"gpt-image-2": "GPT Image 2"}


def english(text: str) -> str:
    return text


FULL = Rule(
    images_per_day=20,
    images_per_week=1000,
    max_size=Size(1024, 1024),
    max_quality=Quality.MEDIUM,
    max_count=4,
    max_prompt_length=1500,
    models=("gpt-image-2", "gpt-image-9"),
    cooldown=90,
    concurrent=2,
    priority=2,
    dollars_per_month=Decimal("2.5"),
    server_concurrent=20,
    server_dollars_per_month=Decimal(50),
)


def test_every_field_has_a_name_and_a_phrase_in_the_order_of_the_rules() -> None:
    assert list(field_names(english)) == list(FIELDS)
    assert [field for field, _ in FULL.said()] == list(FIELDS)
    assert len(phrases(FULL, LABELS, english).split(" · ")) == len(FIELDS)


def test_a_rule_is_told_on_one_line() -> None:
    assert phrases(FULL, LABELS, english) == (
        "20 a day · 1,000 a week · up to 1024×1024 · up to medium quality · 4 per request"
        " · prompts up to 1,500 characters · only GPT Image 2, gpt-image-9 · 1 min 30 s between requests"
        " · 2 at once · ×4 turns in the queue · $2.50 a month · 20 at once for all together"
        " · $50 a month for all together"
    )
    assert phrases(Rule(), LABELS, english) == ""
    assert phrases(Rule(images_per_day=0, cooldown=0), LABELS, english) == (
        "0 a day · no wait between requests"
    )
    assert phrases(Rule(models=()), LABELS, english) == "no model at all"


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("images_per_day", None, "no limit"),
        ("cooldown", None, "no wait"),
        ("images_per_day", 0, "0"),
        ("images_per_week", 1_000_000, "1,000,000"),
        ("max_size", Size(3840, 2160), "3840×2160"),
        ("max_quality", Quality.XHIGH, "xhigh"),
        ("models", (), "none"),
        ("models", ("gpt-image-2",), "GPT Image 2"),
        ("dollars_per_month", Decimal(0), "$0"),
        ("cooldown", 604_800, "7 d"),
        ("priority", 0, "×1"),
        ("priority", 3, "×8"),
        ("server_concurrent", 10_000, "10,000"),
    ],
)
def test_a_value_reads_as_people_say_it(field: str, value: Any, text: str) -> None:
    assert shown(field, value, LABELS, english) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "no wait"),
        (1, "1 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (3600, "1 h"),
        (90_061, "1 d 1 h 1 min 1 s"),
    ],
)
def test_seconds_are_told_in_larger_units(seconds: int, text: str) -> None:
    assert duration(seconds, english) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0"),
        ("5", "$5"),
        ("0.5", "$0.50"),
        ("2.5", "$2.50"),
        ("0.011", "$0.011"),
        ("1234.567", "$1,234.567"),
        ("1000000", "$1,000,000"),
        ("1E+6", "$1,000,000"),
        ("0.000001", "$0.000001"),
        ("0.0005", "$0.0005"),
        ("1.999", "$1.999"),
        ("2.500000", "$2.50"),
        ("100", "$100"),
    ],
)
def test_a_sum_that_was_set_is_told_exactly(amount: str, text: str) -> None:
    assert dollars(Decimal(amount)) == text
    assert shown("dollars_per_month", Decimal(amount), LABELS, english) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0"),
        ("1234.567", "$1,234.56"),
        ("1.999", "$1.99"),
        ("0.99999", "$0.999"),
        ("0.0119", "$0.011"),
        ("0.0005", "$0.0005"),
    ],
)
def test_what_is_left_is_told_as_no_more_than_it_is(amount: str, text: str) -> None:
    assert dollars_left(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("micro", "text"), [(0, "$0"), (1, "$0.001"), (10_001, "$0.011"), (40_000, "$0.04"), (1_234_567, "$1.24")]
)
def test_a_price_is_never_told_too_low(micro: int, text: str) -> None:
    assert price(micro) == text


def test_whom_a_rule_is_for_is_mentioned() -> None:
    texts = [target_text(target, english) for target in (EVERYONE, *(Target(kind, 7) for kind in TargetKind))]
    assert texts == ["everyone", "everyone", "<#7>", "<@&7>", "<@7>"]


def test_every_origin_has_its_words() -> None:
    texts = {kind: origin_text(Origin(kind, 7), "max_count", english) for kind in OriginKind}
    assert len(set(texts.values())) == len(OriginKind)
    assert "<@&7>" in texts[OriginKind.ROLE]
    assert "<#7>" in texts[OriginKind.CHANNEL]


def test_an_operator_allows_no_less_of_a_wait_and_no_more_of_anything_else() -> None:
    texts = {field: origin_text(Origin(OriginKind.CAP), field, english) for field in FIELDS}
    assert [field for field, text in texts.items() if text.endswith("no less")] == ["cooldown"]
    assert sum(text.endswith("no more") for text in texts.values()) == len(FIELDS) - 1


def test_a_moment_is_one_that_discord_shows_in_the_reader_s_time() -> None:
    assert moment(dt.datetime(2027, 1, 15, 8, tzinfo=dt.UTC), "R") == "<t:1800000000:R>"


def test_a_size_has_the_sign_between_its_edges() -> None:
    assert size_text("1536x1024") == "1536×1024"
