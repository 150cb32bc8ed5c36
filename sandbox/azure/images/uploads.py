"""The rules for the input images of an edit (how-to; reference 2025-04-01-preview)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from sandbox.azure import errors

if TYPE_CHECKING:
    from sandbox.azure.images.validation import ImageRequest
    from sandbox.azure.records import Upload

IMAGES_MAX = 16
IMAGE_BYTES_MAX = 50 * 10**6
MASK_BYTES_MAX = 4 * 10**6
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}
"""Accepted media types, and Pillow's names for them. OpenAI accepts WebP too; Azure documents these two."""

MODES = frozenset({"RGB", "RGBA"})
"""Accepted Pillow modes: the service's message says "file or mode", and these are known to pass."""


def check(request: ImageRequest) -> tuple[tuple[int, int], ...]:
    """Decode and check an edit's input images; slow, so run it off the event loop.

    Returns:
        The size in pixels of each input image, in order.

    Raises:
        AzureError: 400, for the first file the service would refuse.
    """
    if not request.images:
        raise errors.missing_parameter("image")
    if len(request.images) > IMAGES_MAX:
        message = (
            f"Invalid 'image': array too long. Expected an array with maximum length {IMAGES_MAX}, "
            f"but got an array with length {len(request.images)} instead."
        )
        raise errors.invalid("array_above_max_length", message, "image")
    several = len(request.images) > 1 or request.images[0].name.endswith("[]")
    names = [f"image[{number}]" if several else "image" for number in range(len(request.images))]
    sizes = tuple(
        _check_image(file, name, number)
        for number, (file, name) in enumerate(zip(request.images, names, strict=True), start=1)
    )
    if request.mask is not None:
        _check_mask(request.mask, sizes[0])
    return sizes


def _check_image(file: Upload, name: str, number: int) -> tuple[int, int]:
    if file.content_type not in FORMATS:
        message = (
            f"Invalid file '{name}': unsupported mimetype ('{file.content_type}'). "
            "Supported file formats are 'image/jpeg' and 'image/png'."
        )
        raise errors.invalid("unsupported_file_mimetype", message, name)
    if len(file.data) >= IMAGE_BYTES_MAX:
        message = f"Invalid file '{name}': file too large. Expected a file smaller than 50MB."
        raise errors.invalid("file_above_max_size", message, name)
    picture = _decode(file.data)
    if picture is None or picture.format != FORMATS[file.content_type] or picture.mode not in MODES:
        message = f"Invalid image file or mode for image {number}, please check your image file."
        raise errors.invalid("invalid_image_file", message, name, "image_generation_user_error")
    return picture.size


def _check_mask(mask: Upload, size: tuple[int, int]) -> None:
    picture = _decode(mask.data)
    if mask.content_type != "image/png" or picture is None or picture.format != "PNG":
        message = "Invalid file 'mask': the mask must be a valid PNG file."
        raise errors.invalid("invalid_image_file", message, "mask", "image_generation_user_error")
    if len(mask.data) >= MASK_BYTES_MAX:
        message = "Invalid file 'mask': file too large. Expected a file smaller than 4MB."
        raise errors.invalid("file_above_max_size", message, "mask")
    if picture.mode != "RGBA":
        message = "Invalid mask image format - mask image missing alpha channel."
        raise errors.invalid("invalid_mask_image_format", message, None, "image_generation_user_error")
    if picture.size != size:
        message = "Invalid mask image format - mask size does not match image size."
        raise errors.invalid("invalid_mask_image_format", message, None, "image_generation_user_error")


def _decode(data: bytes) -> Image.Image | None:
    """Decode the whole picture; return None if it is not a valid image."""
    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return picture
