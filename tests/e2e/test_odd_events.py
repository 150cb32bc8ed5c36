"""What Discord says otherwise than documented ends no connection, and what can be answered is answered."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.client.member import Invocation
from sandbox.discord.client.payloads import interaction_payload, owners
from sandbox.discord.world.ids import GUILD, MEMBER_ONE, STUDIO
from sandbox.discord.world.interactions import InteractionType
from sandbox.faults import Fault
from sandbox.server import Sandbox, open_sandbox
from tests.e2e.alone import complaints
from tests.e2e.asking import PATIENCE, ask
from tests.e2e.bot_process import BotProcess, running_bot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

ELSEWHERE = str(STUDIO + 99)
"""A channel that the bot has not heard of, such as a thread made before it came online."""

LEFT_OUT = object()

SENSELESS = re.compile(
    r"^\S+ ERROR bot\.discord\.client: command makes no sense.*\n(?:(?!\d{4}-\d\d-\d\dT).*\n)*", re.MULTILINE
)
"""A command that discord.py stumbles over is reported with a traceback: it may be a mistake of ours."""


def command(sandbox: Sandbox) -> tuple[Invocation, dict[str, Any]]:
    """``/imagine`` as a member types it, and the event that tells of it, not sent yet."""
    world = sandbox.discord.world
    option = {"type": 3, "name": "prompt", "value": "a lighthouse at dusk"}
    user = world.guild.members[MEMBER_ONE].user.to_json()
    interaction = world.interactions.open(
        InteractionType.COMMAND,
        user_id=MEMBER_ONE,
        channel_id=STUDIO,
        data={"id": "1", "name": "imagine", "type": 1, "options": [option]},
        metadata={
            "user": user,
            "authorizing_integration_owners": owners(world.guild),
            "name": "imagine",
            "command_type": 1,
        },
    )
    return Invocation(world, interaction), interaction_payload(world, interaction)


async def send_changed(sandbox: Sandbox, payload: Mapping[str, Any], change: Mapping[str, Any]) -> None:
    changed = {**payload, **change}
    event = {key: value for key, value in changed.items() if value is not LEFT_OUT}
    await sandbox.discord.dispatch("INTERACTION_CREATE", event)


@contextlib.asynccontextmanager
async def undisturbed(sandbox: Sandbox, bot: BotProcess) -> AsyncIterator[None]:
    """Whatever happens inside, the bot keeps its connection and answers the next command."""
    (session,) = sandbox.discord.gateway.sessions
    connection, written = session.connection, len(bot.output)
    yield
    ending = await ask(sandbox, "the next one")
    assert len(ending.pictures) == 1
    assert bot.process.returncode is None
    assert sandbox.discord.gateway.sessions == [session]
    assert session.connection is connection
    assert complaints(SENSELESS.sub("", bot.output[written:])) == []


# --- commands that can be answered --------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"attachment_size_limit": LEFT_OUT}, id="no-size-limit"),
        pytest.param({"attachment_size_limit": None}, id="size-limit-null"),
        pytest.param({"attachment_size_limit": "10485760"}, id="size-limit-as-string"),
        pytest.param({"attachment_size_limit": "as much as you like"}, id="size-limit-in-words"),
        pytest.param({"channel": LEFT_OUT}, id="no-channel"),
        pytest.param({"channel": None}, id="channel-null"),
        pytest.param({"channel": {"id": ELSEWHERE, "type": 0, "name": "new"}}, id="channel-without-position"),
        pytest.param({"channel": {"id": ELSEWHERE, "type": 11, "name": "talk"}}, id="partial-thread"),
        pytest.param({"channel": {"id": ELSEWHERE, "type": 99, "name": "new"}}, id="unknown-channel-type"),
        pytest.param({"channel": {"id": "here", "type": 0}}, id="channel-id-in-words"),
        pytest.param({"locale": "tlh"}, id="unknown-locale"),
        pytest.param({"context": 99}, id="unknown-context"),
        pytest.param({"guild": {"id": str(GUILD)}}, id="guild-with-an-id-only"),
        pytest.param({"entitlements": LEFT_OUT, "version": 2, "novelty": [1]}, id="other-version"),
    ],
)
async def test_an_odd_command_is_answered_all_the_same(
    sandbox: Sandbox, bot: BotProcess, change: Mapping[str, Any]
) -> None:
    invocation, payload = command(sandbox)
    async with undisturbed(sandbox, bot):
        await send_changed(sandbox, payload, change)

        message = await invocation.settled(PATIENCE)
        assert len(message["attachments"]) == 1


# --- events that cannot -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"token": LEFT_OUT}, id="no-token"),
        pytest.param({"id": "one"}, id="id-in-words"),
        pytest.param({"member": {}}, id="empty-member"),
        pytest.param({"type": 99}, id="unknown-type"),
        pytest.param({"data": None}, id="no-data"),
        pytest.param({"data": {"id": "1", "name": "unheard of", "type": 1}}, id="unknown-command"),
        pytest.param({"data": {"id": "1", "type": 1}}, id="command-without-a-name"),
        pytest.param({"data": {"id": "1", "name": "imagine", "type": 1, "options": 7}}, id="odd-options"),
        pytest.param({"data": {"id": "1", "name": "imagine", "type": 7}}, id="unknown-command-type"),
    ],
)
async def test_a_command_that_makes_no_sense_disturbs_nothing(
    sandbox: Sandbox, bot: BotProcess, change: Mapping[str, Any]
) -> None:
    _, payload = command(sandbox)
    async with undisturbed(sandbox, bot):
        await send_changed(sandbox, payload, change)
    assert len(sandbox.azure.requests) == 1  # the next command's, and no other


@pytest.mark.parametrize(
    "event",
    ["EVERYTHING_CHANGED", "GUILD_UPDATE", "GUILD_DELETE", "CHANNEL_UPDATE", "INTERACTION_CREATE"],
)
async def test_an_event_of_nonsense_disturbs_nothing(sandbox: Sandbox, bot: BotProcess, event: str) -> None:
    (session,) = sandbox.discord.gateway.sessions
    nonsense: tuple[Any, ...] = ({}, {"id": "?"}, [], None, "?", 7)
    async with undisturbed(sandbox, bot):
        for data in nonsense:
            session.send(event, data)  # the sandbox itself would send tables only
    assert len(sandbox.azure.requests) == 1  # the next command's, and no other


# --- a start in bad weather ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["status", "reset"])
@pytest.mark.parametrize("route", ["GET */gateway/bot", "GET */commands"])
async def test_a_start_is_not_given_up_for_one_failure_of_discord(
    tmp_path: Path, route: str, kind: str
) -> None:
    fault = Fault(kind, route, status=503 if kind == "status" else None)
    async with open_sandbox() as sandbox:
        sandbox.discord.faults.add(fault)
        async with running_bot(sandbox, tmp_path) as bot:
            ending = await ask(sandbox)

        assert len(ending.pictures) == 1
        assert fault.hits == 1
        assert complaints(bot.output) == []
