"""Drawing of a job's pictures: has them drawn, archives them, and finds them again after a crash."""

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
"""Seconds the archive may take for each picture, all of a job's at once, before they are shown unarchived."""

FORMATS = ("png", "jpeg", "webp")
"""Formats of originals (``bot.imaging.inspect``), the usual one first."""


@dataclass(frozen=True, slots=True)
class Record:
    """The saved outcome of a drawing, so that after a crash it need not be paid for again.

    Attributes:
        failed: the error's name if there are no pictures, else empty.
        formats: the format of each original; part of its key in the archive.
        filtered: pictures the content filter held back.
        archived: whether every original was archived.
        deployment: the deployment that drew them, for the log.
        request_id: Azure's id of the call, for its support; empty if it gave none.
        seconds: how long the drawing took.
        cost: what Azure billed, in micro-dollars, not counting the unclear calls.
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
        """Return the record as JSON."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def of_text(cls, text: str) -> Record:
        """Read a record from JSON."""
        return msgspec.json.decode(text, type=cls)


@dataclass(frozen=True, slots=True)
class Painting:
    """A finished drawing: its pictures and its record.

    Attributes:
        record: the saved outcome.
        originals: Azure's pictures, untouched; after a crash, only those that were archived.
        shown: the picture that members see for each: the original, or a scaled-down copy if requested.
    """

    record: Record
    originals: tuple[GeneratedImage, ...]
    shown: tuple[GeneratedImage, ...]

    @property
    def drawn(self) -> int:
        """How many pictures Azure drew, including those that its filter held back."""
        return len(self.originals) + self.record.filtered


class Bill(Watch, Protocol):
    """Follows a drawing's calls, and adds up their cost; see ``bot.jobs.billing``.

    Attributes:
        cost: micro-dollars that Azure certainly billed, not counting the unclear calls.
        unclear_calls: calls with an unknown outcome.
    """

    cost: int
    unclear_calls: int

    def billed(self, cost: int | None) -> None:
        """Count a call that Azure billed, at its cost in micro-dollars; None if that is unknown."""


class Painter:
    """Has pictures drawn, archives them and, if requested, scales them."""

    def __init__(self, generation: GenerationService, archive: Archive, pool: ImagingPool) -> None:
        self._generation = generation
        self._archive = archive
        self._pool = pool

    # --- drawing --------------------------------------------------------------------------------

    async def paint(self, job: Job, bill: Bill, *, time_left: float) -> Painting:
        """Have a job's pictures drawn, and archive them.

        Args:
            job: what to draw.
            bill: follows the calls, and is told what they cost, even when they fail.
            time_left: seconds until the answer can no longer be delivered.

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
        """Draw, and tell the bill what a failure costs as well."""
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
        """Archive the originals; a full disk is the operator's problem: the member still gets the picture."""
        outcomes = await asyncio.gather(
            *(self._keep_one(job, number, image) for number, image in enumerate(images, 1))
        )
        troubles = [trouble for trouble in outcomes if trouble]
        if troubles:
            kept = len(images) - len(troubles)
            _log.error("job %d: %d of %d originals archived: %s", job.job_id, kept, len(images), troubles[0])
        return not troubles

    async def _keep_one(self, job: Job, number: int, image: GeneratedImage) -> str | None:
        """Archive one original; return what went wrong, or None."""
        key = original_key(job.asked_at, job.job_id, number, image.format)
        try:
            async with asyncio.timeout(ARCHIVE_TIMEOUT):
                await self._archive.keep(key, image.data)
        except (ArchiveError, TimeoutError) as error:
            return str(error) or "no answer in time"
        return None

    # --- after a crash --------------------------------------------------------------------------

    async def reload(self, job: Job, record: Record) -> Painting | None:
        """Return the painting of a record, with the originals that were archived; None if none was.

        Raises:
            ArchiveError: the archive cannot be read.
        """
        images = [await self._read(job, number, form) for number, form in enumerate(record.formats, 1)]
        kept = tuple(image for image in images if image is not None)
        return await self._painting(job.plan, kept, record) if kept else None

    async def find(self, job: Job) -> Painting | None:
        """Return pictures that were archived but, owing to a crash, not recorded; None if there are none.

        Their cost is unknown.

        Raises:
            ArchiveError: the archive cannot be read.
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
        """Return an original; None if it was not archived, or is damaged.

        Raises:
            ArchiveError: the archive cannot be read.
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
