"""Every command about limits as it is used in the page: by moderators, by members, by those who may not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from sandbox.azure.options import AzureOptions
from sandbox.discord.world.ids import MEMBER_ONE, MODERATOR
from sandbox.server import SandboxOptions, open_sandbox
from tests.browser.driving import PHONE, open_page, open_profile
from tests.e2e.bot_process import running_bot
from tests.e2e.ruling import CONFIGURATION, Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Locator

    from tests.browser.driving import DemoPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

COMMANDS = [
    "/limits view",
    "/limits set images_per_day:0",
    "/limits set images_per_day:0 preview:True",
    "/limits clear",
    "/limits explain member:Moderator",
    "/limits undo",
    "/limits timezone zone:Asia/Tokyo",
    "/studio pause message:closed",
    "/studio resume",
    "/studio block member:Moderator",
    "/studio unblock member:Moderator",
]
"""One line for each moderators' command."""

WITHOUT_OPTIONS = {"/limits view", "/limits clear", "/limits undo", "/studio resume"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ruled_server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server with a bot of its own, for the rules that the tests here make."""
    del browser  # first, so that nothing is started where there is none
    directory = tmp_path_factory.mktemp("ruled")
    (directory / "easel.toml").write_text(CONFIGURATION, encoding="utf-8")
    options = SandboxOptions(azure=AzureOptions(latency=0.0))
    async with open_sandbox(options) as sandbox, running_bot(sandbox, directory) as bot:
        yield Server(sandbox, bot)


@pytest_asyncio.fixture(loop_scope="session")
async def server(ruled_server: Server) -> AsyncIterator[Server]:
    """That server without rules and messages."""
    ruled_server.wipe()
    await ruled_server.sandbox.discord.reset()
    yield ruled_server
    ruled_server.sandbox.discord.world.commands.clear_overrides()


@pytest_asyncio.fixture(loop_scope="session")
async def moderator(profile: BrowserContext, server: Server) -> AsyncIterator[DemoPage]:
    """The page as the moderator sees it."""
    async with open_page(profile, server.sandbox.url, user=MODERATOR) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def member(profile: BrowserContext, server: Server) -> AsyncIterator[DemoPage]:
    """The page as Member One sees it."""
    async with open_page(profile, server.sandbox.url, user=MEMBER_ONE) as page:
        yield page


async def use(page: DemoPage, line: str) -> Locator:
    """Send a command, and wait for its answer."""
    messages = page.by_id("message")
    before = await messages.count()
    await page.send(line)
    if " " not in line or line in WITHOUT_OPTIONS:
        await page.press("Enter")  # the first one took the command from the list
    await expect(messages).to_have_count(before + 1)
    await expect(page.by_id("thinking")).to_have_count(0)
    return page.last_message


async def privately(page: DemoPage, line: str) -> Locator:
    """Send a command, and wait for its answer, which is for oneself alone."""
    answer = await use(page, line)
    await expect(answer.get_by_test_id("ephemeral")).to_be_visible()
    return answer


def pressed(message: Locator, label: str) -> Locator:
    return message.get_by_role("button", name=label, exact=True)


# --- moderators -----------------------------------------------------------------------------------


async def test_a_moderator_sees_sets_and_takes_back_rules(moderator: DemoPage) -> None:
    await expect(await privately(moderator, "/limits view")).to_contain_text("No rules yet.")

    answer = await privately(
        moderator, "/limits set role:@Artists images_per_day:50 max_size:1536x1024 max_quality:medium"
    )
    await expect(answer).to_contain_text("Limits of @Artists are changed, from the next request on.")
    await expect(answer).to_contain_text("It matters for one member.")
    await expect(answer.get_by_role("listitem")).to_have_text(
        [
            "Pictures a day: not set → 50",
            "Largest size: not set → 1536×1024",
            "Best quality: not set → medium",
        ]
    )
    overview = await privately(moderator, "/limits view")
    await expect(overview.get_by_role("listitem")).to_have_text(
        ["@Artists: 50 a day · up to 1536×1024 · up to medium quality"]
    )
    answer = moderator.by_id("message").nth(1)
    await pressed(answer, "Undo").click()
    await expect(answer).to_contain_text("Taken back: limits of @Artists are as they were before.")
    await pressed(answer, "Put it back").click()
    await expect(answer.get_by_role("listitem").first).to_have_text("Pictures a day: not set → 50")

    await expect(await privately(moderator, "/limits undo")).to_contain_text("Taken back")
    await expect(await privately(moderator, "/limits view")).to_contain_text("No rules yet.")


async def test_a_preview_is_applied_or_cancelled(moderator: DemoPage) -> None:
    answer = await privately(moderator, "/limits set channel:#gallery images_per_day:2 preview:True")
    await expect(answer).to_contain_text("Limits of #gallery would change; nothing is changed yet.")
    await expect(answer).to_contain_text("A channel can only narrow what members have elsewhere.")
    await pressed(answer, "Cancel").click()
    await expect(answer).to_contain_text("Cancelled. Nothing was changed.")
    await expect(answer.get_by_role("button", name="Apply")).to_have_count(0)

    answer = await privately(moderator, "/limits set images_per_day:7 preview:True")
    await pressed(answer, "Apply").click()
    await expect(answer).to_contain_text("Limits of everyone are changed")
    overview = await privately(moderator, "/limits view")
    await expect(overview.get_by_role("listitem")).to_have_text(["Everyone: 7 a day"])


async def test_a_rule_is_cleared_in_part_and_as_a_whole(moderator: DemoPage) -> None:
    await privately(moderator, "/limits set member:Member Two images_per_day:3 cooldown:60")
    answer = await privately(moderator, "/limits clear member:Member Two field:cooldown")
    await expect(answer.get_by_role("listitem")).to_have_text(["Wait between requests: 1 min → not set"])
    answer = await privately(moderator, "/limits clear member:Member Two")
    await expect(answer).to_contain_text("Limits of @Member Two are cleared")
    await expect(await privately(moderator, "/limits view")).to_contain_text("No rules yet.")
    answer = await privately(moderator, "/limits clear gone:True")
    await expect(answer).to_contain_text("No rule is for a deleted role or channel.")


async def test_explain_shows_where_each_value_comes_from(moderator: DemoPage) -> None:
    await privately(moderator, "/limits set role:@Artists images_per_day:50")
    answer = await privately(moderator, "/limits explain member:Member Two channel:#gallery")
    await expect(answer).to_contain_text("What @Member Two may draw in #gallery")
    lines = answer.get_by_role("listitem")
    await expect(lines.nth(0)).to_have_text("Pictures a day: 50 · rule for @Artists")
    await expect(lines.nth(1)).to_have_text("Pictures per request: 8 · the bot's operator allows no more")


async def test_options_are_suggested_while_they_are_typed(moderator: DemoPage) -> None:
    await moderator.write("/limits timezone zone:berl")
    await expect(moderator.by_id("option-suggestion")).to_have_text(["Europe/Berlin"])
    await moderator.press("Enter", "Enter")
    await expect(moderator.last_message).to_contain_text("begin at midnight in Europe/Berlin")

    await moderator.write("/limits set models:GPT Image 2, mini")
    await expect(moderator.by_id("option-suggestion")).to_have_text(["GPT Image 2, GPT Image 1 mini"])
    await moderator.press("ArrowDown", "Enter", "Enter")
    await expect(moderator.last_message.get_by_role("listitem")).to_have_text(
        ["Models: not set → GPT Image 1 mini, GPT Image 2"]
    )


async def test_a_wrong_value_is_stopped_by_the_page_and_senseless_ones_by_the_bot(
    moderator: DemoPage,
) -> None:
    await moderator.send("/limits set images_per_day:-1")
    await expect(moderator.by_id("composer-error")).to_have_text(
        "images_per_day: Enter a number of at least 0."
    )
    await moderator.composer.fill("")
    await moderator.press("Escape")
    await moderator.page.reload()
    await moderator.is_loaded()
    answer = await privately(moderator, "/limits set max_size:large role:@Artists channel:#gallery")
    await expect(answer).to_contain_text("Name one role, one member or one channel, not several of them.")


async def test_a_moderator_pauses_and_resumes(moderator: DemoPage) -> None:
    answer = await privately(moderator, "/studio pause message:Back at six")
    await expect(answer).to_contain_text("Members who try read: “Back at six”")
    await moderator.speak_as("Member One")
    refusal = await privately(moderator, "/imagine a lighthouse")
    await expect(refusal).to_contain_text("They say: “Back at six” Nothing was charged.")
    await expect(await privately(moderator, "/quota")).to_contain_text("Back at six")

    await moderator.speak_as("Moderator")
    await expect(await privately(moderator, "/studio resume")).to_contain_text("Drawing goes on")
    await moderator.speak_as("Member One")
    await use(moderator, "/imagine a lighthouse")
    await moderator.see_pictures()


async def test_a_moderator_blocks_and_unblocks(moderator: DemoPage) -> None:
    await moderator.write("/studio block member:Member One until:3")
    await expect(moderator.by_id("option-suggestion")).to_have_text(["3m", "3h", "3d", "3w"])
    await moderator.press("ArrowDown", "ArrowDown", "Enter", "Enter")
    answer = moderator.last_message
    await expect(answer).to_contain_text("@Member One may not draw in this server until")
    await expect(answer).to_contain_text("which is in")
    await moderator.speak_as("Member One")
    refusal = await privately(moderator, "/imagine a lighthouse")
    await expect(refusal).to_contain_text("do not let you draw in this server until")

    await moderator.speak_as("Moderator")
    answer = await privately(moderator, "/studio unblock member:Member One")
    await expect(answer).to_contain_text("@Member One may draw again.")


# --- members --------------------------------------------------------------------------------------


async def test_a_member_sees_what_is_left(member: DemoPage, server: Server) -> None:
    await server.moderator.slash("limits set", images_per_day=3, max_quality="medium")
    await use(member, "/imagine a lighthouse count:2")
    await member.see_pictures(2)
    answer = await privately(member, "/quota")
    await expect(answer).to_contain_text(
        re.compile(r"Today: 1 of 3 left, renews in (\d+ hours?|an hour|\d+ minutes?)")
    )
    await expect(answer).to_contain_text("Each request here: up to medium quality · up to 8 pictures")
    await expect(answer).to_contain_text(
        re.compile(r"GPT Image 2, 1024×1024: low \$0\.\d+ · medium \$0\.\d+")
    )
    refusal = await privately(member, "/imagine a lighthouse count:2")
    await expect(refusal).to_contain_text("You have 1 of today's 3 pictures left here.")


async def test_a_member_is_not_offered_what_they_may_not_have(member: DemoPage, server: Server) -> None:
    await server.moderator.slash("limits set", max_size="1024x1024")
    await member.write("/imagine a lighthouse size:1")
    await expect(member.by_id("option-suggestion").first).to_be_visible()
    offered = await member.by_id("option-suggestion").all_text_contents()
    assert "1024 × 1024" in offered
    assert not any("1536" in size for size in offered)


async def test_a_member_does_not_find_moderators_commands(member: DemoPage) -> None:
    for command in ("/limits", "/studio"):
        await member.composer.fill("")
        await member.write(command)
        await expect(member.page.get_by_text("No commands found")).to_be_visible()


async def test_a_member_who_finds_moderators_commands_is_refused(member: DemoPage, server: Server) -> None:
    server.open_to_everyone()
    for line in COMMANDS:
        answer = await privately(member, line)
        await expect(answer).to_contain_text("it takes the permission “Manage Server”. Nothing was changed.")
    assert server.trail() == []


# --- on a phone -----------------------------------------------------------------------------------


async def test_answers_fit_a_phone(browser: Browser, server: Server) -> None:
    await server.moderator.slash(
        "limits set",
        images_per_day=5,
        max_size="1536x1024",
        models="GPT Image 2, GPT Image 1 mini",
        cooldown=90,
    )
    async with (
        open_profile(browser, PHONE) as profile,
        open_page(profile, server.sandbox.url, user=MODERATOR) as page,
    ):
        await privately(page, "/limits view")
        await privately(page, "/quota")
        assert await page.page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
