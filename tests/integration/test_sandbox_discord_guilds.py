"""The sandbox with more servers than one: each has members, channels and messages of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.world.ids import GUILD, MEMBER_ONE, STUDIO
from tests.integration.discord_site import DiscordSite, open_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.discord.world.guild import Guild


@pytest.fixture
async def site() -> AsyncIterator[DiscordSite]:
    async with open_site() as running:
        yield running


@pytest.fixture
async def other(site: DiscordSite) -> Guild:
    return await site.discord.world.add_guild("Other Place")


def channel_of(guild: Guild) -> int:
    (channel,) = guild.channels
    return channel


async def test_a_command_in_another_server_comes_from_there(site: DiscordSite, other: Guild) -> None:
    stranger = site.discord.world.add_member("Member Three", guild=other)
    sent = await site.discord.member(stranger).slash("imagine", channel_of(other), prompt="a cat")
    assert sent.interaction.metadata["authorizing_integration_owners"] == {"0": str(other.id)}
    assert (await site.callback(sent, 5)).status == 200
    assert [message["id"] for message in site.discord.member(stranger).messages(channel_of(other))]
    assert site.member.messages(STUDIO) == []


async def test_members_are_strangers_in_the_other_server(site: DiscordSite, other: Guild) -> None:
    with pytest.raises(KeyError):
        await site.member.slash("imagine", channel_of(other), prompt="a cat")
    assert (await site.call("GET", f"/guilds/{other.id}/members/{MEMBER_ONE}")).code == 10007
    assert (await site.call("GET", f"/guilds/{GUILD}/members/{MEMBER_ONE}")).status == 200


async def test_the_bot_may_speak_in_both_and_nowhere_else(site: DiscordSite, other: Guild) -> None:
    for channel, status in ((STUDIO, 200), (channel_of(other), 200), (other.id, 404)):
        reply = await site.call("POST", f"/channels/{channel}/messages", {"content": "hello"})
        assert reply.status == status
    read = await site.call("GET", f"/channels/{channel_of(other)}")
    assert read.data["guild_id"] == str(other.id)


async def test_the_servers_are_counted_and_told_of_at_the_start(site: DiscordSite, other: Guild) -> None:
    world = site.discord.world
    assert [guild["id"] for guild in world.ready(None)["guilds"]] == [str(GUILD), str(other.id)]
    assert [guild["name"] for guild in world.guild_creates()] == ["Easel Studio", "Other Place"]
    application = await site.call("GET", "/applications/@me")
    assert application.data["approximate_guild_count"] == 2


async def test_apps_hear_only_of_their_own_servers_messages(site: DiscordSite, other: Guild) -> None:
    heard: list[str] = []
    with site.discord.world.hub.listening(MEMBER_ONE, lambda event, _data: heard.append(event)):
        await site.call("POST", f"/channels/{channel_of(other)}/messages", {"content": "there"})
        await site.call("POST", f"/channels/{STUDIO}/messages", {"content": "here"})
    assert heard == ["MESSAGE_CREATE"]
