from __future__ import annotations

import asyncio
import datetime as dt
import errno
import logging
from typing import TYPE_CHECKING

import pytest

from bot.errors import AnswerLost, ArchiveError, PromptRefused
from bot.imaging.inspect import inspect
from bot.imaging.workers import ImagingPool
from bot.model import GeneratedImage, Generation, Size
from bot.planner import Draft
from bot.studio import ARCHIVE_TIMEOUT
from tests.fakes import FakeArchive, elapsed, generation, image
from tests.unit.imaging.pictures import png
from tests.unit.studio.parts import JOB, commission, house

if TYPE_CHECKING:
    from bot.studio import Painting

ASKED_AT = dt.datetime(2026, 11, 22, 23, 59, tzinfo=dt.UTC)


async def never(seconds: float) -> None:
    raise AssertionError(seconds)


# --- painting -------------------------------------------------------------------------------------


async def test_what_azure_drew_is_kept_and_shown_byte_for_byte() -> None:
    archive, answer = FakeArchive(), generation(2)
    shop = house(answer, archive)
    job = commission(shop, Draft("x", count=2))
    painting = await shop.studio.paint(job, ASKED_AT, time_left=100, on_wait=never)
    assert painting.originals == painting.shown == answer.images
    assert (painting.filtered, painting.missing, painting.archived) == (0, 0, True)
    assert archive.kept == {
        f"2026/11/22/{JOB}-1.png": answer.images[0].data,
        f"2026/11/22/{JOB}-2.png": answer.images[1].data,
    }


async def test_painting_twice_under_one_id_keeps_one_picture() -> None:
    archive = FakeArchive()
    shop = house(generation(), archive)
    for _ in range(2):
        await shop.studio.paint(commission(shop, Draft("x")), ASKED_AT, time_left=100, on_wait=never)
    assert len(archive.kept) == 1


@pytest.mark.parametrize(
    ("asked", "came", "filtered", "missing"),
    [(4, 4, 0, 0), (4, 3, 1, 0), (4, 2, 1, 1), (4, 1, 0, 3), (1, 2, 0, 0)],
)
async def test_pictures_that_did_not_come_are_held_back_or_missing(
    asked: int, came: int, filtered: int, missing: int
) -> None:
    shop = house(generation(came, filtered))
    job = commission(shop, Draft("x", count=asked))
    painting = await shop.studio.paint(job, ASKED_AT, time_left=100, on_wait=never)
    assert (len(painting.shown), painting.filtered, painting.missing) == (came, filtered, missing)


async def test_a_seed_size_is_shown_scaled_down_and_kept_as_it_was_drawn() -> None:
    drawn = inspect(png(816, 816))
    archive = FakeArchive()
    answer = Generation((drawn,), filtered=0, usage=None, deployment="art", request_id="")
    async with ImagingPool(1) as pool:
        shop = house(answer, archive, pool=pool)
        job = commission(shop, Draft("x", size="256x256"))
        painting = await shop.studio.paint(job, ASKED_AT, time_left=100, on_wait=never)
    assert painting.originals == (drawn,)
    assert list(archive.kept.values()) == [drawn.data]
    (shown,) = painting.shown
    assert inspect(shown.data).size == shown.size == Size(256, 256)


@pytest.mark.parametrize("error", [AnswerLost("reset"), PromptRefused(["hate"])])
async def test_what_could_not_be_drawn_keeps_nothing(error: Exception) -> None:
    archive = FakeArchive()
    shop = house(error, archive)
    with pytest.raises(type(error)):
        await shop.studio.paint(commission(shop, Draft("x")), ASKED_AT, time_left=100, on_wait=never)
    assert archive.kept == {}


async def test_a_full_disk_is_the_operator_s_trouble_and_the_member_gets_the_picture(
    caplog: pytest.LogCaptureFixture,
) -> None:
    full = ArchiveError(f"cannot keep: {errno.errorcode[errno.ENOSPC]}")
    shop = house(generation(), FakeArchive(full))
    painting = await shop.studio.paint(commission(shop, Draft("x")), ASKED_AT, time_left=100, on_wait=never)
    assert painting.shown == painting.originals
    assert not painting.archived
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert str(JOB) in record.getMessage()
    assert "ENOSPC" in record.getMessage()


async def test_one_original_that_is_not_kept_does_not_keep_the_others_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class HalfBroken(FakeArchive):
        async def keep(self, key: str, data: bytes) -> None:
            if "-1." in key:
                raise ArchiveError("cannot keep the first")
            await super().keep(key, data)

    archive = HalfBroken()
    shop = house(generation(3), archive)
    job = commission(shop, Draft("x", count=3))
    painting = await shop.studio.paint(job, ASKED_AT, time_left=100, on_wait=never)
    assert not painting.archived
    assert len(archive.kept) == 2
    assert f"job {JOB}: 2 of 3 originals archived: cannot keep the first" in caplog.messages


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_an_archive_that_hangs_does_not_keep_the_member_waiting() -> None:
    async def hang() -> None:
        await asyncio.sleep(10_000)

    shop = house(generation(10), FakeArchive(hang))
    painting = await shop.studio.paint(
        commission(shop, Draft("x", count=10)), ASKED_AT, time_left=100, on_wait=never
    )
    assert not painting.archived
    assert elapsed() == ARCHIVE_TIMEOUT


# --- attachments ----------------------------------------------------------------------------------


async def painted(*images: GeneratedImage) -> Painting:
    """A painting of these pictures, made with a pool that is closed by now."""
    answer = Generation(images, filtered=0, usage=None, deployment="art", request_id="")
    shop = house(answer)
    job = commission(shop, Draft("x", count=len(images)))
    return await shop.studio.paint(job, ASKED_AT, time_left=100, on_wait=never)


async def closed_pool() -> ImagingPool:
    async with ImagingPool(1) as pool:
        return pool


async def test_what_fits_is_attached_untouched_and_at_once() -> None:
    images = (image(b"x" * 100), image(b"y" * 50))
    shop = house(pool=await closed_pool())
    attachments = await shop.studio.attachments(await painted(*images), file_limit=100, total_limit=150)
    assert [attachment.data for attachment in attachments] == [picture.data for picture in images]
    assert not any(attachment.derived for attachment in attachments)


@pytest.mark.parametrize(("file_limit", "total_limit"), [(99, 150), (100, 149)])
async def test_what_does_not_fit_is_worked_on_in_the_pool(file_limit: int, total_limit: int) -> None:
    painting = await painted(image(b"x" * 100), image(b"y" * 50))
    shop = house(pool=await closed_pool())
    with pytest.raises(RuntimeError):
        await shop.studio.attachments(painting, file_limit=file_limit, total_limit=total_limit)


async def test_what_does_not_fit_is_attached_as_a_smaller_file_that_does() -> None:
    original = inspect(png(300, 300))
    async with ImagingPool(1) as pool:
        shop = house(pool=pool)
        (attachment,) = await shop.studio.attachments(
            await painted(original), file_limit=len(original.data) - 1, total_limit=10**7
        )
    assert attachment.derived
    assert len(attachment.data) < len(original.data)
