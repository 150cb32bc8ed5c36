from __future__ import annotations

import pytest

from sandbox.azure.models import MODELS, Size, parse_size


@pytest.mark.parametrize(
    ("model", "size", "quality", "tokens"),
    [
        ("gpt-image-2", (1024, 1024), "low", 196),
        ("gpt-image-2", (1024, 1024), "medium", 1756),
        ("gpt-image-2", (1024, 1024), "high", 7024),
        ("gpt-image-2", (1536, 1024), "medium", 1372),
        ("gpt-image-2", (1024, 1536), "high", 5488),
        ("gpt-image-2", (2048, 2048), "medium", 3568),
        ("gpt-image-2", (2560, 1440), "high", 7370),
        ("gpt-image-2", (3840, 2160), "low", 371),
        ("gpt-image-2.5-flare", (1024, 1024), "medium", 439),
        ("gpt-image-2.5-flare", (1024, 1024), "xhigh", 3122),
        ("gpt-image-2.5-sunburst", (3840, 2160), "max", 13342),
        ("gpt-image-1-mini", (1024, 1024), "low", 272),
        ("gpt-image-1-mini", (1024, 1536), "high", 6240),
        ("gpt-image-1.5", (1536, 1024), "medium", 1568),
    ],
)
def test_tokens_are_those_of_the_published_tables(model: str, size: Size, quality: str, tokens: int) -> None:
    assert MODELS[model].output_tokens(size, quality) == tokens


@pytest.mark.parametrize(
    "size", [(1024, 640), (832, 800), (3840, 2160), (2160, 3840), (3072, 1024), (2880, 2880)]
)
def test_legal_size_is_drawn(size: Size) -> None:
    assert MODELS["gpt-image-2"].size_problem(size) is None


@pytest.mark.parametrize(
    ("size", "text"),
    [
        ((1000, 1000), "divisible by 16"),
        ((3856, 2160), "longest edge"),
        ((3088, 1024), "aspect ratio"),
        ((512, 512), "minimum pixel budget"),
        ((3840, 2176), "maximum pixel budget"),
    ],
)
def test_illegal_size_is_told_why(size: Size, text: str) -> None:
    assert text in (MODELS["gpt-image-2"].size_problem(size) or "")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1024x640", (1024, 640)),
        ("1024X640", None),
        ("x", None),
        ("01x1", None),
        ("-1x5", None),
        ("1x1 ", None),
        ("", None),
    ],
)
def test_size_is_read_from_its_one_form(text: str, size: Size | None) -> None:
    assert parse_size(text) == size
