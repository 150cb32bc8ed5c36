from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from cogs.limits.guild_facts import reach
from tests.unit.cogs.rules import ARTISTS, CHANNEL, GUILD, PERSON, ROLE

if TYPE_CHECKING:
    import discord


def asked_of(answer: object) -> discord.Interaction[Any]:
    """An interaction with a Discord that answers every count so, or fails so."""

    async def count(_guild_id: int) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    http = SimpleNamespace(get_role_member_counts=count)
    found = SimpleNamespace(guild_id=GUILD, guild=None, client=SimpleNamespace(http=http))
    return cast("discord.Interaction[Any]", found)


async def test_the_members_of_a_role_are_counted_by_discord() -> None:
    assert await reach(asked_of({str(ARTISTS): 3, "99": 8}), ROLE) == 3
    assert await reach(asked_of({str(ARTISTS): 3}), PERSON) is None
    assert await reach(asked_of({str(ARTISTS): 3}), CHANNEL) is None


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        "<html>",
        {str(ARTISTS): "3"},
        {str(ARTISTS): None},
        {str(ARTISTS): True},
        {str(ARTISTS): {"count": 3}},
        ValueError("not JSON"),
        ConnectionResetError(),
        TimeoutError(),
    ],
    ids=repr,
)
async def test_what_discord_does_not_say_in_so_many_words_is_not_known(answer: object) -> None:
    assert await reach(asked_of(answer), ROLE) is None
