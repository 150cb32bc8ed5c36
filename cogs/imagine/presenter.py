"""Shows each job to its member in a single message: first its progress, then its outcome.

The outcome is final. A progress note that is still on its way to Discord is awaited first, and no more are
sent: one would replace the outcome, and bring back the button that cancels.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
import time
from typing import TYPE_CHECKING

from bot.discord.response import Response
from bot.discord.webhooks import Upload
from bot.errors import DeliveryFailed, ImageUnusable, UploadTooLarge
from bot.imaging.fit import fit_in
from cogs.errors import explain, log_failure
from cogs.imagine.cancel_button import cancel_view
from cogs.imagine.captions import (
    alt_text,
    caption,
    deleted_note,
    drawing_note,
    interrupted_note,
    left_note,
    place_note,
    waiting_note,
)
from cogs.locales import translator_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import discord

    from bot.imaging.workers import ImagingPool
    from bot.jobs.drawing import Painting
    from bot.jobs.job import Address, Job
    from bot.jobs.notices import Notices
    from bot.queue.estimates import Place
    from bot.telemetry.metrics import Metrics
    from cogs.locales import Translate

_log = logging.getLogger(__name__)

REQUEST_LIMIT = 24 * 2**20
"""Bytes of all files in one message: Discord takes requests of up to 25 MiB; the rest is for the form."""

UPLOAD_TRIES = 3
"""Upload attempts while Discord refuses them for their size, each half as large as the one before."""

UPLOADS_AT_ONCE = 64
"""Messages sent at a time: enough that a slow one delays nobody, few enough to share the bandwidth."""

REMARK_TIMEOUT = 3.0
"""Seconds that a job waits for its progress note to be shown."""

REMEMBERED = 4096
"""Finished jobs that are remembered, in case a progress note comes late."""


class _Desk:
    """A job's message, and whether its outcome is being shown."""

    __slots__ = ("final", "lock", "response")

    def __init__(self, response: Response) -> None:
        self.response = response
        self.lock = asyncio.Lock()
        self.final = False

    async def remark(self, text: str, view: discord.ui.View | None) -> None:
        """Show a progress note, unless the outcome is being shown already."""
        async with self.lock:
            if not self.final:
                await self.response.note(text, view)


class DiscordPresenter:
    """``bot.jobs.presenter.Presenter`` on Discord.

    Args:
        client: logged in before the first job comes.
        pool: makes smaller files of pictures.
        metrics: counts deliveries.
        notices: keeps, until a member's next command, what they could not be told.
    """

    def __init__(self, client: discord.Client, pool: ImagingPool, metrics: Metrics, notices: Notices) -> None:
        self._client = client
        self._pool = pool
        self._metrics = metrics
        self._notices = notices
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._desks: dict[int, _Desk] = {}
        self._over: collections.OrderedDict[int, None] = collections.OrderedDict()
        self._remarks: set[asyncio.Task[None]] = set()

    # --- looking --------------------------------------------------------------------------------

    async def find(self, address: Address) -> int | None:
        """See ``Presenter.find``."""
        return address.message_id or await Response(address, self._client).find()

    async def pictures(self, job: Job) -> int:
        """See ``Presenter.pictures``."""
        return await Response(job.address, self._client).pictures()

    # --- passing remarks --------------------------------------------------------------------------

    async def queued(self, job: Job, place: Place) -> None:
        """See ``Presenter.queued``."""
        await self._remark(job, lambda _: place_note(place, time.time(), _))

    async def waits(self, job: Job, seconds: float) -> None:
        """See ``Presenter.waits``."""
        await self._remark(job, lambda _: waiting_note(time.time() + seconds, _))

    async def drawing(self, job: Job) -> None:
        """See ``Presenter.drawing``."""
        await self._remark(job, lambda _: drawing_note(time.time(), _))

    async def interrupted(self, job: Job) -> None:
        """See ``Presenter.interrupted``."""
        await self._remark(job, interrupted_note, cancellable=False)

    async def _remark(self, job: Job, words: Callable[[Translate], str], *, cancellable: bool = True) -> None:
        _ = translator_for(job.address.locale)
        desk = self._desk(job)
        if desk.final:
            return
        view = cancel_view(job.job_id, _) if cancellable else None
        # In a task of its own: Discord may still carry out a request that was cancelled half-way, after what
        # the job says next.
        task = asyncio.create_task(desk.remark(words(_), view), name="remark")
        self._remarks.add(task)
        task.add_done_callback(self._remarks.discard)
        await asyncio.wait((task,), timeout=REMARK_TIMEOUT)

    # --- the end ----------------------------------------------------------------------------------

    async def deliver(self, job: Job, painting: Painting, *, again: bool = False) -> bool:
        """See ``Presenter.deliver``."""
        async with self._last_words(job) as response:
            with self._metrics.delivery_seconds.time():
                if again and await response.pictures() == len(painting.shown):
                    return True
                landed = await self._upload(job, response, painting)
            if not landed:
                await self._tell_of_deletion(job, response)
            await self._hand_out(response)
            return landed

    async def fail(self, job: Job, error: BaseException) -> None:
        """See ``Presenter.fail``."""
        log_failure(job.job_id, error)
        text = explain(error, translator_for(job.address.locale))
        try:
            async with self._last_words(job) as response:
                if await response.pictures():
                    return  # an error text would remove them
                if not await response.say(text, None):
                    await self._tell_of_deletion(job, response)
        except DeliveryFailed as unreachable:
            _log.warning("job %d: its answer is out of reach: %s", job.job_id, unreachable)
            await self._leave(job, text)
        except Exception as unexpected:  # noqa: BLE001 - the last line of defence against silence
            _log.error("job %d: its member could not be told", job.job_id, exc_info=unexpected)
            await self._leave(job, text)

    async def _upload(self, job: Job, response: Response, painting: Painting) -> bool:
        """Upload the pictures, in smaller form if Discord will not take them as they are.

        Returns:
            Whether they are shown; False if the message was deleted meanwhile.

        Raises:
            DeliveryFailed: Discord would not take them.
        """
        _, address = translator_for(job.address.locale), job.address
        prompt, count = job.plan.request.prompt, len(painting.shown)
        total_limit = REQUEST_LIMIT
        for _try in range(UPLOAD_TRIES):
            try:
                attachments = await fit_in(
                    self._pool, painting.shown, file_limit=address.file_limit, total_limit=total_limit
                )
            except ImageUnusable as error:
                raise UploadTooLarge("no form of the pictures fits an upload") from error
            uploads = [
                Upload(
                    data=attachment.data,
                    format=attachment.format,
                    description=alt_text(prompt, index, count, _),
                    spoiler=address.spoiler,
                )
                for index, attachment in enumerate(attachments, 1)
            ]
            text = caption(job.plan, painting, attachments, _, spoiler=address.spoiler)
            try:
                return await response.deliver(text, uploads)
            except UploadTooLarge:
                total_limit = sum(len(upload.data) for upload in uploads) // 2
                _log.warning("job %d: upload refused for its size; trying half", job.job_id)
        raise UploadTooLarge("Discord refused the upload for its size, however small")

    async def _tell_of_deletion(self, job: Job, response: Response) -> None:
        """Tell the member, in private, that the message they waited for was deleted."""
        text = deleted_note(translator_for(job.address.locale))
        try:
            await response.tell_alone(text)
        except DeliveryFailed:
            await self._leave(job, text)

    async def _leave(self, job: Job, text: str) -> None:
        _ = translator_for(job.address.locale)
        await self._notices.leave(job, left_note(int(job.asked_at.timestamp()), text, _))

    async def _hand_out(self, response: Response) -> None:
        address = response.address
        await self._notices.hand_out(address.guild_id, address.member_id, response.tell_alone)

    # --- one message, one voice -------------------------------------------------------------------

    def _desk(self, job: Job) -> _Desk:
        desk = self._desks.get(job.job_id)
        if desk is None:
            desk = _Desk(Response(job.address, self._client, self._uploads))
            if job.job_id in self._over:
                desk.final = True
                return desk
            self._desks[job.job_id] = desk
        desk.response.message_id = desk.response.message_id or job.address.message_id
        return desk

    @contextlib.asynccontextmanager
    async def _last_words(self, job: Job) -> AsyncIterator[Response]:
        """Take over the message for good, once the progress note under way is shown."""
        desk = self._desk(job)
        desk.final = True
        self._over[job.job_id] = None
        if len(self._over) > REMEMBERED:
            self._over.popitem(last=False)
        try:
            async with desk.lock:
                yield desk.response
        finally:
            self._desks.pop(job.job_id, None)
