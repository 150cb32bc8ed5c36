"""``/studio``: moderators pause drawing in their server, and block single members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.telemetry.clock import now
from cogs.choices import choices
from cogs.limits import options  # noqa: TC001 - discord.py reads the annotations
from cogs.limits.words import moment
from cogs.quoting import escape
from cogs.studio.durations import read_until, suggest_until
from cogs.studio.moderator import Answer, answer_moderator

if TYPE_CHECKING:
    import datetime as dt

    from bot.discord.client import EaselBot
    from bot.limits.moderation import Moderation
    from cogs.locales import Translate

    Command = discord.Interaction[EaselBot]

MAX_WORDS = 500
"""Maximum length of a note or a reason (``bot.storage.schema``)."""


@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(manage_guild=True)
class StudioCommands(commands.GroupCog, name="studio", group_description="Pause drawing, or block a member"):
    """The commands about who may draw at all."""

    def __init__(self, moderation: Moderation) -> None:
        self._moderation = moderation

    @app_commands.command()
    @app_commands.describe(message="What members read who try to draw meanwhile")
    async def pause(
        self, interaction: Command, message: app_commands.Range[str, 1, MAX_WORDS] | None = None
    ) -> None:
        """Take no more requests in this server; those under way are finished."""

        async def work(_: Translate) -> Answer:
            note = (message or "").strip()
            await self._moderation.pause(interaction.guild_id or 0, interaction.user.id, note)
            text = _("⏸️ Drawing is paused in this server. `/studio resume` goes on.")
            if note:
                text += "\n" + _("Members who try read: “{note}”").format(note=escape(note))
            return Answer(text)

        await answer_moderator(interaction, work)

    @app_commands.command()
    async def resume(self, interaction: Command) -> None:
        """Take requests in this server again."""

        async def work(_: Translate) -> Answer:
            resumed = await self._moderation.resume(interaction.guild_id or 0, interaction.user.id)
            if not resumed:
                return Answer(_("Drawing was not paused. Nothing was changed."))
            return Answer(_("▶️ Drawing goes on in this server."))

        await answer_moderator(interaction, work)

    @app_commands.command()
    @app_commands.describe(
        member="Who may draw no more",
        until="How long, such as 12h, 7d or 2w, or a date; until unblocked, if left out",
        reason="What the member reads who tries to draw",
    )
    async def block(
        self,
        interaction: Command,
        member: options.Person,
        until: app_commands.Range[str, 1, 60] | None = None,
        reason: app_commands.Range[str, 1, MAX_WORDS] | None = None,
    ) -> None:
        """Let a member draw no more in this server."""

        async def work(_: Translate) -> Answer:
            if member.id == interaction.user.id:
                return Answer(_("You cannot block yourself. Nothing was changed."))
            if getattr(member, "bot", False):
                return Answer(_("Bots cannot use commands, so there is nothing to block."))
            guild_id, words = interaction.guild_id or 0, (reason or "").strip()
            end = await self._end(guild_id, until)
            await self._moderation.block(guild_id, interaction.user.id, member.id, end, words)
            return Answer(_blocked_text(member.id, end, words, _))

        await answer_moderator(interaction, work)

    async def _end(self, guild_id: int, until: str | None) -> dt.datetime | None:
        """Return when a block ends, read in the server's time zone; None for never.

        Raises:
            UntilRefused: what was typed is no possible end.
        """
        if until is None:
            return None
        view = await self._moderation.view(guild_id)
        return read_until(until, now(), view.policy.zone)

    @block.autocomplete("until")
    async def _until(self, _interaction: Command, typed: str) -> list[app_commands.Choice[str]]:
        return choices((duration, duration) for duration in suggest_until(typed))

    @app_commands.command()
    @app_commands.describe(member="Who may draw again")
    async def unblock(self, interaction: Command, member: options.Person) -> None:
        """Let a member draw again in this server."""

        async def work(_: Translate) -> Answer:
            guild_id = interaction.guild_id or 0
            unblocked = await self._moderation.unblock(guild_id, interaction.user.id, member.id)
            text = _("<@{member}> may draw again.")
            if not unblocked:
                text = _("<@{member}> was not blocked. Nothing was changed.")
            return Answer(text.format(member=member.id))

        await answer_moderator(interaction, work)


def _blocked_text(member_id: int, end: dt.datetime | None, words: str, _: Translate) -> str:
    text = _("🚫 <@{member}> may not draw in this server until unblocked.").format(member=member_id)
    if end is not None:
        text = _("🚫 <@{member}> may not draw in this server until {until}, which is {when}.")
        text = text.format(member=member_id, until=moment(end, "f"), when=moment(end, "R"))
    if words:
        text += "\n" + _("They read: “{reason}”").format(reason=escape(words))
    return text


async def setup(bot: EaselBot) -> None:
    """Add the cog with just the services it needs."""
    await bot.add_cog(StudioCommands(bot.services.moderation))
