"""The demo as a visitor meets it: the real bot, the real page, a browser."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from sandbox.azure.kinds import simulated
from sandbox.discord.world.ids import MEMBER_TWO
from tests.browser.driving import DESKTOP_LIGHT, PHONE, open_page, open_profile

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from sandbox.server import Sandbox
    from tests.browser.driving import DemoPage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_member_types_imagine_and_sees_the_picture(sandbox: Sandbox, page: DemoPage) -> None:
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, latency=0.5)

    await page.send("/imagine a red fox in the snow")

    await expect(page.by_id("thinking")).to_have_text("Easel is thinking…")
    picture = (await page.see_pictures()).locator("img")
    assert await picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1024, 1024]
    await expect(picture).to_have_attribute("alt", "a red fox in the snow")
    await expect(page.by_id("interaction-header")).to_have_text("MOMember One used /imagine")
    await expect(page.by_id("message-content")).to_contain_text("a red fox in the snow")
    await expect(page.by_id("thinking")).to_have_count(0)


async def test_a_whole_line_may_be_typed_in_one_go(sandbox: Sandbox, page: DemoPage) -> None:
    await page.send("/imagine a red fox size:1536x1024 private:True")
    await page.see_pictures()

    body = sandbox.azure.requests[-1].body
    assert (body["prompt"], body["size"]) == ("a red fox", "1536x1024")
    await expect(page.by_id("ephemeral")).to_be_visible()


async def test_a_whole_line_may_be_pasted(sandbox: Sandbox, page: DemoPage) -> None:
    for line in (
        "/imagine prompt:a red fox private:true size:1536x1024",
        "/imagine size:1536x1024 private:True prompt:a red fox",
    ):
        before = await page.by_id("message").count()
        await page.composer.fill(line)
        await page.composer.press("Enter")
        await expect(page.by_id("message")).to_have_count(before + 1)
        await page.see_pictures()

    asked = [(request.body["prompt"], request.body["size"]) for request in sandbox.azure.requests]
    assert asked == [("a red fox", "1536x1024")] * 2


async def test_sizes_are_suggested_while_typing(sandbox: Sandbox, page: DemoPage) -> None:
    await page.write("/imagine a red fox size:15")
    suggestions = page.by_id("option-suggestion")
    await expect(suggestions.first).to_contain_text("1536")

    await page.press("ArrowDown", "ArrowUp", "Enter")
    await expect(page.option("size")).to_have_value("1536 × 1024")
    await page.press("Enter")

    await page.see_pictures()
    assert sandbox.azure.requests[-1].body["size"] == "1536x1024"


async def test_only_its_owner_sees_a_private_answer(
    browser: Browser, sandbox: Sandbox, page: DemoPage
) -> None:
    async with (
        open_profile(browser) as profile,
        open_page(profile, sandbox.url, user=MEMBER_TWO) as other,
    ):
        await page.send("/imagine a secret garden private:True")
        await page.see_pictures()
        await expect(page.by_id("ephemeral")).to_contain_text("Only you can see this")
        await page.send("a word to everybody")

        await expect(other.last_message).to_contain_text("a word to everybody")
        await expect(other.by_id("message")).to_have_count(1)

        await page.speak_as("Moderator")
        await expect(page.by_id("message")).to_have_count(1)
        await page.speak_as("Member One")
        await expect(page.by_id("message")).to_have_count(2)
        await page.by_id("ephemeral").get_by_role("button").click()
        await expect(page.by_id("message")).to_have_count(1)


async def test_a_spoiler_stays_covered_until_it_is_clicked(page: DemoPage) -> None:
    await page.send("/imagine the last page spoiler:True")
    await page.see_pictures()
    prompt, picture = page.by_id("spoiler").first, page.by_id("spoiler").last
    await expect(picture).to_have_text("SPOILER")
    await expect(prompt).to_have_accessible_name("Spoiler: show")

    await picture.click()

    await expect(page.by_id("spoiler")).to_have_count(1)
    await prompt.click()
    await expect(page.by_id("message-content").last).to_contain_text("the last page")
    await page.by_id("attachment").click()
    await expect(page.by_id("lightbox")).to_be_visible()


async def test_the_lightbox_shows_alt_text_and_the_original(page: DemoPage) -> None:
    await page.send("/imagine four winds count:4")
    pictures = await page.see_pictures(4)
    await pictures.nth(3).click()
    box, image = page.by_id("lightbox"), page.by_id("lightbox-image")
    await expect(page.by_id("lightbox-alt")).to_contain_text("four winds")
    await expect(box).to_contain_text("4 of 4")
    last = await image.get_attribute("src")

    await page.press("ArrowRight")
    await expect(box).to_contain_text("1 of 4")
    assert await image.get_attribute("src") != last
    original = await page.by_id("lightbox-original").get_attribute("href")
    assert original == await image.get_attribute("src")

    await page.press("Escape")
    await expect(box).to_have_count(0)
    await expect(pictures.nth(3)).to_be_focused()


async def test_everything_works_by_keyboard_alone(page: DemoPage) -> None:
    await page.press("/")
    await page.type("ima")
    await expect(page.by_id("command-suggestion")).to_have_count(1)
    await page.press("Tab")
    await expect(page.option("prompt")).to_be_focused()
    await page.type("a paper boat")
    await page.press("Tab", "ArrowDown", "Enter")
    await expect(page.option("size")).to_be_focused()
    await expect(page.by_id("option-suggestion").first).to_be_visible()
    await page.press("Enter", "Enter")
    await page.see_pictures()

    await page.press("Shift+Tab", "Shift+Tab")
    await expect(page.by_id("attachment")).to_be_focused()
    await page.press("Enter")
    await expect(page.by_id("lightbox")).to_be_visible()
    await page.press("Tab", "Tab", "Tab")
    assert await page.by_id("lightbox").evaluate("box => box.contains(document.activeElement)")
    await page.press("Escape")
    await expect(page.by_id("attachment")).to_be_focused()
    await page.press("Escape")
    await expect(page.composer).to_be_focused()


async def test_a_phone_has_room_for_all_of_it(browser: Browser, sandbox: Sandbox) -> None:
    async with open_profile(browser, PHONE) as profile, open_page(profile, sandbox.url) as page:
        await page.composer.tap()
        await page.page.get_by_label("Use a command").tap()
        await page.by_id("command-suggestion").first.tap()
        await page.option("prompt").fill("a very long prompt that has to wrap somewhere on so small a screen")
        await page.by_id("command-option-prompt").press("Enter")
        pictures = await page.see_pictures()
        assert await page.width_of(pictures.first) < PHONE.width

        await page.page.get_by_role("button", name="Channels").tap()
        await page.speak_as("Moderator")
        await expect(page.page.locator("#sidebar")).to_be_hidden()
        await page.page.get_by_role("button", name="Channels").tap()
        await page.page.get_by_role("button", name="gallery").tap()
        await expect(page.page.get_by_role("heading", name="Welcome to #gallery!")).to_be_visible()
        assert await page.page.evaluate("document.documentElement.scrollWidth") == PHONE.width


async def test_the_theme_follows_the_system_until_chosen(browser: Browser, sandbox: Sandbox) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    async with open_profile(browser, DESKTOP_LIGHT) as profile, open_page(profile, sandbox.url) as page:
        light = await page.page.evaluate(background)
        await page.page.emulate_media(color_scheme="dark")
        dark = await page.page.evaluate(background)
        assert light != dark

        await page.by_id("theme-toggle").click()
        assert await page.page.evaluate(background) == light
        await page.page.reload()
        await page.is_loaded()
        assert await page.page.evaluate(background) == light


async def test_a_refusal_is_told_in_private_and_found_through_the_help(page: DemoPage) -> None:
    await expect(page.by_id("simulated-banner")).to_contain_text("Simulated: no Discord, no Azure.")
    await page.by_id("simulated-banner").get_by_role("button").click()
    await page.by_id("try-prompt_refused").click()
    await expect(page.option("prompt")).to_have_value("a cat simulate:prompt_refused")
    await page.type(" private:True")
    await page.press("Enter")

    await expect(page.by_id("message-content")).to_contain_text("content filter")
    await expect(page.by_id("ephemeral")).to_be_visible()
    await expect(page.by_id("attachment")).to_have_count(0)


async def test_the_help_offers_only_what_the_sandbox_can_simulate(page: DemoPage) -> None:
    await page.page.get_by_label("Help").click()
    prompts = await page.page.locator('[data-testid^="try-"]').all_text_contents()

    assert len(prompts) >= 10
    assert [prompt for prompt in prompts if simulated(prompt) is None] == []


async def test_what_is_typed_anywhere_goes_to_the_composer(page: DemoPage) -> None:
    await page.by_id("theme-toggle").focus()
    await page.type("hello")
    await expect(page.composer).to_have_value("hello")
    await page.press("Enter")
    await expect(page.by_id("message-content")).to_have_text("hello")


async def test_the_page_survives_a_reload_and_starts_over(sandbox: Sandbox, page: DemoPage) -> None:
    await page.send("/imagine a lighthouse")
    await page.see_pictures()
    await page.page.reload()
    await page.is_loaded()
    await page.see_pictures()

    await page.page.get_by_label("Help").click()
    await page.by_id("reset").click()
    await page.by_id("confirm-accept").click()

    await expect(page.by_id("message")).to_have_count(0)
    assert sandbox.discord.member(MEMBER_TWO).messages() == []
