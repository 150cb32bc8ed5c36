from __future__ import annotations

import asyncio
import datetime as dt
import errno
import logging
from typing import TYPE_CHECKING

import pytest

from bot.errors import (
    AnswerLost,
    ArchiveError,
    CountNotOffered,
    ModelNotOffered,
    PromptMissing,
    PromptRefused,
    PromptTooLong,
    QualityNotOffered,
    SizeFault,
    SizeNotDrawable,
)
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.models import load_models
from bot.imaging.inspect import inspect
from bot.imaging.workers import ImagingPool
from bot.model import GeneratedImage, Generation, Quality, Size
from bot.studio import ARCHIVE_TIMEOUT, Draft, Plan, Studio
from tests.fakes import FakeArchive, FakeGeneration, elapsed, generation, image
from tests.unit.imaging.pictures import png

if TYPE_CHECKING:
    from bot.generation.service import Waiting
    from bot.studio import Painting

RESOURCE = Resource("https://example.openai.azure.com", "v1", "scope")
MEMBER = 123456789012345678
JOB = 987654321098765432
ASKED_AT = dt.datetime(2026, 11, 22, 23, 59, tzinfo=dt.UTC)
ON_OFFER = ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare", "dall-e-2", "gpt-image-9")


def studio(
    answer: Generation | Exception | None = None,
    archive: FakeArchive | None = None,
    *,
    models: tuple[str, ...] = ON_OFFER,
    pool: ImagingPool | None = None,
    salt: bytes = b"salt",
) -> Studio:
    fleet = Fleet(tuple(Deployment(f"deployment-{n}", model, RESOURCE) for n, model in enumerate(models)))
    return Studio(
        fleet,
        load_models(),
        FakeGeneration(answer or generation()).as_service(),
        (archive or FakeArchive()).as_archive(),
        pool or ImagingPool(),
        salt=salt,
    )


def plan(draft: Draft, member: int = MEMBER) -> Plan:
    return studio().plan(draft, member)


async def never(waiting: Waiting) -> None:
    raise AssertionError(waiting)


# --- a draft that leaves everything open --------------------------------------------------------


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


# --- prompts ------------------------------------------------------------------------------------


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
    assert plan(Draft("x" * 4000, model="gpt-image-1-mini"))
    with pytest.raises(PromptTooLong) as raised:
        plan(Draft("x" * 6000, model="gpt-image-1-mini"))
    assert (raised.value.length, raised.value.limit) == (6000, 4000)
    with pytest.raises(PromptTooLong):
        plan(Draft("x" * 4001, model="gpt-image-1-mini"))


def test_what_is_trimmed_away_does_not_count() -> None:
    assert plan(Draft(" " * 2000 + "x" * 4000, model="gpt-image-1-mini"))


# --- models -------------------------------------------------------------------------------------


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


# --- counts and qualities -----------------------------------------------------------------------


@pytest.mark.parametrize("count", [-1, 0, 11, 10**9])
def test_a_count_beyond_the_model_is_refused_with_its_bounds(count: int) -> None:
    with pytest.raises(CountNotOffered) as raised:
        plan(Draft("x", count=count))
    assert (raised.value.asked, raised.value.limit) == (count, 10)


def test_each_model_has_its_own_greatest_count() -> None:
    assert plan(Draft("x", count=5, model="dall-e-2"))
    with pytest.raises(CountNotOffered):
        plan(Draft("x", count=6, model="dall-e-2"))


@pytest.mark.parametrize(("typed", "meant"), [("LOW", Quality.LOW), (" high ", Quality.HIGH), ("auto", Quality.AUTO)])
def test_a_quality_is_known_in_any_case(typed: str, meant: Quality) -> None:
    assert plan(Draft("x", quality=typed)).request.quality is meant


@pytest.mark.parametrize("typed", ["hd", "standard", "xhigh", "max", "nonsense", " "])
def test_a_quality_the_model_does_not_know_is_refused_with_those_it_does(typed: str) -> None:
    with pytest.raises(QualityNotOffered) as raised:
        plan(Draft("x", quality=typed))
    assert raised.value.asked == typed
    assert raised.value.offered == ("low", "medium", "high", "auto")


def test_a_model_without_qualities_takes_none() -> None:
    assert plan(Draft("x", model="gpt-image-9"))
    with pytest.raises(QualityNotOffered) as raised:
        plan(Draft("x", model="gpt-image-9", quality="low"))
    assert raised.value.offered == ()


# --- sizes --------------------------------------------------------------------------------------


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
        ("0x0", "gpt-image-2", SizeFault.TOO_ELONGATED),
        ("1000x1000", "gpt-image-2", SizeFault.NOT_MULTIPLE),
        ("255x255", "gpt-image-2", SizeFault.NOT_MULTIPLE),
        ("128x128", "gpt-image-2", SizeFault.TOO_FEW_PIXELS),
        ("3840x3840", "gpt-image-2", SizeFault.TOO_MANY_PIXELS),
        ("4096x2160", "gpt-image-2", SizeFault.EDGE_TOO_LONG),
        ("3840x1024", "gpt-image-2", SizeFault.TOO_ELONGATED),
        ("2048x2048", "gpt-image-1-mini", SizeFault.NOT_LISTED),
        ("0x0", "gpt-image-1-mini", SizeFault.NOT_LISTED),
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


# --- who asks -----------------------------------------------------------------------------------


def test_a_member_s_pseudonym_stays_the_same_and_is_no_other_s() -> None:
    first, again, other = (plan(Draft("x"), member).request.user for member in (MEMBER, MEMBER, MEMBER + 1))
    assert first == again
    assert first != other


def test_a_pseudonym_tells_nothing_without_the_salt() -> None:
    known = studio(salt=b"one").plan(Draft("x"), MEMBER).request.user
    elsewhere = studio(salt=b"two").plan(Draft("x"), MEMBER).request.user
    assert known is not None
    assert known != elsewhere
    assert str(MEMBER) not in known
    assert f"{MEMBER:x}" not in known
    assert len(known) <= 64


# --- suggestions --------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*ON_OFFER, None, "half a mod"])
@pytest.mark.parametrize(
    "typed",
    ["", " ", "1", "10", "1024", "x", "1024x", "1024 x", "1024 × 1024", "256", "1000x1000", "99999x1", "0x0", "auto", "large", "🎨"],
)
def test_whatever_is_typed_every_suggestion_can_be_drawn(model: str | None, typed: str) -> None:
    shop = studio()
    offered = model if model in ON_OFFER else None
    suggestions = shop.suggest_sizes(model, typed)
    assert suggestions
    assert len(set(suggestions)) == len(suggestions)
    for size in suggestions:
        assert shop.plan(Draft("x", size=size, model=offered), MEMBER)


def test_an_open_choice_begins_with_the_square_and_ends_with_the_seed_s_sizes() -> None:
    sizes = studio().suggest_sizes(None, "")
    assert sizes[0] == "1024x1024"
    assert sizes[-2:] == ("256x256", "512x512")
    assert "3840x2160" in sizes


def test_a_model_with_a_list_is_offered_its_list() -> None:
    sizes = studio().suggest_sizes("gpt-image-1-mini", "")
    assert sizes == ("1024x1024", "1536x1024", "1024x1536", "256x256", "512x512")


def test_what_is_typed_comes_first_if_it_can_be_drawn() -> None:
    assert studio().suggest_sizes(None, "1280x720")[0] == "1280x720"
    assert studio().suggest_sizes(None, "1280 × 720")[0] == "1280x720"
    assert studio().suggest_sizes("gpt-image-1-mini", "512x512")[0] == "512x512"


def test_what_is_typed_in_part_narrows_the_choice() -> None:
    assert studio().suggest_sizes(None, "2160") == ("3840x2160", "2160x3840")


def test_what_cannot_be_drawn_is_answered_with_what_comes_nearest() -> None:
    assert studio().suggest_sizes(None, "1920x1080")[0] == "1920x1088"
    assert studio().suggest_sizes("gpt-image-1-mini", "1500x1000")[0] == "1536x1024"


def test_qualities_are_those_of_the_chosen_model() -> None:
    shop = studio()
    assert shop.suggest_qualities(None, "") == ("low", "medium", "high", "auto")
    assert shop.suggest_qualities("gpt-image-2.5-flare", "H") == ("high", "xhigh")
    assert shop.suggest_qualities("gpt-image-9", "") == ()
    assert shop.suggest_qualities(None, "nonsense") == ()


def test_models_are_suggested_by_label_or_name_in_the_operator_s_order() -> None:
    shop = studio(models=("gpt-image-2", "gpt-image-1-mini", "gpt-image-2"))
    assert shop.suggest_models("") == (
        ("GPT Image 2", "gpt-image-2"),
        ("GPT Image 1 mini", "gpt-image-1-mini"),
    )
    assert shop.suggest_models(" MINI ") == (("GPT Image 1 mini", "gpt-image-1-mini"),)
    assert shop.suggest_models("image-2") == (("GPT Image 2", "gpt-image-2"),)
    assert shop.suggest_models("nonsense") == ()


# --- painting -----------------------------------------------------------------------------------


async def test_what_azure_drew_is_kept_and_shown_byte_for_byte() -> None:
    archive, answer = FakeArchive(), generation(2)
    shop = studio(answer, archive)
    made = shop.plan(Draft("x", count=2), MEMBER)
    painting = await shop.paint(made, JOB, ASKED_AT, time_left=100, on_wait=never)
    assert painting.originals == painting.shown == answer.images
    assert (painting.filtered, painting.missing, painting.archived) == (0, 0, True)
    assert archive.kept == {
        f"2026/11/22/{JOB}-1.png": answer.images[0].data,
        f"2026/11/22/{JOB}-2.png": answer.images[1].data,
    }


async def test_painting_twice_under_one_id_keeps_one_picture() -> None:
    archive = FakeArchive()
    shop = studio(generation(), archive)
    for _ in range(2):
        await shop.paint(plan(Draft("x")), JOB, ASKED_AT, time_left=100, on_wait=never)
    assert len(archive.kept) == 1


@pytest.mark.parametrize(
    ("asked", "came", "filtered", "missing"), [(4, 4, 0, 0), (4, 3, 1, 0), (4, 2, 1, 1), (4, 1, 0, 3), (1, 2, 0, 0)]
)
async def test_pictures_that_did_not_come_are_held_back_or_missing(
    asked: int, came: int, filtered: int, missing: int
) -> None:
    shop = studio(generation(came, filtered))
    made = shop.plan(Draft("x", count=asked), MEMBER)
    painting = await shop.paint(made, JOB, ASKED_AT, time_left=100, on_wait=never)
    assert (len(painting.shown), painting.filtered, painting.missing) == (came, filtered, missing)


async def test_a_seed_size_is_shown_scaled_down_and_kept_as_it_was_drawn() -> None:
    drawn = inspect(png(816, 816))
    archive = FakeArchive()
    answer = Generation((drawn,), filtered=0, usage=None, deployment="art", request_id="")
    async with ImagingPool(1) as pool:
        shop = studio(answer, archive, pool=pool)
        made = shop.plan(Draft("x", size="256x256"), MEMBER)
        painting = await shop.paint(made, JOB, ASKED_AT, time_left=100, on_wait=never)
    assert painting.originals == (drawn,)
    assert list(archive.kept.values()) == [drawn.data]
    (shown,) = painting.shown
    assert inspect(shown.data).size == shown.size == Size(256, 256)


@pytest.mark.parametrize("error", [AnswerLost("reset"), PromptRefused(["hate"])])
async def test_what_could_not_be_drawn_keeps_nothing(error: Exception) -> None:
    archive = FakeArchive()
    with pytest.raises(type(error)):
        await studio(error, archive).paint(plan(Draft("x")), JOB, ASKED_AT, time_left=100, on_wait=never)
    assert archive.kept == {}


async def test_a_full_disk_is_the_operator_s_trouble_and_the_member_gets_the_picture(
    caplog: pytest.LogCaptureFixture,
) -> None:
    full = ArchiveError(f"cannot keep: {errno.errorcode[errno.ENOSPC]}")
    shop = studio(generation(), FakeArchive(full))
    painting = await shop.paint(plan(Draft("x")), JOB, ASKED_AT, time_left=100, on_wait=never)
    assert painting.shown == painting.originals
    assert not painting.archived
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert str(JOB) in record.getMessage()
    assert "ENOSPC" in record.getMessage()


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_an_archive_that_hangs_does_not_keep_the_member_waiting() -> None:
    async def hang() -> None:
        await asyncio.sleep(10_000)

    shop = studio(generation(2), FakeArchive(hang))
    painting = await shop.paint(plan(Draft("x")), JOB, ASKED_AT, time_left=100, on_wait=never)
    assert not painting.archived
    assert elapsed() == ARCHIVE_TIMEOUT


# --- attachments --------------------------------------------------------------------------------


async def painted(*images: GeneratedImage) -> Painting:
    """A painting of these pictures, made with a pool that is closed by now."""
    answer = Generation(images, filtered=0, usage=None, deployment="art", request_id="")
    shop = studio(answer)
    made = shop.plan(Draft("x", count=len(images)), MEMBER)
    return await shop.paint(made, JOB, ASKED_AT, time_left=100, on_wait=never)


async def closed_pool() -> ImagingPool:
    async with ImagingPool(1) as pool:
        return pool


async def test_what_fits_is_attached_untouched_and_at_once() -> None:
    images = (image(b"x" * 100), image(b"y" * 50))
    shop = studio(pool=await closed_pool())
    attachments = await shop.attachments(await painted(*images), file_limit=100, total_limit=150)
    assert [attachment.data for attachment in attachments] == [picture.data for picture in images]
    assert {attachment.derived for attachment in attachments} == {None}


@pytest.mark.parametrize(("file_limit", "total_limit"), [(99, 150), (100, 149)])
async def test_what_does_not_fit_is_worked_on_in_the_pool(file_limit: int, total_limit: int) -> None:
    painting = await painted(image(b"x" * 100), image(b"y" * 50))
    shop = studio(pool=await closed_pool())
    with pytest.raises(RuntimeError):
        await shop.attachments(painting, file_limit=file_limit, total_limit=total_limit)


async def test_what_does_not_fit_is_attached_as_a_smaller_file_that_does() -> None:
    original = inspect(png(300, 300))
    async with ImagingPool(1) as pool:
        shop = studio(pool=pool)
        (attachment,) = await shop.attachments(
            await painted(original), file_limit=len(original.data) - 1, total_limit=10**7
        )
    assert attachment.derived is not None
    assert len(attachment.data) < len(original.data)
