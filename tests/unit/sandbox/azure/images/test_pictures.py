from __future__ import annotations

import io

import pytest
from PIL import Image

from sandbox.azure import kinds
from sandbox.azure.errors import AzureError
from sandbox.azure.images import spoilt, uploads
from sandbox.azure.images.validation import ImageRequest
from sandbox.azure.models import MODELS
from sandbox.azure.records import Upload


def png(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, "PNG")
    return buffer.getvalue()


def edit(*images: bytes, mask: bytes | None = None) -> ImageRequest:
    return ImageRequest(
        operation="edits",
        model=MODELS["gpt-image-2"],
        prompt="autumn",
        n=1,
        size=(1024, 1024),
        quality="high",
        form="png",
        compression=100,
        transparent=False,
        stream=False,
        partial_images=0,
        images=tuple(Upload("image[]", "in.png", "image/png", data) for data in images),
        mask=Upload("mask", "mask.png", "image/png", mask) if mask is not None else None,
    )


def padded(data: bytes, size: int) -> bytes:
    return spoilt.oversize(data, {"bytes": size})


# --- uploads ---


def test_sizes_of_good_uploads_are_returned() -> None:
    assert uploads.check(edit(png(), png((10, 20)), mask=png(mode="RGBA"))) == ((64, 48), (10, 20))


def test_upload_of_fifty_megabytes_is_too_large() -> None:
    with pytest.raises(AzureError) as caught:
        uploads.check(edit(png(), padded(png(), uploads.IMAGE_BYTES_MAX)))
    assert caught.value.body["error"]["code"] == "file_above_max_size"
    assert caught.value.body["error"]["param"] == "image[1]"


def test_mask_of_four_megabytes_is_too_large() -> None:
    with pytest.raises(AzureError) as caught:
        uploads.check(edit(png(), mask=padded(png(mode="RGBA"), uploads.MASK_BYTES_MAX)))
    assert caught.value.body["error"]["param"] == "mask"


# --- spoilt pictures ---


def test_oversized_picture_is_a_valid_picture_over_sixty_megabytes() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, "JPEG")
    for original in (png(), buffer.getvalue()):
        data = spoilt.oversize(original, {})
        assert len(data) > 60 * 10**6
        picture = Image.open(io.BytesIO(data))
        picture.load()
        assert picture.size == (64, 48)


def test_every_kind_of_spoilt_picture_has_its_function() -> None:
    assert set(spoilt.SPOILERS) == kinds.PICTURE
