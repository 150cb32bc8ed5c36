"""What goes wrong once, or only in part, costs the member nothing but a moment."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.world.ids import MEMBER_ONE
from sandbox.faults import FOREVER, Fault
from tests.e2e.asking import PATIENCE, ask
from tests.e2e.conftest import GENERATION_TIMEOUT

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Sandbox
    from tests.e2e.bot_process import BotProcess


@pytest.mark.parametrize("status", [500, 503])
async def test_an_instant_5xx_is_tried_again(sandbox: Sandbox, status: int) -> None:
    sandbox.azure.faults.add(Fault("status", status=status))

    ending = await ask(sandbox)

    assert len(ending.pictures) == 1
    assert [request.billed for request in sandbox.azure.requests] == [False, True]


async def test_retry_after_is_waited_for_and_the_member_told(sandbox: Sandbox) -> None:
    sandbox.azure.faults.add(Fault("rate_limited", retry_after=3.0))
    invocation = await sandbox.discord.member(MEMBER_ONE).slash("imagine", prompt="patience")

    note = await invocation.settled()
    message = await invocation.until(lambda message: bool(message["attachments"]), PATIENCE)

    first, second = sandbox.azure.requests
    assert second.at - first.at >= 3.0
    assert "It is tried again from" in note["content"]
    assert "tried again" not in message["content"]


async def test_a_429_that_names_no_time_is_tried_again_soon(sandbox: Sandbox) -> None:
    sandbox.azure.faults.add(Fault("rate_limited"))

    ending = await ask(sandbox)

    assert len(ending.pictures) == 1
    assert len(sandbox.azure.requests) == 2


@pytest.mark.parametrize("kind", ["reset", "reset_midway", "truncate"])
async def test_a_cut_connection_is_tried_once_more(sandbox: Sandbox, kind: str) -> None:
    sandbox.azure.faults.add(Fault(kind))

    ending = await ask(sandbox)

    assert len(ending.pictures) == 1
    assert len(sandbox.azure.requests) == 2


async def test_a_stalled_call_ends_at_its_time_out_and_is_made_once_more(sandbox: Sandbox) -> None:
    sandbox.azure.faults.add(Fault("stall", times=FOREVER, delay=60.0))
    started = time.monotonic()

    ending = await ask(sandbox)

    assert "No picture came in time" in ending.text
    assert len(sandbox.azure.requests) == 2
    assert time.monotonic() - started < 2 * GENERATION_TIMEOUT + 5


async def test_a_wrong_content_type_does_not_matter(sandbox: Sandbox) -> None:
    sandbox.azure.faults.add(Fault("wrong_content_type"))

    ending = await ask(sandbox)

    assert len(ending.pictures) == 1


async def test_pictures_that_come_as_links_are_fetched(sandbox: Sandbox) -> None:
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, result="url")

    ending = await ask(sandbox, count=2)

    assert len(ending.pictures) == 2


async def test_some_filtered_pictures_leave_the_others(sandbox: Sandbox) -> None:
    sandbox.azure.faults.add(Fault("partly_filtered"))

    ending = await ask(sandbox, count=4)

    assert 0 < len(ending.pictures) < 4
    assert "held back by the content filter" in ending.text


async def test_fewer_pictures_than_asked_are_delivered_and_said(sandbox: Sandbox) -> None:
    sandbox.azure.faults.add(Fault("fewer_images"))

    ending = await ask(sandbox, count=3)

    assert 0 < len(ending.pictures) < 3
    assert "did not arrive" in ending.text


async def test_a_picture_of_another_size_is_shown_as_what_it_is(sandbox: Sandbox) -> None:
    sandbox.azure.faults.add(Fault("wrong_size_image"))

    ending = await ask(sandbox, size="1024x1024")

    (picture,) = ending.pictures
    assert f"{picture['width']}×{picture['height']}" in ending.text
    assert picture["width"] != 1024


async def test_two_members_do_not_wait_for_each_other(sandbox: Sandbox) -> None:
    sandbox.azure.faults.add(Fault("stall", delay=2.0))
    slow = await sandbox.discord.member(MEMBER_ONE).slash("imagine", prompt="slow")
    await slow.acknowledged()

    quick = await ask(sandbox, "quick")

    assert len(quick.pictures) == 1
    assert slow.state == "thinking"
    await slow.settled()


async def test_no_prompt_reaches_the_log(sandbox: Sandbox, bot: BotProcess) -> None:
    sandbox.azure.faults.add(Fault("status", status=500, times=FOREVER))

    await ask(sandbox, "an unmistakable walrus")

    assert "walrus" not in bot.output


async def test_the_body_holds_what_the_model_takes_and_no_model_name(sandbox: Sandbox) -> None:
    await ask(sandbox, "a bridge", size="1536x1024", quality="low", count=2)

    (request,) = sandbox.azure.requests
    assert request.deployment == "studio"
    assert set(request.body) == {"prompt", "n", "size", "quality", "user"}
    assert request.body["prompt"] == "a bridge"
    assert str(MEMBER_ONE) not in request.body["user"]


async def test_a_full_archive_does_not_cost_the_member_the_picture(
    sandbox: Sandbox, bot: BotProcess, tmp_path: Path
) -> None:
    images = bot.directory / "images"
    kept = tmp_path / "images"
    await ask(sandbox)
    images.rename(kept)
    images.write_text("a file where the folder should be")
    try:
        ending = await ask(sandbox)
    finally:
        images.unlink()
        kept.rename(images)

    assert len(ending.pictures) == 1
    assert "no copy could be kept" in ending.text
    assert "0 of 1 originals archived" in bot.output
