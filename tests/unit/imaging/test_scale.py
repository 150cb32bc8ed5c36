from __future__ import annotations

import pytest

from bot.errors import ImageUnusable
from bot.imaging.inspect import inspect
from bot.imaging.scale import scale
from bot.model import GeneratedImage, Size
from tests.unit.imaging.pictures import jpeg, png, webp


@pytest.mark.parametrize("file", [png(64, 64), png(64, 64, "RGBA"), jpeg(64, 64), webp(64, 64)])
def test_a_picture_is_scaled_down_to_a_png_of_the_size_asked(file: bytes) -> None:
    smaller = scale(inspect(file), Size(16, 16))
    assert inspect(smaller.data) == smaller
    assert (smaller.format, smaller.size) == ("png", Size(16, 16))


@pytest.mark.parametrize("size", [Size(64, 48), Size(65, 10), Size(10, 49), Size(2000, 2000)])
def test_a_picture_is_never_enlarged(size: Size) -> None:
    original = inspect(png(64, 48))
    assert scale(original, size) is original


def test_a_picture_that_does_not_decode_is_refused() -> None:
    with pytest.raises(ImageUnusable):
        scale(GeneratedImage(png(64, 64)[:300], "png", Size(64, 64)), Size(8, 8))
