"""The use cases: what a member can ask the bot to do, free of Discord and of Azure.

``check`` and the suggestions work from memory alone, so that a command can be judged, and refused in
private, before it is acknowledged. ``admit`` asks the store. ``paint`` does the work.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.archive.keys import original_key
from bot.commission import Commission
from bot.errors import ArchiveError, Billed, GenerationError, OutputFiltered, StoreUnavailable
from bot.imaging.fit import Attachment, fit
from bot.imaging.scale import scale

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from bot.archive.store import Archive
    from bot.generation.prices import PriceTable
    from bot.generation.service import GenerationService
    from bot.imaging.workers import ImagingPool
    from bot.limits.closing import Closer
    from bot.limits.gate import Gate
    from bot.limits.ledger import Ledger
    from bot.limits.policy import Asker
    from bot.model import GeneratedImage, Generation
    from bot.planner import Draft, Plan, Planner

_log = logging.getLogger(__name__)

ARCHIVE_TIMEOUT = 30.0
"""Seconds the archive may take for a job's pictures, all at once, before the member gets them unarchived."""

OnWait = Callable[[float], Awaitable[None]]
"""Told the seconds until the next try, before a job waits for Azure."""


@dataclass(frozen=True, slots=True)
class Painting:
    """A finished request.

    Attributes:
        plan: what was asked.
        originals: Azure's pictures, untouched.
        shown: what members are shown, one for one: the originals, or scaled down where asked.
        filtered: pictures the content filter held back.
        missing: pictures that never came, for any other reason.
        archived: whether every original was kept.
        deployment: the deployment that drew them, for the log.
        request_id: Azure's id of the call, for its support; empty if it gave none.
    """

    plan: Plan
    originals: tuple[GeneratedImage, ...]
    shown: tuple[GeneratedImage, ...]
    filtered: int
    missing: int
    archived: bool
    deployment: str
    request_id: str

    @property
    def drawn(self) -> int:
        """Pictures that Azure drew, those included that its filter held back."""
        return len(self.originals) + self.filtered


class Studio:
    """Lets members' requests in, and paints them."""

    def __init__(
        self,
        planner: Planner,
        gate: Gate,
        ledger: Ledger,
        closer: Closer,
        generation: GenerationService,
        archive: Archive,
        pool: ImagingPool,
        prices: PriceTable,
    ) -> None:
        self._planner = planner
        self._gate = gate
        self._ledger = ledger
        self._closer = closer
        self._generation = generation
        self._archive = archive
        self._pool = pool
        self._prices = prices

    # --- from memory ----------------------------------------------------------------------------

    def check(self, draft: Draft, asker: Asker) -> None:
        """Judge a draft by what the models can draw.

        Raises:
            MemberError: as ``Planner.check``.
        """
        self._planner.check(draft, asker.member_id)

    # --- suggestions, from memory but for the first in a server ---------------------------------

    async def suggest_sizes(self, model: str | None, typed: str, asker: Asker) -> tuple[str, ...]:
        """Sizes to offer while a member types."""
        return self._planner.suggest_sizes(model, typed, await self._gate.likely_limits(asker))

    async def suggest_qualities(self, model: str | None, typed: str, asker: Asker) -> tuple[str, ...]:
        """Qualities to offer while a member types."""
        return self._planner.suggest_qualities(model, typed, await self._gate.likely_limits(asker))

    async def suggest_counts(self, model: str | None, asker: Asker) -> range:
        """Numbers of pictures to offer while a member types."""
        return self._planner.suggest_counts(model, await self._gate.likely_limits(asker))

    async def suggest_models(self, typed: str, asker: Asker) -> tuple[tuple[str, str], ...]:
        """Label and name of the models to offer while a member types."""
        return self._planner.suggest_models(typed, await self._gate.likely_limits(asker))

    # --- letting in -----------------------------------------------------------------------------

    async def admit(self, draft: Draft, asker: Asker, job_id: int) -> Commission:
        """Judge a draft by the member's limits and reserve what it needs.

        Whoever stops waiting has nothing reserved: what the store may do late is taken back.

        Raises:
            MemberError: it cannot be drawn, may not, or nothing is left for it.
            AlreadyTaken: the job was let in before, here or in another process.
            StoreUnavailable: the store does not answer.
        """
        try:
            plan, allowance = await self._gate.enter(
                asker, job_id, lambda limits: self._planner.order(draft, asker.member_id, limits)
            )
        except (StoreUnavailable, asyncio.CancelledError):
            self._closer.withdraw(job_id)
            raise
        return Commission(job_id, plan, allowance, self._ledger, self._closer)

    # --- the work -------------------------------------------------------------------------------

    async def paint(
        self, commission: Commission, asked_at: dt.datetime, *, time_left: float, on_wait: OnWait
    ) -> Painting:
        """Draw, check, keep and, where asked, scale the pictures.

        Args:
            commission: what to draw, and whose money it is.
            asked_at: when the member asked, aware; with the job's id it names the originals in the archive.
            time_left: seconds until there is no message left to deliver to.
            on_wait: told when Azure makes the job wait.

        Raises:
            GenerationError, PromptRefused, OutputFiltered: as ``GenerationService.generate``.
        """
        plan = commission.plan
        generation = await self._generate(commission, time_left, on_wait)
        commission.billed(self._prices.cost(plan.model.name, generation.usage))
        archived = await self._keep(generation.images, commission.job_id, asked_at)
        shown = generation.images
        if plan.scale_to is not None:
            shown = tuple([await self._pool.run(scale, image, plan.scale_to) for image in generation.images])
        return _painting(plan, generation, shown, archived=archived)

    async def _generate(self, commission: Commission, time_left: float, on_wait: OnWait) -> Generation:
        """Draw, and have the commission know what even a failure costs."""
        watch = _Watch(commission, on_wait)
        try:
            return await self._generation.generate(commission.plan.request, time_left=time_left, watch=watch)
        except OutputFiltered:
            commission.billed(None)  # it was drawn; Microsoft does not say that it is free
            raise
        except GenerationError as error:
            if error.billed is Billed.YES:
                commission.billed(None)
            raise

    async def attachments(
        self, painting: Painting, *, file_limit: int, total_limit: int
    ) -> tuple[Attachment, ...]:
        """The pictures as files to upload, derived ones where an original does not fit.

        Args:
            painting: what was drawn.
            file_limit: most bytes of one file.
            total_limit: most bytes of all files together.
        """
        if all(len(image.data) <= file_limit for image in painting.shown) and (
            sum(len(image.data) for image in painting.shown) <= total_limit
        ):
            return fit(painting.shown, file_limit=file_limit, total_limit=total_limit)  # nothing to encode
        return await self._pool.run(fit, painting.shown, file_limit=file_limit, total_limit=total_limit)

    async def _keep(self, images: Sequence[GeneratedImage], job_id: int, asked_at: dt.datetime) -> bool:
        """Archive the originals; a full disk is the operator's trouble, the member still gets the picture."""
        keys = [original_key(asked_at, job_id, index, image.format) for index, image in enumerate(images, 1)]
        outcomes = await asyncio.gather(*map(self._keep_one, keys, images))
        troubles = [trouble for trouble in outcomes if trouble]
        if troubles:
            kept = len(images) - len(troubles)
            _log.error("job %d: %d of %d originals archived: %s", job_id, kept, len(images), troubles[0])
        return not troubles

    async def _keep_one(self, key: str, image: GeneratedImage) -> str | None:
        """Archive one original and say what went wrong, if anything did."""
        try:
            async with asyncio.timeout(ARCHIVE_TIMEOUT):
                await self._archive.keep(key, image.data)
        except (ArchiveError, TimeoutError) as error:
            return str(error) or "no answer in time"
        return None


@dataclass(frozen=True, slots=True)
class _Watch:
    """Follows a job's calls: the money for the commission, the waiting for whoever waits."""

    commission: Commission
    on_wait: OnWait

    async def waiting(self, seconds: float) -> None:
        await self.on_wait(seconds)

    async def unclear(self) -> bool:
        return await self.commission.unclear()

    def abandoned(self) -> None:
        self.commission.abandoned()


def _painting(
    plan: Plan, generation: Generation, shown: tuple[GeneratedImage, ...], *, archived: bool
) -> Painting:
    missing = plan.request.count - len(generation.images) - generation.filtered
    return Painting(
        plan=plan,
        originals=generation.images,
        shown=shown,
        filtered=generation.filtered,
        missing=max(0, missing),
        archived=archived,
        deployment=generation.deployment,
        request_id=generation.request_id,
    )
