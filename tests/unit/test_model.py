from __future__ import annotations

import pytest

from bot.model import Size


@pytest.mark.parametrize(
    "text",
    ["1024x768", "1024X768", "1024×768", "1024*768", " 1024 x 768 ", "1024 ×768", "01024x0768"],
)
def test_a_size_is_read_however_it_is_written(text: str) -> None:
    assert Size.parse(text) == Size(1024, 768)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1024",
        "1024x",
        "x768",
        "1024x768x3",
        "-1024x768",
        "1024.0x768",
        "123456x768",
        "1024x768px",
        "auto",
    ],
)
def test_anything_else_is_no_size(text: str) -> None:
    assert Size.parse(text) is None


def test_a_size_is_written_as_azure_takes_it() -> None:
    assert str(Size(1536, 1024)) == "1536x1024"


def test_pixels_are_width_times_height() -> None:
    assert Size(1024, 640).pixels == 655_360
