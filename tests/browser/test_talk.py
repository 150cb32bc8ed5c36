"""Ordinary talk: text without danger, mentions, deleting, and finding the way in a long channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from sandbox.discord.world.ids import ARTISTS, GALLERY, MEMBER_ONE, MEMBER_TWO, MODERATOR

if TYPE_CHECKING:
    from sandbox.server import Sandbox
    from tests.browser.driving import DemoPage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_text_is_shown_and_never_run(quiet: Sandbox, scripted: DemoPage) -> None:
    danger = (
        '<img src=x onerror="document.title=1"> <script>document.title=2</script> [a](javascript:alert(1))'
    )
    await quiet.discord.member(MEMBER_TWO).say(danger)

    await expect(scripted.by_id("message-content")).to_have_text(danger)
    assert await scripted.page.title() == "#studio | Easel Studio"
    assert await scripted.last_message.locator("img, script, a").count() == 0


async def test_mentions_and_times_are_told_by_name(quiet: Sandbox, scripted: DemoPage) -> None:
    text = f"<@{MEMBER_ONE}> <@&{ARTISTS}> <#{GALLERY}> <t:0:R> <t:0:D> @everyone"
    await quiet.discord.member(MODERATOR).say(text)

    content = scripted.by_id("message-content")
    for told in ("@Member One", "@Artists", "#gallery", "years ago", "1970", "@everyone"):
        await expect(content).to_contain_text(told)
    await content.get_by_role("button", name="#gallery").click()
    await expect(scripted.page).to_have_title("#gallery | Easel Studio")


async def test_hidden_text_is_shown_on_request(scripted: DemoPage) -> None:
    await scripted.send("the butler ||did it **alone**||")
    spoiler = scripted.by_id("spoiler")
    await expect(spoiler).to_have_role("button")
    await spoiler.focus()
    await scripted.press("Enter")

    await expect(spoiler).not_to_have_role("button")
    await expect(spoiler.locator("strong")).to_have_css("opacity", "1")


async def test_messages_in_a_row_share_one_head(quiet: Sandbox, scripted: DemoPage) -> None:
    for text in ("one", "two"):
        await quiet.discord.member(MEMBER_TWO).say(text)
    await quiet.discord.member(MODERATOR).say("three")

    await expect(scripted.by_id("message")).to_have_count(3)
    await expect(scripted.page.locator(".message.grouped")).to_have_count(1)


async def test_members_delete_their_own_and_moderators_all(quiet: Sandbox, scripted: DemoPage) -> None:
    await quiet.discord.member(MEMBER_TWO).say("not mine")
    await scripted.last_message.hover()
    await expect(scripted.by_id("message-delete")).to_have_count(0)

    await scripted.speak_as("Moderator")
    await scripted.last_message.hover()
    await scripted.by_id("message-delete").click()
    await scripted.by_id("confirm-accept").click()

    await expect(scripted.by_id("message")).to_have_count(0)
    assert quiet.discord.member(MEMBER_TWO).messages() == []


async def test_the_list_stays_where_it_is_read(quiet: Sandbox, scripted: DemoPage) -> None:
    member = quiet.discord.member(MEMBER_TWO)
    for number in range(40):
        await member.say(f"line {number}\nand another")
    await expect(scripted.last_message).to_be_in_viewport()

    await scripted.last_message.focus()
    await scripted.press("Home")
    await expect(scripted.by_id("message").first).to_be_focused()
    await member.say("the newest")
    jump = scripted.page.get_by_role("button", name="New messages below")
    await expect(scripted.last_message).not_to_be_in_viewport()
    await jump.click()

    await expect(scripted.last_message).to_be_in_viewport()
    await expect(jump).to_be_hidden()


async def test_another_channel_shows_that_something_is_new(quiet: Sandbox, scripted: DemoPage) -> None:
    await quiet.discord.member(MEMBER_TWO).say("over here", GALLERY)
    channel = scripted.page.get_by_role("button", name="gallery (unread)")
    await channel.click()

    await expect(scripted.by_id("message-content")).to_have_text("over here")
    await expect(channel).to_have_count(0)


async def test_a_lost_line_is_said_and_made_up_for(quiet: Sandbox, scripted: DemoPage) -> None:
    reconnecting = scripted.page.get_by_text("Reconnecting…")
    await scripted.page.context.set_offline(True)
    try:
        await quiet.discord.close()
        await expect(reconnecting).to_be_visible()
        await quiet.discord.member(MEMBER_TWO).say("said meanwhile")
    finally:
        await scripted.page.context.set_offline(False)

    await expect(scripted.by_id("message-content")).to_have_text("said meanwhile")
    await expect(reconnecting).to_be_hidden()
