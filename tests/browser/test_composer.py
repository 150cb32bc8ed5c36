"""Writing commands: the picker, the options, what is checked, and what reaches the application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from sandbox.discord.world.ids import ARTISTS, MEMBER_TWO, MODERATOR, MODERATORS, STUDIO
from tests.browser.application import DEFER, EPHEMERAL, MESSAGE, SUGGEST, scripted_application

if TYPE_CHECKING:
    from sandbox.server import Sandbox
    from tests.browser.application import ScriptedApplication
    from tests.browser.driving import DemoPage

pytestmark = pytest.mark.asyncio(loop_scope="session")


def option(kind: int, name: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "description": f"The {name}", **more}


DRAW = {
    "name": "draw",
    "description": "Draw something",
    "options": [
        option(3, "text", required=True, min_length=2, max_length=20),
        option(3, "size", autocomplete=True),
        option(4, "count", min_value=1, max_value=10),
        option(10, "weight"),
        option(5, "private"),
        option(3, "style", choices=[{"name": "Oil", "value": "o"}, {"name": "Ink", "value": "i"}]),
        option(11, "image"),
    ],
}
RULES = {
    "name": "rules",
    "description": "Rules",
    "default_member_permissions": "32",
    "options": [
        {
            "type": 1,
            "name": "set",
            "description": "Set a rule",
            "options": [option(8, "role"), option(6, "member"), option(7, "channel"), option(9, "anyone")],
        },
        {"type": 1, "name": "view", "description": "See the rules"},
    ],
}
REPORT = {"name": "Report message", "type": 3}


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def _commands(application: ScriptedApplication) -> None:
    await application.register([DRAW, RULES, REPORT])


def values(data: dict[str, Any]) -> dict[str, Any]:
    return {item["name"]: item["value"] for item in data["options"]}


async def test_every_type_of_option_reaches_the_application(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    await scripted.send("/draw text:a fox count:3 weight:1.5 private:false style:ink size:anything")

    interaction = await application.next_interaction()
    while interaction.kind == 4:  # the application was asked to suggest sizes meanwhile
        interaction = await application.next_interaction()
    sent = {"text": "a fox", "count": 3, "weight": 1.5, "private": False, "style": "i", "size": "anything"}
    assert values(interaction.data) == sent


async def test_what_is_wrong_is_said_in_place(application: ScriptedApplication, scripted: DemoPage) -> None:
    del application
    problem = scripted.by_id("composer-error")
    await scripted.write("/draw ")
    await scripted.press("Enter")
    await expect(problem).to_have_text("text: This option is required. Specify a value.")
    await expect(scripted.option("text")).to_be_focused()

    await scripted.type("far too long for this count:99 weight:heavy style:Chalk")
    await scripted.press("Enter")
    await expect(problem).to_have_text("text: Use at most 20 characters (21 now).")
    for name in ("text", "count", "weight", "style"):
        await expect(scripted.option(name)).to_have_attribute("aria-invalid", "true")


async def test_a_choice_is_taken_from_the_list(application: ScriptedApplication, scripted: DemoPage) -> None:
    await scripted.write("/draw a fox")
    await scripted.press("Tab")
    await expect(scripted.by_id("optional-option")).to_have_count(6)
    await scripted.by_id("optional-option").filter(has_text="style").click()
    await expect(scripted.by_id("option-suggestion")).to_have_text(["Oil", "Ink"])
    await scripted.press("ArrowDown", "Enter")
    await expect(scripted.option("style")).to_have_value("Ink")
    await scripted.press("Enter")

    assert values((await application.next_interaction()).data) == {"text": "a fox", "style": "i"}


async def test_a_late_suggestion_is_dropped(
    application: ScriptedApplication, quiet: Sandbox, scripted: DemoPage
) -> None:
    await scripted.write("/draw a fox size:1")
    first = await application.next_interaction()
    await scripted.type("2")
    second = await application.next_interaction()
    assert values(second.data) == {"text": "a fox", "size": "12"}
    await application.answer(second, SUGGEST, {"choices": [{"name": "twelve", "value": "12"}]})
    await expect(scripted.by_id("option-suggestion")).to_have_text(["twelve"])

    await application.answer(first, SUGGEST, {"choices": [{"name": "one", "value": "1"}]})
    await quiet.discord.member(MEMBER_TWO).say("told after the late answer")

    await expect(scripted.by_id("message-content")).to_have_text("told after the late answer")
    await expect(scripted.by_id("option-suggestion")).to_have_text(["twelve"])


async def test_silence_while_suggesting_is_said(application: ScriptedApplication, scripted: DemoPage) -> None:
    await scripted.write("/draw a fox size:1")
    await application.next_interaction()
    await expect(scripted.page.get_by_text("Loading options failed.")).to_be_visible()


async def test_subcommands_take_roles_users_and_channels(quiet: Sandbox, scripted: DemoPage) -> None:
    await scripted.write("/rules")
    await expect(scripted.page.get_by_text("No commands found")).to_be_visible()
    async with scripted_application(quiet, user=MODERATOR) as application:
        await scripted.speak_as("Moderator")
        await scripted.write("/rules")
        await expect(scripted.by_id("command-suggestion")).to_have_count(2)
        await scripted.composer.fill("")
        await scripted.send("/rules set role:@Artists member:Member Two channel:#studio anyone:Moderators")

        sent = (await application.next_interaction()).data["options"][0]
    found = {"role": ARTISTS, "member": MEMBER_TWO, "channel": STUDIO, "anyone": MODERATORS}
    assert sent["name"] == "set"
    assert values(sent) == {name: str(number) for name, number in found.items()}


async def test_a_file_is_uploaded_for_an_attachment_option(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    await scripted.write("/draw a fox image:")
    async with scripted.page.expect_file_chooser() as chooser:
        await scripted.by_id("option-suggestion").click()
    await (await chooser.value).set_files({"name": "fox.txt", "mimeType": "text/plain", "buffer": b"fox"})
    await expect(scripted.option("image")).to_have_value("fox.txt")
    await scripted.press("Enter")

    data = (await application.next_interaction()).data
    uploaded = data["resolved"]["attachments"][values(data)["image"]]
    assert (uploaded["filename"], uploaded["size"]) == ("fox.txt", 3)


async def test_a_command_nobody_answers_fails_in_red(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    await expect(scripted.by_id("application-offline")).to_contain_text("Easel is offline")
    await scripted.send("/draw a fox")
    await application.next_interaction()

    failed = scripted.by_id("interaction-failed")
    await expect(failed).to_have_text("The application did not respond")
    await scripted.page.get_by_role("button", name="Dismiss message").click()
    await expect(failed).to_have_count(0)


async def test_thinking_gives_way_to_the_answer(application: ScriptedApplication, scripted: DemoPage) -> None:
    await scripted.send("/draw a fox")
    interaction = await application.next_interaction()
    await application.answer(interaction, DEFER, {"flags": EPHEMERAL})
    await expect(scripted.by_id("thinking")).to_have_text("Easel is thinking…")
    await expect(scripted.by_id("ephemeral")).to_be_visible()
    await application.edit(interaction, {"content": "drawn"})

    await expect(scripted.by_id("message-content")).to_have_text("drawn")
    await expect(scripted.by_id("message")).to_have_count(1)


async def test_backspace_and_escape_lead_out_of_a_command(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    del application
    await scripted.write("/draw a fox count:")
    await scripted.press("Backspace")
    await expect(scripted.option("count")).to_have_count(0)
    await expect(scripted.option("text")).to_be_focused()
    await scripted.press("Escape", "Escape")
    await expect(scripted.option("text")).to_have_count(0)
    await expect(scripted.composer).to_have_value("")
    await expect(scripted.composer).to_be_focused()


async def test_a_message_command_is_found_in_the_menu(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    message = await application.post({"content": "a message"})
    await scripted.last_message.hover()
    await scripted.by_id("message-apps").click()
    await scripted.page.get_by_role("menuitem", name="Report message").click()

    interaction = await application.next_interaction()
    assert interaction.data["target_id"] == message
    await application.answer(interaction, MESSAGE, {"content": "reported", "flags": EPHEMERAL})
    await expect(scripted.by_id("interaction-header")).to_contain_text("used /Report message")
