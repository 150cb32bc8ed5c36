from __future__ import annotations

import io
import itertools

import pytest
from PIL import Image, ImageChops, ImageStat

from sandbox.azure.painting import palettes, scenes, sketch
from sandbox.azure.painting.painter import Order, Painter, paint
from sandbox.azure.painting.provenance import PLACEHOLDER

SIZE = (320, 208)


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def difference(one: bytes, other: bytes) -> float:
    """How far apart two pictures are, 0 to 255 on average."""
    changed = ImageChops.difference(opened(one).convert("RGB"), opened(other).convert("RGB"))
    return sum(ImageStat.Stat(changed).mean) / 3


@pytest.mark.parametrize("scene", [scene for scene, _ in scenes.SCENES])
@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize("size", [(320, 208), (300, 100), (100, 300)])
def test_every_place_can_be_painted_by_day_and_night_in_any_shape(
    scene: scenes.Scene, night: bool, size: tuple[int, int]
) -> None:
    plan = sketch.plan("aurora night" if night else "day", size)
    picture = scene(plan)
    assert (picture.size, picture.mode) == (size, "RGB")
    assert plan.palette.night is night
    assert max(ImageStat.Stat(picture).stddev) > 8


def test_same_order_gives_the_same_bytes() -> None:
    assert paint(Order("a fox", SIZE)) == paint(Order("a fox", SIZE))


def test_prompt_index_and_photograph_each_change_the_picture() -> None:
    orders = [paint(Order("a fox", SIZE)), paint(Order("a bear", SIZE)), paint(Order("a fox", SIZE), index=1)]
    orders.append(paint(Order("a fox", SIZE, photograph=orders[1].data)))
    for one, other in itertools.combinations(orders, 2):
        assert difference(one.data, other.data) > 3


def test_quality_shows_the_same_place() -> None:
    low, high = paint(Order("a forest", SIZE, quality="low")), paint(Order("a forest", SIZE, quality="high"))
    assert low.data != high.data
    assert difference(low.data, high.data) < 40


@pytest.mark.parametrize("size", [(1024, 640), (1008, 1024), (2064, 1296)])
def test_size_is_exact_also_above_the_half_size_threshold(size: tuple[int, int]) -> None:
    assert opened(paint(Order("a hill", size)).data).size == size


def test_formats_and_transparency() -> None:
    png = opened(paint(Order("a hill", SIZE)).data)
    jpeg = paint(Order("a hill", SIZE, form="jpeg", compression=90)).data
    small = paint(Order("a hill", SIZE, form="jpeg", compression=0)).data
    clear = opened(paint(Order("a hill", SIZE, transparent=True)).data)
    assert (png.format, png.mode) == ("PNG", "RGB")
    assert opened(jpeg).format == "JPEG"
    assert len(small) < len(jpeg)
    assert clear.mode == "RGBA"
    assert clear.getpixel((0, 0)) == (*clear.getpixel((0, 0))[:3], 0)  # type: ignore[index]
    assert clear.getchannel("A").getpixel((160, 104)) == 255


@pytest.mark.parametrize("form", ["png", "jpeg"])
def test_placeholder_of_content_credentials_dies_with_any_re_save(form: str) -> None:
    data = paint(Order("a hill", SIZE, form=form)).data
    assert PLACEHOLDER in data
    buffer = io.BytesIO()
    opened(data).save(buffer, form)
    assert PLACEHOLDER not in buffer.getvalue()


def test_mark_is_readable_in_the_corner() -> None:
    picture = opened(paint(Order("a bright snow field", (640, 416))).data).convert("L")
    corner = picture.crop((540, 390, 640, 416))
    low, high = corner.getextrema()
    assert high - low > 120  # type: ignore[operator]


def test_stages_come_closer_to_the_picture() -> None:
    painting = paint(Order("a harbour", SIZE), stages=3)
    distances = [difference(stage, painting.data) for stage in painting.stages]
    assert distances == sorted(distances, reverse=True)
    assert distances[0] > distances[-1] > 0


def test_mask_keeps_what_it_covers() -> None:
    photograph, mask = Image.new("RGB", SIZE, "red"), Image.new("RGBA", SIZE, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (160, 0, 320, 208))
    files = []
    for picture in (photograph, mask):
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        files.append(buffer.getvalue())
    edited = opened(paint(Order("a blue sea", SIZE, photograph=files[0], mask=files[1])).data)
    left, right = edited.crop((0, 0, 150, 208)), edited.crop((170, 0, 320, 180))
    assert ImageStat.Stat(left).mean[0] > 240
    assert ImageStat.Stat(left).mean[1] < 15
    assert ImageStat.Stat(right).mean[1] > 40


def test_words_choose_palette_and_scene() -> None:
    plan = sketch.plan("a neon city at night", SIZE)
    assert scenes.choose(plan) is scenes.city
    assert plan.palette.night
    assert scenes.choose(sketch.plan("a boat on the lake", SIZE)) is scenes.sea
    assert all(scenes.choose(sketch.plan(f"portrait {i}", SIZE)) is not scenes.ribbons for i in range(40))


def test_mix_goes_from_one_colour_to_the_other() -> None:
    assert palettes.mix((0, 0, 0), (10, 20, 30), 0.5) == (5, 10, 15)


@pytest.mark.parametrize(
    "prompt", ["", "  ", "🦊🌊", "مشهد جميل", "@everyone `x`", "x" * 6000, "\u200b\u202e"]
)
def test_any_prompt_gives_a_picture(prompt: str) -> None:
    assert opened(paint(Order(prompt, (160, 112))).data).size == (160, 112)


async def test_painter_paints_off_the_loop() -> None:
    painter = Painter()
    try:
        painting = await painter.paint(Order("a hill", SIZE), stages=1)
    finally:
        painter.close()
    assert painting == paint(Order("a hill", SIZE), stages=1)


async def test_painter_remembers_what_it_painted_last_and_no_edit() -> None:
    painter = Painter()
    plain = Order("a valley", SIZE)
    edit = Order("a valley", SIZE, photograph=paint(plain).data)
    try:
        assert await painter.paint(plain) is await painter.paint(plain)
        first, second = await painter.paint(edit), await painter.paint(edit)
    finally:
        painter.close()
    assert first == second
    assert first is not second
