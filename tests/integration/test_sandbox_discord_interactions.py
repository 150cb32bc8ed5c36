"""Interactions in the sandbox: deadlines, tokens, first answers and what may follow them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.client.composer import InputError
from sandbox.discord.client.member import InteractionFailed
from sandbox.discord.world.ids import APPLICATION, MEMBER_TWO, MODERATOR
from tests.integration.discord_site import DiscordSite, open_site, png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EPHEMERAL = 64
ROW = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Again", "custom_id": "again:1"}]}
MODAL: dict[str, Any] = {
    "custom_id": "m",
    "title": "Change the prompt",
    "components": [
        {
            "type": 18,
            "label": "New prompt",
            "component": {"type": 4, "custom_id": "p", "style": 2, "max_length": 10},
        }
    ],
}


@pytest.fixture
async def site() -> AsyncIterator[DiscordSite]:
    async with open_site() as running:
        yield running


# --- deadlines and tokens ---


async def test_acknowledged_too_late_is_unknown_and_the_member_is_told() -> None:
    async with open_site(acknowledge_within=0.1) as site:
        invocation = await site.imagine()
        with pytest.raises(InteractionFailed):
            await invocation.settled(2)
        reply = await site.callback(invocation, 5)
    assert (reply.status, reply.code) == (404, 10062)
    assert invocation.state == "failed"


async def test_acknowledged_twice_is_refused(site: DiscordSite) -> None:
    invocation = await site.deferred()
    reply = await site.callback(invocation, 4, {"content": "again"})
    assert (reply.status, reply.code) == (400, 40060)
    assert invocation.state == "thinking"


async def test_only_one_of_two_processes_acknowledges(site: DiscordSite) -> None:
    invocation = await site.imagine()
    data, files = {"content": "mine"}, {"files[0]": ("a.png", png())}
    replies = await asyncio.gather(*(site.callback(invocation, 4, data, files=files) for _ in range(2)))
    assert sorted(reply.status for reply in replies) == [200, 400]
    assert len(site.member.messages()) == 1


async def test_wrong_token_is_an_unknown_interaction(site: DiscordSite) -> None:
    invocation = await site.imagine()
    reply = await site.call("POST", f"/interactions/{invocation.id}/wrong/callback", {"type": 5})
    assert (reply.status, reply.code) == (404, 10062)


async def test_token_dies_after_its_lifetime() -> None:
    async with open_site(token_lifetime=0.2) as site:
        invocation = await site.deferred()
        assert (await site.webhook(invocation, "GET")).status == 200
        await asyncio.sleep(0.25)
        for method, tail, body in (
            ("PATCH", "/messages/@original", {"content": "x"}),
            ("POST", "", {"content": "x"}),
            ("DELETE", "/messages/@original", None),
        ):
            reply = await site.webhook(invocation, method, tail, body)
            assert (reply.status, reply.code) == (401, 50027), method
        message = invocation.message
        assert message is not None
        reply = await site.messages("PATCH", f"/{message['id']}", {"content": "by the bot's token"})
        assert reply.status == 200
    assert (await invocation.settled(1))["content"] == "by the bot's token"


async def test_webhook_of_an_unacknowledged_interaction_is_unknown(site: DiscordSite) -> None:
    reply = await site.webhook(await site.imagine(), "PATCH", body={"content": "x"})
    assert (reply.status, reply.code) == (404, 10015)


async def test_options_can_be_replaced_while_it_runs(site: DiscordSite) -> None:
    invocation = await site.deferred()
    site.discord.options = type(site.discord.options)(token_lifetime=0.0)
    assert (await site.webhook(invocation, "GET")).code == 50027


# --- first answers ---


async def test_deferral_shows_thinking_and_the_edit_is_not_marked_as_one(site: DiscordSite) -> None:
    invocation = await site.imagine()
    assert invocation.state == "pending"
    reply = await site.callback(invocation, 5)
    assert reply.data["interaction"] | {"response_message_id": "…"} == {
        "id": str(invocation.id),
        "type": 2,
        "response_message_id": "…",
        "response_message_loading": True,
        "response_message_ephemeral": False,
    }
    assert invocation.state == "thinking"
    first = await site.webhook(invocation, "PATCH", body={"content": "done"})
    assert (first.data["flags"], first.data["edited_timestamp"]) == (0, None)
    second = await site.webhook(invocation, "PATCH", body={"content": "done better"})
    assert second.data["edited_timestamp"] is not None
    assert [message["content"] for _, message in invocation.history] == ["", "done", "done better"]
    assert (await invocation.settled(1))["content"] == "done"


async def test_answer_without_with_response_is_empty(site: DiscordSite) -> None:
    reply = await site.callback(await site.imagine(), 4, {"content": "hi"}, full=False)
    assert (reply.status, reply.data) == (204, "")


async def test_deferral_promises_nothing_but_privacy(site: DiscordSite) -> None:
    invocation = await site.imagine()
    reply = await site.callback(invocation, 5, {"flags": 1 << 15})
    assert (reply.status, reply.problems) == (400, {"data.flags": "MESSAGE_FLAGS_INVALID"})
    # A refused body does not use the interaction up.
    assert (await site.callback(invocation, 5, {"flags": EPHEMERAL})).status == 200
    assert invocation.ephemeral


@pytest.mark.parametrize("kind", [1, 6, 7, 8, 12, "5", True, None])
async def test_a_command_cannot_be_answered_otherwise(site: DiscordSite, kind: Any) -> None:
    invocation = await site.imagine()
    reply = await site.callback(invocation, kind, {"content": "x"})
    assert (reply.status, reply.code) == (400, 50035)
    assert list(reply.problems) == ["type"]
    assert invocation.state == "pending"


async def test_empty_first_answer_is_refused(site: DiscordSite) -> None:
    reply = await site.callback(await site.imagine(), 4, {"content": "  "})
    assert (reply.status, reply.code) == (400, 50006)


# --- who sees it ---


async def test_ephemeral_answer_is_its_owners_alone(site: DiscordSite) -> None:
    invocation = await site.imagine()
    reply = await site.callback(invocation, 4, {"content": "secret", "flags": EPHEMERAL})
    message = reply.data["resource"]["message"]
    assert [item["id"] for item in site.member.messages()] == [message["id"]]
    assert site.discord.member(MEMBER_TWO).messages() == []
    # The bot reaches it through the interaction's token only.
    assert (await site.messages("GET", f"/{message['id']}")).code == 10008
    assert (await site.messages("PATCH", f"/{message['id']}", {"content": "x"})).code == 10008
    assert (await site.messages("GET")).data == []
    edited = await site.webhook(invocation, "PATCH", body={"content": "still", "flags": 0})
    assert edited.data["flags"] == EPHEMERAL


async def test_dismissed_message_stays_hidden_while_the_bot_edits_it(site: DiscordSite) -> None:
    invocation = await site.deferred(flags=EPHEMERAL)
    message = invocation.message
    assert message is not None
    await site.member.delete_message(message["id"])
    assert (await site.webhook(invocation, "PATCH", body={"content": "done"})).status == 200
    assert site.member.messages() == []


# --- follow-ups ---


async def test_followup_right_after_a_deferral_fills_it_and_stays_as_public(site: DiscordSite) -> None:
    invocation = await site.deferred()
    reply = await site.webhook(invocation, "POST", "", {"content": "private?", "flags": EPHEMERAL})
    assert reply.data["flags"] == 0
    assert invocation.followups == []
    assert len(site.discord.member(MEMBER_TWO).messages()) == 1
    second = await site.webhook(invocation, "POST", "", {"content": "private", "flags": EPHEMERAL})
    assert second.data["flags"] == EPHEMERAL
    assert [item["content"] for item in invocation.followups] == ["private"]
    assert second.data["message_reference"]["message_id"] == reply.data["id"]


async def test_followup_can_be_read_edited_and_deleted(site: DiscordSite) -> None:
    invocation = await site.deferred()
    await site.webhook(invocation, "PATCH", body={"content": "done"})
    made = (await site.webhook(invocation, "POST", "", {"content": "more"})).data
    tail = f"/messages/{made['id']}"
    assert (await site.webhook(invocation, "PATCH", tail, {"content": "most"})).data["content"] == "most"
    assert (await site.webhook(invocation, "GET", tail)).data["content"] == "most"
    assert (await site.webhook(invocation, "DELETE", tail)).status == 204
    assert (await site.webhook(invocation, "GET", tail)).code == 10008
    assert invocation.followups == []


async def test_one_token_does_not_reach_another_interactions_message(site: DiscordSite) -> None:
    mine, other = await site.deferred(), await site.deferred()
    message = other.message
    assert message is not None
    reply = await site.webhook(mine, "PATCH", f"/messages/{message['id']}", {"content": "x"})
    assert (reply.status, reply.code) == (404, 10008)


async def test_deleted_answer_is_unknown(site: DiscordSite) -> None:
    invocation = await site.deferred()
    message = invocation.message
    assert message is not None
    await site.discord.member(MODERATOR).delete_message(message["id"])
    reply = await site.webhook(invocation, "PATCH", body={"content": "too late"})
    assert (reply.status, reply.code) == (404, 10008)
    assert invocation.deleted
    assert invocation.message is None


# --- components, modals, suggestions ---


async def with_button(site: DiscordSite) -> str:
    invocation = await site.imagine()
    reply = await site.callback(invocation, 4, {"content": "one", "components": [ROW]})
    return str(reply.data["resource"]["message"]["id"])


async def test_button_updates_its_message_or_answers_beside_it(site: DiscordSite) -> None:
    message_id = await with_button(site)
    press = await site.member.press(message_id, "again:1")
    assert (await site.callback(press, 7, {"content": "two"})).status == 200
    assert (await press.settled(1))["id"] == message_id
    later = await site.member.press(message_id, "again:1")
    assert (await site.callback(later, 6)).data["interaction"]["response_message_id"] == message_id
    assert (await site.webhook(later, "PATCH", body={"content": "three", "components": []})).status == 200
    with pytest.raises(InputError):
        await site.member.press(message_id, "again:1")


async def test_button_answer_refers_to_the_message(site: DiscordSite) -> None:
    message_id = await with_button(site)
    press = await site.discord.member(MEMBER_TWO).press(message_id, "again:1")
    answer = (await site.callback(press, 4, {"content": "no", "flags": EPHEMERAL})).data["resource"][
        "message"
    ]
    assert answer["type"] == 19
    assert answer["message_reference"]["message_id"] == message_id
    assert answer["interaction_metadata"]["interacted_message_id"] == message_id


async def test_modal_is_opened_filled_in_and_answered(site: DiscordSite) -> None:
    press = await site.member.press(await with_button(site), "again:1")
    assert (await site.callback(press, 9, MODAL)).status == 200
    assert press.state == "modal"
    with pytest.raises(InputError, match="modal"):
        await press.settled(1)
    with pytest.raises(InputError, match="required"):
        await site.member.submit(press)
    with pytest.raises(InputError, match="characters"):
        await site.member.submit(press, p="far too long a prompt")
    submitted = await site.member.submit(press, New_prompt="a dog")
    assert submitted.interaction.data["components"][0]["component"]["value"] == "a dog"
    assert (await site.callback(submitted, 9, MODAL)).problems == {"type": "BASE_TYPE_CHOICES"}
    # It came from a message, so it can update it.
    assert (await site.callback(submitted, 7, {"content": "redrawn"})).status == 200


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"title": "x" * 46}, "data.title"),
        ({"custom_id": ""}, "data.custom_id"),
        ({"components": []}, "data.components"),
        ({"components": MODAL["components"] * 6}, "data.components"),
        ({"components": MODAL["components"] * 2}, "data.components.1.component.custom_id"),
        ({"components": [ROW]}, "data.components.0.components.0.type"),
    ],
)
async def test_bad_modal_is_refused(site: DiscordSite, change: dict[str, Any], path: str) -> None:
    reply = await site.callback(await site.imagine(), 9, {**MODAL, **change})
    assert (reply.status, list(reply.problems)) == (400, [path])


async def suggest(site: DiscordSite, choices: Any) -> tuple[Any, Any]:
    """Type into `size`, answer with choices, and return the reply and what the member saw."""
    typing = asyncio.create_task(site.member.autocomplete("imagine", "size", prompt="a cat", size="10"))
    await asyncio.sleep(0.01)
    interaction = next(reversed(site.discord.world.interactions.recent()))
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    reply = await site.call("POST", path, {"type": 8, "data": {"choices": choices}})
    try:
        return reply, await typing
    except InteractionFailed:
        return reply, None


async def test_suggestions_reach_the_member(site: DiscordSite) -> None:
    reply, seen = await suggest(site, [{"name": "square", "value": "1024x1024"}])
    assert reply.status == 204
    assert seen == [("square", "1024x1024")]


@pytest.mark.parametrize(
    ("choices", "path"),
    [
        ([{"name": str(n), "value": str(n)} for n in range(26)], "data.choices"),
        ([{"name": "x" * 101, "value": "v"}], "data.choices.0.name"),
        ([{"name": "", "value": "v"}], "data.choices.0.name"),
        ([{"name": "n", "value": "x" * 101}], "data.choices.0.value"),
        ([{"name": "n", "value": 5}], "data.choices.0.value"),
    ],
)
async def test_bad_suggestions_are_refused(choices: Any, path: str) -> None:
    async with open_site(acknowledge_within=0.2) as site:
        reply, seen = await suggest(site, choices)
    assert (reply.status, list(reply.problems)) == (400, [path])
    assert seen is None


async def test_unknown_application_has_no_webhook(site: DiscordSite) -> None:
    invocation = await site.deferred()
    path = f"/webhooks/{APPLICATION + 1}/{invocation.token}/messages/@original"
    assert (await site.call("GET", path)).code == 10015
    bogus = await site.call("GET", f"/webhooks/{APPLICATION}/nonsense/messages/@original")
    assert (bogus.status, bogus.code) == (401, 50027)
