"""Answers about rules, with buttons: undo a change, apply a previewed one, turn the page.

The buttons are ``DynamicItem``s: they work on answers sent before a restart. Only previews are kept in
memory, because a rule can be longer than a custom_id; if one is gone, its button says so.
"""

from __future__ import annotations

import collections
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

import discord

from bot.discord.context import asker_of
from bot.limits.rules import EVERYONE, Rule
from bot.telemetry.clock import now
from cogs.limits.guild_facts import gone_in, reach
from cogs.limits.remarks import Edit, reach_text, remarks
from cogs.limits.text import change_lines, overview
from cogs.limits.words import target_text
from cogs.studio.moderator import Answer, press

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable, Mapping

    from bot.discord.client import EaselBot
    from bot.limits.book import Change
    from bot.limits.moderation import Moderation, View
    from cogs.limits.words import Labels
    from cogs.locales import Translate

Press = discord.Interaction[Any]
"""An interaction of a command or a button; discord.py does not fix the type of its client."""

REMEMBERED = 500
"""Maximum number of unapplied previews kept; the oldest are dropped first."""


# --- answers ---------------------------------------------------------------------------------------


def labels_of(moderation: Moderation) -> Labels:
    """Return the display names of the models on offer, by model name."""
    return {model.name: model.label for model in moderation.models}


async def overview_answer(interaction: Press, number: int, _: Translate) -> Answer:
    """Show one page of a server's rules, or the last one if there are fewer pages by now."""
    moderation = interaction.client.services.moderation
    view = await moderation.view(interaction.guild_id or 0)
    gone = gone_in(interaction.guild)
    pages = overview(view, now(), labels_of(moderation), gone, _)
    number = min(max(number, 1), len(pages))
    return Answer(pages[number - 1], _page_buttons(number, len(pages), _))


def change_answer(interaction: Press, change: Change, headline: str, _: Translate) -> Answer:
    """Show a change that was made, with a button to undo it."""
    assert change.target is not None, "changes of rules have targets"  # noqa: S101 - the book's promise
    moderation: Moderation = interaction.client.services.moderation
    edit = Edit(change.target, change.before, change.after)
    lines = change_lines(edit.before, edit.after, Rule(), labels_of(moderation), _)
    text = "\n".join([headline.format(who=target_text(edit.target, _)), *lines])

    async def in_full() -> str:
        view = await moderation.view(interaction.guild_id or 0)
        return await edit_text(interaction, view, edit, headline, _)

    label = _("Put it back") if change.action == "undo" else _("Undo")
    # A change that left everything as it was is not in the audit trail, so it cannot be undone.
    buttons = _view(RulesButton("undo", change.id, label)) if change.id else None
    return Answer(text, buttons, in_full)


async def preview_answer(interaction: Press, view: View, preview: Preview, _: Translate) -> Answer:
    """Show a change that is not made yet, with buttons to apply and to cancel it."""
    headline = _("**Limits of {who}** would change; nothing is changed yet.")
    text = await edit_text(interaction, view, preview.edit, headline, _)
    previews_of(interaction.client).keep(interaction.id, preview)
    apply = RulesButton("apply", interaction.id, _("Apply"), discord.ButtonStyle.primary)
    return Answer(text, _view(apply, RulesButton("cancel", interaction.id, _("Cancel"))))


def set_headline(_: Translate) -> str:
    """Return the headline above a change that was just made."""
    return _("**Limits of {who}** are changed, from the next request on.")


def undone_headline(_: Translate) -> str:
    """Return the headline above a change that undid another one."""
    return _("Taken back: **limits of {who}** are as they were before.")


async def edit_text(interaction: Press, view: View, edit: Edit, headline: str, _: Translate) -> str:
    """Describe a change of a rule: what it changes, whom it affects, and what to know about it."""
    members = await reach(interaction, edit.target)
    labels = labels_of(interaction.client.services.moderation)
    head = headline.format(who=target_text(edit.target, _))
    head = f"{head} {reach_text(edit.target, members, _)}".rstrip()
    otherwise = view.defaults if edit.target == EVERYONE else Rule()
    changes = change_lines(edit.before, edit.after, otherwise, labels, _)
    notes = (f"-# {remark}" for remark in remarks(view, edit, asker_of(interaction), labels, _))
    return "\n".join([head, *changes, *notes])


# --- previews --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Preview:
    """A change that a moderator has previewed but not applied.

    Attributes:
        guild_id: the server.
        edit: the change; its ``before`` must still be the rule when it is applied.
        values: the fields to set, as typed.
    """

    guild_id: int
    edit: Edit
    values: Mapping[str, object]


class Previews:
    """The previews that are not applied yet, by the interaction that asked for them."""

    def __init__(self) -> None:
        self._kept: collections.OrderedDict[int, Preview] = collections.OrderedDict()

    def keep(self, key: int, preview: Preview) -> None:
        """Remember a preview."""
        self._kept[key] = preview
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def find(self, key: int, guild_id: int | None) -> Preview | None:
        """Return the preview if it is still kept and belongs to this server."""
        preview = self._kept.get(key)
        return preview if preview and preview.guild_id == guild_id else None

    def drop(self, key: int) -> None:
        """Forget a preview."""
        self._kept.pop(key, None)


class PreviewKeeper(Protocol):
    """A client with a place for previews, which ``cogs.limits.commands`` gives the bot."""

    previews: Previews


def keep_previews(bot: EaselBot) -> None:
    """Give the bot a place for previews, which commands fill and buttons empty."""
    cast("PreviewKeeper", bot).previews = Previews()


def previews_of(bot: EaselBot) -> Previews:
    """Return the previews that the bot keeps."""
    return cast("PreviewKeeper", bot).previews


# --- buttons ---------------------------------------------------------------------------------------


class RulesButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"limits:(?P<action>undo|apply|cancel|page):(?P<number>[0-9]{1,20})",
):
    """A button on an answer about rules.

    Args:
        action: what it does, a key of ``ACTIONS``.
        number: the change, preview or page that it acts on.
        label: what is written on it.
        style: how it looks.
    """

    def __init__(
        self,
        action: str,
        number: int,
        label: str = "",
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    ) -> None:
        custom_id = f"limits:{action}:{number}"
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=custom_id))
        self._action = action
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, _interaction: Press, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Rebuild the button that was pressed."""
        return cls(match["action"], int(match["number"]))

    async def callback(self, interaction: Press) -> None:
        """Do what the button is for, if a moderator pressed it."""
        work = functools.partial(ACTIONS[self._action], interaction, self._number)
        await press(interaction, work, changes=self._action in {"undo", "apply"})


async def _undo(interaction: Press, change_id: int, _: Translate) -> Answer:
    """Undo one change of a rule, unless the rule has been changed again since."""
    moderation = interaction.client.services.moderation
    change = await moderation.undo(interaction.guild_id or 0, interaction.user.id, change_id)
    return change_answer(interaction, change, undone_headline(_), _)


async def _apply(interaction: Press, preview_id: int, _: Translate) -> Answer:
    """Apply a previewed change, unless the rule has been changed since."""
    previews = previews_of(interaction.client)
    preview = previews.find(preview_id, interaction.guild_id)
    if preview is None:
        return Answer(_("This preview is too old. Nothing was changed; please repeat the command."))
    change = await interaction.client.services.moderation.set_rule(
        preview.guild_id,
        interaction.user.id,
        preview.edit.target,
        preview.values,
        expected=preview.edit.before,
    )
    previews.drop(preview_id)
    return change_answer(interaction, change, set_headline(_), _)


async def _cancel(_interaction: Press, _number: int, _: Translate) -> Answer:
    """Confirm that a previewed change was not made."""
    return Answer(_("Cancelled. Nothing was changed."))


ACTIONS: Mapping[str, Callable[[Press, int, Translate], Awaitable[Answer]]] = {
    "undo": _undo,
    "apply": _apply,
    "cancel": _cancel,
    "page": overview_answer,
}
"""What the buttons do."""


def _view(*buttons: RulesButton) -> discord.ui.View:
    """Make a view of these buttons only, for which discord.py keeps no state."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    return view


def _page_buttons(number: int, count: int, _: Translate) -> discord.ui.View | None:
    neighbours = {number - 1: _("◀ Previous"), number + 1: _("Next ▶")}
    buttons = [RulesButton("page", page, text) for page, text in neighbours.items() if 1 <= page <= count]
    return _view(*buttons) if buttons else None
