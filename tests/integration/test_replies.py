"""The one message of an interaction, against every answer that Discord and the network can give."""

from __future__ import annotations

import asyncio
import itertools
import logging

import pytest

from bot.discord.reply import ACKNOWLEDGE_WITHIN
from bot.errors import DeliveryFailed, UploadTooLarge
from tests.integration.interaction_site import (
    DEFERRED,
    INTERACTION,
    JSON,
    MESSAGE,
    UPLOADS,
    Answer,
    Call,
    Desk,
    message,
    open_desk,
    refuses,
    says,
)

ALREADY_ANSWERED = refuses(400, 40060)
EDGE_LIMIT = Answer(429, b"<html>", {"Content-Type": "text/html", "Via": "1.1 google", "Retry-After": "1"})
BODY_LIMIT = says({"message": "slow down", "retry_after": 0.7, "global": False}, 429)
SPENT = refuses(503, headers={"X-RateLimit-Remaining": "0"})
RESET = Answer(lost="reset")
LANDED_BUT_RESET = Answer(effect=True, lost="reset")

AT_ONCE = 1.0
"""Seconds: long for two calls on loopback, short beside the waits that must not happen."""


def now() -> float:
    return asyncio.get_running_loop().time()


def gap(desk: Desk) -> float:
    """Seconds between the first two calls."""
    first, second = desk.site.requests[:2]
    return second.at - first.at


# --- acknowledging ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(DEFERRED, id="200"),
        pytest.param(Answer(204), id="204"),
        pytest.param(Answer(204, headers=JSON), id="204-said-to-be-json"),
        pytest.param(Answer(200, b"", JSON), id="200-without-the-promised-json"),
        pytest.param(says({}), id="200-with-nothing-in-it"),
    ],
)
async def test_every_success_acknowledges(answer: Answer) -> None:
    async with open_desk() as desk:
        desk.site.answer(Call.ACKNOWLEDGE, answer)

        assert await desk.reply.acknowledge()
        assert desk.site.calls == [Call.ACKNOWLEDGE]


@pytest.mark.parametrize(
    ("answer", "pause"), [(EDGE_LIMIT, 1.0), (BODY_LIMIT, 0.7), (SPENT, 0.3)], ids=["edge", "body", "503"]
)
async def test_an_acknowledgement_is_repeated_after_the_pause_asked_for(answer: Answer, pause: float) -> None:
    async with open_desk() as desk:
        desk.site.answer(Call.ACKNOWLEDGE, [answer, DEFERRED])

        assert await desk.reply.acknowledge()
        assert desk.site.calls == [Call.ACKNOWLEDGE] * 2
        assert pause <= gap(desk) < pause + AT_ONCE


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(refuses(500), id="500"),
        pytest.param(RESET, id="reset"),
        pytest.param(Answer(200, DEFERRED.body, JSON, lost="cut"), id="cut-short"),
    ],
)
async def test_answered_already_after_an_unclear_try_means_answered_by_it(first: Answer) -> None:
    async with open_desk() as desk:
        desk.site.answer(Call.ACKNOWLEDGE, [first, ALREADY_ANSWERED])

        assert await desk.reply.acknowledge()
        assert desk.site.calls[:2] == [Call.ACKNOWLEDGE] * 2
        assert desk.site.calls.count(Call.ACKNOWLEDGE) == 2


async def test_a_message_known_only_from_a_look_can_still_be_edited_by_the_bot() -> None:
    async with open_desk() as desk:
        desk.site.answer(Call.ACKNOWLEDGE, [RESET, ALREADY_ANSWERED])
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, refuses(401, 50027))

        await desk.response.deliver("A cat", UPLOADS)

        assert desk.site.calls == [Call.EDIT, Call.EDIT_BY_BOT]


async def test_answered_already_after_a_refused_connection_means_answered_by_another() -> None:
    async with open_desk() as desk:
        desk.site.answer(Call.ACKNOWLEDGE, ALREADY_ANSWERED)
        desk.site.move()
        acknowledging = asyncio.create_task(desk.reply.acknowledge())
        await desk.site.unreachable.wait()
        await desk.site.listen()

        assert not await acknowledging
        assert desk.site.calls == [Call.ACKNOWLEDGE]


@pytest.mark.parametrize(
    "answer", [ALREADY_ANSWERED, refuses(404, 10062)], ids=["answered-by-another", "too-late"]
)
async def test_an_interaction_that_is_not_ours_is_left_alone(answer: Answer) -> None:
    async with open_desk() as desk:
        desk.site.answer(Call.ACKNOWLEDGE, answer)

        assert not await desk.reply.acknowledge()
        assert desk.site.calls == [Call.ACKNOWLEDGE]


@pytest.mark.parametrize(
    ("found", "ours"),
    [(says({"id": MESSAGE}), True), (refuses(404, 10015), False)],
    ids=["took-effect", "did-not"],
)
async def test_an_acknowledgement_without_any_answer_is_looked_for_and_missed_in_the_log(
    caplog: pytest.LogCaptureFixture, found: Answer, *, ours: bool
) -> None:
    async with open_desk() as desk:
        desk.site.answer(Call.ACKNOWLEDGE, itertools.repeat(Answer(lost="stall")))
        desk.site.answer(Call.LOOK, found)

        assert await desk.reply.acknowledge() is ours
        assert desk.site.calls == [Call.ACKNOWLEDGE, Call.LOOK]
    lost = f"interaction {INTERACTION}: its answer is not to be found"
    assert [record.levelno for record in caplog.records if record.getMessage() == lost] == (
        [] if ours else [logging.WARNING]
    )


# --- delivering ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(200, b'{"id": "90', JSON, effect=True), id="half-a-json"),
        pytest.param(Answer(200, b"", JSON, effect=True), id="nothing"),
        pytest.param(says({"id": MESSAGE}, effect=True), id="id-only"),
        pytest.param(says([], effect=True), id="a-list"),
        pytest.param(Answer(200, b'{"id": "900"}', JSON, effect=True, lost="cut"), id="cut-short"),
    ],
)
async def test_a_success_that_cannot_be_read_is_not_sent_again(answer: Answer) -> None:
    async with open_desk() as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, answer)

        await desk.response.deliver("A cat", UPLOADS)

        assert desk.site.calls.count(Call.EDIT) == 1
        assert set(desk.site.calls) <= {Call.EDIT, Call.LOOK}
        assert desk.site.attachments == len(UPLOADS)


@pytest.mark.parametrize(
    ("answer", "pause"), [(EDGE_LIMIT, 1.0), (BODY_LIMIT, 0.7), (SPENT, 0.3)], ids=["edge", "body", "503"]
)
async def test_a_text_is_repeated_after_the_pause_asked_for(answer: Answer, pause: float) -> None:
    async with open_desk() as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, answer)

        await desk.response.say("No luck")

        assert desk.site.calls == [Call.EDIT] * 2
        assert pause <= gap(desk) < pause + AT_ONCE
        assert [request.data["content"] for request in desk.site.requests] == ["No luck"] * 2


@pytest.mark.parametrize("answer", [EDGE_LIMIT, SPENT], ids=["edge", "503"])
async def test_pictures_are_repeated_after_an_answer_that_passes(answer: Answer) -> None:
    async with open_desk() as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, answer)

        await desk.response.deliver("A cat", UPLOADS)

        assert desk.site.calls == [Call.EDIT, Call.LOOK, Call.EDIT]
        assert desk.site.requests[-1].files == len(UPLOADS)


async def test_a_spent_rate_limit_holds_up_neither_its_own_success_nor_the_next_call() -> None:
    spent = {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "5"}
    async with open_desk() as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, itertools.repeat(says(message(2), effect=True, headers=spent)))
        started = now()

        await desk.response.deliver("A cat", UPLOADS)
        await desk.response.say("And that is all")

        assert now() - started < AT_ONCE
        assert desk.site.calls == [Call.EDIT] * 2


async def test_a_note_that_is_never_answered_does_not_block_the_delivery() -> None:
    async with open_desk() as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, Answer(lost="stall"))
        started = now()
        await desk.response.note("Busy")
        given_up = now()

        await desk.response.deliver("A cat", UPLOADS)

        assert ACKNOWLEDGE_WITHIN <= given_up - started < ACKNOWLEDGE_WITHIN + AT_ONCE
        assert now() - given_up < AT_ONCE
        assert desk.site.calls == [Call.EDIT] * 2


@pytest.mark.parametrize("has_channel", [True, False], ids=["channel", "no-channel"])
@pytest.mark.parametrize("answer", [LANDED_BUT_RESET, refuses(500, effect=True)], ids=["lost", "500"])
async def test_pictures_that_arrived_unacknowledged_are_sent_once(
    answer: Answer, *, has_channel: bool
) -> None:
    async with open_desk(has_channel=has_channel) as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, itertools.repeat(answer))

        await desk.response.deliver("A cat", UPLOADS)

        assert desk.site.calls == [Call.EDIT, Call.LOOK]
        assert await desk.response.pictures() == len(UPLOADS)


async def test_an_old_look_at_the_message_does_not_hide_that_a_later_upload_arrived() -> None:
    async with open_desk() as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, [RESET, LANDED_BUT_RESET])

        await desk.response.deliver("A cat", UPLOADS)

        assert desk.site.calls == [Call.EDIT, Call.LOOK] * 2


# --- when the interaction's token does not do ---------------------------------------------------


@pytest.mark.parametrize(
    "answer", [refuses(404, 10015), refuses(401, 50027), refuses(403, 50013)], ids=["10015", "50027", "403"]
)
async def test_what_the_interaction_may_not_do_the_bot_does_by_its_own_token(answer: Answer) -> None:
    async with open_desk() as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, itertools.repeat(answer))

        assert await desk.response.deliver("A cat", UPLOADS)

        assert desk.site.calls == [Call.EDIT, Call.EDIT_BY_BOT]
        assert [request.by_bot for request in desk.site.requests] == [False, True]
        assert desk.site.requests[-1].files == len(UPLOADS)


async def test_a_message_that_somebody_deleted_is_not_posted_anew() -> None:
    async with open_desk() as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, refuses(404, 10015))
        desk.site.answer(Call.EDIT_BY_BOT, refuses(404, 10008))

        assert not await desk.response.deliver("A cat", UPLOADS)

        assert desk.site.calls == [Call.EDIT, Call.EDIT_BY_BOT]


async def test_a_message_of_unknown_id_is_posted_by_the_bot_with_a_nonce() -> None:
    async with open_desk() as desk:
        desk.site.answer(Call.ACKNOWLEDGE, says({}))
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, refuses(404, 10015))

        assert await desk.response.deliver("A cat", UPLOADS)

        assert desk.site.calls == [Call.EDIT, Call.LIST_BY_BOT, Call.POST_BY_BOT]
        posted = desk.site.requests[-1]
        assert (posted.data["nonce"], posted.data["enforce_nonce"]) == (INTERACTION, True)
        assert posted.files == len(UPLOADS)


async def test_a_post_that_is_repeated_carries_the_same_nonce() -> None:
    async with open_desk() as desk:
        desk.site.answer(Call.ACKNOWLEDGE, says({}))
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, refuses(404, 10015))
        desk.site.answer(Call.LOOK, refuses(404, 10015))
        desk.site.answer(Call.POST_BY_BOT, LANDED_BUT_RESET)

        assert await desk.response.deliver("A cat", UPLOADS)

        posts = [request for request in desk.site.requests if request.call is Call.POST_BY_BOT]
        assert [post.data["nonce"] for post in posts] == [INTERACTION] * 2


@pytest.mark.parametrize("answer", [refuses(404, 10015), refuses(403, 50013)], ids=["10015", "403"])
async def test_a_private_answer_never_becomes_public(answer: Answer) -> None:
    async with open_desk(private=True) as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, itertools.repeat(answer))

        with pytest.raises(DeliveryFailed):
            await desk.response.deliver("A cat", UPLOADS)

        assert desk.site.calls == [Call.EDIT]


@pytest.mark.parametrize(
    "answer",
    [refuses(413, 40005), Answer(413, b"<html>", {"Content-Type": "text/html"})],
    ids=["json", "html"],
)
async def test_an_upload_too_large_is_said_to_be_and_not_repeated(answer: Answer) -> None:
    async with open_desk() as desk:
        await desk.acknowledged()
        desk.site.answer(Call.EDIT, itertools.repeat(answer))

        with pytest.raises(UploadTooLarge):
            await desk.response.deliver("A cat", UPLOADS)

        assert desk.site.calls == [Call.EDIT]
