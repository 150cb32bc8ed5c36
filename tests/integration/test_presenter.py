"""A job's one message, from its address alone: as after a restart, and past the life of its token."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.errors import DeliveryFailed, JobCancelled, OutputFiltered, ServiceUnreachable
from bot.queue.estimates import Estimate, Place
from sandbox.faults import Fault
from tests.integration.presenting import EPHEMERAL, Stage, job_of, open_stage, painted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.discord.client.member import Invocation

NEXT = Place(0, Estimate(0, 30))


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened


@pytest.fixture
async def sent(stage: Stage) -> Invocation:
    """A command that shows "thinking…"."""
    invocation = await stage.site.deferred()
    stage.forget()
    return invocation


async def private(stage: Stage) -> Invocation:
    invocation = await stage.site.deferred(flags=EPHEMERAL)
    stage.forget()
    return invocation


def text_of(sent: Invocation) -> str:
    assert sent.message is not None
    return str(sent.message["content"])


def buttons_of(sent: Invocation) -> list[str]:
    assert sent.message is not None
    return [button["custom_id"] for row in sent.message["components"] for button in row["components"]]


# --- delivering ---------------------------------------------------------------------------------


async def test_a_stored_address_is_all_it_takes(stage: Stage, sent: Invocation) -> None:
    assert await stage.presenter.deliver(job_of(sent), painted())

    assert stage.pictures() == [2]
    assert "a cat" in text_of(sent)
    assert await stage.presenter.pictures(job_of(sent)) == 2


async def test_pictures_that_an_earlier_life_delivered_are_not_uploaded_again(
    stage: Stage, sent: Invocation
) -> None:
    await stage.presenter.deliver(job_of(sent), painted())
    stage.forget()

    assert await stage.restarted().presenter.deliver(job_of(sent), painted(), again=True)

    assert stage.calls == ["GET @original"]


async def test_pictures_that_no_earlier_life_delivered_are_uploaded_in_the_next(
    stage: Stage, sent: Invocation
) -> None:
    assert await stage.presenter.deliver(job_of(sent), painted(), again=True)

    assert stage.calls == ["GET @original", "PATCH @original"]
    assert stage.pictures() == [2]


async def test_an_upload_too_large_is_tried_smaller(stage: Stage, sent: Invocation) -> None:
    stage.site.discord.faults.add(Fault("too_large", "PATCH *"))
    noise = io.BytesIO()
    Image.effect_noise((256, 256), 90).convert("RGB").save(noise, "PNG")

    assert await stage.presenter.deliver(job_of(sent), painted(1, noise.getvalue()))

    assert sent.message is not None
    (file,) = sent.message["attachments"]
    assert file["filename"] == f"easel-{sent.id}-1.jpg"
    assert file["size"] <= len(noise.getvalue()) / 2


async def test_a_member_who_deleted_the_message_is_told_in_private(stage: Stage, sent: Invocation) -> None:
    job = job_of(sent)
    await stage.site.messages("DELETE", f"/{job.address.message_id}")

    assert not await stage.presenter.deliver(job, painted())

    assert stage.pictures() == [0]
    (told,) = sent.followups
    assert "deleted" in told["content"]
    assert told["flags"] == EPHEMERAL


# --- past the life of the interaction's token ---------------------------------------------------


async def test_a_message_of_known_id_is_edited_by_the_bot(stage: Stage, sent: Invocation) -> None:
    job = job_of(sent)
    stage.expire_tokens()

    assert await stage.presenter.deliver(job, painted())

    assert stage.calls == ["PATCH @original", "PATCH message"]
    assert stage.pictures() == [2]
    assert await stage.restarted().presenter.deliver(job, painted(), again=True)
    assert stage.pictures() == [2]


async def test_a_message_of_unknown_id_is_found_in_the_channel(stage: Stage, sent: Invocation) -> None:
    stage.expire_tokens()
    for number in range(60):
        await stage.site.member.say(f"and {number}")

    assert await stage.presenter.deliver(job_of(sent, message_id=None), painted())

    assert stage.calls == ["PATCH @original", "GET channel", "GET channel", "PATCH message"]
    assert stage.pictures() == [2, *[0] * 60]


async def test_without_a_message_the_pictures_are_posted_once(stage: Stage, sent: Invocation) -> None:
    job = job_of(sent)
    await stage.site.messages("DELETE", f"/{job.address.message_id}")
    job = job_of(sent, message_id=None)
    stage.expire_tokens()
    stage.forget()

    assert await stage.presenter.deliver(job, painted())

    assert stage.calls == ["PATCH @original", "GET channel", "POST channel"]
    (post,) = stage.site.member.messages()
    assert post["content"].startswith(f"<@{job.address.member_id}> ")
    assert post["mentions"] == []


@pytest.mark.parametrize("again", [True, False], ids=["known to be again", "not known"])
async def test_a_post_of_an_earlier_life_is_known_again_by_its_files(
    stage: Stage, sent: Invocation, *, again: bool
) -> None:
    await stage.site.messages("DELETE", f"/{job_of(sent).address.message_id}")
    job = job_of(sent, message_id=None, spoiler=True)
    stage.expire_tokens()
    await stage.presenter.deliver(job, painted())
    stage.site.discord.world.nonces.clear()  # as after some minutes

    assert await stage.restarted().presenter.deliver(job, painted(), again=again)

    assert stage.pictures() == [2]
    assert await stage.restarted().presenter.pictures(job) == 2


async def test_a_private_answer_is_told_at_the_next_command(stage: Stage) -> None:
    sent = await private(stage)
    job = job_of(sent)
    stage.expire_tokens()

    with pytest.raises(DeliveryFailed) as failed:
        await stage.presenter.deliver(job, painted())
    await stage.presenter.fail(job, failed.value)

    assert {call.rpartition(" ")[2] for call in stage.calls} == {"@original"}
    ((job_id, text),) = stage.notes
    assert job_id == sent.id
    assert "You were not charged" in text


async def test_what_can_be_said_nowhere_is_told_at_the_next_command(stage: Stage, sent: Invocation) -> None:
    stage.expire_tokens()
    await stage.presenter.fail(job_of(sent, channel_id=None), ServiceUnreachable())
    assert [job_id for job_id, _text in stage.notes] == [sent.id]


# --- finding ------------------------------------------------------------------------------------


async def test_the_message_is_found_by_the_token_or_in_the_channel(stage: Stage, sent: Invocation) -> None:
    known = job_of(sent).address.message_id
    address = job_of(sent, message_id=None).address
    assert await stage.presenter.find(address) == known
    stage.expire_tokens()
    assert await stage.presenter.find(address) == known


async def test_a_command_that_was_never_acknowledged_has_no_message(stage: Stage) -> None:
    sent = await stage.site.imagine()
    assert await stage.presenter.find(job_of(sent).address) is None


async def test_a_private_message_is_not_to_be_found_without_its_token(stage: Stage) -> None:
    address = job_of(await private(stage), message_id=None).address
    stage.expire_tokens()
    with pytest.raises(DeliveryFailed):
        await stage.presenter.find(address)


# --- passing remarks ----------------------------------------------------------------------------


async def test_remarks_carry_a_button_that_cancels_and_the_end_takes_it_away(
    stage: Stage, sent: Invocation
) -> None:
    job, presenter = job_of(sent), stage.presenter
    for remark in (presenter.queued(job, NEXT), presenter.waits(job, 20.0), presenter.drawing(job)):
        await remark
        assert buttons_of(sent) == [f"easel:cancel:{sent.id}"]
    await presenter.deliver(job, painted())
    assert buttons_of(sent) == []


async def test_an_interrupted_job_says_that_it_goes_on_and_cannot_be_cancelled_meanwhile(
    stage: Stage, sent: Invocation
) -> None:
    await stage.presenter.queued(job_of(sent), NEXT)
    await stage.presenter.interrupted(job_of(sent))
    assert "goes on" in text_of(sent)
    assert buttons_of(sent) == []


async def test_a_remark_reaches_a_message_past_its_token(stage: Stage, sent: Invocation) -> None:
    job = job_of(sent)
    stage.expire_tokens()
    await stage.presenter.drawing(job)
    await stage.presenter.queued(job, NEXT)
    assert text_of(sent).startswith("You are next.")
    assert stage.calls == ["PATCH @original", "PATCH message", "PATCH message"]


@pytest.mark.parametrize("cancelled", [True, False])
async def test_a_remark_under_way_never_overwrites_the_end(
    stage: Stage, sent: Invocation, *, cancelled: bool
) -> None:
    slow = stage.site.discord.faults.add(Fault("slow", "PATCH *", delay=0.5))
    remark = asyncio.create_task(stage.presenter.queued(job_of(sent), NEXT))
    while not slow.hits:
        await asyncio.sleep(0.01)
    waiting = asyncio.create_task(stage.presenter.drawing(job_of(sent)))
    if cancelled:
        remark.cancel()

    await stage.presenter.fail(job_of(sent), JobCancelled())
    await stage.presenter.drawing(job_of(sent))
    await asyncio.wait((remark, waiting))

    assert [version["content"].partition(".")[0] for _at, version in sent.history[1:]] == [
        "You are next",
        "Cancelled",
    ]
    assert buttons_of(sent) == []


async def test_a_remark_that_discord_does_not_answer_holds_nobody_up(stage: Stage, sent: Invocation) -> None:
    stage.site.discord.faults.add(Fault("stall", "PATCH *", delay=60))
    await stage.presenter.queued(job_of(sent), NEXT)
    await stage.presenter.drawing(job_of(sent))
    assert text_of(sent).startswith("Drawing")


# --- failing ------------------------------------------------------------------------------------


async def test_what_went_wrong_is_the_answer(stage: Stage, sent: Invocation) -> None:
    await stage.presenter.drawing(job_of(sent))
    await stage.presenter.fail(job_of(sent), OutputFiltered())
    assert "held it back" in text_of(sent)
    assert buttons_of(sent) == []


async def test_no_apology_takes_pictures_back_not_even_those_of_an_earlier_life(
    stage: Stage, sent: Invocation
) -> None:
    job = job_of(sent)
    await stage.presenter.deliver(job, painted())
    stage.expire_tokens()
    await stage.restarted().presenter.fail(job, ServiceUnreachable())
    assert stage.pictures() == [2]
    assert "a cat" in text_of(sent)


async def test_a_failure_is_logged_without_a_token_or_a_prompt(
    stage: Stage, sent: Invocation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await stage.presenter.fail(job_of(sent), JobCancelled())
    stage.expire_tokens()
    await stage.restarted().presenter.fail(job_of(sent, channel_id=None), ServiceUnreachable())
    ours = [record for record in caplog.records if record.name.startswith("cogs")]
    assert [(record.levelno, str(sent.id) in record.getMessage()) for record in ours] == [
        (logging.INFO, True),
        (logging.WARNING, True),
        (logging.WARNING, True),
    ]
    assert sent.token not in caplog.text
    assert "a cat" not in caplog.text
