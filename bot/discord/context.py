"""Reads from an interaction who asks, where, and where the answer goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.jobs.job import Address
from bot.limits.policy import Asker

if TYPE_CHECKING:
    from typing import Any


def asker_of(interaction: discord.Interaction[Any]) -> Asker:
    """Return the member and the channel of an interaction in a server."""
    return Asker(
        guild_id=interaction.guild_id or 0,
        member_id=interaction.user.id,
        role_ids=role_ids_of(interaction.user),
        channel_ids=channel_ids_of(interaction.channel, interaction.channel_id),
    )


def role_ids_of(member: discord.Member | discord.User) -> frozenset[int]:
    """Return the ids of the member's roles, as the interaction gives them.

    ``Member.roles`` would omit roles that are not in the cache, so their rules would not apply.
    """
    return frozenset(member._roles) if isinstance(member, discord.Member) else frozenset()  # noqa: SLF001


def channel_ids_of(channel: object, channel_id: int | None = None) -> tuple[int, ...]:
    """Return the channel's id and, for a thread, its parent's; ``channel_id`` if the channel is missing."""
    found = (getattr(channel, "id", channel_id), getattr(channel, "parent_id", None))
    return tuple(number for number in found if isinstance(number, int))


def address_of(interaction: discord.Interaction[Any], *, private: bool, spoiler: bool = False) -> Address:
    """Return the address that the answer to an interaction goes to.

    Args:
        interaction: the interaction to answer.
        private: whether only the member may see it; fixed by the first answer.
        spoiler: whether pictures are hidden until clicked.
    """
    return Address(
        interaction_id=interaction.id,
        application_id=interaction.application_id,
        token=interaction.token,
        guild_id=interaction.guild_id or 0,
        channel_id=interaction.channel_id,
        member_id=interaction.user.id,
        locale=interaction.locale.value,
        private=private,
        spoiler=spoiler,
        file_limit=interaction.filesize_limit,
    )
