"""The interface through which a job talks to its member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.jobs.drawing import Painting
    from bot.jobs.job import Address, Job
    from bot.queue.estimates import Place


class Presenter(Protocol):
    """Shows a job to its member, all in one message. Implemented in the cogs.

    The progress messages (``queued``, ``waits``, ``drawing``, ``interrupted``) never raise and never take
    long; they have a button to cancel the job, where it can be cancelled.
    """

    async def find(self, address: Address) -> int | None:
        """Return the id of the message that holds the answer; None if the interaction was never acknowledged.

        Raises:
            DeliveryFailed: Discord does not say.
        """

    async def queued(self, job: Job, place: Place) -> None:
        """Say that the job waits for its turn, at that place."""

    async def waits(self, job: Job, seconds: float) -> None:
        """Say that the job has its turn, but has to wait so many seconds for Azure."""

    async def drawing(self, job: Job) -> None:
        """Say that the job is being drawn, and has been for some seconds."""

    async def interrupted(self, job: Job) -> None:
        """Say that the bot is stopping, and resumes the job when it starts again."""

    async def deliver(self, job: Job, painting: Painting, *, again: bool = False) -> bool:
        """Make the pictures the answer; repeating it shows them once.

        Args:
            job: the job.
            painting: its pictures.
            again: whether an earlier life of the job may have delivered them, which is then checked first.

        Returns:
            Whether the member has them; False if the message was deleted.

        Raises:
            DeliveryFailed: Discord would not take them.
        """

    async def pictures(self, job: Job) -> int:
        """Return how many pictures the answer shows; 0 if that cannot be determined."""

    async def fail(self, job: Job, error: BaseException) -> None:
        """Make the error the answer, unless the answer shows pictures. Never raises.

        If the answer can no longer be reached, the member is told at their next command.
        """
