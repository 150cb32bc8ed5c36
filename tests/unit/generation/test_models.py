from __future__ import annotations

import datetime as dt

import pytest

from bot.errors import SizeFault
from bot.generation.deployments import Deployment, Resource
from bot.generation.models import (
    EDGE_STEP,
    FEWEST_PIXELS,
    LEGACY_SIZES,
    LONGEST_EDGE,
    MOST_PIXELS,
    POPULAR_SIZES,
    STANDARD_SIZES,
    STEEPEST_RATIO,
    Capabilities,
    load_models,
)
from bot.model import Quality, Size

MODELS = load_models()
FREE = MODELS["gpt-image-2"]
LISTED = MODELS["gpt-image-1-mini"]
UNKNOWN = MODELS["gpt-image-9"]
EVERY_MODEL = [*MODELS.models.values(), UNKNOWN]
every_model = pytest.mark.parametrize("model", EVERY_MODEL, ids=lambda model: model.name)

RESOURCE = Resource("https://example.openai.azure.com", "v1", "scope")


def legal(size: Size) -> bool:
    """The service's rules once more, in the words of its documentation."""
    long, short = max(size.width, size.height), min(size.width, size.height)
    return (
        size.width % 16 == size.height % 16 == 0
        and long <= 3840
        and long <= 3 * short
        and 655_360 <= size.width * size.height <= 8_294_400
    )


# --- a model that draws any size ----------------------------------------------------------------


@pytest.mark.parametrize(
    "size",
    [
        Size(1024, 640),  # exactly the fewest pixels
        Size(640, 1024),
        Size(3840, 2160),  # exactly the most pixels, and the longest edge
        Size(2160, 3840),
        Size(3840, 1280),  # exactly three to one
        Size(1280, 3840),
        Size(816, 816),
        Size(2880, 2880),
    ],
)
def test_the_bounds_themselves_can_be_drawn(size: Size) -> None:
    assert FREE.size_fault(size) is None


@pytest.mark.parametrize(
    ("size", "fault"),
    [
        (Size(0, 0), SizeFault.MALFORMED),
        (Size(1024, 0), SizeFault.MALFORMED),
        (Size(0, 1024), SizeFault.MALFORMED),
        (Size(1552, 512), SizeFault.TOO_ELONGATED),
        (Size(512, 1552), SizeFault.TOO_ELONGATED),
        (Size(99999, 1), SizeFault.TOO_ELONGATED),
        (Size(3856, 1296), SizeFault.EDGE_TOO_LONG),
        (Size(1296, 3856), SizeFault.EDGE_TOO_LONG),
        (Size(1000, 1024), SizeFault.NOT_MULTIPLE),
        (Size(1024, 1000), SizeFault.NOT_MULTIPLE),
        (Size(1023, 1023), SizeFault.NOT_MULTIPLE),
        (Size(1024, 624), SizeFault.TOO_FEW_PIXELS),
        (Size(800, 800), SizeFault.TOO_FEW_PIXELS),
        (Size(16, 16), SizeFault.TOO_FEW_PIXELS),
        (Size(3840, 2176), SizeFault.TOO_MANY_PIXELS),
        (Size(2896, 2880), SizeFault.TOO_MANY_PIXELS),
    ],
)
def test_each_rule_has_its_own_fault(size: Size, fault: SizeFault) -> None:
    assert FREE.size_fault(size) is fault


def test_the_rules_agree_with_the_documentation_over_the_whole_grid() -> None:
    edges = (*range(8, 4000, 88), *range(16, 4000, 176), 640, 816, 1024, 1280, 2160, 3840)
    sizes = [Size(width, height) for width in edges for height in edges]
    assert [size for size in sizes if (FREE.size_fault(size) is None) is not legal(size)] == []


def test_the_numbers_are_those_of_the_documentation() -> None:
    assert (EDGE_STEP, LONGEST_EDGE, STEEPEST_RATIO) == (16, 3840, 3)
    assert (FEWEST_PIXELS, MOST_PIXELS) == (655_360, 8_294_400)


# --- a model with a list ------------------------------------------------------------------------


def test_a_model_with_a_list_draws_what_is_on_it_and_nothing_else() -> None:
    assert [LISTED.size_fault(size) for size in STANDARD_SIZES] == [None, None, None]
    assert LISTED.size_fault(Size(2048, 2048)) is SizeFault.NOT_LISTED
    assert LISTED.size_fault(Size(1024, 1025)) is SizeFault.NOT_LISTED


@every_model
def test_every_model_draws_all_that_it_offers(model: Capabilities) -> None:
    assert model.offered_sizes()
    assert [size for size in model.offered_sizes() if model.size_fault(size) is not None] == []


@every_model
def test_every_model_draws_the_size_that_members_get_by_default(model: Capabilities) -> None:
    assert model.size_fault(STANDARD_SIZES[0]) is None


def test_what_is_offered_first_is_the_square() -> None:
    assert POPULAR_SIZES[0] == STANDARD_SIZES[0] == Size(1024, 1024)


# --- the canvas for the seed guide's sizes ------------------------------------------------------


@every_model
@pytest.mark.parametrize("wanted", LEGACY_SIZES, ids=str)
def test_a_seed_size_is_drawn_on_the_smallest_square_the_model_draws(
    model: Capabilities, wanted: Size
) -> None:
    canvas = model.canvas_for(wanted)
    assert canvas == (Size(816, 816) if model.sizes is None else Size(1024, 1024))
    assert model.size_fault(canvas) is None


@pytest.mark.parametrize(
    ("wanted", "canvas"),
    [
        (Size(300, 200), Size(1008, 672)),
        (Size(200, 300), Size(672, 1008)),
        (Size(400, 300), Size(960, 720)),
        (Size(320, 180), Size(1280, 720)),
        (Size(1000, 1000), Size(1008, 1008)),
        (Size(1024, 1024), Size(1024, 1024)),
    ],
)
def test_a_canvas_has_the_shape_of_what_is_wanted(wanted: Size, canvas: Size) -> None:
    assert FREE.canvas_for(wanted) == canvas


def test_a_model_with_a_list_gives_the_listed_size_of_that_shape() -> None:
    assert LISTED.canvas_for(Size(300, 200)) == Size(1536, 1024)
    assert LISTED.canvas_for(Size(200, 300)) == Size(1024, 1536)
    assert LISTED.canvas_for(Size(1024, 1024)) == Size(1024, 1024)
    assert LISTED.canvas_for(Size(500, 100)) == Size(1024, 1024)


# --- what comes nearest -------------------------------------------------------------------------


@every_model
@pytest.mark.parametrize(
    "typed",
    [
        None,
        *(Size(*edges) for edges in [(0, 0), (0, 5), (5, 0), (1, 1), (1000, 1000), (99999, 1), (1, 99999)]),
    ],
    ids=str,
)
def test_whatever_was_typed_the_nearest_sizes_can_be_drawn(model: Capabilities, typed: Size | None) -> None:
    nearest = model.nearest_sizes(typed)
    assert 1 <= len(nearest) <= 3
    assert len(set(nearest)) == len(nearest)
    assert [size for size in nearest if model.size_fault(size) is not None] == []


def test_the_nearest_size_of_all_is_the_typed_one_with_its_edges_mended() -> None:
    assert FREE.nearest_sizes(Size(1000, 1000))[0] in {Size(992, 992), Size(1008, 1008)}
    assert FREE.nearest_sizes(Size(1921, 1081))[0] == Size(1920, 1088)


def test_nearest_means_first_the_shape_then_the_pixels() -> None:
    assert LISTED.nearest_sizes(Size(3000, 2000))[0] == Size(1536, 1024)
    assert LISTED.nearest_sizes(Size(600, 900))[0] == Size(1024, 1536)
    assert FREE.nearest_sizes(Size(10000, 10000))[0] == Size(2048, 2048)
    assert FREE.nearest_sizes(Size(4000, 2250))[0] == Size(3840, 2160)


def test_a_limit_limits() -> None:
    assert len(FREE.nearest_sizes(Size(1000, 1000), limit=1)) == 1
    assert FREE.nearest_sizes(None, limit=2) == POPULAR_SIZES[:2]


# --- the table ----------------------------------------------------------------------------------


def test_an_unknown_model_gets_only_what_every_image_model_takes() -> None:
    assert not UNKNOWN.known
    assert (UNKNOWN.name, UNKNOWN.label) == ("gpt-image-9", "gpt-image-9")
    assert UNKNOWN.qualities == ()
    assert (UNKNOWN.max_count, UNKNOWN.max_prompt) == (10, 4000)
    assert UNKNOWN.offered_sizes() == STANDARD_SIZES


def test_an_unknown_model_may_draw_sizes_nobody_has_heard_of() -> None:
    assert UNKNOWN.size_fault(Size(1000, 700)) is None
    assert UNKNOWN.size_fault(Size(3840, 3840)) is None


@pytest.mark.parametrize(
    ("size", "fault"),
    [
        (Size(0, 1024), SizeFault.MALFORMED),
        (Size(1, 1), SizeFault.TOO_FEW_PIXELS),
        (Size(768, 768), SizeFault.TOO_FEW_PIXELS),
        (Size(3841, 1024), SizeFault.EDGE_TOO_LONG),
    ],
)
def test_an_unknown_model_is_not_asked_for_what_no_model_has_ever_drawn(size: Size, fault: SizeFault) -> None:
    assert UNKNOWN.size_fault(size) is fault


@pytest.mark.parametrize("model", MODELS.models.values(), ids=lambda model: model.name)
def test_every_listed_model_is_told_of_whole(model: Capabilities) -> None:
    assert model.known
    assert model.label
    assert 1 <= model.max_count <= 10
    assert model.max_prompt >= 1000
    assert len(set(model.qualities)) == len(model.qualities)
    if model.replacement is not None:
        assert model.replacement in MODELS.models
        assert model.replacement != model.name


def test_the_models_of_today_are_listed_with_their_qualities() -> None:
    everyday = (Quality.LOW, Quality.MEDIUM, Quality.HIGH, Quality.AUTO)
    assert FREE.qualities == LISTED.qualities == everyday
    flare = MODELS["gpt-image-2.5-flare"]
    assert flare.qualities == (*everyday[:3], Quality.XHIGH, Quality.MAX, Quality.AUTO)
    assert (FREE.sizes, flare.sizes, LISTED.sizes) == (None, None, STANDARD_SIZES)


# --- retirements --------------------------------------------------------------------------------


def retirement(model: str, today: str) -> list[str]:
    return MODELS.retirements([Deployment("art", model, RESOURCE)], dt.date.fromisoformat(today))


def test_nothing_is_said_of_a_model_with_time_left_or_without_a_date() -> None:
    assert retirement("gpt-image-2", "2027-02-19") == []  # 61 days
    assert retirement("gpt-image-9", "2099-01-01") == []


def test_sixty_days_before_the_end_the_operator_is_told_what_to_deploy() -> None:
    (line,) = retirement("gpt-image-2", "2027-02-20")
    assert "deployment art" in line
    assert "retires on 2027-04-21;" in line
    assert "deploy gpt-image-2.5-flare instead" in line
    assert str(MODELS.checked) in line


def test_on_the_day_before_a_model_still_draws() -> None:
    (line,) = retirement("gpt-image-2", "2027-04-20")
    assert "retires on 2027-04-21" in line


@pytest.mark.parametrize("today", ["2027-04-21", "2027-04-22", "2030-01-01"])
def test_from_its_last_day_on_a_model_was_retired(today: str) -> None:
    (line,) = retirement("gpt-image-2", today)
    assert "was retired on 2027-04-21" in line
    assert "in " not in line.split("instead")[0]


def test_a_model_without_a_successor_gets_no_advice() -> None:
    (line,) = retirement("gpt-image-2.5-flare", "2027-09-08")
    assert "instead" not in line


def test_every_deployment_is_told_of_by_itself() -> None:
    deployments = [
        Deployment(name, model, RESOURCE) for name, model in [("a", "dall-e-3"), ("b", "dall-e-2")]
    ]
    lines = MODELS.retirements(deployments, dt.date(2026, 11, 22))
    assert [line.split(":")[0] for line in lines] == ["deployment a", "deployment b"]
    assert "2026-03-04" in lines[0]
    assert "2025-01-27" in lines[1]


def test_without_a_date_today_counts() -> None:
    (line,) = MODELS.retirements([Deployment("old", "dall-e-2", RESOURCE)])
    assert "was retired on 2025-01-27" in line
