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
from bot.jobs.drawing import ARCHIVE_TIMEOUT, Painter, Painting, Record
from bot.model import GeneratedImage, Generation, Size
from bot.planning.plan import Draft
from tests.fakes import FakeArchive, FakeGeneration, elapsed, generation
from tests.house import job_of
from tests.unit.generation.jobs import Watcher
from tests.unit.imaging.pictures import jpeg, png

if TYPE_CHECKING:
    from bot.jobs.job import Job

JOB = 987654321098765432
DAY = "2022/06/18"
"""The day that is in that id."""


class Tab(Watcher):
    """Follows a drawing's calls, and keeps what they cost."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.cost = 0
        self.unclear_calls = 0
        self._estimate = job.plan.estimate

    def billed(self, cost: int | None) -> None:
        self.cost += self._estimate if cost is None else cost


def painter_of(
    answer: Generation | Exception | None = None,
    archive: FakeArchive | None = None,
    pool: ImagingPool | None = None,
) -> Painter:
    return Painter(
        FakeGeneration(answer or generation()).as_service(),
        (archive or FakeArchive()).as_archive(),
        pool or ImagingPool(),
    )


def job(count: int = 1, size: str | None = None) -> Job:
    return job_of(Draft("x", count=count, size=size), JOB)


async def paint(painter: Painter, job: Job, tab: Tab | None = None) -> Painting:
    return await painter.paint(job, tab or Tab(job), time_left=100)


def answer_of(*images: GeneratedImage) -> Generation:
    return Generation(images, filtered=0, usage=None, deployment="art", request_id="")


# --- painting -------------------------------------------------------------------------------------


async def test_what_azure_drew_is_kept_and_shown_byte_for_byte() -> None:
    archive, answer = FakeArchive(), generation(2)
    painting = await paint(painter_of(answer, archive), job(2))
    assert painting.originals == painting.shown == answer.images
    record = painting.record
    assert (record.formats, record.filtered, record.archived) == (("png", "png"), 0, True)
    assert (record.deployment, record.request_id) == ("art", "request")
    assert (record.cost, record.unclear_calls) == (job(2).plan.estimate, 0)
    assert archive.kept == {
        f"{DAY}/{JOB}-1.png": answer.images[0].data,
        f"{DAY}/{JOB}-2.png": answer.images[1].data,
    }


def test_the_day_is_when_the_member_asked() -> None:
    assert f"{job().asked_at:%Y/%m/%d}" == DAY
    assert dataclasses.replace(job(), received_at=dt.datetime.now(dt.UTC)).asked_at == job().asked_at


async def test_painting_twice_under_one_id_keeps_one_picture() -> None:
    archive = FakeArchive()
    painter = painter_of(generation(), archive)
    for _ in range(2):
        await paint(painter, job())
    assert len(archive.kept) == 1


@pytest.mark.parametrize(
    ("asked", "came", "filtered", "missing"),
    [(4, 4, 0, 0), (4, 3, 1, 0), (4, 2, 1, 1), (4, 1, 0, 3), (1, 2, 0, 0)],
)
async def test_pictures_that_did_not_come_are_held_back_or_missing(
    asked: int, came: int, filtered: int, missing: int
) -> None:
    painting = await paint(painter_of(generation(came, filtered)), job(asked))
    assert (len(painting.shown), painting.record.filtered, max(0, asked - painting.drawn)) == (
        came,
        filtered,
        missing,
    )
    assert painting.drawn == came + filtered


async def test_a_seed_size_is_shown_scaled_down_and_kept_as_it_was_drawn() -> None:
    drawn = inspect(png(816, 816))
    archive = FakeArchive()
    async with ImagingPool(1) as pool:
        painting = await paint(painter_of(answer_of(drawn), archive, pool), job(size="256x256"))
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
    painter = painter_of(error, archive)
    tab = Tab(asked)
    with pytest.raises(type(error)):
        await paint(painter, asked, tab)
    assert archive.kept == {}
    assert tab.cost == billed * asked.plan.estimate


async def test_a_full_disk_is_the_operator_s_trouble_and_the_member_gets_the_picture(
    caplog: pytest.LogCaptureFixture,
) -> None:
    full = ArchiveError(f"cannot keep: {errno.errorcode[errno.ENOSPC]}")
    painting = await paint(painter_of(generation(), FakeArchive(full)), job())
    assert painting.shown == painting.originals
    assert not painting.record.archived
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
    painting = await paint(painter_of(generation(3), archive), job(3))
    assert not painting.record.archived
    assert len(archive.kept) == 2
    assert f"job {JOB}: 2 of 3 originals archived: cannot keep the first" in caplog.messages


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_an_archive_that_hangs_does_not_keep_the_member_waiting() -> None:
    async def hang() -> None:
        await asyncio.sleep(10_000)

    painting = await paint(painter_of(generation(10), FakeArchive(hang)), job(10))
    assert not painting.record.archived
    assert elapsed() == ARCHIVE_TIMEOUT


# --- after a crash --------------------------------------------------------------------------------


PICTURES = (inspect(png()), inspect(jpeg()))


@pytest.mark.parametrize("size", [None, "256x256"], ids=["as drawn", "scaled"])
async def test_what_is_written_down_brings_the_same_painting_back(size: str | None) -> None:
    async with ImagingPool(1) as pool:
        painter, asked = painter_of(answer_of(*PICTURES), pool=pool), job(3, size)
        painting = await paint(painter, asked)
        record = painting.record
        assert Record.of_text(record.to_text()) == record
        assert await painter.reload(asked, record) == painting


async def test_what_was_not_written_down_is_found_by_its_job() -> None:
    async with ImagingPool(1) as pool:
        painter, asked = painter_of(answer_of(*PICTURES), pool=pool), job(3)
        painting = await paint(painter, asked)
        found = await painter.find(asked)
    assert found is not None
    assert found.originals == painting.originals
    assert (asked.plan.request.count - found.drawn, found.record.cost) == (1, 0)


async def test_of_what_was_kept_in_part_the_rest_comes_back() -> None:
    async with ImagingPool(1) as pool:
        painter, asked = painter_of(answer_of(*PICTURES), HalfBroken(), pool), job(2)
        record = (await paint(painter, asked)).record
        again, found = await painter.reload(asked, record), await painter.find(asked)
    assert again is not None
    assert found is not None
    assert again.originals == found.originals == PICTURES[1:]


async def test_where_nothing_was_kept_nothing_is_found() -> None:
    painter = painter_of(generation(), FakeArchive(ArchiveError("full")))
    record = (await paint(painter, job())).record
    assert await painter.reload(job(), record) is None
    assert await painter.find(job()) is None


async def test_what_is_no_picture_any_more_counts_as_lost(caplog: pytest.LogCaptureFixture) -> None:
    archive = FakeArchive()
    archive.kept[f"{DAY}/{JOB}-1.png"] = b"cut off"
    async with ImagingPool(1) as pool:
        assert await painter_of(archive=archive, pool=pool).find(job()) is None
    assert f"job {JOB}: original 1 is damaged" in caplog.text


async def test_an_archive_that_is_away_may_have_everything() -> None:
    archive = FakeArchive()
    painter = painter_of(generation(), archive)
    record = (await paint(painter, job())).record
    archive.away = True
    with pytest.raises(ArchiveError):
        await painter.find(job())
    with pytest.raises(ArchiveError):
        await painter.reload(job(), record)
