"""Every option of /imagine does what it says, or is refused at once, in private and for nothing."""

from __future__ import annotations

import dataclasses
import io
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from PIL import Image

from sandbox.discord.client.member import Invocation
from sandbox.discord.client.payloads import interaction_payload
from sandbox.discord.world.ids import MEMBER_ONE, MEMBER_TWO, STUDIO
from sandbox.discord.world.interactions import CallbackType, InteractionType
from tests.e2e.alone import calm, public_messages
from tests.e2e.asking import Ending, ask, ask_past_autocompletion

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Sandbox
    from tests.e2e.bot_process import BotProcess


pytestmark = pytest.mark.usefixtures("quiet_log")

KIB = 1024
STUDIO_MODEL, SKETCH_MODEL, FLARE_MODEL = "gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare"
SKETCH_SIZES = ["1024x1024", "1536x1024", "1024x1536"]
SUGGESTED_WITHIN = 1.0
"""Seconds; Discord gives three, a member typing wants less."""


async def download(picture: dict[str, Any]) -> bytes:
    """Fetch an attachment as Discord's app does."""
    async with aiohttp.ClientSession() as session, session.get(picture["url"]) as response:
        assert response.status == 200
        return await response.read()


def originals(bot: BotProcess, invocation: Invocation) -> list[bytes]:
    """What the archive keeps of a command, in order."""
    return [path.read_bytes() for path in sorted(_archived(bot, invocation))]


def _archived(bot: BotProcess, invocation: Invocation) -> list[Path]:
    return list((bot.directory / "images").glob(f"*/*/*/{invocation.id}-*"))


async def assert_refused_at_once(sandbox: Sandbox, ending: Ending) -> None:
    """The first and only answer is private, and nobody paid."""
    await calm(sandbox, 0.3)
    assert ending.invocation.ephemeral
    assert ending.invocation.interaction.callback is CallbackType.MESSAGE
    assert len(ending.invocation.history) == 1
    assert len(sandbox.discord.requests) == 1
    assert public_messages(sandbox, ending.invocation) == []
    assert sandbox.azure.requests == []
    assert "Nothing was charged" in ending.text


# --- refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ("big", "a size is written WIDTHxHEIGHT"),
        ("1024", "a size is written WIDTHxHEIGHT"),
        ("1024x", "a size is written WIDTHxHEIGHT"),
        ("-1024x1024", "a size is written WIDTHxHEIGHT"),
        ("1024x1024x3", "a size is written WIDTHxHEIGHT"),
        ("1e3x1e3", "a size is written WIDTHxHEIGHT"),
        ("9" * 5000 + "x16", "Try"),
        ("0x0", "Try"),
        ("1000x1000", "multiples of 16"),
        ("512x300", "multiples of 16"),
        ("5000x1024", "at most 3 times the other"),
        ("4096x2048", "no edge may be longer than 3,840"),
        ("640x640", "at least 655,360 pixels"),
        ("3840x3840", "at most 8,294,400 pixels"),
        ("@everyone", "a size is written WIDTHxHEIGHT"),
    ],
    ids=lambda value: value[:20],
)
async def test_a_size_that_cannot_be_drawn_is_refused_with_the_reason(
    sandbox: Sandbox, size: str, words: str
) -> None:
    ending = await ask_past_autocompletion(sandbox, prompt="a cat", size=size)

    await assert_refused_at_once(sandbox, ending)
    assert words in ending.text
    assert "Try " in ending.text


async def test_a_size_is_judged_by_the_chosen_model(sandbox: Sandbox) -> None:
    ending = await ask_past_autocompletion(sandbox, prompt="a cat", size="2048x2048", model=SKETCH_MODEL)

    await assert_refused_at_once(sandbox, ending)
    assert "knows only a few sizes" in ending.text
    assert "1024x1024" in ending.text


@pytest.mark.parametrize("count", [0, -1, 11, 2**53 - 1])
async def test_a_count_out_of_range_is_refused(sandbox: Sandbox, count: int) -> None:
    ending = await ask_past_autocompletion(sandbox, prompt="a cat", count=count)

    await assert_refused_at_once(sandbox, ending)
    assert f"1 to 10 pictures at once, not {count}" in ending.text


async def test_an_unknown_quality_is_refused_with_the_known_ones(sandbox: Sandbox) -> None:
    ending = await ask_past_autocompletion(sandbox, prompt="a cat", quality="superb")

    await assert_refused_at_once(sandbox, ending)
    assert "no quality “superb”. Choose from low, medium, high or auto" in ending.text


async def test_a_quality_of_another_model_is_refused(sandbox: Sandbox) -> None:
    ending = await ask_past_autocompletion(sandbox, prompt="a cat", quality="xhigh", model=STUDIO_MODEL)

    await assert_refused_at_once(sandbox, ending)
    assert "GPT Image 2 has no quality “xhigh”" in ending.text


async def test_an_unknown_model_is_refused_with_the_known_ones(sandbox: Sandbox) -> None:
    ending = await ask_past_autocompletion(sandbox, prompt="a cat", model="dall-e-2")

    await assert_refused_at_once(sandbox, ending)
    assert "Choose from GPT Image 2, GPT Image 1 mini or GPT Image 2.5 Flare" in ending.text


async def test_a_command_in_an_older_form_is_refused_with_what_to_do(sandbox: Sandbox) -> None:
    ending = await ask_past_autocompletion(sandbox, description="a prompt by its older name")

    await assert_refused_at_once(sandbox, ending)
    assert "Reload Discord" in ending.text


async def test_a_command_in_a_direct_message_is_refused(sandbox: Sandbox) -> None:
    ending = await _ask_in_a_direct_message(sandbox)

    assert "in servers only" in ending.text
    assert ending.invocation.ephemeral
    assert sandbox.azure.requests == []


async def _ask_in_a_direct_message(sandbox: Sandbox) -> Ending:
    """What Discord's rules keep away: a command of a server only, used in a conversation of two."""
    world = sandbox.discord.world
    (command,) = (found for found in world.commands_for(MEMBER_ONE) if found["name"] == "imagine")
    user = world.guild.members[MEMBER_ONE].user.to_json()
    options = [{"name": "prompt", "type": 3, "value": "a cat"}]
    data = {"id": command["id"], "name": "imagine", "type": 1, "options": options}
    interaction = world.interactions.open(
        InteractionType.COMMAND,
        user_id=MEMBER_ONE,
        channel_id=STUDIO,
        data=data,
        metadata={"user": user, "name": "imagine"},
    )
    payload = interaction_payload(world, interaction)
    for key in ("guild", "guild_id", "guild_locale", "member"):
        del payload[key]
    channel = {"id": str(STUDIO), "type": 1, "recipients": [user], "last_message_id": None}
    await sandbox.discord.dispatch(
        "INTERACTION_CREATE", {**payload, "user": user, "channel": channel, "context": 1}
    )
    invocation = Invocation(world, interaction)
    return Ending(invocation, await invocation.settled(10))


# --- drawn --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["816x816", "1536x1024", "1024X1536", " 1024 x 1024 ", "1024×1024"])
async def test_a_legal_size_is_drawn_as_asked(sandbox: Sandbox, size: str) -> None:
    ending = await ask(sandbox, size=size)

    (picture,) = ending.pictures
    width, height = (int(edge) for edge in size.lower().replace("×", "x").split("x"))
    assert (picture["width"], picture["height"]) == (width, height)
    (request,) = sandbox.azure.requests
    assert request.body["size"] == f"{width}x{height}"


@pytest.mark.parametrize("edge", [256, 512])
async def test_a_size_of_the_seed_guide_is_drawn_larger_and_scaled_down(
    sandbox: Sandbox, bot: BotProcess, edge: int
) -> None:
    ending = await ask(sandbox, size=f"{edge}x{edge}")

    (picture,) = ending.pictures
    (request,) = sandbox.azure.requests
    (original,) = originals(bot, ending.invocation)
    assert request.body["size"] == "816x816"
    assert (picture["width"], picture["height"]) == (edge, edge)
    assert Image.open(io.BytesIO(original)).size == (816, 816)
    assert "drawn at 816×816 and scaled down" in ending.text


async def test_a_model_of_few_sizes_draws_seed_sizes_at_its_smallest(sandbox: Sandbox) -> None:
    ending = await ask(sandbox, size="512x512", model=SKETCH_MODEL)

    assert sandbox.azure.requests[0].body["size"] == "1024x1024"
    assert ending.pictures[0]["width"] == 512


async def test_size_auto_is_left_to_the_model(sandbox: Sandbox) -> None:
    ending = await ask(sandbox, size="auto")

    (request,) = sandbox.azure.requests
    assert request.body.get("size", "auto") == "auto"
    assert len(ending.pictures) == 1


async def test_several_pictures_come_in_one_message_and_one_call(sandbox: Sandbox) -> None:
    ending = await ask(sandbox, "three boats", count=3)

    (request,) = sandbox.azure.requests
    assert request.body["n"] == 3
    assert [picture["description"] for picture in ending.pictures] == [
        f"three boats ({number} of 3)" for number in (1, 2, 3)
    ]
    assert len({picture["filename"] for picture in ending.pictures}) == 3


async def test_ten_pictures_fit_into_one_message(sandbox: Sandbox) -> None:
    # One small picture ten times: painting ten could outlast the shared bot's patience on a busy machine.
    canned = io.BytesIO()
    Image.new("RGB", (1024, 1024), "teal").save(canned, "PNG")
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, canned=canned.getvalue())

    ending = await ask(sandbox, "ten boats", count=10)

    assert len(ending.pictures) == 10
    assert len(sandbox.azure.requests) == 1


@pytest.mark.parametrize(
    ("model", "deployment"), [(STUDIO_MODEL, "studio"), (SKETCH_MODEL, "sketch"), (FLARE_MODEL, "flare")]
)
async def test_the_chosen_model_draws(sandbox: Sandbox, model: str, deployment: str) -> None:
    ending = await ask(sandbox, model=model, size="1024x1024")

    (request,) = sandbox.azure.requests
    assert request.deployment == deployment
    assert len(ending.pictures) == 1


async def test_a_quality_that_only_a_newer_model_has_is_passed_on_to_it(sandbox: Sandbox) -> None:
    ending = await ask(sandbox, model=FLARE_MODEL, quality="xhigh")

    (request,) = sandbox.azure.requests
    assert request.body["quality"] == "xhigh"
    assert "xhigh" in ending.text


async def test_a_private_picture_is_seen_by_nobody_else(sandbox: Sandbox) -> None:
    ending = await ask(sandbox, private=True)

    assert ending.invocation.ephemeral
    assert len(ending.pictures) == 1
    assert public_messages(sandbox, ending.invocation) == []
    mine = sandbox.discord.member(MEMBER_ONE).messages()
    assert ending.message["id"] in [message["id"] for message in mine]


async def test_a_private_failure_is_seen_by_nobody_else(sandbox: Sandbox) -> None:
    ending = await ask(sandbox, "a cat simulate:prompt_refused", private=True)

    assert "refused this prompt" in ending.text
    assert public_messages(sandbox, ending.invocation) == []


async def test_a_spoiler_is_hidden_until_clicked(sandbox: Sandbox) -> None:
    ending = await ask(sandbox, spoiler=True, count=2)

    assert all(picture["filename"].startswith("SPOILER_") for picture in ending.pictures)


async def test_everything_at_once_is_drawn(sandbox: Sandbox) -> None:
    ending = await ask(
        sandbox,
        "the lot",
        size="2048x1152",
        quality="low",
        count=2,
        model=FLARE_MODEL,
        private=True,
        spoiler=True,
    )

    assert [(picture["width"], picture["height"]) for picture in ending.pictures] == [(2048, 1152)] * 2
    assert ending.invocation.ephemeral
    assert all(picture["filename"].startswith("SPOILER_") for picture in ending.pictures)


# --- originals ----------------------------------------------------------------------------------


async def test_the_original_is_attached_and_archived_byte_for_byte(sandbox: Sandbox, bot: BotProcess) -> None:
    ending = await ask(sandbox)

    (original,) = originals(bot, ending.invocation)
    assert await download(ending.pictures[0]) == original
    assert b"caBX" in original[:4096]


async def test_each_of_several_originals_is_archived_in_order(sandbox: Sandbox, bot: BotProcess) -> None:
    ending = await ask(sandbox, count=3)

    assert [await download(picture) for picture in ending.pictures] == originals(bot, ending.invocation)


async def test_a_picture_over_the_limit_is_derived_said_and_kept_as_it_was(
    sandbox: Sandbox, bot: BotProcess
) -> None:
    limit = 200 * KIB
    sandbox.discord.options = dataclasses.replace(sandbox.discord.options, attachment_size_limit=limit)

    ending = await ask(sandbox)

    (picture,) = ending.pictures
    (original,) = originals(bot, ending.invocation)
    assert len(original) > limit >= picture["size"]
    assert b"caBX" in original[:4096]
    assert picture["filename"].endswith(".jpg")
    assert Image.open(io.BytesIO(await download(picture))).format == "JPEG"
    assert "too large for an upload here, so attached as JPEG" in ending.text
    assert "the bot's operator keeps what Azure drew" in ending.text


async def test_several_pictures_over_the_limit_are_all_derived(sandbox: Sandbox, bot: BotProcess) -> None:
    sandbox.discord.options = dataclasses.replace(sandbox.discord.options, attachment_size_limit=500 * KIB)

    ending = await ask(sandbox, count=3, spoiler=True)

    assert all(picture["size"] <= 500 * KIB for picture in ending.pictures)
    assert all(picture["filename"].startswith("SPOILER_") for picture in ending.pictures)
    assert len(originals(bot, ending.invocation)) == 3
    assert "3 of 3 too large for an upload here" in ending.text


# --- suggestions --------------------------------------------------------------------------------


async def suggestions(sandbox: Sandbox, option: str, **options: Any) -> list[str]:
    """What is suggested while a member types into ``option``, in time."""
    started = time.monotonic()
    choices = await sandbox.discord.member(MEMBER_TWO).autocomplete("imagine", option, **options)
    assert time.monotonic() - started < SUGGESTED_WITHIN
    assert len(choices) <= 25
    return [str(choice.value) for choice in choices]


async def test_suggested_sizes_follow_the_chosen_model(sandbox: Sandbox) -> None:
    few = await suggestions(sandbox, "size", model=SKETCH_MODEL)
    many = await suggestions(sandbox, "size", model=STUDIO_MODEL)

    assert few[:3] == SKETCH_SIZES
    assert "3840x2160" in many
    assert "3840x2160" not in few


async def test_suggested_sizes_begin_with_the_one_typed(sandbox: Sandbox) -> None:
    assert (await suggestions(sandbox, "size", size="1600x1200"))[0] == "1600x1200"


async def test_an_impossible_size_is_answered_with_the_nearest_ones(sandbox: Sandbox) -> None:
    found = await suggestions(sandbox, "size", size="1000x1000")

    assert "1000x1000" not in found
    assert "1024x1024" in found or "1008x1008" in found


@pytest.mark.parametrize("typed", ["x" * 6000, "🦊", "0x0", "9" * 5000 + "x1", "\u202e", "@everyone"])
async def test_nonsense_typed_into_size_is_answered_in_time(sandbox: Sandbox, typed: str) -> None:
    assert await suggestions(sandbox, "size", size=typed)


async def test_suggested_qualities_follow_the_chosen_model(sandbox: Sandbox) -> None:
    assert "xhigh" in await suggestions(sandbox, "quality", model=FLARE_MODEL)
    assert "xhigh" not in await suggestions(sandbox, "quality", model=STUDIO_MODEL)


async def test_suggested_models_are_those_on_offer(sandbox: Sandbox) -> None:
    assert await suggestions(sandbox, "model") == [STUDIO_MODEL, SKETCH_MODEL, FLARE_MODEL]
    assert await suggestions(sandbox, "model", model="flare") == [FLARE_MODEL]
