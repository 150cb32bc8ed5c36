"""``/limits``: moderators decide who may make what, how big and how much."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.context import channel_ids_of, role_ids_of
from bot.errors import NothingToUndo, RuleFault, RuleRefused
from bot.limits.policy import Asker
from bot.limits.rules import FIELDS, Target, TargetKind
from bot.limits.windows import windows_at
from bot.telemetry.clock import now
from cogs.choices import choices
from cogs.limits import options
from cogs.limits.guild_facts import present_in
from cogs.limits.remarks import Edit
from cogs.limits.text import explanation
from cogs.limits.views import (
    Preview,
    RulesButton,
    change_answer,
    keep_previews,
    labels_of,
    overview_answer,
    preview_answer,
    set_headline,
    undone_headline,
)
from cogs.limits.words import moment, target_text
from cogs.locales import translator_for
from cogs.quoting import escape
from cogs.studio.moderator import Answer, answer_moderator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.discord.client import EaselBot
    from bot.limits.moderation import Moderation
    from cogs.locales import Translate

    Command = discord.Interaction[EaselBot]


@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(manage_guild=True)
class LimitsCommands(
    commands.GroupCog, name="limits", group_description="Who may make what, how big and how much"
):
    """The commands about rules."""

    def __init__(self, moderation: Moderation) -> None:
        self._moderation = moderation

    # --- looking --------------------------------------------------------------------------------

    @app_commands.command()
    async def view(self, interaction: Command) -> None:
        """Show all rules of this server."""
        await answer_moderator(interaction, functools.partial(overview_answer, interaction, 1), changes=False)

    @app_commands.command()
    @app_commands.describe(
        member="Whose limits to show",
        channel="Where; here, if left out",
    )
    async def explain(
        self, interaction: Command, member: options.Person, channel: options.LastingChannel | None = None
    ) -> None:
        """Show what a member may draw, and which rule each value comes from."""
        asker = Asker(
            guild_id=interaction.guild_id or 0,
            member_id=member.id,
            role_ids=role_ids_of(member),
            channel_ids=(
                (channel.id,) if channel else channel_ids_of(interaction.channel, interaction.channel_id)
            ),
        )

        async def work(_: Translate) -> Answer:
            standing = await self._moderation.explain(asker)
            labels = labels_of(self._moderation)
            text = explanation(standing, member.id, asker.channel_ids[0], now(), labels, _)
            if not isinstance(member, discord.Member):
                text += "\n-# " + _("Not a member of this server, so without roles.")
            return Answer(text)

        await answer_moderator(interaction, work, changes=False)

    # --- changing -------------------------------------------------------------------------------

    @app_commands.command(name="set")
    @app_commands.describe(**options.DESCRIPTIONS)
    @options.with_limits
    async def set_rule(
        self,
        interaction: Command,
        /,
        role: discord.Role | None = None,
        member: options.Person | None = None,
        channel: options.LastingChannel | None = None,
        *,
        preview: bool = False,
        **values: object,
    ) -> None:
        """Set limits for everyone, a role, a member or a channel; what is left out stays as it is."""
        target = functools.partial(options.target_named, interaction.guild_id or 0, role, member, channel)
        work = functools.partial(self._set, interaction, target, values, preview)
        await answer_moderator(interaction, work)

    async def _set(
        self,
        interaction: Command,
        find_target: Callable[[], Target],
        values: Mapping[str, object],
        preview: bool,
        _: Translate,
    ) -> Answer:
        target, guild_id = find_target(), interaction.guild_id or 0
        view = await self._moderation.view(guild_id)
        before, after = self._moderation.preview(view, target, values)
        if before == after:
            text = _("The limits of {who} are like that already. Nothing was changed.")
            return Answer(text.format(who=target_text(target, _)))
        if preview:
            seen = Preview(guild_id, Edit(target, before, after), values)
            return await preview_answer(interaction, view, seen, _)
        change = await self._moderation.set_rule(guild_id, interaction.user.id, target, values)
        return change_answer(interaction, change, set_headline(_), _)

    @app_commands.command()
    @app_commands.describe(
        role="The role whose rule to clear; everyone's, if no role, member or channel is named",
        member="The member whose rule to clear",
        channel="The channel whose rule to clear",
        field="Clear this limit alone; all of the rule, if left out",
        gone="Clear the rules of all roles and channels that have been deleted",
    )
    async def clear(
        self,
        interaction: Command,
        role: discord.Role | None = None,
        member: options.Person | None = None,
        channel: options.LastingChannel | None = None,
        field: app_commands.Range[str, 1, 40] | None = None,
        gone: bool = False,
    ) -> None:
        """Clear a rule, or one limit of it, so that the other rules hold again."""
        if gone:
            await answer_moderator(interaction, functools.partial(self._clear_gone, interaction))
            return
        target = functools.partial(options.target_named, interaction.guild_id or 0, role, member, channel)
        await answer_moderator(interaction, functools.partial(self._clear, interaction, target, field))

    async def _clear(
        self, interaction: Command, find_target: Callable[[], Target], field: str | None, _: Translate
    ) -> Answer:
        target = find_target()
        if field is not None and field not in FIELDS:
            raise RuleRefused([(field, RuleFault.UNKNOWN_FIELD, ", ".join(FIELDS))])
        try:
            change = await self._moderation.clear(
                interaction.guild_id or 0, interaction.user.id, target, field
            )
        except NothingToUndo:
            text = _("Nothing like that is set for {who}. Nothing was changed.")
            return Answer(text.format(who=target_text(target, _)))
        headline = _("**Limits of {who}** are cleared, from the next request on.")
        return change_answer(interaction, change, set_headline(_) if field else headline, _)

    async def _clear_gone(self, interaction: Command, _: Translate) -> Answer:
        present = present_in(interaction.guild)
        if present is None:
            return Answer(
                _("The bot does not know this server's roles yet. Nothing was changed; try in a minute.")
            )
        removed = await self._moderation.clear_gone(
            interaction.guild_id or 0,
            interaction.user.id,
            present[TargetKind.ROLE],
            present[TargetKind.CHANNEL],
        )
        text = _("No rule is for a deleted role or channel. Nothing was changed.")
        if removed:
            text = _("Cleared the rules of deleted roles and channels: {count}.")
        return Answer(text.format(count=len(removed)))

    @app_commands.command()
    async def undo(self, interaction: Command) -> None:
        """Take back the last change of a rule."""

        async def work(_: Translate) -> Answer:
            change = await self._moderation.undo(interaction.guild_id or 0, interaction.user.id)
            return change_answer(interaction, change, undone_headline(_), _)

        await answer_moderator(interaction, work)

    @app_commands.command()
    @app_commands.describe(zone="Such as Europe/Berlin; UTC to begin with")
    async def timezone(self, interaction: Command, zone: app_commands.Range[str, 1, 64]) -> None:
        """Choose the time zone in which this server's days, weeks and months begin."""

        async def work(_: Translate) -> Answer:
            name = await self._moderation.set_zone(interaction.guild_id or 0, interaction.user.id, zone)
            text = _("Days, weeks and months now begin at midnight in {zone}; the next day begins {when}.")
            when = moment(windows_at(now(), name).day_ends, "R")
            return Answer(text.format(zone=escape(name), when=when))

        await answer_moderator(interaction, work)

    # --- autocompletion: from memory, so it answers at once ---------------------------------------

    @set_rule.autocomplete("max_size")
    async def _sizes(self, _interaction: Command, typed: str) -> list[app_commands.Choice[str]]:
        return choices(options.sizes(typed, self._moderation.models))

    @set_rule.autocomplete("models")
    async def _models(self, _interaction: Command, typed: str) -> list[app_commands.Choice[str]]:
        return choices(options.lists_of_models(typed, self._moderation.models))

    @clear.autocomplete("field")
    async def _fields(self, interaction: Command, typed: str) -> list[app_commands.Choice[str]]:
        return choices(options.fields(typed, translator_for(interaction.locale)))

    @timezone.autocomplete("zone")
    async def _zones(self, _interaction: Command, typed: str) -> list[app_commands.Choice[str]]:
        return choices(options.zones(typed))


async def setup(bot: EaselBot) -> None:
    """Add the cog with just the services it needs, and register its buttons."""
    keep_previews(bot)
    bot.add_dynamic_items(RulesButton)
    await bot.add_cog(LimitsCommands(bot.services.moderation))
