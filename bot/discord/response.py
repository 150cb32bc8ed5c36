"""The message that answers an interaction, reached by its stored address alone, even after a restart.

The rules behind this module (Discord docs, interactions/receiving-and-responding and resources/message):

* The interaction's token lives for 15 minutes (50027 after that); then only the bot's own token can edit the
  message, and only if it is public.
* Editing replaces all attachments, so an upload can be repeated without harm.
* A post with a nonce is created only once, however often it is sent within a few minutes. After that, the
  names of its files tell whether it was created.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

import discord

from bot.discord.outcomes import (
    NETWORK,
    UNREADABLE,
    Landed,
    may_pass,
    surely_not_taken,
    token_is_dead,
    verdict,
    wait_asked,
)
from bot.discord.webhooks import MISSING, ByBot, ByToken, has_pictures_of
from bot.errors import DeliveryFailed, UploadTooLarge
from bot.jobs.job import TOKEN_LIFE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bot.discord.webhooks import Upload
    from bot.jobs.job import Address

_log = logging.getLogger(__name__)

CALL_TIMEOUT = 3.0
"""Seconds that reading the message or sending a short text may take."""

UPLOAD_TIMEOUT = 60.0
"""Seconds one upload may take; aiohttp's own limit would be 300."""

PAUSES = (0.3, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each retry of a delivery."""

LOOKED_THROUGH = 50
"""Messages per page when a channel is searched for one of ours."""

NO_ANSWER = (discord.HTTPException, *NETWORK, *UNREADABLE, RuntimeError, DeliveryFailed)
"""Errors to tolerate from a call that the job does not depend on."""


class Response:
    """The message that answers one interaction.

    Args:
        address: where it is.
        client: a client that is logged in to Discord.
        slots: shared by all responses, one for each message being sent, so that uploads take turns.

    Attributes:
        address: where it is, as stored.
        message_id: its id; None until it is known.
    """

    def __init__(
        self, address: Address, client: discord.Client, slots: asyncio.Semaphore | None = None
    ) -> None:
        self.address = address
        self.message_id = address.message_id
        self._by_token = ByToken(client, address.application_id, address.token)
        self._by_bot = ByBot(client, address.channel_id) if address.channel_id is not None else None
        self._slots = slots or asyncio.Semaphore()
        self._expired = False

    # --- looking --------------------------------------------------------------------------------

    async def look(self) -> Mapping[str, Any]:
        """Fetch the message with the interaction's token or, once that has expired, with the bot's own.

        Raises:
            discord.HTTPException, aiohttp.ClientError, OSError, RuntimeError: as ``ByToken``.
            DeliveryFailed: it is out of reach.
        """
        if not self._expired:
            try:
                message = await self._by_token.read()
            except discord.HTTPException as error:
                if not token_is_dead(error) or self._channel is None or self.message_id is None:
                    raise
            else:
                self._learn(message)
                return message
        if self._channel is None or self.message_id is None:
            raise DeliveryFailed("the interaction token expired, and the message is out of reach without it")
        return await self._channel.read(self.message_id)

    async def find(self) -> int | None:
        """Find the message's id.

        Returns:
            None if there is none: it was deleted, or the interaction never acknowledged.

        Raises:
            DeliveryFailed: Discord does not tell.
        """
        failure: Exception | None = None
        for pause in PAUSES[:4]:
            try:
                async with asyncio.timeout(CALL_TIMEOUT):
                    await self.look()
            except discord.HTTPException as error:
                failure = error
                if not may_pass(error):
                    break
                await asyncio.sleep(max(pause, wait_asked(error)))
            except (*NETWORK, *UNREADABLE) as error:
                failure = error
                await asyncio.sleep(pause)
            except RuntimeError as error:
                raise DeliveryFailed("the connection to Discord is closed") from error
            else:
                break
        if isinstance(failure, discord.HTTPException) and token_is_dead(failure):
            await self._seek()
        # Discord may report the token of an unanswered interaction and an expired one alike (10015).
        none = isinstance(failure, discord.NotFound) and not (token_is_dead(failure) and self._is_old)
        if self.message_id is None and not none:
            raise DeliveryFailed(f"Discord does not say: {type(failure).__name__}") from failure
        return self.message_id

    @property
    def _is_old(self) -> bool:
        """Whether the interaction's token has expired, by Discord's clock and this machine's."""
        asked_at = discord.utils.snowflake_time(self.address.interaction_id)
        return (discord.utils.utcnow() - asked_at).total_seconds() >= TOKEN_LIFE

    async def pictures(self) -> int:
        """Count the pictures that the message shows; return 0 also if that cannot be found out."""
        message: Mapping[str, Any] | None = None
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                message = await self.look()
        except DeliveryFailed:
            message = await self._seek()
        except discord.HTTPException as error:
            if token_is_dead(error):
                message = await self._seek()
        except NO_ANSWER:
            pass
        attachments = message.get("attachments") if message else None
        return len(attachments) if isinstance(attachments, list) else 0

    def _learn(self, message: Mapping[str, Any]) -> None:
        self.message_id = int(message.get("id") or 0) or self.message_id

    # --- looking through the channel --------------------------------------------------------------

    @property
    def _channel(self) -> ByBot | None:
        """The channel, if the bot's own token can reach the message there."""
        return None if self.address.private else self._by_bot

    async def _seek(self) -> Mapping[str, Any] | None:
        """Search the channel for the message while its id is unknown.

        That is the answer to the interaction, or the bot's post in its place; a post is preferred, because it
        has the pictures.
        """
        channel = self._channel
        if self.message_id is not None or channel is None:
            return None
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                messages = await self._own_messages(channel)
        except NO_ANSWER as error:
            _log.warning("job %d: no look at its channel: %s", self.address.interaction_id, _kind(error))
            return None
        for message in sorted(messages, key=self._is_post, reverse=True):
            self._learn(message)
            return message
        return None

    async def _own_messages(self, channel: ByBot) -> list[dict[str, Any]]:
        page = await channel.page(LOOKED_THROUGH)
        if len(page) == LOOKED_THROUGH and self.address.interaction_id < int(page[-1]["id"]):
            # An answer has a larger id than its interaction, and is among the first messages after it.
            page += await channel.page(LOOKED_THROUGH, after=self.address.interaction_id)
        return [
            message
            for message in page
            if channel.wrote(message) and (self._is_post(message) or self._is_answer(message))
        ]

    def _is_post(self, message: Mapping[str, Any]) -> bool:
        return has_pictures_of(message, self.address.interaction_id)

    def _is_answer(self, message: Mapping[str, Any]) -> bool:
        metadata = message.get("interaction_metadata") or {}
        return bool(metadata.get("id") == str(self.address.interaction_id))

    # --- editing --------------------------------------------------------------------------------

    async def note(self, text: str, view: discord.ui.View | None = MISSING) -> None:
        """Show a progress note while the job is running; if that fails, ignore it.

        Args:
            text: the words.
            view: the buttons below them; None removes them, and by default they stay as they are.
        """
        with contextlib.suppress(*NO_ANSWER):
            async with asyncio.timeout(CALL_TIMEOUT):
                if not self._expired:
                    try:
                        await self._by_token.edit(text, view=view)
                    except discord.HTTPException as error:
                        if not token_is_dead(error):
                            raise
                        self._expired = True
                    else:
                        return
                if self._channel is not None and self.message_id is not None:
                    await self._channel.edit(self.message_id, text, view=view)

    async def say(self, text: str, view: discord.ui.View | None = MISSING) -> bool:
        """Make ``text`` the final answer.

        Args:
            text: the words.
            view: as for ``note``.

        Returns:
            False if the message was deleted meanwhile.

        Raises:
            DeliveryFailed: Discord would not take it.
        """
        return await self._finish(text, (), view)

    async def deliver(self, text: str, uploads: Sequence[Upload]) -> bool:
        """Make the pictures the final answer, without buttons.

        Returns:
            False if the message was deleted meanwhile: what somebody deleted is not posted again.

        Raises:
            DeliveryFailed: Discord would not take them.
            UploadTooLarge: smaller files may be accepted.
        """
        return await self._finish(text, uploads, None)

    async def withdraw(self, text: str) -> None:
        """Replace the placeholder by ``text``, for the member alone; nothing has been done.

        A public placeholder has to be deleted first: a follow-up sent before that would replace it, and be as
        public (Discord docs, interactions/receiving-and-responding).

        Raises:
            DeliveryFailed: Discord would not take it.
        """
        if not self.address.private:
            await self._persist(self._by_token.delete, ())
        elif await self.say(text):
            return
        await self.tell_alone(text)

    async def tell_alone(self, text: str) -> None:
        """Send ``text`` to the member alone, in addition to the answer.

        A follow-up has no nonce, so it is retried only if Discord certainly did not take it.

        Raises:
            DeliveryFailed: it may not have been shown.
        """
        if self._expired:
            raise DeliveryFailed("the interaction token expired")
        failure: Exception
        for pause in PAUSES:
            try:
                async with asyncio.timeout(CALL_TIMEOUT):
                    await self._by_token.follow_up(text)
            except (discord.HTTPException, *NETWORK, RuntimeError) as error:
                failure = error
                if not surely_not_taken(error):
                    break
                await asyncio.sleep(max(pause, wait_asked(error)))
            except UNREADABLE as error:
                _log.warning("answer of Discord not understood: %s", _kind(error))
                return
            else:
                return
        raise DeliveryFailed(f"Discord: {_kind(failure)}") from failure

    # --- until it is known to have worked ---------------------------------------------------------

    async def _finish(self, text: str, uploads: Sequence[Upload], view: discord.ui.View | None) -> bool:
        landed = Landed.TOKEN_DEAD
        if not self._expired:
            landed = await self._finish_by_token(text, uploads, view)
        if landed is Landed.TOKEN_DEAD:
            landed = await self._finish_by_bot(text, uploads, view)
        return landed is Landed.YES

    def _files(self, uploads: Sequence[Upload]) -> list[discord.File]:
        job_id = self.address.interaction_id
        return [upload.file(job_id, number) for number, upload in enumerate(uploads, 1)]

    async def _finish_by_token(
        self, text: str, uploads: Sequence[Upload], view: discord.ui.View | None
    ) -> Landed:
        async def edit() -> None:
            await self._by_token.edit(text, self._files(uploads), view)

        try:
            landed = await self._persist(edit, uploads)
        except UploadTooLarge:
            raise
        except DeliveryFailed:
            if self.address.private or self.message_id is None:
                raise
            return Landed.TOKEN_DEAD  # or treated as such: the bot's own token may still work
        self._expired = landed is Landed.TOKEN_DEAD
        return landed

    async def _finish_by_bot(
        self, text: str, uploads: Sequence[Upload], view: discord.ui.View | None
    ) -> Landed:
        if self.address.private:
            raise DeliveryFailed(
                "the interaction token expired; a private answer cannot be reached without it"
            )
        channel = self._channel
        if channel is None:
            raise DeliveryFailed("the interaction came without a channel")

        async def send() -> None:
            files = self._files(uploads)
            found = await self._seek()
            if found is not None and self._is_post(found):
                return  # a post from before a restart has all the pictures, or it would not exist
            if self.message_id is not None:
                await channel.edit(self.message_id, text, files, view)
                return
            mention = f"<@{self.address.member_id}> "
            self._learn(await channel.post(mention + text, files, str(self.address.interaction_id)))

        landed = await self._persist(send, uploads)
        if landed is Landed.TOKEN_DEAD:
            raise DeliveryFailed("Discord does not accept the bot's own token")
        return landed

    async def _persist(self, send: Callable[[], Awaitable[object]], uploads: Sequence[Upload]) -> Landed:
        """Retry ``send`` until it is known to have worked or to be hopeless.

        Every ``send`` has to be idempotent: edits replace all attachments, a second deletion finds nothing,
        and a post carries a nonce. Before a retry, the message is checked: an upload may have taken effect
        unacknowledged.
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
        raise DeliveryFailed(f"Discord: {_kind(failure)}") from failure

    async def _took_effect(self, failure: Exception, uploads: Sequence[Upload]) -> bool:
        """Return whether a try that ended in ``failure`` took effect all the same."""
        if isinstance(failure, UNREADABLE) and not isinstance(failure, NETWORK):
            # A success whose body says less than expected, or nothing was sent at all.
            _log.warning("answer of Discord not understood: %s", _kind(failure))
            if not uploads:
                return True
        return bool(uploads) and await self.pictures() == len(uploads)


def _kind(error: BaseException | None) -> str:
    return type(error).__name__
