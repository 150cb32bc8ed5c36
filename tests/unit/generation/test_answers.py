from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from bot.errors import (
    AnswerUnusable,
    Billed,
    EaselError,
    FilterBroken,
    GenerationError,
    ImageUnusable,
    OutputFiltered,
    PromptRefused,
)
from bot.generation.answers import Answer, body_limit, read_answer
from bot.imaging.inspect import MAX_BYTES
from bot.model import GeneratedImage, Size, Usage
from tests.unit.imaging.pictures import png

PICTURE = png()
PICTURE_TEXT = base64.b64encode(PICTURE).decode()
GOOD = {"b64_json": PICTURE_TEXT}
HELD_BACK = {"error": {"code": "contentFilter", "message": "Generated image was filtered."}}
BROKEN_FILTER = {"error": {"code": "content_filter_error", "message": "The contents are not filtered."}}
LINK = "https://example.blob.core.windows.net/images/1.png?sig=1"


def read(body: object) -> Answer:
    return read_answer([json.dumps(body).encode()])


def failure(body: object) -> EaselError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(EaselError) as raised:
        read_answer([raw])
    return raised.value


# --- pictures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        PICTURE_TEXT.rstrip("="),
        f"data:image/png;base64,{PICTURE_TEXT}",
        "\n".join(PICTURE_TEXT[i : i + 76] for i in range(0, len(PICTURE_TEXT), 76)),
    ],
    ids=["unpadded", "data URL", "line breaks"],
)
def test_base64_is_read_in_every_way_it_is_written(written: str) -> None:
    (image,) = read({"data": [{"b64_json": written}]}).images
    assert isinstance(image, GeneratedImage)
    assert image.data == PICTURE


def test_a_paid_picture_survives_nonsense_in_another_field() -> None:
    for odd in ('"\\ud83d"', "NaN"):
        body = f'\ufeff{{"data": [{{"b64_json": "{PICTURE_TEXT}", "revised_prompt": {odd}}}]}}'
        assert len(read_answer([body.encode()]).images) == 1


def test_an_item_the_filter_struck_out_without_an_error_counts_as_filtered() -> None:
    struck_out = {"b64_json": None, "content_filter_results": {"violence": {"filtered": True}}}
    assert read({"data": [GOOD, struck_out]}).filtered == 1
    assert isinstance(failure({"data": [struck_out]}), OutputFiltered)


def test_a_picture_comes_out_byte_for_byte_with_what_it_was_found_to_be() -> None:
    answer = read({"created": 1, "data": [GOOD], "output_format": "jpeg"})
    assert answer.images == (GeneratedImage(PICTURE, "png", Size(40, 30)),)
    assert answer.filtered == 0
    assert answer.usage is None


def test_pictures_keep_azure_s_order() -> None:
    others = [png(41, 30), png(42, 30)]
    texts = [PICTURE_TEXT, *(base64.b64encode(other).decode() for other in others)]
    answer = read({"data": [{"b64_json": text} for text in texts]})
    assert [image.data for image in answer.images if isinstance(image, GeneratedImage)] == [PICTURE, *others]


def test_a_bytearray_is_read_as_bytes_are() -> None:
    body = bytearray(json.dumps({"data": [GOOD]}).encode())
    assert read_answer([bytes(body)]) == read_answer([bytes(body[:9]), bytes(body[9:])])


def test_a_link_is_handed_on_to_be_fetched() -> None:
    assert read({"data": [{"url": LINK, "revised_prompt": "x"}]}).images == (LINK,)


def test_image_data_wins_over_a_link() -> None:
    (image,) = read({"data": [{**GOOD, "url": LINK}]}).images
    assert isinstance(image, GeneratedImage)


def test_fields_that_are_null_are_fields_that_are_not_there() -> None:
    answer = read({"error": None, "data": [{**GOOD, "url": None, "error": None}]})
    assert len(answer.images) == 1


# --- partly filtered ----------------------------------------------------------------------------


def test_the_pictures_that_passed_are_kept_and_the_held_back_ones_counted() -> None:
    answer = read({"data": [GOOD, HELD_BACK, GOOD, HELD_BACK]})
    assert len(answer.images) == 2
    assert answer.filtered == 2


def test_an_error_that_is_no_verdict_does_not_count_as_held_back() -> None:
    answer = read({"data": [GOOD, BROKEN_FILTER, {"error": {"code": "500"}}]})
    assert (len(answer.images), answer.filtered) == (1, 0)
    assert [str(flaw) for flaw in answer.flaws] == [
        "an error in its place content_filter_error",
        "an error in its place 500",
    ]


def test_a_flawed_picture_does_not_take_the_others_with_it() -> None:
    answer = read({"data": [{"b64_json": "?"}, GOOD, {"b64_json": None}, "text", None, {}]})
    assert (len(answer.images), answer.filtered) == (1, 0)
    assert [str(flaw) for flaw in answer.flaws] == [
        "image data is not base64",
        "neither image data nor a link",
        "neither image data nor a link",
    ]


def test_all_pictures_held_back_is_the_content_filter_s_answer() -> None:
    assert isinstance(failure({"data": [HELD_BACK, HELD_BACK]}), OutputFiltered)


def test_held_back_and_broken_together_are_no_verdict_on_all() -> None:
    assert not isinstance(failure({"data": [HELD_BACK, {"error": {"code": "500"}}]}), OutputFiltered)


# --- a 200 that is none -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in</html>",
        b'{"data": [{"b64_json": "iVBOR',
        b"\xff\xfe{}",
        b'{"data": ["\xff"]}',
        b"{}{}",
        b"[" * 5000,
    ],
)
def test_what_is_not_json_is_not_an_answer(body: bytes) -> None:
    error = failure(body)
    assert isinstance(error, AnswerUnusable)
    assert error.billed is Billed.YES


@pytest.mark.parametrize(
    "body",
    [
        None,
        "text",
        [],
        [GOOD],
        12,
        {},
        {"data": None},
        {"data": []},
        {"data": {}},
        {"data": "text"},
        {"data": [None, "text", 12, []]},
        {"data": [], "error": None},
        {"error": {"code": "500", "message": "The server had an error."}},
    ],
    ids=str,
)
def test_json_without_a_picture_is_unusable_and_counts_as_billed(body: object) -> None:
    error = failure(body)
    assert isinstance(error, AnswerUnusable)
    assert error.billed is Billed.YES


def test_a_refusal_in_disguise_is_a_refusal() -> None:
    error = failure({"error": {"code": "contentFilter", "message": "Your task failed."}})
    assert isinstance(error, PromptRefused)


def test_a_held_back_picture_in_disguise_is_one() -> None:
    assert isinstance(failure(HELD_BACK), OutputFiltered)


@pytest.mark.parametrize("body", [BROKEN_FILTER, {"data": [BROKEN_FILTER]}], ids=["whole", "item"])
def test_a_broken_filter_in_disguise_is_one(body: dict[str, Any]) -> None:
    assert isinstance(failure(body), FilterBroken)


@pytest.mark.parametrize(
    "item",
    [
        {"b64_json": None},
        {"b64_json": ""},
        {"b64_json": 12},
        {"b64_json": "not base64!"},
        {"b64_json": "äöü"},
        {"b64_json": PICTURE_TEXT[:200]},
        {"b64_json": base64.b64encode(b"<html>Sign in</html>").decode()},
        {"url": None},
        {"url": ""},
        {"url": 12},
        {},
    ],
    ids=lambda item: str(item)[:40],
)
def test_what_is_no_sound_picture_is_unusable_and_was_billed(item: dict[str, Any]) -> None:
    error = failure({"data": [item]})
    assert isinstance(error, ImageUnusable)
    assert error.billed is Billed.YES


def test_no_error_quotes_what_came() -> None:
    for body in (
        b"a secret",
        {"data": [{"b64_json": "a secret"}]},
        {"error": {"code": "x", "message": "a secret"}},
    ):
        error = failure(body)
        assert isinstance(error, GenerationError)
        assert "secret" not in str(error)


# --- what it cost -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {
                "input_tokens": 30,
                "input_tokens_details": {"text_tokens": 10, "image_tokens": 20},
                "output_tokens": 1756,
            },
            Usage(text_input=10, image_input=20, output=1756),
        ),
        ({"input_tokens": 1, "output_tokens": 1}, Usage(text_input=1, output=1)),
        ({"input_tokens": 12, "output_tokens": 196, "total_tokens": 208}, Usage(text_input=12, output=196)),
        (
            {"input_tokens": 30, "input_tokens_details": {"image_tokens": 20}},
            Usage(text_input=10, image_input=20),
        ),
        ({"input_tokens": 5, "input_tokens_details": {"image_tokens": 20}}, Usage(image_input=20)),
        ({"input_tokens": None, "input_tokens_details": None, "output_tokens": -1}, Usage()),
        ({"input_tokens": "12", "input_tokens_details": [], "output_tokens": 1.5}, Usage()),
        ({}, Usage()),
        (None, None),
        ("much", None),
    ],
    ids=str,
)
def test_usage_is_read_as_far_as_it_goes(usage: object, expected: Usage | None) -> None:
    assert read({"data": [GOOD], "usage": usage}).usage == expected


# --- how long an answer may be ------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 4, 10])
def test_the_largest_pictures_allowed_fit_into_the_largest_answer_allowed(count: int) -> None:
    base64_of_largest = (MAX_BYTES + 2) // 3 * 4
    assert count * base64_of_largest + 10_000 < body_limit(count) < count * base64_of_largest + 2 * 2**20


def test_an_answer_without_pictures_has_room_for_an_error() -> None:
    assert body_limit(0) >= 2**16
