"""What a job asks of whoever talks to its member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.jobs.drawing import Painting
    from bot.jobs.job import Address, Job
    from bot.queue.estimates import Place


class Presenter(Protocol):
    """Shows a job to its member, all in one message. Implemented in the cogs.

    The passing remarks (``queued``, ``waits``, ``drawing``, ``interrupted``) never raise and never take
    long; they carry a button that cancels the job where it can be cancelled.
    """

    async def find(self, address: Address) -> int | None:
        """The id of the message that is the answer; None if there is none, as after no acknowledgement.

        Raises:
            DeliveryFailed: Discord does not say.
        """

    async def queued(self, job: Job, place: Place) -> None:
        """The job waits for its turn, at that place."""

    async def waits(self, job: Job, seconds: float) -> None:
        """The job has its turn, and Azure makes it wait that long."""

    async def drawing(self, job: Job) -> None:
        """The job is being drawn, since some seconds ago."""

    async def interrupted(self, job: Job) -> None:
        """The bot stops, and goes on with the job when it starts again."""

    async def deliver(self, job: Job, painting: Painting, *, again: bool = False) -> bool:
        """Make the pictures the answer; repeating it shows them once.

        Args:
            job: the job.
            painting: its pictures.
            again: whether an earlier life of the job may have delivered them, so that a look comes first.

        Returns:
            Whether the member has them; False if the message was deleted meanwhile.

        Raises:
            DeliveryFailed: Discord would not take them.
        """

    async def pictures(self, job: Job) -> int:
        """How many pictures the answer shows; 0 also if that cannot be seen."""

    async def fail(self, job: Job, error: BaseException) -> None:
        """Make what went wrong the answer, unless pictures are. Never raises.

        Where the answer can no longer be reached, the member is told at their next command.
        """
