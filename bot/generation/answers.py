"""Reading Azure's 200 answers: from JSON bytes to valid images.

Runs in the imaging pool, never on the event loop: one answer is several megabytes of base64.
Nothing in the body is trusted, because a 200 can hold an error, HTML, or fewer pictures than asked.
"""

from __future__ import annotations

import binascii
import json
from dataclasses import dataclass
from typing import Any

import msgspec
import pybase64

from bot.errors import AnswerUnusable, EaselError, FilterBroken, ImageUnusable, OutputFiltered
from bot.generation.refusals import FILTER_BROKEN_CODE, ErrorBody, refusal_of
from bot.imaging.inspect import MAX_BYTES, inspect
from bot.model import GeneratedImage, Usage


@dataclass(frozen=True, slots=True)
class Answer:
    """One decoded answer.

    Attributes:
        images: the pictures, or links to them, in Azure's order.
        filtered: how many of the requested pictures the content filter held back.
        usage: the tokens billed, if the answer said.
        flaws: what was wrong with pictures that came along with the valid ones.
    """

    images: tuple[GeneratedImage | str, ...]
    filtered: int
    usage: Usage | None
    flaws: tuple[ImageUnusable, ...] = ()


def body_limit(count: int) -> int:
    """Return the most bytes an answer with ``count`` pictures can have: 4/3 for base64, and room for JSON."""
    return count * (MAX_BYTES * 4 // 3) + 2**20


def read_answer(chunks: list[bytes]) -> Answer:
    """Decode a 200 answer.

    Args:
        chunks: the body in pieces; emptied, so that as little of it as possible is in memory at once.

    Raises:
        AnswerUnusable: it is not JSON, or holds no picture.
        ImageUnusable: a picture in it is not base64, not a picture, or beyond the caps.
        PromptRefused: it is the content filter's refusal in disguise.
        OutputFiltered: every picture was held back.
        FilterBroken: the content filter failed.
    """
    body = b"".join(chunks)
    chunks.clear()
    answer = _decoded(body)
    del body
    data = answer.get("data") if isinstance(answer, dict) else None
    items = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
    errors = [ErrorBody.read(item) for item in items if item.get("error") or _is_held_back(item)]
    images, flaws = _images([i for i in items if not i.get("error") and not _is_held_back(i)])
    if not images:
        raise flaws[0] if flaws else _why_empty(answer, errors)
    verdicts = [error for error in errors if _is_verdict(error)]
    flaws += [ImageUnusable(f"an error in its place {e.code}".strip()) for e in errors if not _is_verdict(e)]
    return Answer(images, len(verdicts), _usage(answer.get("usage")), flaws=tuple(flaws))


def _decoded(body: bytes) -> Any:
    """Return the JSON of a body, read by the quick strict parser or else the standard library's lenient one.

    A picture that is paid for is not thrown away because of half a surrogate pair in another field.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            return json.loads(body.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError) as error:
            raise AnswerUnusable("200 that is not JSON") from error


def _why_empty(answer: object, errors: list[ErrorBody]) -> EaselError:
    """Return the error that a 200 without any picture stands for."""
    whole = ErrorBody.read(answer) if isinstance(answer, dict) and answer.get("error") else ErrorBody()
    if refusal := refusal_of(whole):
        return refusal
    if FILTER_BROKEN_CODE in {whole.code, *(error.code for error in errors)}:
        return FilterBroken("200 that says the content filter failed")
    if errors and all(map(_is_verdict, errors)):
        return OutputFiltered("the content filter held back every picture")
    return AnswerUnusable(f"200 without a picture {whole.code}".strip())


def _is_verdict(error: ErrorBody) -> bool:
    """Return whether an item's error means that the content filter held its picture back."""
    return error.is_refusal or bool(error.categories)


def _is_held_back(item: dict[str, Any]) -> bool:
    """Return whether an item has no picture because the content filter removed it."""
    return not item.get("b64_json") and not item.get("url") and bool(ErrorBody.read(item).categories)


def _images(items: list[dict[str, Any]]) -> tuple[tuple[GeneratedImage | str, ...], list[ImageUnusable]]:
    """Return the valid images, and the flaws of the others: three good ones of four are still delivered."""
    images: list[GeneratedImage | str] = []
    flaws: list[ImageUnusable] = []
    for item in items:
        try:
            images.append(_image(item))
        except ImageUnusable as flaw:
            flaws.append(flaw)
    return tuple(images), flaws


def _image(item: dict[str, Any]) -> GeneratedImage | str:
    encoded, url = item.get("b64_json"), item.get("url")
    if isinstance(encoded, str) and encoded:
        return inspect(_bytes(encoded))
    if isinstance(url, str) and url:
        return url
    raise ImageUnusable("neither image data nor a link")


def _bytes(encoded: str) -> bytes:
    """Decode base64, even with line breaks, without padding, or as a data URL."""
    try:
        return pybase64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        plain = "".join(encoded.partition("base64,")[2].split() or encoded.split())
        try:
            return pybase64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ImageUnusable("image data is not base64") from error


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    details = usage.get("input_tokens_details")
    details = details if isinstance(details, dict) else {}
    image = _tokens(details.get("image_tokens"))
    return Usage(
        text_input=_tokens(details.get("text_tokens")) or max(0, _tokens(usage.get("input_tokens")) - image),
        image_input=image,
        output=_tokens(usage.get("output_tokens")),
    )


def _tokens(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
