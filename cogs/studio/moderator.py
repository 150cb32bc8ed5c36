"""What all private commands share: who may use them, the single answer, and the handling of errors.

A command is acknowledged first, in private, then does its work in the database, then shows the result. A
button on such an answer edits that answer. Discord's permissions guard only the command, and server admins
can open it to anybody, so every moderator's command and button checks the permission again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.discord.reply import Reply
from bot.discord.webhooks import MISSING
from bot.errors import DeliveryFailed, EaselError, MemberError, NotModerator, ShuttingDown, StoreUnavailable
from cogs.errors import explain
from cogs.limits.errors import ChangeUnclear
from cogs.locales import translator_for

if TYPE_CHECKING:
    import discord

    from cogs.locales import Translate

_log = logging.getLogger(__name__)

STORE_PATIENCE = 20.0
"""Seconds until a command gives up on the database; longer than its own time-outs, which say more."""

LOOK_PATIENCE = 5.0
"""Seconds that fetching the full text may take; the member is already waiting for the answer."""

TROUBLE = "\n\n⚠️ "
"""Separates an answer from the reason why its button did not work."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a private answer shows.

    Attributes:
        text: what is certain.
        view: the buttons, if any.
        in_full: fetches a fuller text, if that takes another query. An error in it casts no doubt on what was
            done; ``text`` is shown then.
    """

    text: str
    view: discord.ui.View | None = None
    in_full: Callable[[], Awaitable[str]] | None = None


Work = Callable[["Translate"], Awaitable[Answer]]
"""What a command does once it is acknowledged."""


def require_moderator(interaction: discord.Interaction[Any]) -> None:
    """Require the permission Manage Server.

    Raises:
        NotModerator: the member does not have it.
    """
    if not is_moderator(interaction):
        raise NotModerator("needs manage_guild")


def is_moderator(interaction: discord.Interaction[Any]) -> bool:
    """Return whether a member has the permission Manage Server, which administrators have as well."""
    return interaction.permissions.manage_guild or interaction.permissions.administrator


async def answer(interaction: discord.Interaction[Any], work: Work, *, changes: bool = False) -> None:
    """Acknowledge a command in private, do its work, and show the result.

    Args:
        interaction: the command.
        work: what it does; its errors are explained to the member.
        changes: whether it changes something; if the database fails meanwhile, that is unclear.

    Raises:
        ShuttingDown: the bot is stopping; nothing was answered.
    """
    await _serve(interaction, PrivateReply(interaction), work, changes=changes)


async def answer_moderator(
    interaction: discord.Interaction[Any], work: Work, *, changes: bool = True
) -> None:
    """Do what ``answer`` does, for a command that only moderators may use.

    Raises:
        NotModerator: this member is not one; nothing was answered.
        ShuttingDown: the bot is stopping; nothing was answered.
    """
    require_moderator(interaction)
    await answer(interaction, work, changes=changes)


async def press(interaction: discord.Interaction[Any], work: Work, *, changes: bool = True) -> None:
    """Let the press of a moderator's button edit the answer that it is on, once.

    Raises none of our own errors: discord.py would only log them.

    Args:
        interaction: the press.
        work: what the button does.
        changes: whether that changes something besides the answer.
    """
    bot = interaction.client
    if not bot.claim(interaction.id):
        return
    try:
        require_moderator(interaction)
        with bot.services.commands.command(interaction.id):
            await _serve(interaction, PressReply(interaction), work, changes=changes)
    except EaselError as error:  # raised before anything was answered
        text = explain(error, translator_for(interaction.locale))
        await Reply(interaction, private=True).refuse(text)


async def _serve(
    interaction: discord.Interaction[Any], reply: PrivateReply, work: Work, *, changes: bool
) -> None:
    _ = translator_for(interaction.locale)
    with interaction.client.services.metrics.acknowledge_seconds.time():
        ours = await reply.acknowledge()
    if not ours:
        return
    result: Answer | None = None
    try:
        try:
            async with asyncio.timeout(STORE_PATIENCE):
                result = await work(_)
        except TimeoutError as error:
            raise StoreUnavailable("no answer in time") from error
        await reply.show(await _in_full(result))
        address = reply.response.address
        notices = interaction.client.services.work.notices
        await notices.hand_out(address.guild_id, address.member_id, reply.response.tell_alone)
    except asyncio.CancelledError:
        # Cancelled only by the drain at shutdown, which waits for these last words.
        if result is None:
            await _apologise(reply, explain(ChangeUnclear() if changes else ShuttingDown(), _), final=False)
        else:
            await _last_words(reply, result)
        raise
    except StoreUnavailable as error:
        _log.warning("command %d: %s: %s", interaction.id, type(error).__name__, error)
        await _apologise(reply, explain(ChangeUnclear() if changes else error, _), final=False)
    except DeliveryFailed as error:
        _log.error("a member could not be told: %s", error)
    except MemberError as error:
        await _apologise(reply, explain(error, _), final=True)
    except Exception as error:  # noqa: BLE001 - the last line of defence against silence
        _log.exception("command %d failed", interaction.id)
        await _apologise(reply, explain(error, _), final=True)


async def _in_full(result: Answer) -> Answer:
    """Return the answer with its full text, or as it is if that cannot be fetched."""
    if result.in_full is None:
        return result
    try:
        async with asyncio.timeout(LOOK_PATIENCE):
            return Answer(await result.in_full(), result.view)
    except Exception as error:  # noqa: BLE001 - whatever it is, the work is done and has to be told
        _log.warning("an answer is shorter than it could be: %s: %s", type(error).__name__, error)
        return result


async def _last_words(reply: PrivateReply, result: Answer) -> None:
    try:
        await reply.show(result)
    except DeliveryFailed as error:
        _log.error("a member could not be told: %s", error)


async def _apologise(reply: PrivateReply, text: str, *, final: bool) -> None:
    try:
        await reply.fail(text, final=final)
    except DeliveryFailed as error:
        _log.error("a member could not be told: %s", error)


class PrivateReply(Reply):
    """A private answer of text and buttons."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        super().__init__(interaction, private=True)

    async def show(self, result: Answer) -> None:
        """Make ``result`` the answer.

        Raises:
            DeliveryFailed: Discord would not take it.
        """
        # A member who dismissed a private answer knows that, and is not told that it is gone.
        await self.response.say(result.text, result.view)

    async def fail(self, text: str, *, final: bool) -> None:
        """Make ``text``, which says what went wrong, the answer.

        Args:
            text: the words.
            final: whether a retry is of no use.

        Raises:
            DeliveryFailed: Discord would not take it.
        """
        del final
        await self.show(Answer(text))


class PressReply(PrivateReply):
    """The answer that a button is on, and that the button edits."""

    async def fail(self, text: str, *, final: bool) -> None:
        """Leave the answer as it is, with ``text`` below it; its buttons stay unless ``final``."""
        message = self._interaction.message
        before, *_earlier_trouble = (message.content if message else "").split(TROUBLE)
        await self.response.say(f"{before}{TROUBLE}{text}", None if final else MISSING)

    async def defer(self) -> None:
        """Try once to acknowledge the press, which leaves the answer as it is."""
        await self._interaction.response.defer()
