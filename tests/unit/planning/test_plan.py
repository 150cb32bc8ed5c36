from __future__ import annotations

import pytest

from bot.errors import (
    CountNotOffered,
    ModelNotOffered,
    PromptMissing,
    PromptNotAllowed,
    PromptTooLong,
    QualityNotOffered,
    SizeFault,
    SizeNotDrawable,
)
from bot.limits.policy import Asker, GuildPolicy, resolve
from bot.limits.rules import Rule
from bot.model import Quality, Size
from bot.planning.plan import Draft
from tests.unit.planning.parts import MEMBER, ON_OFFER, plan, planner

# --- a draft that leaves everything open ----------------------------------------------------------


def test_a_prompt_is_enough_for_one_square_picture_of_medium_quality_by_the_default_model() -> None:
    made = plan(Draft("a red bicycle"))
    request = made.request
    assert (request.prompt, request.model, request.count) == ("a red bicycle", "gpt-image-2", 1)
    assert (request.size, request.quality) == (Size(1024, 1024), Quality.MEDIUM)
    assert made.model.label == "GPT Image 2"
    assert made.scale_to is None


def test_everything_a_draft_names_is_in_the_request() -> None:
    made = plan(Draft("x", size="1536x1024", quality="xhigh", count=10, model="gpt-image-2.5-flare"))
    request = made.request
    assert (request.model, request.size) == ("gpt-image-2.5-flare", Size(1536, 1024))
    assert (request.quality, request.count) == (Quality.XHIGH, 10)


# --- prompts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " ",
        "\n\t\r\v\f",
        "\u00a0\u2003\u3000",  # spaces of other scripts
        "\u200b\u200c\u200d\u2060\ufeff",  # zero-width
        "\u00ad\u180e\u061c\u200e\u200f",
        "\u202a\u202e\u2066\u2069",
        "\u115f\u1160\u3164\uffa0\u2800",  # fillers and the empty braille pattern
        "\ufe0f\u034f",  # a variation selector and a grapheme joiner, without what they go with
        "\U000e0041\U000e007f",  # tags
        "\x00\x07\x1b",
        "\ud83d",  # half an emoji
        "\udc00 \ud800",
    ],
    ids=ascii,
)
def test_a_prompt_with_nothing_to_see_in_it_is_none(prompt: str) -> None:
    with pytest.raises(PromptMissing):
        plan(Draft(prompt))


@pytest.mark.parametrize(
    "prompt",
    [
        "x",
        "?",
        "🎨",
        "👩‍🎨",
        "🏳️‍🌈",
        "\U0001fae8",  # newer than the character tables of Python 3.11
        "\U0001fae9",
        "дом",
        "بيت",
        "家",
        "ก็",
        "@everyone **bold** <@1> ||x|| https://example.com",
    ],
)
def test_a_prompt_with_anything_to_see_is_drawn_as_it_was_typed(prompt: str) -> None:
    assert plan(Draft(prompt)).request.prompt == prompt


def test_space_around_a_prompt_goes_and_space_within_stays() -> None:
    assert plan(Draft("  a  red\nbicycle \n")).request.prompt == "a  red\nbicycle"


def test_half_a_surrogate_pair_is_dropped_because_json_cannot_carry_it() -> None:
    prompt = plan(Draft("a \ud83dcat")).request.prompt
    assert prompt == "a cat"
    prompt.encode()


def test_six_thousand_characters_are_drawn_by_a_model_that_takes_them() -> None:
    assert len(plan(Draft("x" * 6000)).request.prompt) == 6000


def test_a_prompt_may_be_as_long_as_the_model_takes_and_no_longer() -> None:
    assert len(plan(Draft("x" * 4000, model="gpt-image-1-mini")).request.prompt) == 4000
    with pytest.raises(PromptTooLong) as raised:
        plan(Draft("x" * 6000, model="gpt-image-1-mini"))
    assert (raised.value.length, raised.value.limit) == (6000, 4000)
    with pytest.raises(PromptTooLong):
        plan(Draft("x" * 4001, model="gpt-image-1-mini"))


def test_what_is_trimmed_away_does_not_count() -> None:
    assert len(plan(Draft(" " * 2000 + "x" * 4000, model="gpt-image-1-mini")).request.prompt) == 4000


def test_a_prompt_may_be_as_long_as_the_member_s_limit_and_no_longer() -> None:
    within = resolve(GuildPolicy(1), Asker(1, MEMBER), Rule(max_prompt_length=5), Rule())
    assert planner().plan(Draft(" 12345 "), MEMBER, within).request.prompt == "12345"
    with pytest.raises(PromptNotAllowed) as raised:
        planner().plan(Draft("123456"), MEMBER, within)
    assert (raised.value.length, raised.value.most) == (6, 5)
    planner().check(Draft("123456"), MEMBER)


def test_what_the_model_takes_bounds_a_prompt_whatever_the_limit_is() -> None:
    within = resolve(GuildPolicy(1), Asker(1, MEMBER), Rule(max_prompt_length=32_000), Rule())
    with pytest.raises(PromptTooLong):
        planner().plan(Draft("x" * 4001, model="gpt-image-1-mini"), MEMBER, within)


# --- models ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["gpt-image-1-mini", "GPT-Image-1-Mini", "GPT Image 1 mini", " gpt image 1 mini "],
)
def test_a_model_is_known_by_its_name_or_its_label_in_any_case(typed: str) -> None:
    assert plan(Draft("x", model=typed)).request.model == "gpt-image-1-mini"


def test_an_empty_model_is_the_default_one() -> None:
    assert plan(Draft("x", model="")).request.model == "gpt-image-2"


@pytest.mark.parametrize("typed", ["dall-e-3", "gpt-image", "nonsense", "gpt-image-1.5"])
def test_a_model_without_a_deployment_is_not_offered_even_if_it_exists(typed: str) -> None:
    with pytest.raises(ModelNotOffered) as raised:
        plan(Draft("x", model=typed))
    assert raised.value.asked == typed
    assert raised.value.offered[0] == "GPT Image 2"
    assert len(raised.value.offered) == len(ON_OFFER)


# --- counts and qualities -------------------------------------------------------------------------


@pytest.mark.parametrize("count", [-1, 0, 11, 10**9])
def test_a_count_beyond_the_model_is_refused_with_its_bounds(count: int) -> None:
    with pytest.raises(CountNotOffered) as raised:
        plan(Draft("x", count=count))
    assert (raised.value.asked, raised.value.limit) == (count, 10)


def test_each_model_has_its_own_greatest_count() -> None:
    assert plan(Draft("x", count=5, model="dall-e-2")).request.count == 5
    with pytest.raises(CountNotOffered):
        plan(Draft("x", count=6, model="dall-e-2"))


@pytest.mark.parametrize(
    ("typed", "meant"), [("LOW", Quality.LOW), (" high ", Quality.HIGH), ("auto", Quality.AUTO)]
)
def test_a_quality_is_known_in_any_case(typed: str, meant: Quality) -> None:
    assert plan(Draft("x", quality=typed)).request.quality is meant


@pytest.mark.parametrize("typed", ["hd", "standard", "xhigh", "max", "nonsense", " "])
def test_a_quality_the_model_does_not_know_is_refused_with_those_it_does(typed: str) -> None:
    with pytest.raises(QualityNotOffered) as raised:
        plan(Draft("x", quality=typed))
    assert raised.value.asked == typed
    assert raised.value.offered == ("low", "medium", "high", "auto")


def test_a_model_without_qualities_takes_none() -> None:
    assert plan(Draft("x", model="gpt-image-9")).model.qualities == ()
    with pytest.raises(QualityNotOffered) as raised:
        plan(Draft("x", model="gpt-image-9", quality="low"))
    assert raised.value.offered == ()


# --- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["1536x1024", "1536X1024", "1536×1024", " 1536 x 1024 ", "1536*1024"])
def test_a_size_is_taken_however_it_is_written(typed: str) -> None:
    assert plan(Draft("x", size=typed)).request.size == Size(1536, 1024)


@pytest.mark.parametrize("typed", ["auto", "AUTO", " Auto "])
def test_auto_leaves_the_size_to_the_model(typed: str) -> None:
    made = plan(Draft("x", size=typed))
    assert (made.request.size, made.scale_to) == (None, None)


@pytest.mark.parametrize("typed", ["", None])
def test_no_size_is_the_square(typed: str | None) -> None:
    assert plan(Draft("x", size=typed)).request.size == Size(1024, 1024)


@pytest.mark.parametrize("model", ON_OFFER)
@pytest.mark.parametrize("typed", ["256x256", "512x512"])
def test_a_seed_size_is_drawn_on_the_smallest_square_and_scaled_down(typed: str, model: str) -> None:
    made = plan(Draft("x", size=typed, model=model))
    canvas = made.request.size
    assert made.scale_to == Size.parse(typed)
    assert canvas == (Size(816, 816) if made.model.sizes is None else Size(1024, 1024))


def test_the_seed_s_third_size_is_drawn_as_it_is() -> None:
    made = plan(Draft("x", size="1024x1024"))
    assert (made.request.size, made.scale_to) == (Size(1024, 1024), None)


@pytest.mark.parametrize(
    ("typed", "model", "fault"),
    [
        ("large", "gpt-image-2", SizeFault.MALFORMED),
        ("1024", "gpt-image-2", SizeFault.MALFORMED),
        ("-1024x1024", "gpt-image-2", SizeFault.MALFORMED),
        (" ", "gpt-image-2", SizeFault.MALFORMED),
        ("large", "gpt-image-9", SizeFault.MALFORMED),
        ("0x0", "gpt-image-2", SizeFault.MALFORMED),
        ("1000x1000", "gpt-image-2", SizeFault.NOT_MULTIPLE),
        ("255x255", "gpt-image-2", SizeFault.NOT_MULTIPLE),
        ("128x128", "gpt-image-2", SizeFault.TOO_FEW_PIXELS),
        ("3840x3840", "gpt-image-2", SizeFault.TOO_MANY_PIXELS),
        ("4096x2160", "gpt-image-2", SizeFault.EDGE_TOO_LONG),
        ("3840x1024", "gpt-image-2", SizeFault.TOO_ELONGATED),
        ("2048x2048", "gpt-image-1-mini", SizeFault.NOT_LISTED),
        ("0x0", "gpt-image-1-mini", SizeFault.MALFORMED),
        ("1x1", "gpt-image-9", SizeFault.TOO_FEW_PIXELS),
    ],
)
def test_a_size_that_cannot_be_drawn_is_refused_with_its_fault_and_sizes_that_can(
    typed: str, model: str, fault: SizeFault
) -> None:
    with pytest.raises(SizeNotDrawable) as raised:
        plan(Draft("x", size=typed, model=model))
    assert (raised.value.asked, raised.value.fault) == (typed, fault)
    assert raised.value.nearest
    for near in raised.value.nearest:
        assert plan(Draft("x", size=near, model=model)).request.size == Size.parse(near)


def test_an_error_names_the_model_as_people_do() -> None:
    with pytest.raises(SizeNotDrawable) as raised:
        plan(Draft("x", size="large"))
    assert raised.value.model == "GPT Image 2"


# --- who asks -------------------------------------------------------------------------------------


def test_a_member_s_pseudonym_stays_the_same_and_is_no_other_s() -> None:
    first, again, other = (plan(Draft("x"), member).request.user for member in (MEMBER, MEMBER, MEMBER + 1))
    assert first == again
    assert first != other


def test_a_pseudonym_tells_nothing_without_the_salt() -> None:
    known = planner(salt=b"one").plan(Draft("x"), MEMBER).request.user
    elsewhere = planner(salt=b"two").plan(Draft("x"), MEMBER).request.user
    assert known is not None
    assert known != elsewhere
    assert str(MEMBER) not in known
    assert f"{MEMBER:x}" not in known
    assert len(known) <= 64


# --- before it is known what the member may use ---------------------------------------------------


def test_a_draft_that_names_no_model_is_checked_against_all_of_them() -> None:
    shop = planner(models=("dall-e-2", "gpt-image-2"))
    shop.check(Draft("x", size="2048x2048"), MEMBER)
    with pytest.raises(SizeNotDrawable):
        shop.check(Draft("x", size="2048x2048", model="dall-e-2"), MEMBER)
    with pytest.raises(SizeNotDrawable):
        shop.check(Draft("x", size="9999x1"), MEMBER)
    with pytest.raises(PromptMissing):
        shop.check(Draft(" "), MEMBER)
