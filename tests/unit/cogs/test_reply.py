"""What takes a server too long, or cannot be asked of it: many tries, and errors that no answer leads to.

What a server can do is in ``tests/integration/test_replies.py``.
"""

from __future__ import annotations

import ssl
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.errors import DeliveryFailed
from cogs.reply import PAUSES, Reply, Upload
from cogs.webhooks import RateLimited

pytestmark = pytest.mark.asyncio(loop_factories=["fast-forward"])

PICTURES = (Upload(data=b"picture", filename="easel.png", description="a cat", spoiler=False),)

CERTIFICATE = ssl.SSLCertVerificationError("certificate verify failed")
OVER_TLS = aiohttp.ClientConnectorCertificateError(cast("Any", SimpleNamespace(ssl=True)), CERTIFICATE)
UNREADABLE = [TypeError("cannot be encoded, so nothing was sent"), KeyError("id")]


class Line(AsyncWebhookAdapter):
    """An interaction, and the way to Discord: every call ends in ``error``; a look finds ``message``."""

    def __init__(self, error: Exception, message: dict[str, Any] | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._error, self._message = error, message
        self.calls = self.looks = 0
        self._session = None
        self.id, self.application_id, self.token, self.channel_id = 1, 1, "secret", None
        self.client = SimpleNamespace(http=SimpleNamespace(proxy=None, proxy_auth=None))
        self.response = SimpleNamespace(defer=self._call, send_message=self._call)
        self.edit_original_response = self._call
        self.followup = SimpleNamespace(send=self._call)

    async def _call(self, *_: object, **__: object) -> None:
        self.calls += 1
        raise self._error

    async def get_original_interaction_response(self, *_: object, **__: object) -> Any:
        """What a look finds."""
        self.looks += 1
        if self._message is None:
            raise self._error
        return self._message

    async def delete_original_response(self) -> None:
        """Always works."""

    def reply(self, *, private: bool = True) -> Reply:
        """The reply to the interaction."""
        async_context.set(self)
        return Reply(cast("discord.Interaction[discord.Client]", self), private=private)


refused = pytest.mark.parametrize("error", [CERTIFICATE, OVER_TLS], ids=lambda error: type(error).__name__)
unreadable = pytest.mark.parametrize("error", UNREADABLE, ids=["unsent", "unread"])


# --- a refused certificate is an error of the network, and a ValueError like an answer that cannot be read


@refused
async def test_an_acknowledgement_over_a_refused_certificate_is_none(error: Exception) -> None:
    line = Line(error)
    assert not await line.reply().acknowledge()
    assert line.calls > 1


@refused
async def test_a_text_over_a_refused_certificate_is_not_said(error: Exception) -> None:
    line = Line(error)
    with pytest.raises(DeliveryFailed):
        await line.reply().say("No luck")
    assert line.calls == len(PAUSES) + 1


@refused
async def test_a_refusal_over_a_refused_certificate_is_tried_again_and_missed_in_the_log(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line(error)
    await line.reply().refuse("No")
    assert line.calls > 1
    assert "refusal not known to be shown" in caplog.text


# --- a follow-up has no nonce to be known by ----------------------------------------------------------


def answered(status: int) -> aiohttp.ClientResponse:
    """An answer of Discord without a body."""
    return cast("aiohttp.ClientResponse", SimpleNamespace(status=status, reason="", headers={}))


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        TimeoutError(),
        aiohttp.ServerDisconnectedError(),
        discord.DiscordServerError(answered(500), ""),
        discord.Forbidden(answered(403), ""),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_withdrawal_that_may_have_been_told_is_not_told_again(error: Exception) -> None:
    line = Line(error)
    with pytest.raises(DeliveryFailed):
        await line.reply(private=False).withdraw("No luck")
    assert line.calls == 1


@pytest.mark.parametrize(
    "error", [OVER_TLS, RateLimited(answered(429), {"retry_after": 3})], ids=["unsent", "rate limit"]
)
async def test_a_withdrawal_that_was_certainly_not_told_is_told_again(error: Exception) -> None:
    line = Line(error)
    with pytest.raises(DeliveryFailed):
        await line.reply(private=False).withdraw("No luck")
    assert line.calls == len(PAUSES)


@pytest.mark.parametrize("error", UNREADABLE, ids=["unsent", "unread"])
async def test_a_withdrawal_whose_answer_cannot_be_read_counts_as_told(error: Exception) -> None:
    line = Line(error)
    await line.reply(private=False).withdraw("No luck")
    assert line.calls == 1


# --- a success that cannot be read, or a call that could not even be sent: the two look the same ---------


@unreadable
async def test_a_refusal_that_may_not_be_shown_is_not_repeated_and_the_log_tells(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line(error)
    await line.reply().refuse("No")
    assert line.calls == 1
    assert f"refusal not known to be shown: {type(error).__name__}" in caplog.text


@unreadable
async def test_a_text_counts_as_said_and_the_log_tells(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line(error)
    await line.reply().say("No luck")
    assert (line.calls, line.looks) == (1, 0)
    assert f"answer of Discord not understood: {type(error).__name__}" in caplog.text


@unreadable
async def test_pictures_count_as_shown_only_when_a_look_finds_them(error: Exception) -> None:
    line = Line(error, {"attachments": [{}]})
    assert await line.reply().deliver("A cat", PICTURES)
    assert (line.calls, line.looks) == (1, 1)

    line = Line(error, {"attachments": []})
    with pytest.raises(DeliveryFailed):
        await line.reply().deliver("A cat", PICTURES)
    assert line.calls == line.looks == len(PAUSES) + 1
