"""What takes a server too long, or cannot be asked of it: many tries, and errors that no answer leads to.

What a server can do is in ``tests/integration/test_replies.py``.
"""

from __future__ import annotations

import json
import ssl
from types import SimpleNamespace
from typing import Any, Self, cast

import aiohttp
import discord
import pytest

from bot.discord.reply import Reply
from bot.discord.response import PAUSES, Response
from bot.discord.webhooks import RateLimited, Upload
from bot.errors import DeliveryFailed

pytestmark = pytest.mark.asyncio(loop_factories=["fast-forward"])

PICTURES = (Upload(data=b"picture", format="png", description="a cat", spoiler=False),)

CERTIFICATE = ssl.SSLCertVerificationError("certificate verify failed")
OVER_TLS = aiohttp.ClientConnectorCertificateError(cast("Any", SimpleNamespace(ssl=True)), CERTIFICATE)
UNREADABLE = [TypeError("cannot be encoded, so nothing was sent"), KeyError("id")]


class Answered:
    """A success of Discord's."""

    status, ok, headers = 200, True, {"Content-Type": "application/json"}

    def __init__(self, message: dict[str, Any]) -> None:
        self._message = message

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def read(self) -> bytes:
        return json.dumps(self._message).encode()


class Line:
    """An interaction, and the way to Discord: every call ends in ``error``; a look finds ``message``."""

    def __init__(self, error: Exception, message: dict[str, Any] | None = None) -> None:
        self._error, self._message = error, message
        self.calls = self.looks = 0
        self.id = self.application_id = 1
        self.token, self.channel_id, self.guild_id = "secret", None, 1
        self.user, self.locale, self.filesize_limit = SimpleNamespace(id=1), discord.Locale.german, 1
        http = SimpleNamespace(proxy=None, proxy_auth=None, _HTTPClient__session=self)
        self.client = SimpleNamespace(http=http)
        self.response = SimpleNamespace(defer=self._call, send_message=self._call)

    async def _call(self, *_: object, **__: object) -> None:
        self.calls += 1
        raise self._error

    def request(self, method: str, _url: str, **_: object) -> Answered:
        """What ``aiohttp.ClientSession`` has; deleting always works."""
        if method == "DELETE":
            return Answered({})
        if method != "GET":
            self.calls += 1
            raise self._error
        self.looks += 1
        if self._message is None:
            raise self._error
        return Answered(self._message)

    def reply(self, *, private: bool = True) -> Reply:
        """The reply to the interaction."""
        return Reply(cast("discord.Interaction[Any]", self), private=private)

    def message(self, *, private: bool = True) -> Response:
        """The message that answers it."""
        return self.reply(private=private).response


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
        await line.message().say("No luck")
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
        await line.message(private=False).withdraw("No luck")
    assert line.calls == 1


@pytest.mark.parametrize(
    "error", [OVER_TLS, RateLimited(answered(429), {"retry_after": 3})], ids=["unsent", "rate limit"]
)
async def test_a_withdrawal_that_was_certainly_not_told_is_told_again(error: Exception) -> None:
    line = Line(error)
    with pytest.raises(DeliveryFailed):
        await line.message(private=False).withdraw("No luck")
    assert line.calls == len(PAUSES)


@pytest.mark.parametrize("error", UNREADABLE, ids=["unsent", "unread"])
async def test_a_withdrawal_whose_answer_cannot_be_read_counts_as_told(error: Exception) -> None:
    line = Line(error)
    await line.message(private=False).withdraw("No luck")
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
    await line.message().say("No luck")
    assert (line.calls, line.looks) == (1, 0)
    assert f"answer of Discord not understood: {type(error).__name__}" in caplog.text


@unreadable
async def test_pictures_count_as_shown_only_when_a_look_finds_them(error: Exception) -> None:
    line = Line(error, {"attachments": [{}]})
    assert await line.message().deliver("A cat", PICTURES)
    assert (line.calls, line.looks) == (1, 1)

    line = Line(error, {"attachments": []})
    with pytest.raises(DeliveryFailed):
        await line.message().deliver("A cat", PICTURES)
    assert line.calls == line.looks == len(PAUSES) + 1
