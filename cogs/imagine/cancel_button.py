"""The button that cancels a job, on the message that shows it.

It is a ``DynamicItem``: it works on messages sent before a restart.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.errors import DeliveryFailed
from bot.jobs.running import Cancelling
from cogs.locales import translator_for
from cogs.studio.moderator import STORE_PATIENCE, PressReply, is_moderator

if TYPE_CHECKING:
    import re

    from cogs.locales import Translate

_log = logging.getLogger(__name__)


class CancelButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"easel:cancel:(?P<job_id>[0-9]{1,20})"
):
    """Cancels a job for its member, or for a moderator.

    Args:
        job_id: the job.
        label: what is written on it.
    """

    def __init__(self, job_id: int, label: str = "") -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=f"easel:cancel:{job_id}"))
        self._job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Rebuild the button that was pressed."""
        return cls(int(match["job_id"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Cancel the job, which then reports that itself, or tell the member alone why not."""
        bot = interaction.client
        if not bot.claim(interaction.id):
            return
        reply = PressReply(interaction)
        with bot.services.metrics.acknowledge_seconds.time():
            ours = await reply.acknowledge()
        # Regardless of who acknowledged it: of two processes, the one that has the job cancels it, and the
        # one that acknowledged the press answers it.
        trouble = await self._cancel(interaction, translator_for(interaction.locale))
        if ours and trouble is not None:
            try:
                await reply.response.tell_alone(trouble)
            except DeliveryFailed as error:
                _log.error("a member could not be told: %s", error)

    async def _cancel(self, interaction: discord.Interaction[Any], _: Translate) -> str | None:
        """Cancel the job; return what the member has to be told, if anything."""
        jobs, moderator = interaction.client.services.jobs, is_moderator(interaction)
        try:
            async with asyncio.timeout(STORE_PATIENCE):
                outcome = await jobs.cancel(self._job_id, interaction.user.id, moderator=moderator)
        except Exception as error:  # noqa: BLE001 - discord.py would only log it
            _log.warning("job %d could not be cancelled: %s", self._job_id, type(error).__name__)
            return _("This could not be cancelled just now. Please try again in a minute.")
        if outcome is Cancelling.NOT_YOURS:
            return _("Only the member who asked for this, or a moderator, can cancel it.")
        if outcome is Cancelling.OVER:
            return _("It is too late to cancel this: it has ended, or is about to.")
        if outcome is Cancelling.ELSEWHERE:
            return _("It will be cancelled within half a minute, if it has not ended by then.")
        return None


def cancel_view(job_id: int, _: Translate) -> discord.ui.View:
    """Make a view of this button only, for which discord.py keeps no state."""
    view = discord.ui.View(timeout=None)
    view.add_item(CancelButton(job_id, _("Cancel")))
    return view
