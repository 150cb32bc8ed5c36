"""Whatever Discord does, a picture is paid for once, shown once, and never apologised for by mistake."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.client.member import InteractionFailed
from sandbox.discord.client.payloads import interaction_payload
from sandbox.discord.rules.messages import EPHEMERAL
from sandbox.discord.world.ids import MEMBER_ONE, MODERATOR
from sandbox.faults import FOREVER, Fault
from tests.e2e.alone import becomes, begin, calm, complaints, public_messages, set_options
from tests.e2e.asking import ask
from tests.e2e.bot_process import running_bot

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.client.member import Invocation
    from sandbox.server import Sandbox
    from tests.e2e.bot_process import BotProcess


pytestmark = pytest.mark.usefixtures("quiet_log")

ACKNOWLEDGEMENT = "POST /interactions/*/callback"
UPLOAD = "PATCH /webhooks/*/messages/@original"
LOOK = "GET /webhooks/*/messages/@original"
BY_BOT = "PATCH /channels/*/messages/*"
POST_BY_BOT = "POST /channels/*/messages"
READ_BY_BOT = "GET /channels/*/messages"
NOT_TAKEN = "Discord would not take it"


def calls(sandbox: Sandbox, method: str, ending: str = "") -> list[Any]:
    """What the bot asked of Discord by ``method`` on paths that end so."""
    return [
        request
        for request in sandbox.discord.requests
        if request.method == method and request.path.endswith(ending)
    ]


async def assert_one_picture(sandbox: Sandbox, invocation: Invocation) -> None:
    """Once all is calm there is one message, with one picture, and one was paid for."""
    await calm(sandbox)
    (message,) = public_messages(sandbox, invocation)
    assert len(message["attachments"]) == 1
    assert "charged" not in message["content"]
    assert invocation.followups == []
    assert len(sandbox.azure.requests) == 1


async def assert_nothing_happened(sandbox: Sandbox) -> None:
    """The bot left the command alone: one attempt to acknowledge it, no picture, no message."""
    await calm(sandbox)
    assert sandbox.azure.requests == []
    assert [request.method for request in sandbox.discord.requests] == ["POST"]


# --- acknowledging ------------------------------------------------------------------------------


async def test_a_command_heard_of_too_late_is_left_alone(sandbox: Sandbox) -> None:
    set_options(sandbox, acknowledge_within=0.0)

    with pytest.raises(InteractionFailed):
        await ask(sandbox)

    await assert_nothing_happened(sandbox)
    assert sandbox.discord.requests[0].answer["code"] == 10062


async def test_a_command_that_another_process_has_taken_is_left_alone(sandbox: Sandbox) -> None:
    set_options(sandbox, acknowledge_within=0.5)
    sandbox.discord.faults.add(Fault("already_acknowledged", ACKNOWLEDGEMENT))

    with pytest.raises(InteractionFailed):
        await ask(sandbox)

    await assert_nothing_happened(sandbox)


async def test_two_processes_draw_one_picture(sandbox: Sandbox, tmp_path: Path) -> None:
    async with running_bot(sandbox, tmp_path) as other:
        await becomes(lambda: len(sandbox.discord.gateway.sessions) == 2)
        ending = await ask(sandbox)
        await assert_one_picture(sandbox, ending.invocation)

    assert len(calls(sandbox, "POST", "/callback")) == 2
    assert complaints(other.output) == []


async def test_a_command_delivered_twice_is_drawn_once(sandbox: Sandbox) -> None:
    set_options(sandbox, latency=0.5)
    invocation = await sandbox.discord.member(MEMBER_ONE).slash("imagine", prompt="an echo")
    again = interaction_payload(sandbox.discord.world, invocation.interaction)

    await sandbox.discord.dispatch("INTERACTION_CREATE", again)
    await invocation.settled()
    await sandbox.discord.dispatch("INTERACTION_CREATE", again)

    await assert_one_picture(sandbox, invocation)
    assert len(calls(sandbox, "POST", "/callback")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=500),
        Fault("effect_status", status=500),
        Fault("effect_status", status=502),
        Fault("reset"),
        Fault("effect_reset"),
        Fault("rate_limited", retry_after=0.5),
        Fault("slow", delay=1.5),
        Fault("effect_slow", delay=10.0),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status or fault.delay}",
)
async def test_a_disturbed_acknowledgement_still_leads_to_one_picture(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.discord.faults.add(dataclasses.replace(fault, route=ACKNOWLEDGEMENT))

    ending = await ask(sandbox)

    await assert_one_picture(sandbox, ending.invocation)


async def test_a_429_of_the_edge_network_does_not_lose_the_command(sandbox: Sandbox) -> None:
    fault = Fault("rate_limited", ACKNOWLEDGEMENT, retry_after=0.3, data={"via": False})
    sandbox.discord.faults.add(fault)

    ending = await ask(sandbox)

    await assert_one_picture(sandbox, ending.invocation)


async def test_an_acknowledgement_that_never_arrives_costs_nothing(sandbox: Sandbox) -> None:
    sandbox.discord.faults.add(Fault("stall", ACKNOWLEDGEMENT, delay=8.0))

    with pytest.raises(InteractionFailed):
        await ask(sandbox)

    await becomes(lambda: calls(sandbox, "GET", "@original"))
    await calm(sandbox)
    assert sandbox.azure.requests == []
    assert calls(sandbox, "PATCH") == []


# --- uploading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=500),
        Fault("status", status=503),
        Fault("effect_status", status=500),
        Fault("reset"),
        Fault("effect_reset"),
        Fault("stall", delay=1.0),
        Fault("reset", times=4),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status or fault.times}",
)
async def test_a_disturbed_upload_still_leads_to_one_picture(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.discord.faults.add(dataclasses.replace(fault, route=UPLOAD))

    ending = await ask(sandbox)

    assert len(ending.pictures) == 1
    await assert_one_picture(sandbox, ending.invocation)


@pytest.mark.parametrize("via", [True, False], ids=["by-discord", "by-the-edge-network"])
async def test_a_429_on_the_upload_is_waited_for(sandbox: Sandbox, *, via: bool) -> None:
    sandbox.discord.faults.add(Fault("rate_limited", UPLOAD, retry_after=1.2, data={"via": via}))

    ending = await ask(sandbox)

    await assert_one_picture(sandbox, ending.invocation)
    first, second = calls(sandbox, "PATCH")
    assert second.at - first.at >= 1.2


async def test_an_upload_whose_answer_was_lost_is_looked_for_not_sent_again(sandbox: Sandbox) -> None:
    sandbox.discord.faults.add(Fault("effect_reset", UPLOAD))

    ending = await ask(sandbox)

    await assert_one_picture(sandbox, ending.invocation)
    assert len(calls(sandbox, "PATCH")) == 1
    assert len(ending.invocation.history) == 2  # thinking, and the picture


async def test_an_upload_refused_for_its_size_is_sent_smaller_and_said(sandbox: Sandbox) -> None:
    set_options(sandbox, latency=0.5)
    invocation = await begin(sandbox)
    # Told 10 MiB with the command, the bot finds less when it uploads, as where a boost has just ended.
    set_options(sandbox, attachment_size_limit=500 * 1024)

    message = await invocation.settled()

    await assert_one_picture(sandbox, invocation)
    assert "too large for an upload here, so attached as JPEG" in message["content"]
    assert message["attachments"][0]["size"] <= 500 * 1024


async def test_an_upload_always_refused_for_its_size_ends_in_one_clear_sentence(sandbox: Sandbox) -> None:
    set_options(sandbox, latency=0.5)
    invocation = await begin(sandbox)
    set_options(sandbox, attachment_size_limit=1)

    message = await invocation.settled()

    assert "too large for an upload here" in message["content"]
    assert "not charged" in message["content"]
    assert message["attachments"] == []
    assert len(sandbox.azure.requests) == 1


async def test_an_upload_that_never_gets_through_ends_in_one_clear_sentence(sandbox: Sandbox) -> None:
    # Six tries by the interaction's token, and six by the bot's own.
    sandbox.discord.faults.add(Fault("reset", "PATCH *", times=12))
    invocation = await begin(sandbox)

    message = await invocation.settled(60)

    assert NOT_TAKEN in message["content"]
    assert message["attachments"] == []
    assert len(sandbox.azure.requests) == 1


# --- deletion -----------------------------------------------------------------------------------


async def test_a_message_deleted_while_drawing_is_explained_in_private(
    sandbox: Sandbox, bot: BotProcess
) -> None:
    set_options(sandbox, latency=1.0)
    invocation = await begin(sandbox)
    assert invocation.message is not None

    await sandbox.discord.member(MODERATOR).delete_message(invocation.message["id"])
    await becomes(lambda: invocation.followups)
    await calm(sandbox)

    (followup,) = invocation.followups
    assert "was deleted before it was finished" in followup["content"]
    assert followup["flags"] & EPHEMERAL
    assert f"job {invocation.id}: its message was deleted" in bot.output
    assert public_messages(sandbox, invocation) == []


async def test_a_private_message_dismissed_while_drawing_leaks_nothing(sandbox: Sandbox) -> None:
    set_options(sandbox, latency=1.0)
    invocation = await begin(sandbox, private=True)
    assert invocation.message is not None

    await sandbox.discord.member(MEMBER_ONE).delete_message(invocation.message["id"])
    await invocation.settled()
    await calm(sandbox)

    assert public_messages(sandbox, invocation) == []


async def test_a_message_deleted_before_a_failure_is_told_is_no_error(sandbox: Sandbox) -> None:
    set_options(sandbox, latency=1.0)
    sandbox.azure.faults.add(Fault("output_filtered"))
    invocation = await begin(sandbox)
    assert invocation.message is not None

    await sandbox.discord.member(MODERATOR).delete_message(invocation.message["id"])
    await becomes(lambda: invocation.followups)

    assert public_messages(sandbox, invocation) == []


# --- expired tokens -----------------------------------------------------------------------------

EXPIRING = {"latency": 2.0, "token_lifetime": 1.0}
"""The picture is ready a second after the interaction's token has died."""


async def test_after_the_token_a_public_picture_comes_by_the_bots_own(sandbox: Sandbox) -> None:
    set_options(sandbox, **EXPIRING)
    invocation = await begin(sandbox)
    assert invocation.message is not None
    waiting = invocation.message["id"]

    message = await invocation.settled()

    assert message["id"] == waiting
    await assert_one_picture(sandbox, invocation)
    assert calls(sandbox, "PATCH")[-1].path.startswith("/channels/")


async def test_after_the_token_what_a_moderator_deleted_is_not_posted_anew(
    sandbox: Sandbox, bot: BotProcess
) -> None:
    set_options(sandbox, **EXPIRING)
    invocation = await begin(sandbox)
    assert invocation.message is not None

    await sandbox.discord.member(MODERATOR).delete_message(invocation.message["id"])
    await becomes(lambda: f"job {invocation.id}: its message was deleted" in bot.output)

    assert public_messages(sandbox, invocation) == []


def lose_track_of_the_message(sandbox: Sandbox) -> None:
    """Let the next message be made without the bot's learning its id, and its token expire."""
    set_options(sandbox, **EXPIRING)
    sandbox.discord.faults.add(Fault("effect_status", ACKNOWLEDGEMENT, status=500))
    sandbox.discord.faults.add(Fault("status", LOOK, status=404))


async def test_after_the_token_a_message_of_unknown_id_is_found_in_its_channel(sandbox: Sandbox) -> None:
    lose_track_of_the_message(sandbox)
    invocation = await begin(sandbox)

    await invocation.settled()

    await assert_one_picture(sandbox, invocation)


def hide_the_channel(sandbox: Sandbox) -> None:
    """Let the bot not read the channel's history, as servers can have it."""
    sandbox.discord.faults.add(Fault("status", READ_BY_BOT, times=FOREVER, status=403))


async def test_after_the_token_a_picture_without_a_message_is_posted_to_the_member(sandbox: Sandbox) -> None:
    lose_track_of_the_message(sandbox)
    hide_the_channel(sandbox)
    invocation = await begin(sandbox)

    await becomes(lambda: len(public_messages(sandbox, invocation)) == 2)

    thinking, message = public_messages(sandbox, invocation)
    assert (len(thinking["attachments"]), len(message["attachments"])) == (0, 1)
    assert message["content"].startswith(f"<@{MEMBER_ONE}> ")


async def test_a_post_whose_answer_was_lost_is_not_made_twice(sandbox: Sandbox) -> None:
    lose_track_of_the_message(sandbox)
    hide_the_channel(sandbox)
    sandbox.discord.faults.add(Fault("effect_reset", POST_BY_BOT))
    invocation = await begin(sandbox)

    await becomes(lambda: len(calls(sandbox, "POST", "/messages")) == 2)
    await calm(sandbox)

    assert len([each for each in public_messages(sandbox, invocation) if each["attachments"]]) == 1


async def test_after_the_token_the_message_is_found_though_its_acknowledgement_failed(
    sandbox: Sandbox,
) -> None:
    set_options(sandbox, latency=2.0, token_lifetime=2.0)
    # discord.py tries again after 1 s, and learns only that the first try had been heard.
    sandbox.discord.faults.add(Fault("effect_status", ACKNOWLEDGEMENT, status=500))
    invocation = await begin(sandbox)

    await becomes(lambda: any(message["attachments"] for message in public_messages(sandbox, invocation)))

    await assert_one_picture(sandbox, invocation)


@pytest.mark.parametrize("kind", ["reset", "effect_reset"])
async def test_an_edit_by_the_bots_own_token_survives_a_reset(sandbox: Sandbox, kind: str) -> None:
    set_options(sandbox, **EXPIRING)
    sandbox.discord.faults.add(Fault(kind, BY_BOT))
    invocation = await begin(sandbox)

    await invocation.settled()

    await assert_one_picture(sandbox, invocation)


async def test_after_the_token_a_failure_is_told_in_the_same_message(sandbox: Sandbox) -> None:
    set_options(sandbox, **EXPIRING)
    sandbox.azure.faults.add(Fault("output_filtered"))
    invocation = await begin(sandbox)

    message = await invocation.settled()

    assert "held it back" in message["content"]


async def test_after_the_token_a_private_picture_is_shown_to_nobody(sandbox: Sandbox) -> None:
    set_options(sandbox, **EXPIRING)
    invocation = await begin(sandbox, private=True)

    await becomes(lambda: calls(sandbox, "PATCH"))
    await calm(sandbox)

    assert public_messages(sandbox, invocation) == []
    assert not [request for request in sandbox.discord.requests if request.path.startswith("/channels/")]
