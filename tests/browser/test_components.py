"""What an application can put into a message or a modal, by a script in the application's place."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.async_api import expect

from sandbox.discord.world.ids import ARTISTS, MEMBER_TWO
from tests.browser.application import COMPONENTS_V2, DEFER_UPDATE, EPHEMERAL, MESSAGE, MODAL, UPDATE

if TYPE_CHECKING:
    from tests.browser.application import ScriptedApplication
    from tests.browser.driving import DemoPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASK = [{"name": "ask", "description": "Ask for something"}]


def button(style: int, label: str, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": style, "label": label, "custom_id": label.lower(), **more}


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
    return buffer.getvalue()


async def test_a_button_waits_and_then_changes_its_message(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    link = {"type": 2, "style": 5, "label": "Link", "url": "https://example.com/"}
    buttons = row(button(1, "One"), button(2, "Two"), button(3, "Three"), button(4, "Four"), link)
    off = row(button(1, "Off", disabled=True), button(2, "Again", emoji={"name": "🔁"}))
    await application.post({"content": "press", "components": [buttons, off]})
    await expect(scripted.last_message.get_by_role("link", name="Link")).to_have_attribute(
        "href", "https://example.com/"
    )
    await expect(scripted.component("off")).to_be_disabled()

    await scripted.component("three").click()
    pressed = await application.next_interaction()
    assert pressed.data["custom_id"] == "three"
    await expect(scripted.component("three")).to_have_attribute("aria-busy", "true")
    await application.answer(
        pressed, UPDATE, {"content": "pressed three", "components": [row(button(2, "Two"))]}
    )

    await expect(scripted.last_message).to_contain_text("pressed three")
    await expect(scripted.component("three")).to_have_count(0)


async def test_a_pressed_button_keeps_the_keyboard(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    await application.post({"content": "press", "components": [row(button(1, "Again"))]})
    await scripted.component("again").focus()
    await scripted.press("Enter")
    await application.answer(await application.next_interaction(), DEFER_UPDATE)

    await expect(scripted.component("again")).not_to_have_attribute("aria-busy", "true")
    await expect(scripted.component("again")).to_be_focused()


async def test_silence_is_told_under_the_component(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    await application.post({"content": "press", "components": [row(button(1, "Silent"))]})
    await scripted.component("silent").click()

    failed = scripted.last_message.get_by_test_id("interaction-failed")
    await expect(failed).to_have_text("The application did not respond")
    await expect(scripted.component("silent")).not_to_have_attribute("aria-busy", "true")


async def test_one_value_of_a_select_is_sent_at_once(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    options = [{"label": name, "value": name.lower(), "description": f"In {name}"} for name in ("Oil", "Ink")]
    select = {"type": 3, "custom_id": "style", "placeholder": "Choose a style", "options": options}
    await application.post({"content": "choose", "components": [row(select)]})

    await scripted.component("style").focus()
    await scripted.press("Enter", "ArrowDown", "Enter")

    chosen = await application.next_interaction()
    assert chosen.data["values"] == ["ink"]
    await application.answer(chosen, DEFER_UPDATE)
    await expect(scripted.component("style")).to_contain_text("Ink")


async def test_several_values_are_sent_when_the_list_closes(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    users = {"type": 5, "custom_id": "users", "min_values": 1, "max_values": 2}
    anyone = {"type": 7, "custom_id": "anyone", "default_values": [{"id": str(ARTISTS), "type": "role"}]}
    await application.post({"content": "choose", "components": [row(users), row(anyone)]})
    await expect(scripted.component("anyone")).to_contain_text("@Artists")

    await scripted.component("users").click()
    options = scripted.by_id("select-option")
    await options.filter(has_text="Member Two").click()
    await options.filter(has_text="Moderator").click()
    await options.filter(has_text="Easel").click()  # a third is one too many
    await scripted.press("Escape")

    chosen = await application.next_interaction()
    assert len(chosen.data["values"]) == 2
    assert chosen.data["values"][0] == str(MEMBER_TWO)


async def test_a_modal_is_filled_in_checked_and_submitted(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    choices = [{"label": name, "value": name.lower()} for name in ("Square", "Wide")]

    def label(text: str, **component: Any) -> dict[str, Any]:
        return {"type": 18, "label": text, "component": component}

    await application.register(ASK)
    await scripted.send("/ask")
    await scripted.press("Enter")
    fields = [
        {"type": 10, "content": "Say **what** you want."},
        label("Prompt", type=4, custom_id="prompt", style=2, min_length=5, max_length=100),
        label("Shape", type=21, custom_id="shape", options=choices),
        label("Extras", type=22, custom_id="extras", options=choices, required=False, min_values=0),
        label("Style", type=3, custom_id="style", options=choices, placeholder="Choose"),
    ]
    modal = {"custom_id": "wish", "title": "A wish", "components": fields}
    await application.answer(await application.next_interaction(), MODAL, modal)

    dialog = scripted.by_id("modal")
    await expect(dialog.get_by_role("heading")).to_have_text("A wish")
    await expect(scripted.component("prompt")).to_be_focused()
    await scripted.by_id("modal-submit").click()
    await expect(dialog).to_contain_text("This field is required.")
    await scripted.type("a paper boat")
    await dialog.get_by_label("Wide").first.check()
    await scripted.component("style").click()
    await scripted.press("Enter")
    await scripted.by_id("modal-submit").click()

    submitted = await application.next_interaction()
    await application.answer(submitted, MESSAGE, {"content": "so be it", "flags": EPHEMERAL})
    answers = {
        item["component"]["custom_id"]: item["component"].get("value", item["component"].get("values"))
        for item in submitted.data["components"]
        if "component" in item
    }
    assert answers == {"prompt": "a paper boat", "shape": "wide", "extras": [], "style": ["square"]}
    await expect(dialog).to_have_count(0)
    await expect(scripted.by_id("ephemeral")).to_be_visible()


async def test_a_modal_nobody_takes_says_so_and_stays(
    application: ScriptedApplication, scripted: DemoPage
) -> None:
    await application.register(ASK)
    await scripted.send("/ask")
    await scripted.press("Enter")
    field = {"type": 4, "custom_id": "text", "style": 1, "label": "Text", "value": "kept"}
    modal = {"custom_id": "lost", "title": "Lost", "components": [row(field)]}
    await application.answer(await application.next_interaction(), MODAL, modal)

    await scripted.by_id("modal-submit").click()

    await expect(scripted.by_id("modal").get_by_role("alert").first).to_contain_text("Something went wrong")
    await expect(scripted.component("text")).to_have_value("kept")
    await scripted.press("Escape")
    await expect(scripted.by_id("modal")).to_have_count(0)


async def test_components_v2_are_laid_out(application: ScriptedApplication, scripted: DemoPage) -> None:
    first = {"media": {"url": "attachment://one.png"}, "description": "the first"}
    hidden = {"media": {"url": "attachment://two.png"}, "description": "the second", "spoiler": True}
    section = {
        "type": 9,
        "components": [{"type": 10, "content": "## A title"}],
        "accessory": {"type": 11, **first},
    }
    container = {
        "type": 17,
        "accent_color": 0x5661D6,
        "components": [
            section,
            {"type": 14, "divider": True, "spacing": 2},
            {"type": 12, "items": [first, hidden]},
            {"type": 13, "file": {"url": "attachment://notes.txt"}},
            row(button(2, "Again")),
        ],
    }
    files = {"one.png": png(80, 60), "two.png": png(60, 80), "notes.txt": b"notes"}
    listed = [{"id": index, "filename": name} for index, name in enumerate(files)]
    body = {"flags": COMPONENTS_V2, "components": [container], "attachments": listed}
    await application.post(body, files)

    message = scripted.last_message
    await expect(message.get_by_role("heading", name="A title")).to_be_visible()
    await expect(message.get_by_alt_text("the first")).to_have_count(2)
    await expect(message.get_by_role("link", name="notes.txt").first).to_be_visible()
    await expect(message.get_by_role("button", name="Again")).to_be_visible()
    await message.get_by_test_id("spoiler").click()
    await message.get_by_alt_text("the second").click()
    await expect(scripted.by_id("lightbox-alt")).to_have_text("the second")


async def test_an_embed_shows_all_its_parts(application: ScriptedApplication, scripted: DemoPage) -> None:
    fields = [
        {"name": "Left", "value": "1", "inline": True},
        {"name": "Right", "value": "*2*", "inline": True},
    ]
    embed = {
        "title": "A title",
        "url": "https://example.com/",
        "description": "with **marks**",
        "color": 0x2ECC71,
        "author": {"name": "An author"},
        "footer": {"text": "A footer"},
        "fields": fields,
    }
    await application.post({"embeds": [embed]})

    card = scripted.last_message.get_by_role("article")
    for text in ("A title", "An author", "A footer", "Left", "Right"):
        await expect(card).to_contain_text(text)
    await expect(card.get_by_role("link", name="A title")).to_have_attribute("href", "https://example.com/")
    await expect(card.locator("strong")).to_have_text("marks")
