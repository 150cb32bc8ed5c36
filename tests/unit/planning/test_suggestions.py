from __future__ import annotations

import pytest

from bot.model import Size
from bot.planning.plan import Draft
from bot.planning.planner import NO_LIMITS
from tests.unit.planning.parts import MEMBER, ON_OFFER, planner


@pytest.mark.parametrize("model", [*ON_OFFER, None, "half a mod"])
@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "1",
        "10",
        "1024",
        "x",
        "1024x",
        "1024 x",
        "1024 × 1024",
        "256",
        "1000x1000",
        "99999x1",
        "0x0",
        "auto",
        "large",
        "🎨",
    ],
)
def test_whatever_is_typed_every_suggestion_can_be_drawn(model: str | None, typed: str) -> None:
    shop = planner()
    offered = model if model in ON_OFFER else None
    suggestions = shop.suggest_sizes(model, typed, NO_LIMITS)
    assert suggestions
    assert len(set(suggestions)) == len(suggestions)
    for size in suggestions:
        made = shop.plan(Draft("x", size=size, model=offered), MEMBER)
        assert Size.parse(size) in {made.request.size, made.scale_to}


def test_an_open_choice_begins_with_the_square_and_ends_with_the_seed_s_sizes() -> None:
    sizes = planner().suggest_sizes(None, "", NO_LIMITS)
    assert sizes[0] == "1024x1024"
    assert sizes[-2:] == ("256x256", "512x512")
    assert "3840x2160" in sizes


def test_a_model_with_a_list_is_offered_its_list() -> None:
    sizes = planner().suggest_sizes("gpt-image-1-mini", "", NO_LIMITS)
    assert sizes == ("1024x1024", "1536x1024", "1024x1536", "256x256", "512x512")


def test_what_is_typed_comes_first_if_it_can_be_drawn() -> None:
    assert planner().suggest_sizes(None, "1280x720", NO_LIMITS)[0] == "1280x720"
    assert planner().suggest_sizes(None, "1280 × 720", NO_LIMITS)[0] == "1280x720"
    assert planner().suggest_sizes("gpt-image-1-mini", "512x512", NO_LIMITS)[0] == "512x512"


@pytest.mark.parametrize(
    "typed", ["512x512", "512X512", "512 x 512", "512 × 512", "512*512", " 512 * 512 ", "0512x512"]
)
def test_a_size_is_found_however_it_is_written(typed: str) -> None:
    assert planner().suggest_sizes(None, typed, NO_LIMITS) == ("512x512",)


@pytest.mark.parametrize("typed", ["512 x", "512×", "512 *"])
def test_half_a_size_is_found_however_it_is_written(typed: str) -> None:
    assert planner().suggest_sizes(None, typed, NO_LIMITS) == ("512x512",)


def test_auto_is_suggested_once_it_is_typed_and_not_before() -> None:
    assert [planner().suggest_sizes(None, typed, NO_LIMITS) for typed in ("a", "AUT", " auto ")] == [
        ("auto",)
    ] * 3
    assert "auto" not in planner().suggest_sizes(None, "", NO_LIMITS)


def test_what_is_typed_in_part_narrows_the_choice() -> None:
    assert planner().suggest_sizes(None, "2160", NO_LIMITS) == ("3840x2160", "2160x3840")


def test_what_cannot_be_drawn_is_answered_with_what_comes_nearest() -> None:
    assert planner().suggest_sizes(None, "1920x1080", NO_LIMITS)[0] == "1920x1088"
    assert planner().suggest_sizes("gpt-image-1-mini", "1500x1000", NO_LIMITS)[0] == "1536x1024"


def test_qualities_are_those_of_the_chosen_model() -> None:
    shop = planner()
    assert shop.suggest_qualities(None, "", NO_LIMITS) == ("low", "medium", "high", "auto")
    assert shop.suggest_qualities("gpt-image-2.5-flare", "H", NO_LIMITS) == ("high", "xhigh")
    assert shop.suggest_qualities("gpt-image-9", "", NO_LIMITS) == ()
    assert shop.suggest_qualities(None, "nonsense", NO_LIMITS) == ()


def test_models_are_suggested_by_label_or_name_in_the_operator_s_order() -> None:
    shop = planner(models=("gpt-image-2", "gpt-image-1-mini"))
    assert shop.suggest_models("", NO_LIMITS) == (
        ("GPT Image 2", "gpt-image-2"),
        ("GPT Image 1 mini", "gpt-image-1-mini"),
    )
    assert shop.suggest_models(" MINI ", NO_LIMITS) == (("GPT Image 1 mini", "gpt-image-1-mini"),)
    assert shop.suggest_models("image-2", NO_LIMITS) == (("GPT Image 2", "gpt-image-2"),)
    assert shop.suggest_models("nonsense", NO_LIMITS) == ()
