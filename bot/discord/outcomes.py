"""What Discord's answer to the edit of a message means, and what a missing answer means."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import aiohttp

from bot.discord.webhooks import RateLimited
from bot.errors import DeliveryFailed, UploadTooLarge

if TYPE_CHECKING:
    import discord

ALREADY_ACKNOWLEDGED, INVALID_TOKEN, UNKNOWN_WEBHOOK, TOO_LARGE = 40060, 50027, 10015, 40005
"""JSON error codes (Discord docs, topics/opcodes-and-status-codes)."""

NETWORK = (aiohttp.ClientError, OSError, TimeoutError)
UNREADABLE = (KeyError, TypeError, AttributeError, ValueError)
"""Raised by discord.py for a success that it cannot read, never for an error (``bot/discord/webhooks.py``).

Caught after ``NETWORK``: a rejected certificate is both an ``OSError`` and a ``ValueError``.
"""


class Landed(enum.Enum):
    """What became of an edit."""

    YES = enum.auto()
    """It is shown."""
    GONE = enum.auto()
    """The message was deleted, or its channel."""
    TOKEN_DEAD = enum.auto()
    """The interaction token has expired."""


def verdict(error: discord.HTTPException) -> Landed | None:
    """Return what an error answer settles, or None if a retry may work.

    Raises:
        DeliveryFailed: no retry can work.
    """
    if token_is_dead(error):
        return Landed.TOKEN_DEAD
    if error.status == 413 or error.code == TOO_LARGE:
        raise UploadTooLarge("Discord refused the upload for its size") from error
    if error.status == 404:
        return Landed.GONE
    if may_pass(error):
        return None
    raise DeliveryFailed(f"Discord answered {error.status} {error.code}") from error


def token_is_dead(error: discord.HTTPException) -> bool:
    """Return whether the token has expired: Discord answers with 401, or as for an invalid or unknown one."""
    return error.status == 401 or error.code in {INVALID_TOKEN, UNKNOWN_WEBHOOK}


def may_pass(error: discord.HTTPException) -> bool:
    """Return whether the same request may work a little later."""
    return error.status == 429 or error.status >= 500


def surely_not_taken(error: Exception) -> bool:
    """Return whether the request certainly had no effect, so that a retry cannot duplicate it."""
    return isinstance(error, RateLimited | aiohttp.ClientConnectorError)


def wait_asked(error: Exception) -> float:
    """Return the wait in seconds that a rate limit asks for; 0 for any other error."""
    return error.retry_after if isinstance(error, RateLimited) else 0.0
