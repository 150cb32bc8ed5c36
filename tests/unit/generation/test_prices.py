from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.generation.models import LONGEST_EDGE, POPULAR_SIZES, STANDARD_SIZES, load_models
from bot.generation.prices import PROMPT_MARGIN, PriceOverride, load_prices
from bot.model import Quality, Size, Usage, micro_dollars
from tests.properties import UNHURRIED

if TYPE_CHECKING:
    from bot.generation.models import Capabilities

MODELS = load_models()
PRICES = load_prices()
EVERY_MODEL = [*MODELS.models.values(), MODELS["gpt-image-9"]]
PRICED = [model for model in EVERY_MODEL if PRICES.priced(model.name)]
every_priced_model = pytest.mark.parametrize("model", PRICED, ids=lambda model: model.name)

SQUARE, WIDE, TALL = STANDARD_SIZES
LOW, MEDIUM, HIGH, XHIGH, MAX, AUTO = Quality


def estimate(
    name: str, size: Size | None = SQUARE, quality: Quality = MEDIUM, count: int = 1, prompt: str = ""
) -> int:
    return PRICES.estimate(MODELS[name], prompt=prompt, size=size, quality=quality, count=count)


def output(name: str, size: Size | None, quality: Quality) -> int:
    """Tokens of one picture, worked back from its estimate."""
    price = PRICES.prices[name]
    return int((estimate(name, size, quality) - PROMPT_MARGIN * price.text_input) / price.output)


def override(**values: Any) -> PriceOverride:
    return PriceOverride.model_validate(values)


# --- the list -------------------------------------------------------------------------------------


def test_the_list_has_a_date() -> None:
    assert PRICES.checked >= dt.date(2026, 11, 22)


def test_every_model_that_still_draws_has_a_price() -> None:
    drawing = {
        name for name, model in MODELS.models.items() if model.retires and model.retires >= PRICES.checked
    }
    assert drawing
    assert drawing <= PRICES.prices.keys()
    assert not PRICES.priced("gpt-image-9")


@every_priced_model
def test_every_picture_a_model_draws_has_its_own_price(model: Capabilities) -> None:
    price = PRICES.prices[model.name]
    assert (model.sizes is None) == bool(price.detail)
    assert set(price.tokens) == set(model.sizes or ())
    for known in [price.detail] if price.detail else price.tokens.values():
        assert set(known) == set(model.qualities) - {AUTO}


LIST = {
    # OpenAI's price list of 2026-11-22: tokens of one picture, low to high (2.5: to max).
    ("gpt-image-2", "1024x1024"): (196, 1756, 7024),
    ("gpt-image-2", "1536x1024"): (158, 1372, 5488),
    ("gpt-image-2", "1024x1536"): (158, 1372, 5488),
    ("gpt-image-2", "2048x2048"): (397, 3568, 14272),
    ("gpt-image-2", "2560x1440"): (205, 1843, 7370),
    ("gpt-image-2", "3840x2160"): (371, 3336, 13342),
    ("gpt-image-2.5-flare", "1024x1024"): (196, 439, 1756, 3122, 7024),
    ("gpt-image-2.5-flare", "1024x1536"): (158, 343, 1372, 2459, 5488),
    ("gpt-image-2.5-sunburst", "3840x2160"): (371, 865, 3336, 5930, 13342),
    ("gpt-image-1.5", "1024x1024"): (272, 1056, 4160),
    ("gpt-image-1.5", "1024x1536"): (408, 1584, 6240),
    ("gpt-image-1-mini", "1536x1024"): (400, 1568, 6208),
}


@pytest.mark.parametrize(("name", "size"), LIST, ids=lambda value: value)
def test_pictures_take_the_tokens_of_the_published_list(name: str, size: str) -> None:
    listed = LIST[name, size]
    assert (
        tuple(output(name, Size.parse(size), quality) for quality in list(Quality)[: len(listed)]) == listed
    )


@pytest.mark.parametrize(
    ("name", "size", "quality", "dollars"),
    [
        ("gpt-image-2", SQUARE, MEDIUM, "0.0527"),
        ("gpt-image-2", WIDE, HIGH, "0.1646"),
        ("gpt-image-2.5-flare", SQUARE, MAX, "0.2107"),
        ("gpt-image-1.5", TALL, HIGH, "0.1997"),
        ("gpt-image-1-mini", SQUARE, LOW, "0.0022"),
    ],
)
def test_pictures_cost_the_dollars_of_the_published_list(
    name: str, size: Size, quality: Quality, dollars: str
) -> None:
    of_prompt = PROMPT_MARGIN * PRICES.prices[name].text_input
    assert round((estimate(name, size, quality) - of_prompt) / 1_000_000, 4) == Decimal(dollars)


# --- estimates ------------------------------------------------------------------------------------


def test_an_estimate_is_prompt_and_pictures_in_micro_dollars() -> None:
    prompt = "a fox, größer als 🦊"
    tokens = len(prompt.encode()) + PROMPT_MARGIN
    assert estimate("gpt-image-2", SQUARE, LOW, 3, prompt) == tokens * 5 + 3 * 196 * 30
    assert estimate("gpt-image-2", SQUARE, LOW, 1, "\ud800") == (3 + PROMPT_MARGIN) * 5 + 196 * 30


def test_fractions_of_a_micro_dollar_are_rounded_up() -> None:
    prices = load_prices({"gpt-image-2": override(text_input=0.1, output=0.01)})
    cost = prices.estimate(MODELS["gpt-image-2"], prompt="", size=SQUARE, quality=LOW, count=1)
    assert cost == ceil(Fraction(PROMPT_MARGIN, 10) + Fraction(196, 100)) == 6


@every_priced_model
def test_what_is_left_to_the_model_is_the_dearest_there_is(model: Capabilities) -> None:
    qualities = [quality for quality in model.qualities if quality is not AUTO]
    for size in model.offered_sizes():
        assert estimate(model.name, size, AUTO) == max(estimate(model.name, size, one) for one in qualities)
    for quality in qualities:
        assert estimate(model.name, None, quality) >= max(
            estimate(model.name, size, quality) for size in model.offered_sizes()
        )
    assert estimate(model.name, None, AUTO) == max(estimate(model.name, None, one) for one in qualities)


def test_no_legal_size_is_dearer_than_the_one_that_auto_is_taken_for() -> None:
    model = MODELS["gpt-image-2"]
    steps = range(16, LONGEST_EDGE + 1, 16)
    legal = [size for pair in product(steps, steps) if model.size_fault(size := Size(*pair)) is None]
    assert len(legal) > 10_000
    tokens = PRICES.prices[model.name].picture_tokens
    for quality in (LOW, MEDIUM, HIGH):
        assert max(tokens(size, quality) for size in legal) == tokens(None, quality)


@pytest.mark.parametrize("size", [Size(512, 512), Size(2048, 2048), Size(1, 1)])
def test_a_size_off_the_list_is_taken_to_be_the_dearest(size: Size) -> None:
    assert estimate("gpt-image-1-mini", size, MEDIUM) == estimate("gpt-image-1-mini", TALL, MEDIUM)


def test_a_quality_off_the_list_is_taken_to_be_the_dearest() -> None:
    assert estimate("gpt-image-1-mini", SQUARE, MAX) == estimate("gpt-image-1-mini", SQUARE, HIGH)
    assert estimate("gpt-image-2", SQUARE, XHIGH) == estimate("gpt-image-2", SQUARE, HIGH)


picture = st.tuples(
    st.none() | st.sampled_from(POPULAR_SIZES), st.sampled_from(list(Quality)), st.integers(1, 10)
)


@UNHURRIED
@given(st.sampled_from(PRICED), picture, st.text(max_size=50))
def test_a_model_without_a_price_is_estimated_as_the_dearest_of_all(
    model: Capabilities, asked: tuple[Size | None, Quality, int], prompt: str
) -> None:
    assert estimate("gpt-image-9", *asked, prompt) >= estimate(model.name, *asked, prompt)
    assert estimate("gpt-image-9", *asked, prompt) == estimate("dall-e-3", None, MAX, asked[2], prompt)


# --- costs ----------------------------------------------------------------------------------------


def test_a_call_costs_what_its_tokens_do() -> None:
    usage = Usage(text_input=12, image_input=1024, output=1756)
    assert PRICES.cost("gpt-image-2", usage) == 12 * 5 + 1024 * 8 + 1756 * 30
    assert PRICES.cost("gpt-image-1-mini", Usage(text_input=1, image_input=1, output=1)) == 13  # 12.5


@pytest.mark.parametrize("usage", [None, Usage(output=10**9 + 1), Usage(text_input=10**40)])
def test_a_usage_that_no_call_can_have_tells_no_cost(usage: Usage | None) -> None:
    assert PRICES.cost("gpt-image-2", usage) is None


def test_without_a_price_there_is_no_cost() -> None:
    assert PRICES.cost("gpt-image-9", Usage(output=1)) is None


@UNHURRIED
@given(
    st.sampled_from(PRICED),
    st.data(),
    st.sampled_from(list(Quality)),
    st.integers(1, 10),
    st.text(max_size=200),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_no_call_costs_more_than_its_estimate(
    model: Capabilities,
    data: st.DataObject,
    quality: Quality,
    count: int,
    prompt: str,
    text: float,
    drawn: float,
) -> None:
    """Whatever the model chose where it was left to it, and however few tokens it needed for the prompt."""
    edges = st.integers(1, LONGEST_EDGE // 16).map(lambda n: 16 * n)
    sizes = st.builds(Size, edges, edges) if model.sizes is None else st.sampled_from(model.sizes)
    chosen = data.draw(sizes)
    assume(model.size_fault(chosen) is None)
    known = [one for one in model.qualities if one is not AUTO]
    drawn_quality = quality if quality in known else data.draw(st.sampled_from(known))
    most = count * PRICES.prices[model.name].picture_tokens(chosen, drawn_quality)
    usage = Usage(
        text_input=int(text * (len(prompt.encode("utf-8", "surrogatepass")) + PROMPT_MARGIN)),
        output=max(1, int(drawn * most)),
    )
    cost = PRICES.cost(model.name, usage)
    assert cost is not None
    for asked in (chosen, None):
        assert cost <= estimate(model.name, asked, quality, count, prompt)


# --- the operator's own ---------------------------------------------------------------------------


def test_an_operators_price_replaces_the_listed_one_and_leaves_the_others() -> None:
    prices = load_prices({"gpt-image-2": override(output=33.0)})
    assert prices.cost("gpt-image-2", Usage(text_input=1, image_input=1, output=1)) == 5 + 8 + 33
    assert prices.cost("gpt-image-2.5-flare", Usage(output=1)) == 30
    assert PRICES.cost("gpt-image-2", Usage(output=1)) == 30


def test_a_price_per_picture_replaces_those_of_tokens() -> None:
    prices = load_prices({"gpt-image-2": override(per_image=0.04)})
    assert (
        prices.estimate(MODELS["gpt-image-2"], prompt="x" * 999, size=None, quality=AUTO, count=3) == 120_000
    )
    assert prices.cost("gpt-image-2", Usage(output=7)) is None


def test_a_model_that_is_not_listed_gets_a_price_from_the_operator() -> None:
    prices = load_prices({"flux": override(per_image=0.05), "gpt-image-9": override(output=1)})
    assert prices.priced("flux")
    assert prices.estimate(MODELS["flux"], prompt="", size=SQUARE, quality=MEDIUM, count=2) == 100_000
    # Only the price is known, not how many tokens it takes.
    dearest = PRICES.prices["gpt-image-2"].most_tokens
    found = prices.estimate(MODELS["gpt-image-9"], prompt="", size=SQUARE, quality=LOW, count=1)
    assert found == PROMPT_MARGIN * 5 + dearest
    assert prices.cost("gpt-image-9", Usage(text_input=2, image_input=3, output=4)) == 2 * 5 + 3 * 10 + 4


def test_a_model_may_cost_nothing() -> None:
    prices = load_prices({"gpt-image-2": override(per_image=0)})
    assert prices.estimate(MODELS["gpt-image-2"], prompt="x", size=None, quality=AUTO, count=10) == 0


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"per_image": 1, "output": 1},
        {"output": -0.01},
        {"output": 10_001},
        {"output": 0.0000001},
        {"output": True},
        {"output": "5"},
        {"output": float("nan")},
        {"output": float("inf")},
        {"output": [1]},
        {"cached_input": 1.25},
    ],
    ids=str,
)
def test_a_price_that_makes_no_sense_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        override(**values)


@pytest.mark.parametrize(
    ("dollars", "micros"),
    [("0", 0), ("12.50", 12_500_000), ("0.000001", 1), ("0.0000001", 1), ("1E+6", 10**12)],
)
def test_dollars_are_a_million_micro_dollars_and_never_rounded_down(dollars: str, micros: int) -> None:
    assert micro_dollars(Decimal(dollars)) == micros
