"""What Discord says about a server: which roles and channels it has, and how many members a rule is for."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from bot.limits.rules import EVERYONE, TargetKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import discord

    from bot.limits.rules import Target

_log = logging.getLogger(__name__)

COUNT_PATIENCE = 2.0
"""Seconds Discord may take to count the members of a role; the answer can do without it."""


def gone_in(guild: discord.Guild | None) -> Callable[[Target], bool]:
    """Return a test for deleted roles and channels; it finds none until Discord has sent the whole server."""
    present = present_in(guild)

    def is_gone(target: Target) -> bool:
        return present is not None and target.kind in present and target.id not in present[target.kind]

    return is_gone


def present_in(guild: discord.Guild | None) -> Mapping[TargetKind, frozenset[int]] | None:
    """Return the roles and channels of a server, or None until Discord has sent the whole server.

    Every server has at least the role @everyone; one known only from an interaction shows no roles.
    """
    if guild is None or guild.unavailable or not guild.roles:
        return None
    channels = {channel.id for channel in (*guild.channels, *guild.threads)}
    return {
        TargetKind.ROLE: frozenset(role.id for role in guild.roles),
        TargetKind.CHANNEL: frozenset(channels),
    }


async def reach(interaction: discord.Interaction[Any], target: Target) -> int | None:
    """Return how many members a rule for everyone or for a role affects; None if that is unknown."""
    if target == EVERYONE:
        return interaction.guild.member_count if interaction.guild else None
    if target.kind is not TargetKind.ROLE or interaction.guild_id is None:
        return None
    # A task, because discord.py 2.7 (http.py, ``Ratelimit.__aexit__``) waits for a used-up bucket to refill
    # even on the way out of a cancelled call, which a time-out around the call cannot end.
    counting = asyncio.create_task(interaction.client.http.get_role_member_counts(interaction.guild_id))
    try:
        done, _ = await asyncio.wait((counting,), timeout=COUNT_PATIENCE)
        if not done:
            raise TimeoutError  # noqa: TRY301 - told like any other failure
        counts: Any = counting.result()
        count = counts.get(str(target.id))
    except Exception as error:  # noqa: BLE001 - an answer that says less is better than none
        _log.info("members of a role not counted: %s", type(error).__name__)
        return None
    finally:
        counting.cancel()
    return count if type(count) is int else None
