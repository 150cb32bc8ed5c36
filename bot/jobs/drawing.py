"""Has a job's pictures drawn, keeps them, and finds them again after a crash."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import msgspec

from bot.archive.keys import original_key
from bot.errors import ArchiveError, Billed, GenerationError, ImageUnusable, OutputFiltered
from bot.generation.service import Watch
from bot.imaging.inspect import inspect
from bot.imaging.scale import scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.archive.store import Archive
    from bot.generation.service import GenerationService
    from bot.imaging.workers import ImagingPool
    from bot.jobs.job import Job
    from bot.model import GeneratedImage, Generation
    from bot.planning.plan import Plan

_log = logging.getLogger(__name__)

ARCHIVE_TIMEOUT = 30.0
"""Seconds the archive may take for a job's pictures, all at once, before the member gets them unarchived."""

FORMATS = ("png", "jpeg", "webp")
"""What an original may be (``bot.imaging.inspect``), the usual one first."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is written down of a drawing that is over, so that after a crash it need not be paid for again.

    Attributes:
        failed: the error's name if there are no pictures, else empty.
        formats: of the originals, one for each; with the job they name them in the archive.
        filtered: pictures the content filter held back.
        archived: whether every original was kept.
        deployment: the deployment that drew them, for the log.
        request_id: Azure's id of the call, for its support; empty if it gave none.
        seconds: how long it took.
        cost: what Azure billed, in micro-dollars, beside the unclear calls.
        unclear_calls: how many calls had an unknown outcome.
    """

    failed: str = ""
    formats: tuple[str, ...] = ()
    filtered: int = 0
    archived: bool = True
    deployment: str = ""
    request_id: str = ""
    seconds: float = 0.0
    cost: int = 0
    unclear_calls: int = 0

    def to_text(self) -> str:
        """As JSON."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def of_text(cls, text: str) -> Record:
        """From JSON."""
        return msgspec.json.decode(text, type=cls)


@dataclass(frozen=True, slots=True)
class Painting:
    """A finished drawing: its pictures, and what is written down of it.

    Attributes:
        record: how it went.
        originals: Azure's pictures, untouched; those of the record's that were kept.
        shown: what members are shown, one for one: the originals, or scaled down where asked.
    """

    record: Record
    originals: tuple[GeneratedImage, ...]
    shown: tuple[GeneratedImage, ...]

    @property
    def drawn(self) -> int:
        """Pictures that Azure drew, those included that its filter held back."""
        return len(self.originals) + self.record.filtered


class Bill(Watch, Protocol):
    """Follows a drawing's calls, and keeps what they cost; see ``bot.jobs.billing``.

    Attributes:
        cost: micro-dollars that Azure billed for sure, beside the unclear calls.
        unclear_calls: calls with an unknown outcome.
    """

    cost: int
    unclear_calls: int

    def billed(self, cost: int | None) -> None:
        """Count a call that Azure billed; micro-dollars, None if all that is known is that it did."""


class Painter:
    """Draws, checks, keeps and, where asked, scales."""

    def __init__(self, generation: GenerationService, archive: Archive, pool: ImagingPool) -> None:
        self._generation = generation
        self._archive = archive
        self._pool = pool

    # --- drawing --------------------------------------------------------------------------------

    async def paint(self, job: Job, bill: Bill, *, time_left: float) -> Painting:
        """Have a job drawn, and keep what came.

        Args:
            job: what to draw.
            bill: follows the calls, and is told what they cost, also where they fail.
            time_left: seconds until there is no message left to deliver to.

        Raises:
            GenerationError, PromptRefused, OutputFiltered: as ``GenerationService.generate``.
        """
        started = time.monotonic()
        generation = await self._generate(job.plan, bill, time_left)
        seconds = time.monotonic() - started
        bill.billed(generation.cost)
        _log.info(
            "job %d: drawn by %s in %.1f s, request %s",
            job.job_id,
            generation.deployment,
            seconds,
            generation.request_id or "-",
        )
        archived = await self._keep(job, generation.images)
        record = Record(
            formats=tuple(image.format for image in generation.images),
            filtered=generation.filtered,
            archived=archived,
            deployment=generation.deployment,
            request_id=generation.request_id,
            seconds=seconds,
            cost=bill.cost,
            unclear_calls=bill.unclear_calls,
        )
        return await self._painting(job.plan, generation.images, record)

    async def _generate(self, plan: Plan, bill: Bill, time_left: float) -> Generation:
        """Draw, and have the bill know what even a failure costs."""
        try:
            return await self._generation.generate(plan.request, time_left=time_left, watch=bill)
        except OutputFiltered:
            bill.billed(None)  # it was drawn; Microsoft does not say that it is free
            raise
        except GenerationError as error:
            if error.billed is Billed.YES:
                bill.billed(None)
            raise

    async def _keep(self, job: Job, images: Sequence[GeneratedImage]) -> bool:
        """Archive the originals; a full disk is the operator's trouble, the member still gets the picture."""
        outcomes = await asyncio.gather(
            *(self._keep_one(job, number, image) for number, image in enumerate(images, 1))
        )
        troubles = [trouble for trouble in outcomes if trouble]
        if troubles:
            kept = len(images) - len(troubles)
            _log.error("job %d: %d of %d originals archived: %s", job.job_id, kept, len(images), troubles[0])
        return not troubles

    async def _keep_one(self, job: Job, number: int, image: GeneratedImage) -> str | None:
        """Archive one original and say what went wrong, if anything did."""
        key = original_key(job.asked_at, job.job_id, number, image.format)
        try:
            async with asyncio.timeout(ARCHIVE_TIMEOUT):
                await self._archive.keep(key, image.data)
        except (ArchiveError, TimeoutError) as error:
            return str(error) or "no answer in time"
        return None

    # --- after a crash --------------------------------------------------------------------------

    async def reload(self, job: Job, record: Record) -> Painting | None:
        """The painting of a record, as far as its originals were kept; None if none was.

        Raises:
            ArchiveError: the archive does not say.
        """
        images = [await self._read(job, number, form) for number, form in enumerate(record.formats, 1)]
        kept = tuple(image for image in images if image is not None)
        return await self._painting(job.plan, kept, record) if kept else None

    async def find(self, job: Job) -> Painting | None:
        """What was drawn and kept, but not written down any more; None if there is nothing.

        What it cost is not known then.

        Raises:
            ArchiveError: the archive does not say.
        """
        found: list[GeneratedImage] = []
        for number in range(1, job.plan.request.count + 1):
            for form in FORMATS:
                if (image := await self._read(job, number, form)) is not None:
                    found.append(image)
                    break
        if not found:
            return None
        record = Record(formats=tuple(image.format for image in found))
        return await self._painting(job.plan, tuple(found), record)

    async def _read(self, job: Job, number: int, form: str) -> GeneratedImage | None:
        """An original; None if it was not kept, or is damaged.

        Raises:
            ArchiveError: the archive does not say.
        """
        key = original_key(job.asked_at, job.job_id, number, form)
        try:
            async with asyncio.timeout(ARCHIVE_TIMEOUT):
                if not await self._archive.exists(key):
                    return None
                data = await self._archive.read(key)
            return await self._pool.run(inspect, data)
        except TimeoutError as error:
            raise ArchiveError("no answer in time") from error
        except ImageUnusable as error:
            _log.error("job %d: original %d is damaged: %s", job.job_id, number, error)
            return None

    # --- showing --------------------------------------------------------------------------------

    async def _painting(self, plan: Plan, images: tuple[GeneratedImage, ...], record: Record) -> Painting:
        shown = images
        if plan.scale_to is not None:
            shown = tuple([await self._pool.run(scale, image, plan.scale_to) for image in images])
        return Painting(record, images, shown)
