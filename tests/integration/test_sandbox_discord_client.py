"""Discord's own app in the sandbox: what it refuses to send, and what the demo page talks to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.client.composer import InputError
from sandbox.discord.world.files import Upload
from sandbox.discord.world.ids import GALLERY, MEMBER_ONE, MEMBER_TWO, MODERATOR, STUDIO
from tests.integration.discord_site import DiscordSite, Reply, open_site, png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

EPHEMERAL = 64
BUTTON = {"type": 2, "style": 1, "label": "Again", "custom_id": "again"}
PICK = {
    "type": 3,
    "custom_id": "pick",
    "max_values": 2,
    "options": [{"label": name, "value": name} for name in "abc"],
}
WHO = {"type": 5, "custom_id": "who"}


@pytest.fixture
async def site() -> AsyncIterator[DiscordSite]:
    async with open_site() as running:
        yield running


# --- commands ---


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 101}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": "x", "count": 0}, "count"),
        ({"prompt": "x", "count": "3"}, "count"),
        ({"prompt": "x", "count": 2.5}, "count"),
        ({"prompt": "x", "model": "other"}, "model"),
        ({"prompt": "x", "member": 5}, "member"),
        ({"prompt": "x", "colour": "red"}, "colour"),
    ],
)
async def test_app_refuses_what_the_command_does_not_take(
    site: DiscordSite, options: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(InputError) as caught:
        await site.member.slash("imagine", **options)
    assert list(caught.value.errors) == [wrong]
    if options:
        sent = await site.member.slash("imagine", unchecked=True, **options)
        assert {option["name"] for option in sent.interaction.data["options"]} == set(options)


async def test_payload_resolves_what_its_options_name(site: DiscordSite) -> None:
    sent = await site.member.slash(
        "imagine", GALLERY, prompt="x", member=MEMBER_TWO, image=Upload("cat.png", png(5, 4))
    )
    data = sent.interaction.data
    assert data["resolved"]["users"][str(MEMBER_TWO)]["global_name"] == "Member Two"
    assert "user" not in data["resolved"]["members"][str(MEMBER_TWO)]
    (attachment,) = data["resolved"]["attachments"].values()
    assert (attachment["filename"], attachment["width"], attachment["ephemeral"]) == ("cat.png", 5, True)
    assert sent.interaction.channel_id == GALLERY
    async with site.session.get(attachment["url"]) as response:
        assert await response.read() == png(5, 4)


async def test_commands_of_moderators_are_not_found_by_others(site: DiscordSite) -> None:
    with pytest.raises(InputError):
        await site.member.slash("limits set")
    moderator = site.discord.member(MODERATOR)
    sent = await moderator.slash("limits set", channel=GALLERY)
    assert sent.interaction.data["options"][0]["options"][0]["value"] == str(GALLERY)
    assert sent.interaction.metadata["name"] == "limits set"
    with pytest.raises(InputError):
        await moderator.slash("limits get")
    # A server's admin can open a command to everybody; then the bot must check for itself.
    await site.member.slash("limits set", unchecked=True)


async def test_menus_take_a_message_the_member_sees(site: DiscordSite) -> None:
    said = await site.member.say("look")
    sent = await site.member.menu("Report image", int(said["id"]))
    assert sent.interaction.data["resolved"]["messages"][said["id"]]["content"] == "look"
    with pytest.raises(InputError):
        await site.member.menu("Report image", 5)


async def test_more_members_can_join(site: DiscordSite) -> None:
    newcomer = site.discord.world.add_member("Member Three")
    sent = await site.discord.member(newcomer).slash("imagine", prompt="x")
    assert sent.interaction.user_id == newcomer


# --- components ---


async def with_components(site: DiscordSite, *rows: dict[str, Any]) -> str:
    components = [{"type": 1, "components": [item]} for item in rows]
    reply = await site.messages("POST", body={"content": "x", "components": components})
    return str(reply.data["id"])


async def test_selects_take_their_options_only(site: DiscordSite) -> None:
    message_id = await with_components(site, PICK, WHO)
    for values in ([], ["d"], ["a", "b", "c"]):
        with pytest.raises(InputError):
            await site.member.select(message_id, "pick", values)
    chosen = await site.member.select(message_id, "pick", ["a", "c"])
    assert chosen.interaction.data["values"] == ["a", "c"]
    people = await site.member.select(message_id, "who", [MEMBER_TWO])
    assert str(MEMBER_TWO) in people.interaction.data["resolved"]["members"]
    with pytest.raises(InputError):
        await site.member.select(message_id, "who", [5])


async def test_disabled_unknown_and_unseen_components(site: DiscordSite) -> None:
    message_id = await with_components(site, {**BUTTON, "disabled": True})
    for custom_id in ("again", "other"):
        with pytest.raises(InputError):
            await site.member.press(message_id, custom_id)
    invocation = await site.imagine()
    row = {"type": 1, "components": [BUTTON]}
    await site.callback(invocation, 4, {"content": "x", "flags": EPHEMERAL, "components": [row]})
    private = invocation.history[0][1]["id"]
    with pytest.raises(InputError):
        await site.discord.member(MEMBER_TWO).press(private, "again")
    await site.member.press(private, "again")


# --- the page ---


class Page:
    """The demo page's side of /client."""

    def __init__(self, site: DiscordSite, user: int, events: aiohttp.ClientWebSocketResponse) -> None:
        self.site = site
        self.user = user
        self.events = events

    async def call(self, method: str, path: str, body: Any = None, **params: Any) -> Reply:
        url = f"{self.site.sandbox.url}/client{path}"
        async with self.site.session.request(method, url, json=body, params=params) as response:
            data = await response.json() if response.status != 204 else None
            return Reply(response.status, data, response.headers)

    async def state(self) -> Any:
        return (await self.call("GET", "/state", user=str(self.user))).data

    async def act(self, kind: int, data: dict[str, Any], nonce: str = "n1") -> Reply:
        body = {"user": str(self.user), "channel_id": str(STUDIO), "nonce": nonce, "type": kind, "data": data}
        return await self.call("POST", "/interactions", body)

    async def command(self, **options: Any) -> dict[str, Any]:
        """Return the data of /imagine with text options."""
        command = next(item for item in (await self.state())["commands"] if item["name"] == "imagine")
        listed = [{"name": name, "type": 3, "value": value} for name, value in options.items()]
        return {"id": command["id"], "name": "imagine", "options": listed}

    async def hear(self, *names: str) -> list[dict[str, Any]]:
        """Wait for these events, in this order, and return their data."""
        frames = [await asyncio.wait_for(self.events.receive_json(), 5) for _ in names]
        assert [frame["t"] for frame in frames] == list(names)
        return [frame["d"] for frame in frames]


@asynccontextmanager
async def open_page(site: DiscordSite, user: int = MEMBER_ONE) -> AsyncIterator[Page]:
    url = f"{site.sandbox.url}/client/events"
    async with site.session.ws_connect(url, params={"user": str(user)}) as events:
        yield Page(site, user, events)


async def test_page_starts_with_what_its_user_sees(site: DiscordSite) -> None:
    invocation = await site.imagine()
    await site.callback(invocation, 4, {"content": "secret", "flags": EPHEMERAL})
    async with open_page(site) as mine, open_page(site, MODERATOR) as theirs:
        state, other = await mine.state(), await theirs.state()
    assert (state["me"]["name"], state["me"]["moderator"]) == ("Member One", False)
    assert other["me"]["moderator"] is True
    assert [user["name"] for user in state["users"]] == ["Easel", "Member One", "Member Two", "Moderator"]
    assert [channel["name"] for channel in state["channels"]] == ["studio", "gallery"]
    assert state["application"]["online"] is False
    assert [len(item["commands"]) for item in (state, other)] == [2, 3]
    assert [message["content"] for message in state["messages"][str(STUDIO)]] == ["secret"]
    assert other["messages"][str(STUDIO)] == []


async def test_page_sees_a_command_through(site: DiscordSite) -> None:
    async with open_page(site) as page, open_page(site, MEMBER_TWO) as other:
        sent = await page.act(2, await page.command(prompt="a cat"))
        (created,) = await page.hear("INTERACTION_CREATE")
        assert created == {"id": sent.data["id"], "nonce": "n1"}
        interaction = site.discord.world.interactions.get(int(sent.data["id"]))
        assert interaction is not None
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        await site.call("POST", path, {"type": 5})
        message, success = await page.hear("MESSAGE_CREATE", "INTERACTION_SUCCESS")
        assert (message["flags"], success["nonce"]) == (128, "n1")
        assert message["interaction_metadata"]["name"] == "imagine"
        await site.call(
            "PATCH", f"/webhooks/1456100000000000100/{interaction.token}/messages/@original", {"content": "x"}
        )
        await page.hear("MESSAGE_UPDATE")
        await other.hear("MESSAGE_CREATE", "MESSAGE_UPDATE")


async def test_page_is_told_when_nothing_answers() -> None:
    async with open_site(acknowledge_within=0.1) as site, open_page(site) as page:
        await page.act(2, await page.command(prompt="a cat"))
        _, failure = await page.hear("INTERACTION_CREATE", "INTERACTION_FAILURE")
    assert failure["reason"] == "The application did not respond"


async def test_page_fills_in_a_modal(site: DiscordSite) -> None:
    modal = {
        "custom_id": "m",
        "title": "T",
        "components": [{"type": 18, "label": "L", "component": {"type": 4, "custom_id": "p", "style": 1}}],
    }
    async with open_page(site) as page:
        sent = await page.act(2, await page.command(prompt="a cat"))
        interaction = site.discord.world.interactions.get(int(sent.data["id"]))
        assert interaction is not None
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        assert (await site.call("POST", path, {"type": 9, "data": modal})).status == 204
        _, _, opened = await page.hear(
            "INTERACTION_CREATE", "INTERACTION_SUCCESS", "INTERACTION_MODAL_CREATE"
        )
        assert (opened["title"], opened["nonce"]) == ("T", "n1")
        filled = [{"type": 18, "component": {"type": 4, "custom_id": "p", "value": "a dog"}}]
        answers = {"id": sent.data["id"], "custom_id": "m", "components": filled}
        assert (await page.act(5, {**answers, "components": []})).status == 400
        submitted = await page.act(5, answers)
        assert submitted.status == 200
    received = site.discord.world.interactions.get(int(submitted.data["id"]))
    assert received is not None
    assert received.data["components"][0]["component"]["value"] == "a dog"


async def test_page_asks_for_suggestions(site: DiscordSite) -> None:
    async with open_page(site) as page:
        data = await page.command(size="10")
        data["options"][0]["focused"] = True
        sent = await page.act(4, data)
        interaction = site.discord.world.interactions.get(int(sent.data["id"]))
        assert interaction is not None
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        choices = [{"name": "square", "value": "1024x1024"}]
        await site.call("POST", path, {"type": 8, "data": {"choices": choices}})
        *_, result = await page.hear("INTERACTION_CREATE", "INTERACTION_SUCCESS", "AUTOCOMPLETE_RESULT")
    assert (result["nonce"], result["choices"]) == ("n1", choices)


async def test_page_attaches_a_file_and_presses_a_button(site: DiscordSite) -> None:
    async with open_page(site) as page:
        url = f"{site.sandbox.url}/client/uploads"
        params = {"user": str(MEMBER_ONE), "filename": "cat.png"}
        async with site.session.post(url, params=params, data=png()) as response:
            file_id = (await response.json())["id"]
        data = await page.command(prompt="x")
        data["options"].append({"name": "image", "type": 11, "value": file_id})
        assert (await page.act(2, data)).status == 200
        message_id = await with_components(site, BUTTON)
        press = {"message_id": message_id, "component_type": 2, "custom_id": "again"}
        assert (await page.act(3, press)).status == 200
        assert (await page.act(3, {**press, "custom_id": "other"})).status == 400


@pytest.mark.parametrize("kind", [2, 3, 4, 5, 7])
async def test_page_is_refused_nonsense(site: DiscordSite, kind: int) -> None:
    async with open_page(site) as page:
        reply = await page.act(kind, {"id": "x", "message_id": "y"})
        assert reply.status == 400
        assert set(reply.data) == {"message", "errors"}
        missing = await page.act(2, await page.command(size="1"))
        assert missing.data["errors"] == {"prompt": "This option is required"}


async def test_page_talks_and_deletes(site: DiscordSite) -> None:
    async with open_page(site) as page, open_page(site, MODERATOR) as moderator:
        body = {"user": str(MEMBER_ONE), "channel_id": str(STUDIO), "content": "hello"}
        said = (await page.call("POST", "/messages", body)).data
        await page.hear("MESSAGE_CREATE")
        path = f"/messages/{STUDIO}/{said['id']}"
        assert (await page.call("DELETE", path, user=str(MEMBER_TWO))).status == 400
        assert (await moderator.call("DELETE", path, user=str(MODERATOR))).status == 204
        (deleted,) = await page.hear("MESSAGE_DELETE")
        assert deleted == {"id": said["id"], "channel_id": str(STUDIO)}
        assert (await page.call("POST", "/messages", {**body, "content": "x" * 2001})).status == 400
        await page.call("POST", "/messages", body)
        assert (await page.call("POST", "/reset")).status == 204
        assert (await page.state())["messages"][str(STUDIO)] == []


async def test_page_hears_of_new_commands(site: DiscordSite) -> None:
    async with open_page(site) as page:
        await site.register([{"name": "help", "description": "Help"}])
        (update,) = await page.hear("COMMANDS_UPDATE")
    assert [command["name"] for command in update["commands"]] == ["help"]


async def test_unknown_user(site: DiscordSite) -> None:
    async with site.session.get(f"{site.sandbox.url}/client/state", params={"user": "5"}) as response:
        assert response.status == 400
    async with site.session.get(f"{site.sandbox.url}/client/events") as response:
        assert response.status == 400
