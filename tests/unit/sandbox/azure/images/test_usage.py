from __future__ import annotations

from sandbox.azure.images.usage import usage
from sandbox.azure.images.validation import ImageRequest
from sandbox.azure.models import MODELS
from sandbox.azure.records import Upload


def test_usage_adds_up_text_images_and_partials() -> None:
    upload = Upload("image", "in.png", "image/png", b"")
    request = ImageRequest(
        operation="edits",
        model=MODELS["gpt-image-2"],
        prompt="four tokens here",
        n=1,
        size=(1024, 1024),
        quality="low",
        form="png",
        compression=100,
        transparent=False,
        stream=True,
        partial_images=2,
        images=(upload,),
    )
    assert usage(request, [(1024, 1024), (32, 33)], images=1, partials=2) == {
        "input_tokens": 4 + 1024 + 2,
        "input_tokens_details": {"text_tokens": 4, "image_tokens": 1026},
        "output_tokens": 396,
        "output_tokens_details": {"image_tokens": 396, "text_tokens": 0},
        "total_tokens": 4 + 1026 + 396,
    }
