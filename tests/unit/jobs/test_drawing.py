"""What is drawn is kept, shown as asked, and found again by whoever knows the job."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import errno
import logging
from typing import TYPE_CHECKING

import pytest

from bot.errors import AnswerLost, AnswerUnusable, ArchiveError, OutputFiltered, PromptRefused
from bot.imaging.inspect import inspect
from bot.imaging.workers import ImagingPool
from bot.jobs.billing import Commission
from bot.jobs.drawing import ARCHIVE_TIMEOUT, Painting, Record
from bot.model import GeneratedImage, Generation, Size
from bot.planning.planner import Draft
from tests.fakes import FakeArchive, elapsed, generation, image
from tests.house import House, build_house, job_of, unasked_database
from tests.unit.generation.jobs import Watcher
from tests.unit.imaging.pictures import jpeg, png

if TYPE_CHECKING:
    from bot.jobs.job import Job

JOB = 987654321098765432
DAY = "2022/06/18"
"""The day that is in that id."""


def house(
    answer: Generation | Exception | None = None,
    archive: FakeArchive | None = None,
    pool: ImagingPool | None = None,
) -> House:
    """A house on a database that is never contacted."""
    return build_house(unasked_database(), answer, archive, pool=pool)


def job(count: int = 1, size: str | None = None) -> Job:
    return job_of(Draft("x", count=count, size=size), JOB)


def commission(shop: House, job: Job) -> Commission:
    return Commission(job, shop.rows, shop.ledger, shop.closer, call_budget=2)


async def paint(shop: House, job: Job, commissioned: Commission | None = None) -> tuple[Painting, Record]:
    commissioned = commissioned or commission(shop, job)
    return await shop.painter.paint(job, commissioned, time_left=100, watch=Watcher())


def answer_of(*images: GeneratedImage) -> Generation:
    return Generation(images, filtered=0, usage=None, deployment="art", request_id="")


# --- painting -------------------------------------------------------------------------------------


async def test_what_azure_drew_is_kept_and_shown_byte_for_byte() -> None:
    archive, answer = FakeArchive(), generation(2)
    painting, _ = await paint(house(answer, archive), job(2))
    assert painting.originals == painting.shown == answer.images
    assert (painting.filtered, painting.missing, painting.archived) == (0, 0, True)
    assert archive.kept == {
        f"{DAY}/{JOB}-1.png": answer.images[0].data,
        f"{DAY}/{JOB}-2.png": answer.images[1].data,
    }


def test_the_day_is_when_the_member_asked() -> None:
    assert f"{job().asked_at:%Y/%m/%d}" == DAY
    assert dataclasses.replace(job(), received_at=dt.datetime.now(dt.UTC)).asked_at == job().asked_at


async def test_painting_twice_under_one_id_keeps_one_picture() -> None:
    archive = FakeArchive()
    shop = house(generation(), archive)
    for _ in range(2):
        await paint(shop, job())
    assert len(archive.kept) == 1


@pytest.mark.parametrize(
    ("asked", "came", "filtered", "missing"),
    [(4, 4, 0, 0), (4, 3, 1, 0), (4, 2, 1, 1), (4, 1, 0, 3), (1, 2, 0, 0)],
)
async def test_pictures_that_did_not_come_are_held_back_or_missing(
    asked: int, came: int, filtered: int, missing: int
) -> None:
    painting, _ = await paint(house(generation(came, filtered)), job(asked))
    assert (len(painting.shown), painting.filtered, painting.missing) == (came, filtered, missing)
    assert painting.drawn == came + filtered


async def test_a_seed_size_is_shown_scaled_down_and_kept_as_it_was_drawn() -> None:
    drawn = inspect(png(816, 816))
    archive = FakeArchive()
    async with ImagingPool(1) as pool:
        painting, _ = await paint(house(answer_of(drawn), archive, pool), job(size="256x256"))
    assert painting.originals == (drawn,)
    assert list(archive.kept.values()) == [drawn.data]
    (shown,) = painting.shown
    assert inspect(shown.data).size == shown.size == Size(256, 256)


@pytest.mark.parametrize(
    ("error", "billed"),
    [
        (AnswerLost("reset"), False),
        (PromptRefused(["hate"]), False),
        (OutputFiltered(), True),
        (AnswerUnusable(), True),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_could_not_be_drawn_keeps_nothing_and_costs_what_azure_billed(
    error: Exception, billed: bool
) -> None:
    archive, asked = FakeArchive(), job()
    shop = house(error, archive)
    commissioned = commission(shop, asked)
    with pytest.raises(type(error)):
        await paint(shop, asked, commissioned)
    assert archive.kept == {}
    assert commissioned.cost == billed * asked.plan.estimate


async def test_a_full_disk_is_the_operator_s_trouble_and_the_member_gets_the_picture(
    caplog: pytest.LogCaptureFixture,
) -> None:
    full = ArchiveError(f"cannot keep: {errno.errorcode[errno.ENOSPC]}")
    painting, record = await paint(house(generation(), FakeArchive(full)), job())
    assert painting.shown == painting.originals
    assert not painting.archived
    assert not record.archived
    (logged,) = caplog.records
    assert logged.levelno == logging.ERROR
    assert str(JOB) in logged.getMessage()
    assert "ENOSPC" in logged.getMessage()


class HalfBroken(FakeArchive):
    """An archive that does not take the first picture."""

    async def keep(self, key: str, data: bytes) -> None:
        if "-1." in key:
            raise ArchiveError("cannot keep the first")
        await super().keep(key, data)


async def test_one_original_that_is_not_kept_does_not_keep_the_others_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    archive = HalfBroken()
    painting, _ = await paint(house(generation(3), archive), job(3))
    assert not painting.archived
    assert len(archive.kept) == 2
    assert f"job {JOB}: 2 of 3 originals archived: cannot keep the first" in caplog.messages


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_an_archive_that_hangs_does_not_keep_the_member_waiting() -> None:
    async def hang() -> None:
        await asyncio.sleep(10_000)

    painting, _ = await paint(house(generation(10), FakeArchive(hang)), job(10))
    assert not painting.archived
    assert elapsed() == ARCHIVE_TIMEOUT


# --- after a crash --------------------------------------------------------------------------------


PICTURES = (inspect(png()), inspect(jpeg()))


@pytest.mark.parametrize("size", [None, "256x256"], ids=["as drawn", "scaled"])
async def test_what_is_written_down_brings_the_same_painting_back(size: str | None) -> None:
    async with ImagingPool(1) as pool:
        shop, asked = house(answer_of(*PICTURES), pool=pool), job(3, size)
        painting, record = await paint(shop, asked)
        assert Record.of_text(record.to_text()) == record
        assert await shop.painter.reload(asked, record) == painting


async def test_what_was_not_written_down_is_found_by_its_job() -> None:
    async with ImagingPool(1) as pool:
        shop, asked = house(answer_of(*PICTURES), pool=pool), job(3)
        painting, _ = await paint(shop, asked)
        found = await shop.painter.find(asked)
    assert found is not None
    again, record = found
    assert again.originals == painting.originals
    assert (again.missing, record.cost) == (1, 0)


async def test_of_what_was_kept_in_part_the_rest_comes_back() -> None:
    async with ImagingPool(1) as pool:
        shop, asked = house(answer_of(*PICTURES), HalfBroken(), pool), job(2)
        _, record = await paint(shop, asked)
        again, found = await shop.painter.reload(asked, record), await shop.painter.find(asked)
    assert again is not None
    assert found is not None
    assert again.originals == found[0].originals == PICTURES[1:]


async def test_where_nothing_was_kept_nothing_is_found() -> None:
    shop = house(generation(), FakeArchive(ArchiveError("full")))
    _, record = await paint(shop, job())
    assert await shop.painter.reload(job(), record) is None
    assert await shop.painter.find(job()) is None


async def test_what_is_no_picture_any_more_counts_as_lost(caplog: pytest.LogCaptureFixture) -> None:
    archive = FakeArchive()
    archive.kept[f"{DAY}/{JOB}-1.png"] = b"cut off"
    async with ImagingPool(1) as pool:
        assert await house(archive=archive, pool=pool).painter.find(job()) is None
    assert f"job {JOB}: original 1 is damaged" in caplog.text


async def test_an_archive_that_is_away_may_have_everything() -> None:
    archive = FakeArchive()
    shop = house(generation(), archive)
    _, record = await paint(shop, job())
    archive.away = True
    with pytest.raises(ArchiveError):
        await shop.painter.find(job())
    with pytest.raises(ArchiveError):
        await shop.painter.reload(job(), record)


# --- attachments ----------------------------------------------------------------------------------


async def painted(*images: GeneratedImage) -> Painting:
    """A painting of these pictures, made with a pool that is closed by now."""
    painting, _ = await paint(house(answer_of(*images)), job(len(images)))
    return painting


async def closed_pool() -> ImagingPool:
    async with ImagingPool(1) as pool:
        return pool


async def test_what_fits_is_attached_untouched_and_at_once() -> None:
    images = (image(b"x" * 100), image(b"y" * 50))
    shop = house(pool=await closed_pool())
    attachments = await shop.painter.attachments(await painted(*images), file_limit=100, total_limit=150)
    assert [attachment.data for attachment in attachments] == [picture.data for picture in images]
    assert not any(attachment.derived for attachment in attachments)


@pytest.mark.parametrize(("file_limit", "total_limit"), [(99, 150), (100, 149)])
async def test_what_does_not_fit_is_worked_on_in_the_pool(file_limit: int, total_limit: int) -> None:
    painting = await painted(image(b"x" * 100), image(b"y" * 50))
    shop = house(pool=await closed_pool())
    with pytest.raises(RuntimeError):
        await shop.painter.attachments(painting, file_limit=file_limit, total_limit=total_limit)


async def test_what_does_not_fit_is_attached_as_a_smaller_file_that_does() -> None:
    original = inspect(png(300, 300))
    async with ImagingPool(1) as pool:
        shop = house(pool=pool)
        (attachment,) = await shop.painter.attachments(
            await painted(original), file_limit=len(original.data) - 1, total_limit=10**7
        )
    assert attachment.derived
    assert len(attachment.data) < len(original.data)
