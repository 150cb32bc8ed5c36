"""The small parts of the Azure side that need no socket: uploads, spoilt pictures, blobs, tokens, kinds."""

from __future__ import annotations

import io
import time

import pytest
from PIL import Image

from sandbox.azure import errors, kinds
from sandbox.azure.access.tokens import TokenStore
from sandbox.azure.blobs.store import KEPT, Blob, BlobStore
from sandbox.azure.errors import AzureError
from sandbox.azure.images import spoilt, uploads
from sandbox.azure.images.validation import ImageRequest
from sandbox.azure.models import MODELS
from sandbox.azure.records import Upload

AUDIENCE = "https://cognitiveservices.azure.com"


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


# --- blobs ---


def test_link_is_signed_for_one_name_and_one_end() -> None:
    store = BlobStore()
    blob = Blob(png(), "image/png", time.monotonic() + 60)
    name, _, query = store.put(blob, 60).partition("?")
    signature = query.rpartition("sig=")[2]
    end = query.partition("se=")[2].partition("&")[0].replace("%3A", ":")
    assert store.get(name) is blob
    assert store.signed(name, end, signature)
    assert not store.signed(name, end.replace("20", "21", 1), signature)
    assert not store.signed("other.png", end, signature)
    assert not store.signed(name, end, "")


def test_oldest_pictures_go_when_too_many_are_kept() -> None:
    store = BlobStore()
    names = [store.put(Blob(b"", "image/jpeg", 0.0), 60).partition("?")[0] for _ in range(KEPT + 1)]
    assert names[0].endswith(".jpg")
    assert store.get(names[0]) is None
    assert store.get(names[1]) is not None


# --- tokens ---


def test_token_is_taken_until_it_expires_or_is_revoked() -> None:
    store = TokenStore()
    long = store.issue(AUDIENCE, 60, tenant="t", client="c")
    short = store.issue(AUDIENCE, 0, tenant="t", client="c")
    assert long.text.count(".") == 2
    assert store.accepts(long.text)
    assert not store.accepts(short.text)
    assert not store.accepts("made-up")
    store.revoke_all()
    assert not store.accepts(long.text)


# --- errors and kinds ---


def test_unknown_shape_of_refusal_is_a_mistake_of_the_test() -> None:
    with pytest.raises(ValueError, match="unknown shape of refusal: 'polite'"):
        errors.prompt_refused("polite", "a cat")


def test_groups_of_kinds_do_not_overlap() -> None:
    groups = (
        kinds.GATEWAY,
        kinds.PROMPT,
        kinds.PICTURE,
        kinds.ITEMS,
        kinds.LINKS,
        kinds.DELIVERY,
        kinds.TOKENS,
    )
    assert sum(len(group) for group in groups) == len(kinds.ALL)
    assert kinds.CUT < kinds.IMAGES


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("a cat simulate:stall", "stall"),
        ("simulate:bomb, please", "bomb"),
        ("dissimulate:bomb", None),
        ("simulate:token_down", None),
        ("simulate:nothing", None),
        ("simulate: bomb", None),
        (None, None),
        (7, None),
    ],
)
def test_fault_is_read_from_the_prompt(prompt: object, kind: str | None) -> None:
    fault = kinds.simulated(prompt)
    assert (fault.kind if fault else None) == kind
