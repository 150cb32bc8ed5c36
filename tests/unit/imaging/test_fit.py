from __future__ import annotations

import io
from itertools import pairwise

import pytest
from PIL import Image, ImageCms

from bot.errors import ImageUnusable
from bot.imaging.fit import fit, fit_in
from bot.imaging.inspect import inspect
from bot.imaging.workers import ImagingPool
from bot.model import GeneratedImage, Size
from tests.unit.imaging.pictures import painted, png, saved

ROOMY = 10 * 2**20


def image(width: int = 200, height: int = 150, mode: str = "RGB") -> GeneratedImage:
    return inspect(png(width, height, mode))


def test_what_fits_is_attached_untouched() -> None:
    images = [image(), image(100, 100, "RGBA")]
    attachments = fit(images, file_limit=ROOMY, total_limit=ROOMY)
    assert [attachment.data for attachment in attachments] == [item.data for item in images]
    assert not any(attachment.derived for attachment in attachments)
    assert all(a.data is b.data for a, b in zip(attachments, images, strict=True))


def test_a_file_exactly_at_the_limit_fits() -> None:
    original = image()
    (attachment,) = fit([original], file_limit=len(original.data), total_limit=len(original.data))
    assert not attachment.derived


def test_a_file_over_the_limit_becomes_a_jpeg_of_the_same_size_and_says_so() -> None:
    original = image()
    (attachment,) = fit([original], file_limit=len(original.data) - 1, total_limit=ROOMY)
    assert (attachment.format, attachment.derived) == ("jpeg", True)
    assert inspect(attachment.data).size == original.size


def test_smaller_limits_give_up_quality_first_and_pixels_then() -> None:
    original = image(400, 300)
    last_length, sizes = len(original.data), [original.size]
    for limit in (140_000, 90_000, 60_000, 40_000, 20_000, 5_000):
        (attachment,) = fit([original], file_limit=limit, total_limit=ROOMY)
        assert len(attachment.data) <= limit
        assert len(attachment.data) < last_length
        last_length = len(attachment.data)
        sizes.append(inspect(attachment.data).size)
    assert sizes[1] == original.size
    assert sizes[-1].pixels < original.size.pixels
    assert sizes == sorted(sizes, reverse=True)


def test_what_is_transparent_stays_transparent() -> None:
    (attachment,) = fit([image(mode="RGBA")], file_limit=40_000, total_limit=ROOMY)
    assert attachment.format == "webp"
    with Image.open(io.BytesIO(attachment.data)) as picture:
        alpha = picture.convert("RGBA").getchannel("A").tobytes()
    assert min(alpha) < 50
    assert max(alpha) > 200


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "1", "I;16"])
def test_every_mode_of_an_opaque_picture_becomes_a_jpeg(mode: str) -> None:
    picture = painted(200, 150)
    if mode in ("RGBA", "LA"):
        picture.putalpha(255)
    original = inspect(saved(picture.convert("I;16" if mode == "I;16" else mode), "PNG"))
    (attachment,) = fit([original], file_limit=len(original.data) - 1, total_limit=ROOMY)
    assert attachment.format == "jpeg"


def test_a_palette_with_a_transparent_colour_stays_transparent() -> None:
    picture = painted(200, 150).convert("P")
    original = inspect(saved(picture, "PNG", transparency=picture.getpixel((0, 0))))
    (attachment,) = fit([original], file_limit=len(original.data) - 1, total_limit=ROOMY)
    assert attachment.format == "webp"


def test_the_colour_profile_is_carried_over() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for mode, kind in (("RGB", "jpeg"), ("RGBA", "webp")):
        original = inspect(saved(painted(200, 150, mode), "PNG", icc_profile=profile))
        (attachment,) = fit([original], file_limit=40_000, total_limit=ROOMY)
        assert attachment.format == kind
        with Image.open(io.BytesIO(attachment.data)) as picture:
            assert picture.info["icc_profile"] == profile


def test_when_the_total_is_too_much_the_largest_gives_way_and_the_others_stay_original() -> None:
    small, large, middle = image(100, 100), image(300, 300), image(200, 200)
    total = len(small.data) + len(large.data) + len(middle.data) - 1
    attachments = fit([small, large, middle], file_limit=ROOMY, total_limit=total)
    assert [attachment.derived for attachment in attachments] == [False, True, False]
    assert sum(len(attachment.data) for attachment in attachments) <= total


@pytest.mark.parametrize("total", [900_000, 500_000, 200_000, 100_000, 40_000])
def test_ten_pictures_fit_any_total_that_leaves_each_a_few_kilobytes(total: int) -> None:
    images = [image(160 + 10 * n, 160) for n in range(10)]
    attachments = fit(images, file_limit=80_000, total_limit=total)
    sizes = [len(attachment.data) for attachment in attachments]
    assert sum(sizes) <= total
    assert max(sizes) <= 80_000


def test_a_picture_cut_for_its_own_limit_is_cut_again_for_the_total() -> None:
    images = [image(400, 300), image(400, 300)]
    attachments = fit(images, file_limit=100_000, total_limit=100_000)
    assert sum(len(attachment.data) for attachment in attachments) <= 100_000


def test_an_absurd_limit_gives_a_tiny_picture_or_a_plain_no() -> None:
    (tiny,) = fit([image(1024, 1024)], file_limit=1024, total_limit=1024)
    assert len(tiny.data) <= 1024
    size = inspect(tiny.data).size
    assert min(size.width, size.height) >= 48
    for limit in (100, 0, -1):
        with pytest.raises(ImageUnusable, match="fits"):
            fit([image()], file_limit=limit, total_limit=ROOMY)


def test_no_pictures_are_no_attachments() -> None:
    assert fit([], file_limit=1, total_limit=1) == ()


def test_a_long_picture_keeps_its_shape() -> None:
    (attachment,) = fit([image(900, 300)], file_limit=15_000, total_limit=ROOMY)
    size = inspect(attachment.data).size
    assert size != Size(900, 300)
    assert size.width / size.height == pytest.approx(3, rel=0.02)


def test_smaller_limits_never_give_larger_files() -> None:
    original = image(300, 300)
    sizes = [
        len(fit([original], file_limit=limit, total_limit=ROOMY)[0].data)
        for limit in range(100_000, 5_000, -9_000)
    ]
    assert all(before >= after for before, after in pairwise(sizes))


# --- off the event loop ---------------------------------------------------------------------------


async def closed_pool() -> ImagingPool:
    async with ImagingPool(1) as pool:
        return pool


def raw(data: bytes) -> GeneratedImage:
    return GeneratedImage(data, "png", Size(1024, 1024))


RAW = (raw(b"x" * 100), raw(b"y" * 50))


async def test_what_fits_is_attached_untouched_and_at_once() -> None:
    attachments = await fit_in(await closed_pool(), RAW, file_limit=100, total_limit=150)
    assert [attachment.data for attachment in attachments] == [picture.data for picture in RAW]
    assert not any(attachment.derived for attachment in attachments)


@pytest.mark.parametrize(("file_limit", "total_limit"), [(99, 150), (100, 149)])
async def test_what_does_not_fit_is_worked_on_in_the_pool(file_limit: int, total_limit: int) -> None:
    pool = await closed_pool()
    with pytest.raises(RuntimeError):
        await fit_in(pool, RAW, file_limit=file_limit, total_limit=total_limit)


async def test_what_does_not_fit_is_attached_as_a_smaller_file_that_does() -> None:
    original = image(300, 300)
    async with ImagingPool(1) as pool:
        limit = len(original.data) - 1
        (attachment,) = await fit_in(pool, (original,), file_limit=limit, total_limit=10**7)
    assert attachment.derived
    assert len(attachment.data) < len(original.data)
