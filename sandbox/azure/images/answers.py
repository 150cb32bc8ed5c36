"""The bodies of good answers, and of answers with a faulty list of pictures."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.azure import errors, filters
from sandbox.azure.images.usage import usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.azure.images.studio import Picture
    from sandbox.azure.images.validation import ImageRequest
    from sandbox.azure.models import Size
    from sandbox.faults import Fault

Item = dict[str, Any]


@dataclass(slots=True)
class Answer:
    """An answer about to be sent.

    Attributes:
        request: The validated request.
        inputs: Sizes of the input images, in pixels.
        items: One entry of `data` for each picture; None is sent as null.
        stages: The partial images of each picture, as JSON strings.
        error: If set, sent instead of the pictures, still with status 200.
    """

    request: ImageRequest
    inputs: Sequence[Size]
    items: list[Item] | None
    stages: list[Sequence[orjson.Fragment]] = field(default_factory=list)
    error: dict[str, Any] | None = None

    def body(self) -> bytes:
        """Return the JSON body of a non-streaming answer."""
        if self.error is not None:
            return orjson.dumps({"created": round(time.time()), "error": self.error})
        return orjson.dumps(
            {
                "created": round(time.time()),
                "data": self.items,
                **described(self.request),
                "usage": usage(self.request, self.inputs, images=self.request.n),
            }
        )


def described(request: ImageRequest) -> dict[str, str]:
    """Return what an answer says about its pictures."""
    return {
        "background": "transparent" if request.transparent else "opaque",
        "output_format": request.form,
        "quality": request.quality,
        "size": f"{request.size[0]}x{request.size[1]}",
    }


def item(content: Item) -> Item:
    """Return one entry of `data`: the picture or its link, with the filter's annotations."""
    return {
        **content,
        "content_filter_results": filters.image_results(),
        "prompt_filter_results": filters.prompt_results(),
    }


def from_pictures(request: ImageRequest, inputs: Sequence[Size], pictures: Sequence[Picture]) -> Answer:
    """Return the good answer that embeds its pictures."""
    items = [item({"b64_json": picture.encoded}) for picture in pictures]
    return Answer(request, inputs, items, [picture.stages for picture in pictures])


def from_links(
    request: ImageRequest, inputs: Sequence[Size], links: Sequence[str], pictures: Sequence[Picture]
) -> Answer:
    """Return the answer that links to its pictures; it repeats the prompt, as the older models did."""
    items = [item({"url": link, "revised_prompt": request.prompt}) for link in links]
    return Answer(request, inputs, items, [picture.stages for picture in pictures])


_FILTERED_ITEM: Item = {
    "error": {"code": "contentFilter", "message": errors.OUTPUT_FILTERED},
    "content_filter_results": filters.image_results(violence="medium"),
    "prompt_filter_results": filters.prompt_results(),
}


def _bad_base64(answer: Answer, _settings: Mapping[str, Any]) -> None:
    answer.items = [{**entry, "b64_json": "@@@ this is not base64 @@@"} for entry in answer.items or []]


def _null_image(answer: Answer, _settings: Mapping[str, Any]) -> None:
    answer.items = [{**entry, "b64_json": None} for entry in answer.items or []]


def _empty_data(answer: Answer, settings: Mapping[str, Any]) -> None:
    answer.items = None if settings.get("null") else []


def _fewer_images(answer: Answer, settings: Mapping[str, Any]) -> None:
    missing = int(settings.get("missing", 1))
    answer.items = (answer.items or [])[:-missing]


def _partly_filtered(answer: Answer, settings: Mapping[str, Any]) -> None:
    filtered = int(settings.get("filtered", 1))
    answer.items = [_FILTERED_ITEM] * filtered + (answer.items or [])[filtered:]


def _error_in_200(answer: Answer, settings: Mapping[str, Any]) -> None:
    answer.error = settings.get("error") or errors.server_error(500).body["error"]


_CHANGES: Mapping[str, Callable[[Answer, Mapping[str, Any]], None]] = {
    "bad_base64": _bad_base64,
    "null_image": _null_image,
    "empty_data": _empty_data,
    "fewer_images": _fewer_images,
    "partly_filtered": _partly_filtered,
    "error_in_200": _error_in_200,
}


def change(answer: Answer, fault: Fault) -> None:
    """Apply a fault of `kinds.ITEMS` to an answer, in place."""
    _CHANGES[fault.kind](answer, fault.data)
