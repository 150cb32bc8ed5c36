from __future__ import annotations

import tracemalloc

import pytest

from bot.errors import Billed, ImageUnusable
from bot.imaging.inspect import MAX_PIXELS, inspect
from bot.model import Size
from tests.unit.imaging.pictures import built, chunk, data, header, jpeg, painted, png, rows, saved, webp

SOUND = {"png": png(), "jpeg": jpeg(), "webp": webp(), "webp lossless": webp(lossless=True)}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_picture_passes_with_its_bytes_untouched(name: str) -> None:
    image = inspect(SOUND[name])
    assert image.data is SOUND[name]
    assert (image.format, image.size) == (name.split(maxsplit=1)[0], Size(40, 30))


@pytest.mark.parametrize("name", SOUND)
def test_a_picture_cut_off_anywhere_is_refused(name: str) -> None:
    file = SOUND[name]
    for length in range(0, len(file) - 8, 37):
        with pytest.raises(ImageUnusable):
            inspect(file[:length])


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "empty"),
        (b"<html><body>502 Bad Gateway</body></html>", "markup"),
        (saved(painted(8, 8), "GIF"), "GIF"),
        (saved(painted(8, 8), "BMP"), "BMP"),
        (saved(painted(8, 8), "TIFF"), "TIFF"),
        (saved(painted(8, 8), "WEBP", save_all=True, append_images=[painted(8, 8, seed=2)]), "animated webp"),
        (saved(painted(8, 8), "PNG", save_all=True, append_images=[painted(8, 8, seed=2)]), "animated png"),
        (png()[:200] + b"?" + png()[201:], "corrupt or truncated png"),
        (webp(lossless=True)[:26] + bytes(99) + webp(lossless=True)[125:], "corrupt or truncated webp"),
        (jpeg()[:200] + b"\xff\xd9", "corrupt or truncated jpeg"),
    ],
)
def test_anything_else_is_refused_with_a_reason(file: bytes, reason: str) -> None:
    with pytest.raises(ImageUnusable, match=reason) as caught:
        inspect(file)
    assert caught.value.billed is Billed.YES
    assert "Bad Gateway" not in str(caught.value)


def test_a_file_over_the_cap_of_bytes_is_refused_unread() -> None:
    with pytest.raises(ImageUnusable, match="1001 bytes, over the cap of 1000"):
        inspect(bytes(1001), max_bytes=1000)


@pytest.mark.parametrize(
    "bomb",
    [
        built(header(60_000, 60_000), data(rows())),
        jpeg().replace(b"\x00\x1e\x00\x28", b"\xea\x60\xea\x60", 1),
        webp(mode="RGBA")[:24] + b"\xff\x3f\x00\xff\x3f\x00" + webp(mode="RGBA")[30:],
    ],
)
def test_a_decompression_bomb_is_refused_before_it_costs_anything(bomb: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(ImageUnusable, match=f"over the cap of {MAX_PIXELS}"):
        inspect(bomb)
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


def test_the_largest_picture_azure_draws_is_within_the_caps() -> None:
    assert inspect(built(header(3840, 2160, 1, 0), data(rows(2160, 480)))).size == Size(3840, 2160)


def test_a_file_that_declares_two_sizes_is_refused() -> None:
    # Pillow goes by the last frame header, the cap was judged by the first.
    file = jpeg(8, 8)
    frame = file.index(b"\xff\xc0")
    twice = (
        file[:frame]
        + file[frame : frame + 19].replace(b"\x00\x08\x00\x08", b"\x00\x04\x00\x04")
        + file[frame:]
    )
    with pytest.raises(ImageUnusable, match="two sizes"):
        inspect(twice)


def test_a_warning_of_pillow_about_the_file_does_not_escape() -> None:
    """Warnings are errors in this suite; Pillow warns of an animation that announces no frames."""
    with pytest.raises(ImageUnusable, match="corrupt or truncated png"):
        inspect(built(header(), chunk(b"acTL", bytes(8)), data(rows())))
