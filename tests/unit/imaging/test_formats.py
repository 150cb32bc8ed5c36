from __future__ import annotations

import pytest

from bot.imaging.inspect import describe, read_header
from bot.model import Size
from tests.unit.imaging import pictures


@pytest.mark.parametrize(
    ("file", "image_format"),
    [
        (pictures.png(321, 123), "png"),
        (pictures.jpeg(321, 123), "jpeg"),
        (pictures.jpeg(321, 123, progressive=True), "jpeg"),
        (pictures.jpeg(321, 123, comment=b"\xff\xc0" * 50, dpi=(72, 72)), "jpeg"),
        (pictures.webp(321, 123, quality=50), "webp"),
        (pictures.webp(321, 123, lossless=True), "webp"),
        (pictures.webp(321, 123, "RGBA", quality=50), "webp"),
    ],
)
def test_format_and_size_are_read_from_the_first_bytes(file: bytes, image_format: str) -> None:
    assert read_header(file) == (image_format, Size(321, 123))


def test_fill_bytes_and_bare_markers_of_a_jpeg_are_stepped_over() -> None:
    file = pictures.jpeg(9, 7)
    assert read_header(b"\xff\xd8\xff\xff\xff\x01" + file[2:]) == ("jpeg", Size(9, 7))


@pytest.mark.parametrize(
    "file", [pictures.png(), pictures.jpeg(), pictures.webp(), pictures.webp(mode="RGBA")]
)
def test_a_file_cut_off_inside_its_header_has_no_header(file: bytes) -> None:
    for length in range(24):
        assert read_header(file[:length]) is None


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"\xff\xd8\xff\xe0\x00\x04ab" + b"\x00" * 40,
        b"RIFF\x00\x00\x00\x00WEBP" + b"?" * 40,
        pictures.built(pictures.header(width=0)),
    ],
)
def test_what_only_begins_like_a_picture_has_no_header(file: bytes) -> None:
    assert read_header(file) is None


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (b"GIF89a...", "a GIF"),
        (b"BM......", "a BMP"),
        (b"II*\x00....", "a TIFF"),
        (b"MM\x00*....", "a TIFF"),
        (b"%PDF-1.7", "a PDF"),
        (b"\r\n  <!doctype html>", "markup (HTML, XML or SVG)"),
        (b'{"error": 1}', "JSON"),
        (b"\x00\x01\x02", "an unknown format"),
    ],
)
def test_other_files_are_named_for_the_log(file: bytes, name: str) -> None:
    assert describe(file) == name
