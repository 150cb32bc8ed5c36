"""The one message a member waits on: acknowledged once, edited until it is final, never lost in silence.

Discord's rules that this module exists for (Discord docs, interactions/receiving-and-responding):

* An interaction unanswered for 3 s is dead (10062); one answered twice gives 40060, also when the first
  answer took effect and only its confirmation was lost.
* The token lives for 15 minutes (50027 after that); then only the bot's own token can edit a public message.
* Editing replaces all attachments, so an upload can be repeated without harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from bot.errors import DeliveryFailed, UploadTooLarge
from cogs.captions import NO_PINGS, deleted_note
from cogs.locales import translator_for
from cogs.verdicts import (
    ALREADY_ACKNOWLEDGED,
    NETWORK,
    UNREADABLE,
    Landed,
    may_pass,
    surely_not_taken,
    token_is_dead,
    verdict,
    wait_asked,
)
from cogs.webhooks import original_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

MISSING: Any = discord.utils.MISSING

_log = logging.getLogger(__name__)

ACKNOWLEDGE_WITHIN = 3.0
"""Seconds from the interaction to its first response (Discord)."""

TOKEN_LIFE = 15 * 60.0
"""Seconds an interaction token can be used (Discord)."""

DELIVERY_RESERVE = 60.0
"""Seconds of the token's life kept back for uploading, with retries."""

UPLOAD_TIMEOUT = 60.0
"""Seconds one upload may take; aiohttp's own limit would be 300."""

PAUSES = (0.3, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try of a delivery."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a delivery; the bytes are kept, because discord.py's ``File`` is spent by each call."""

    data: bytes
    filename: str
    description: str
    spoiler: bool

    def file(self) -> discord.File:
        """A fresh ``File`` over the same bytes, which are not copied."""
        return discord.File(
            io.BytesIO(self.data), self.filename, description=self.description, spoiler=self.spoiler
        )


class Reply:
    """The answer to one interaction.

    Args:
        interaction: what is answered.
        private: whether only the member may see it; fixed by the first response.
        slots: shared by all replies, one for each message being sent, so that uploads take turns.
    """

    def __init__(
        self,
        interaction: discord.Interaction[discord.Client],
        *,
        private: bool,
        slots: asyncio.Semaphore | None = None,
    ) -> None:
        self._interaction = interaction
        self._private = private
        self._slots = slots or asyncio.Semaphore()
        self._received = asyncio.get_running_loop().time()
        self._message_id: int | None = None
        self._sending: Sequence[Upload] = ()

    @property
    def age(self) -> float:
        """Seconds since the command came."""
        return asyncio.get_running_loop().time() - self._received

    @property
    def time_left(self) -> float:
        """Seconds in which a job may still produce something to deliver."""
        return TOKEN_LIFE - DELIVERY_RESERVE - self.age

    # --- acknowledging --------------------------------------------------------------------------

    async def acknowledge(self) -> bool:
        """Defer: show "thinking…", public or private for good.

        Returns:
            False if this interaction is not ours to answer: too late, or another process has it.
        """
        unclear = False
        try:
            async with asyncio.timeout(2 * ACKNOWLEDGE_WITHIN):
                for pause in itertools.chain(PAUSES[:2], itertools.repeat(PAUSES[1])):
                    try:
                        await self.defer()
                    except discord.HTTPException as error:
                        if error.code == ALREADY_ACKNOWLEDGED and unclear:
                            break  # an earlier try of ours took effect, though its answer was lost
                        if not may_pass(error):
                            _log.warning(
                                "interaction %d not acknowledged: %s", self._interaction.id, error.code
                            )
                            return False
                        unclear = unclear or error.status >= 500
                        await asyncio.sleep(max(pause, wait_asked(error)))
                    except aiohttp.ClientConnectorError:
                        await asyncio.sleep(pause)  # never sent
                    except TimeoutError:
                        raise
                    except NETWORK:
                        unclear = True
                        await asyncio.sleep(pause)
                    else:
                        return True
        except TimeoutError:
            return await self._exists()
        await self._exists()  # which learns the message's id
        return True

    async def defer(self) -> None:
        """Try once to acknowledge."""
        try:
            callback = await self._interaction.response.defer(ephemeral=self._private, thinking=True)
        except NETWORK:
            raise
        except UNREADABLE:
            return  # a success whose body says less than discord.py expects
        self._message_id = callback.message_id if callback else None

    async def refuse(self, text: str) -> None:
        """Answer in private, as the first response; nothing has been started."""
        failure: Exception | None = None
        for pause in PAUSES[:3]:
            try:
                async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                    await self._interaction.response.send_message(
                        text, ephemeral=True, allowed_mentions=NO_PINGS
                    )
            except discord.HTTPException as error:
                if error.code == ALREADY_ACKNOWLEDGED:
                    return
                failure = error
                if not may_pass(error):
                    break
                await asyncio.sleep(max(pause, wait_asked(error)))
            except NETWORK as error:
                failure = error
                await asyncio.sleep(pause)
            except UNREADABLE as error:
                failure = error
                break
            else:
                return
        # An answer that cannot be read is a success, or nothing was sent: another try would help neither.
        _log.warning("refusal not known to be shown: %s", type(failure).__name__)

    async def _exists(self) -> bool:
        """Whether the placeholder is there, so that an acknowledgement took effect after all.

        Asked for some seconds, because the network that lost one answer may well lose the next.
        """
        for pause in PAUSES[:4]:
            try:
                async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                    await self._look()
            except discord.HTTPException as error:
                if not may_pass(error):
                    break
            except NETWORK:
                pass
            else:
                return True
            await asyncio.sleep(pause)
        _log.warning("interaction %d: its answer is not to be found", self._interaction.id)
        return False

    # --- editing --------------------------------------------------------------------------------

    async def note(self, text: str) -> None:
        """Show a passing remark while the job goes on; not worth failing over."""
        with contextlib.suppress(discord.HTTPException, *NETWORK, *UNREADABLE):
            async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                await self._interaction.edit_original_response(content=text, allowed_mentions=NO_PINGS)

    async def say(self, text: str, view: discord.ui.View | None = MISSING) -> None:
        """Make ``text`` the final answer.

        Args:
            text: the words.
            view: the buttons below them; None takes them away, left out they stay as they are.

        Raises:
            DeliveryFailed: Discord would not take it.
        """
        await self._finish(text, (), view)

    async def withdraw(self, text: str) -> None:
        """Take the placeholder back and say ``text`` to the member alone; nothing has been done.

        The placeholder has to go first: a follow-up sent before that would take its place, and be as
        public as it is (Discord docs, interactions/receiving-and-responding).

        Raises:
            DeliveryFailed: Discord would not take it.
        """
        if self._private:
            await self.say(text)
            return
        await self._persist(self._interaction.delete_original_response, ())
        await self._tell_alone(text)

    async def deliver(self, text: str, uploads: Sequence[Upload]) -> bool:
        """Make the pictures the final answer.

        Returns:
            False if the message was deleted meanwhile: what somebody took away is not posted anew.

        Raises:
            DeliveryFailed: Discord would not take them.
            UploadTooLarge: smaller files may be taken.
        """
        self._sending = uploads
        return await self._finish(text, uploads)

    async def shows_pictures(self) -> bool:
        """Whether the pictures are in the message: an upload cut short here may have taken effect there."""
        return await self._shows(self._sending)

    async def _finish(
        self, text: str, uploads: Sequence[Upload], view: discord.ui.View | None = MISSING
    ) -> bool:
        try:
            landed = await self._persist(lambda: self._edit_by_token(text, uploads, view), uploads)
        except UploadTooLarge:
            raise
        except DeliveryFailed:
            if self._private or self._message_id is None:
                raise
            landed = Landed.TOKEN_DEAD  # or as good as: the bot's own token is another way
        if landed is Landed.TOKEN_DEAD:
            landed = await self._finish_by_bot(text, uploads)
        if landed is Landed.GONE:
            await self.tell_of_deletion()
        return landed is Landed.YES

    async def _finish_by_bot(self, text: str, uploads: Sequence[Upload]) -> Landed:
        if self._private:
            raise DeliveryFailed(
                "the interaction token expired; a private answer cannot be reached without it"
            )
        landed = await self._persist(lambda: self._edit_by_bot(text, uploads), uploads)
        if landed is Landed.TOKEN_DEAD:
            raise DeliveryFailed("Discord does not accept the bot's own token")
        return landed

    async def _persist(self, send: Callable[[], Awaitable[object]], uploads: Sequence[Upload]) -> Landed:
        """Try ``send`` until it is known to have worked or to be hopeless.

        Every ``send`` has to be one that can be repeated: edits replace all attachments, a deletion finds
        nothing the second time, and a post carries a nonce.
        Before another try, the message is looked at: an upload may have taken effect unacknowledged.
        """
        failure: Exception
        for pause in (*PAUSES, None):
            try:
                async with self._slots, asyncio.timeout(UPLOAD_TIMEOUT):
                    await send()
            except discord.HTTPException as error:
                outcome = verdict(error)
                if outcome is not None:
                    return outcome
                failure = error
            except (*NETWORK, *UNREADABLE) as error:
                failure = error
            except RuntimeError as error:
                raise DeliveryFailed("the connection to Discord is closed") from error
            else:
                return Landed.YES
            if await self._took_effect(failure, uploads):
                return Landed.YES
            if pause is not None:
                await asyncio.sleep(max(pause, wait_asked(failure)))
        raise DeliveryFailed(f"Discord: {type(failure).__name__}") from failure

    async def _took_effect(self, failure: Exception, uploads: Sequence[Upload]) -> bool:
        """Whether a try that ended in ``failure`` did its work all the same."""
        if isinstance(failure, UNREADABLE) and not isinstance(failure, NETWORK):
            # A success whose body says less than discord.py expects, or nothing was sent at all.
            _log.warning("answer of Discord not understood: %s", type(failure).__name__)
            if not uploads:
                return True
        return await self._shows(uploads)

    async def _shows(self, uploads: Sequence[Upload]) -> bool:
        """Whether the message already carries the files, after an upload whose answer was lost."""
        if not uploads:
            return False
        try:
            async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                message = await self._look()
        except (discord.HTTPException, *NETWORK, RuntimeError):
            return False
        attachments = message.get("attachments")
        return isinstance(attachments, list) and len(attachments) == len(uploads)

    async def _look(self) -> Mapping[str, Any]:
        """The message as it is now, by the interaction's token or, past its life, by the bot's own."""
        try:
            message = await original_response(self._interaction)
        except discord.HTTPException as error:
            channel_id = self._interaction.channel_id
            if self._private or self._message_id is None or channel_id is None or not token_is_dead(error):
                raise
            return await self._interaction.client.http.get_message(channel_id, self._message_id)
        self._message_id = int(message.get("id") or 0) or self._message_id
        return message

    async def _edit_by_token(
        self, text: str, uploads: Sequence[Upload], view: discord.ui.View | None
    ) -> None:
        files = [upload.file() for upload in uploads]
        await self._interaction.edit_original_response(
            content=text, attachments=files, view=view, allowed_mentions=NO_PINGS
        )

    async def _edit_by_bot(self, text: str, uploads: Sequence[Upload]) -> None:
        if self._message_id is None:
            await self._post_by_bot(text, uploads)
            return
        message = self._channel().get_partial_message(self._message_id)
        files = [upload.file() for upload in uploads]
        await message.edit(content=text, attachments=files, allowed_mentions=NO_PINGS)

    async def _post_by_bot(self, text: str, uploads: Sequence[Upload]) -> None:
        files = [upload.file() for upload in uploads]
        mention = f"{self._interaction.user.mention} "
        # The nonce makes Discord return the first message if this is sent twice.
        nonce = str(self._interaction.id)
        await self._channel().send(mention + text, files=files, nonce=nonce, allowed_mentions=NO_PINGS)

    def _channel(self) -> discord.PartialMessageable:
        channel_id = self._interaction.channel_id
        if channel_id is None:
            raise DeliveryFailed("the interaction came without a channel")
        return self._interaction.client.get_partial_messageable(
            channel_id, guild_id=self._interaction.guild_id
        )

    async def tell_of_deletion(self) -> None:
        """Tell the member, in private, that the message they waited on was deleted."""
        with contextlib.suppress(DeliveryFailed):
            await self._tell_alone(deleted_note(translator_for(self._interaction.locale)))

    async def _tell_alone(self, text: str) -> None:
        """Say ``text`` to the member alone, beside the answer.

        A follow-up has no nonce to be known by, so only one that Discord certainly did not take is repeated.

        Raises:
            DeliveryFailed: it is not known to be shown.
        """
        failure: Exception
        for pause in PAUSES:
            try:
                async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                    await self._interaction.followup.send(text, ephemeral=True, allowed_mentions=NO_PINGS)
            except (discord.HTTPException, *NETWORK, RuntimeError) as error:
                failure = error
                if not surely_not_taken(error):
                    break
                await asyncio.sleep(max(pause, wait_asked(error)))
            except UNREADABLE as error:
                _log.warning("answer of Discord not understood: %s", type(error).__name__)
                return
            else:
                return
        raise DeliveryFailed(f"Discord: {type(failure).__name__}") from failure
