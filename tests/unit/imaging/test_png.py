from __future__ import annotations

import io
import random
import struct
import warnings
import zlib
from itertools import pairwise

import pytest
from PIL import Image

from bot.errors import ImageUnusable
from bot.imaging.png import MAX_CHUNKS, check_png
from tests.unit.imaging.pictures import PNG_SIGNATURE, built, chunk, data, header, painted, png, rows, saved

PALETTE = chunk(b"PLTE", bytes(range(48)))


def decoded_by_pillow(file: bytes) -> bool:
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(file), formats=["PNG"]) as picture:
            warnings.simplefilter("ignore")
            picture.load()
    except Exception:  # noqa: BLE001 - whatever it is, it did not decode
        return False
    return True


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_what_pillow_saves_is_sound(mode: str) -> None:
    check_png(png(57, 33, mode))


def test_bilevel_and_palette_pictures_are_sound() -> None:
    for mode in ("1", "P"):
        check_png(saved(painted(57, 33, "L").convert(mode), "PNG"))


@pytest.mark.parametrize(
    ("colour", "depth", "bits"),
    [
        (0, 1, 1),
        (0, 2, 2),
        (0, 4, 4),
        (0, 16, 16),
        (2, 8, 24),
        (2, 16, 48),
        (3, 1, 1),
        (3, 4, 4),
        (6, 16, 64),
    ],
)
@pytest.mark.parametrize("interlace", [0, 1])
def test_every_layout_of_pixels_is_counted_right(colour: int, depth: int, bits: int, interlace: int) -> None:
    """Widths and heights from 1 to 9 cross every edge of Adam7, whose small pictures have empty passes."""
    for width, height in pairwise((1, 2, 3, 5, 8, 9, 4, 1)):
        passes = [(width, height)]
        if interlace:
            columns, lines = range(width), range(height)
            starts = (
                (0, 0, 8, 8),
                (4, 0, 8, 8),
                (0, 4, 4, 8),
                (2, 0, 4, 4),
                (0, 2, 2, 4),
                (1, 0, 2, 2),
                (0, 1, 1, 2),
            )
            passes = [(len(columns[x::across]), len(lines[y::down])) for x, y, across, down in starts]
        raw = b"".join(rows(h, -(-w * bits // 8)) for w, h in passes if w and h)
        start = (header(width, height, depth, colour, interlace), PALETTE)
        check_png(built(*start, data(raw)))
        assert decoded_by_pillow(built(*start, data(raw)))
        for wrong in (raw[:-1], raw + b"\0"):
            with pytest.raises(ImageUnusable):
                check_png(built(*start, data(wrong)))


def test_a_bad_row_filter_is_found_in_every_row() -> None:
    for row in range(3):
        raw = bytearray(rows())
        raw[13 * row] = 5
        with pytest.raises(ImageUnusable, match="filter"):
            check_png(built(header(), data(bytes(raw))))


def test_a_bad_row_filter_is_found_far_into_a_large_picture() -> None:
    raw = bytearray(rows(count=2000, length=3000))
    raw[3001 * 1777] = 200
    with pytest.raises(ImageUnusable, match="filter"):
        check_png(built(header(1000, 2000), data(bytes(raw))))


def test_data_may_be_cut_into_chunks_anywhere() -> None:
    compressed = zlib.compress(rows())
    check_png(built(header(), *(chunk(b"IDAT", compressed[i : i + 1]) for i in range(len(compressed)))))


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (PNG_SIGNATURE, "truncated"),
        (PNG_SIGNATURE + header() + data(rows()), "truncated"),
        (built(), "header"),
        (built(data(rows())), "header"),
        (built(header(), header(), data(rows())), "header"),
        (built(chunk(b"IHDR", b"short"), data(rows())), "header"),
        (built(header(depth=3), data(rows())), "impossible header"),
        (built(header(colour=5), data(rows())), "impossible header"),
        (built(header(colour=2, depth=4), data(rows())), "impossible header"),
        (built(header(interlace=2), data(rows())), "impossible header"),
        (built(header(compression=1), data(rows())), "impossible header"),
        (built(header(filtering=1), data(rows())), "impossible header"),
        (built(header(height=0), data(rows())), "impossible header"),
        (built(header()), "rows are missing"),
        (built(header(), data(rows(2))), "rows are missing"),
        (built(header(), data(rows(4))), "more rows"),
        (built(header(), chunk(b"IDAT", zlib.compress(rows())[:-4])), "rows are missing"),
        (built(header(), chunk(b"IDAT", zlib.compress(rows())[:-1] + b"!")), "inflate"),
        (built(header(), chunk(b"IDAT", b"not deflated")), "inflate"),
        (built(header(), data(rows()), chunk(b"tEXt", b"a\0b"), data(rows())), "one run"),
        (built(header(colour=3), data(rows(3, 4))), "palette"),
        (built(header(), chunk(b"acTL", struct.pack(">II", 2, 0)), data(rows())), "animated"),
        (built(header(), chunk(b"NEWS"), data(rows())), "critical"),
        (built(header(), *[chunk(b"tEXt")] * MAX_CHUNKS, data(rows())), "chunks"),
    ],
)
def test_what_breaks_the_rules_is_refused_with_its_reason(file: bytes, reason: str) -> None:
    with pytest.raises(ImageUnusable, match=reason):
        check_png(file)


def test_content_credentials_and_other_additions_are_welcome() -> None:
    check_png(
        built(header(), chunk(b"caBX", b"jumb" * 9000), data(rows()), chunk(b"tEXt", b"a\0b")) + b"tail"
    )


def test_one_flipped_bit_anywhere_is_found() -> None:
    file = bytearray(png(20, 20))
    for position in range(len(PNG_SIGNATURE), len(file)):
        file[position] ^= 0x10
        with pytest.raises(ImageUnusable):
            check_png(bytes(file))
        file[position] ^= 0x10


def test_a_bomb_stops_as_soon_as_it_has_more_rows_than_declared() -> None:
    bomb = built(header(), data(bytes(200_000_000)))
    with pytest.raises(ImageUnusable, match="more rows"):
        check_png(bomb)


def test_whatever_passes_here_pillow_decodes() -> None:
    """Damage with the checksums mended: only rules that Pillow knows too may stand between."""
    dice = random.Random(7)
    originals = [png(9, 9), png(9, 9, "RGBA"), built(header(4, 3, 4, 3), PALETTE, data(rows(3, 2)))]
    passed = 0
    for _ in range(3000):
        file = damaged(dice.choice(originals), dice)
        try:
            check_png(file)
        except ImageUnusable:
            continue
        passed += 1
        assert decoded_by_pillow(file), file.hex()
    assert passed > 50


def damaged(file: bytes, dice: random.Random) -> bytes:
    """The file with some bytes of its chunks, or of its rows, changed and every checksum right."""
    parts = []
    position = len(PNG_SIGNATURE)
    while position < len(file):
        (length,) = struct.unpack_from(">I", file, position)
        body = bytearray(file[position + 8 : position + 8 + length])
        kind = file[position + 4 : position + 8]
        deep = kind == b"IDAT" and dice.random() < 0.5
        if deep:
            body = bytearray(zlib.decompress(body))
        if body and dice.random() < 0.4:
            body[dice.randrange(len(body))] = dice.randrange(8)
        parts.append(chunk(kind, zlib.compress(body) if deep else bytes(body)))
        position += length + 12
    return PNG_SIGNATURE + b"".join(parts)
