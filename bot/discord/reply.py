"""The first answer to an interaction, an acknowledgement or a refusal; ``response.py`` does the rest.

The rules behind this module (Discord docs, interactions/receiving-and-responding):

* An interaction unanswered for 3 s is dead (10062); one answered twice gives 40060, even if the first
  answer took effect and only its confirmation was lost.
* The first response settles whether the answer is private.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import Any

import aiohttp
import discord

from bot.discord.context import address_of
from bot.discord.outcomes import ALREADY_ACKNOWLEDGED, NETWORK, UNREADABLE, may_pass, wait_asked
from bot.discord.response import PAUSES, Response
from bot.discord.webhooks import NO_PINGS

_log = logging.getLogger(__name__)

ACKNOWLEDGE_WITHIN = 3.0
"""Seconds from the interaction to its first response (Discord)."""


class Reply:
    """The answer to one interaction, from its acknowledgement on.

    Args:
        interaction: the interaction to answer.
        private: whether only the member may see it; fixed by the first response.
        spoiler: whether pictures are hidden until clicked.

    Attributes:
        response: the message that answers the interaction, once that is acknowledged.
    """

    def __init__(
        self, interaction: discord.Interaction[Any], *, private: bool, spoiler: bool = False
    ) -> None:
        address = address_of(interaction, private=private, spoiler=spoiler)
        self._interaction = interaction
        self.response = Response(address, interaction.client)
        self._received = asyncio.get_running_loop().time()

    @property
    def age(self) -> float:
        """Seconds since the command arrived."""
        return asyncio.get_running_loop().time() - self._received

    async def acknowledge(self) -> bool:
        """Defer the answer: show "thinking…", and so make it public or private for good.

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
        await self._exists()  # to learn the message's id
        return True

    async def defer(self) -> None:
        """Try once to acknowledge."""
        try:
            callback = await self._interaction.response.defer(
                ephemeral=self.response.address.private, thinking=True
            )
        except NETWORK:
            raise
        except UNREADABLE:
            return  # a success whose body says less than discord.py expects
        self.response.message_id = callback.message_id if callback else None

    async def refuse(self, text: str) -> None:
        """Refuse in private, as the first response; no work has been started."""
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
        # An unreadable answer is a success, or means that nothing was sent: a retry helps in neither case.
        _log.warning("refusal not known to be shown: %s", type(failure).__name__)

    async def _exists(self) -> bool:
        """Return whether the placeholder exists, so that an acknowledgement took effect after all.

        Retries for some seconds, because the network that lost one answer may well lose the next.
        """
        for pause in PAUSES[:4]:
            try:
                async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                    await self.response.look()
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
