"""``/quota``: shows a member their limits, and what is left of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.discord.context import asker_of
from bot.telemetry.clock import now
from cogs.limits.views import labels_of
from cogs.quota.text import quota_text
from cogs.studio.moderator import Answer, answer

if TYPE_CHECKING:
    import discord

    from bot.discord.client import EaselBot
    from bot.limits.moderation import Moderation
    from bot.planning.suggestions import Suggestions
    from cogs.locales import Translate


class Quota(commands.Cog):
    """Tells members what they may draw, and how much of it is left."""

    def __init__(self, moderation: Moderation, suggestions: Suggestions) -> None:
        self._moderation = moderation
        self._suggestions = suggestions

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def quota(self, interaction: discord.Interaction[EaselBot]) -> None:
        """See how many pictures you have left, when that renews, and what they cost."""

        async def work(_: Translate) -> Answer:
            asker = asker_of(interaction)
            standing = await self._moderation.explain(asker)
            prices = self._suggestions.prices(standing.limits)
            labels = labels_of(self._moderation)
            return Answer(quota_text(standing, asker, prices, now(), labels, _))

        await answer(interaction, work)


async def setup(bot: EaselBot) -> None:
    """Add the cog with just the services it needs."""
    await bot.add_cog(Quota(bot.services.moderation, bot.services.suggestions))
