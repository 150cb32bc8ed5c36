from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import CountNotAllowed, ModelNotAllowed, NotAllowed, QualityNotAllowed, SizeNotAllowed
from bot.generation.models import LEGACY_SIZES
from bot.limits.policy import Asker, GuildPolicy, Limits, resolve
from bot.limits.rules import EVERYONE, Rule
from bot.model import Quality, Size
from bot.planning.offers import (
    allowed_models,
    allowed_qualities,
    allowed_sizes,
    default_model,
    default_quality,
    default_size,
    judge,
    size_allowed,
)
from tests.properties import UNHURRIED
from tests.unit.limits.strategies import FLEET, MODELS, rules, sizes

if TYPE_CHECKING:
    from bot.generation.models import Capabilities

ANY, LISTED, RICH, UNKNOWN = FLEET
"""Draws any size; draws three; knows five qualities; is not in the list."""

SQUARE = Size(1024, 1024)


def limits(rule: Rule | None = None, **fields: Any) -> Limits:
    policy = GuildPolicy(1, rules={EVERYONE: rule or Rule(**fields)})
    return resolve(policy, Asker(1, 2), Rule(), Rule())


def ask(
    within: Limits,
    model: Capabilities = ANY,
    *,
    size: Size | None = SQUARE,
    quality: Quality = Quality.MEDIUM,
    count: int = 1,
) -> None:
    judge(within, size=size, quality=quality, count=count, model=model, models=FLEET)


# --- refusals, and what would be allowed ----------------------------------------------------------


def test_without_limits_everything_goes() -> None:
    ask(limits(), size=None, quality=Quality.AUTO, count=10)


def test_a_model_is_refused_with_the_allowed_ones_by_their_labels() -> None:
    with pytest.raises(ModelNotAllowed) as refused:
        ask(limits(models=("gone-from-the-fleet", LISTED.name)), ANY)
    assert (refused.value.asked, refused.value.allowed) == ("GPT Image 2", ("GPT Image 1 mini",))


def test_there_may_be_no_allowed_model_at_all() -> None:
    with pytest.raises(ModelNotAllowed) as refused:
        ask(limits(models=()), ANY)
    assert refused.value.allowed == ()


@pytest.mark.parametrize("size", [Size(1024, 1024), Size(1536, 640), Size(640, 1536), Size(256, 256)])
def test_sizes_compare_by_their_pixels(size: Size) -> None:
    ask(limits(max_size=SQUARE), size=size)


@pytest.mark.parametrize(("size", "asked"), [(Size(1040, 1024), "1040x1024"), (None, "auto")])
def test_a_larger_size_is_refused_and_so_is_one_that_is_left_to_the_model(
    size: Size | None, asked: str
) -> None:
    with pytest.raises(SizeNotAllowed) as refused:
        ask(limits(max_size=SQUARE), size=size)
    assert (refused.value.asked, refused.value.largest) == (asked, "1024x1024")


@pytest.mark.parametrize(
    ("model", "limit", "largest"),
    [
        (ANY, Size(1600, 1200), "1600x1200"),  # not a popular size, but it can be drawn
        (LISTED, Size(1600, 1200), "1536x1024"),
        (LISTED, Size(1024, 640), "512x512"),  # it draws no size so small, but scaled down it can be had
        (ANY, Size(256, 256), "256x256"),
    ],
)
def test_the_largest_size_named_is_one_that_can_be_had(
    model: Capabilities, limit: Size, largest: str
) -> None:
    with pytest.raises(SizeNotAllowed) as refused:
        ask(limits(max_size=limit), model, size=Size(3840, 2160))
    assert refused.value.largest == largest


@pytest.mark.parametrize("quality", [Quality.HIGH, Quality.AUTO])
def test_a_better_quality_is_refused_and_so_is_one_that_is_left_to_the_model(quality: Quality) -> None:
    with pytest.raises(QualityNotAllowed) as refused:
        ask(limits(max_quality=Quality.MEDIUM), quality=quality)
    assert (refused.value.asked, refused.value.best) == (quality.value, "medium")


def test_the_best_quality_named_is_one_that_the_model_knows() -> None:
    with pytest.raises(QualityNotAllowed) as refused:
        ask(limits(max_quality=Quality.XHIGH), quality=Quality.AUTO)
    assert refused.value.best == "high"
    ask(limits(max_quality=Quality.XHIGH), RICH, quality=Quality.XHIGH)


def test_a_model_that_knows_no_qualities_is_not_judged_by_them() -> None:
    ask(limits(max_quality=Quality.LOW), UNKNOWN, quality=Quality.MEDIUM)


@pytest.mark.parametrize(("limit", "most"), [(2, 2), (10, 1)])
def test_more_pictures_than_allowed_are_refused(limit: int, most: int) -> None:
    model = ANY if limit == 2 else MODELS["dall-e-3"]
    with pytest.raises(CountNotAllowed) as refused:
        ask(limits(max_count=limit), model, count=limit + 1)
    assert (refused.value.asked, refused.value.most) == (limit + 1, most)
    ask(limits(max_count=limit), model, count=limit)


# --- what is offered ------------------------------------------------------------------------------


def test_sizes_on_offer_are_those_within_the_limit_and_the_limit_itself() -> None:
    found = allowed_sizes(limits(max_size=Size(1536, 1024)), ANY)
    assert found == (Size(1024, 1024), Size(1536, 1024), Size(1024, 1536), *LEGACY_SIZES)
    assert Size(1600, 1200) in allowed_sizes(limits(max_size=Size(1600, 1200)), ANY)
    assert Size(1600, 1200) not in allowed_sizes(limits(max_size=Size(1600, 1200)), LISTED)


def test_qualities_on_offer_lack_the_better_ones_and_auto() -> None:
    assert allowed_qualities(limits(max_quality=Quality.HIGH), RICH) == (
        Quality.LOW,
        Quality.MEDIUM,
        Quality.HIGH,
    )
    assert allowed_qualities(limits(), ANY) == ANY.qualities
    assert allowed_qualities(limits(max_quality=Quality.HIGH), UNKNOWN) == ()


def test_models_on_offer_keep_the_operators_order() -> None:
    assert allowed_models(limits(models=("gpt-image-2.5-flare", "gpt-image-2")), FLEET) == (ANY, RICH)


# --- what an option left out gives ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "limit", "default"),
    [
        (ANY, None, Size(1024, 1024)),
        (ANY, Size(3840, 2160), Size(1024, 1024)),
        (ANY, Size(1024, 1024), Size(1024, 1024)),
        (ANY, Size(1536, 640), Size(976, 976)),
        (ANY, Size(816, 816), Size(816, 816)),
        (ANY, Size(1024, 640), Size(512, 512)),  # the smallest legal picture is not square
        (LISTED, Size(1536, 640), Size(512, 512)),
        (UNKNOWN, Size(1536, 640), Size(512, 512)),  # nobody knows what else it draws
        (ANY, Size(256, 256), Size(256, 256)),
    ],
)
def test_the_default_size_is_the_largest_square_up_to_1024(
    model: Capabilities, limit: Size | None, default: Size
) -> None:
    assert default_size(limits(max_size=limit), model) == default


@pytest.mark.parametrize(
    ("limit", "default"),
    [(None, Quality.MEDIUM), (Quality.LOW, Quality.LOW), (Quality.MAX, Quality.MEDIUM)],
)
def test_the_default_quality_is_medium_or_less(limit: Quality | None, default: Quality) -> None:
    assert default_quality(limits(max_quality=limit), RICH) == default


def test_the_default_quality_of_a_model_without_any_is_not_limited() -> None:
    assert default_quality(limits(max_quality=Quality.LOW), UNKNOWN) is Quality.MEDIUM


def test_the_default_model_is_the_first_allowed_one() -> None:
    assert default_model(limits(), FLEET) is ANY
    assert default_model(limits(models=(RICH.name, LISTED.name)), FLEET) is LISTED
    assert default_model(limits(models=()), FLEET) is ANY


# --- properties -----------------------------------------------------------------------------------

fleet = st.sampled_from(FLEET)


def refusal(within: Limits, model: Capabilities, **options: Any) -> NotAllowed | None:
    try:
        ask(within, model, **options)
    except NotAllowed as error:
        return error
    return None


def allowed(within: Limits, model: Capabilities, **options: Any) -> bool:
    return refusal(within, model, **options) is None


@UNHURRIED
@given(rules(), fleet)
def test_defaults_are_always_allowed(rule: Rule, model: Capabilities) -> None:
    within = limits(rule.without("models"))
    ask(within, model, size=default_size(within, model), quality=default_quality(within, model))
    if allowed_models(limits(rule), FLEET):
        default = default_model(limits(rule), FLEET)
        within = limits(rule)
        ask(within, default, size=default_size(within, default), quality=default_quality(within, default))


@UNHURRIED
@given(rules(), fleet, st.integers(1, 10))
def test_what_is_offered_is_exactly_what_is_allowed(rule: Rule, model: Capabilities, count: int) -> None:
    within = limits(rule)
    modest = {"size": default_size(within, model), "quality": default_quality(within, model)}
    assert allowed(within, model, **modest) == (model in allowed_models(within, FLEET))
    within = limits(rule.without("models"))
    for size in (*model.offered_sizes(), *LEGACY_SIZES):
        assert allowed(within, model, **modest | {"size": size}) == (size in allowed_sizes(within, model))
    for quality in model.qualities:
        assert allowed(within, model, **modest | {"quality": quality}) == (
            quality in allowed_qualities(within, model)
        )
    assert allowed(within, model, **modest, count=count) == (
        rule.max_count is None or count <= rule.max_count
    )


@UNHURRIED
@given(rules(), fleet, st.none() | sizes, st.sampled_from(list(Quality)), st.integers(1, 10))
def test_what_a_refusal_names_instead_is_allowed(
    rule: Rule, model: Capabilities, size: Size | None, quality: Quality, count: int
) -> None:
    within = limits(rule)
    match refusal(within, model, size=size, quality=quality, count=count):
        case ModelNotAllowed(allowed=labels):
            assert labels == tuple(found.label for found in allowed_models(within, FLEET))
        case SizeNotAllowed(largest=text):
            largest = Size.parse(text)
            assert largest
            assert size_allowed(within, largest)
            assert largest in LEGACY_SIZES or model.size_fault(largest) is None
        case QualityNotAllowed(best=best):
            assert Quality(best) in allowed_qualities(within, model)
        case CountNotAllowed(asked=asked, most=most):
            assert 1 <= most < asked
