"""The members: they type commands, keep a given number in flight, and wait for the answers."""

from __future__ import annotations

import asyncio
import dataclasses
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.chaos.decisions import MEMBERS
from bench.chaos.evidence import is_last_word
from sandbox.discord.client.composer import InputError
from sandbox.discord.world.ids import GALLERY, MEMBER_ONE, MEMBER_TWO, MODERATOR, STUDIO
from sandbox.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.chaos.decisions import Asking, Trouble
    from bench.chaos.diary import Diary
    from sandbox.discord.client.member import Invocation
    from sandbox.server import Sandbox

PATIENCE = 30.0
"""Seconds after which a command no longer counts as in flight; the end of the run still waits for it."""

BREATH = 0.005
"""Seconds between two commands while too few are in flight."""

LOOK = 0.02
"""Seconds between two checks of how many are in flight."""


@dataclass(slots=True)
class Command:
    """A command that was typed."""

    asking: Asking
    member_id: int
    invocation: Invocation
    deleted: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will come: it has the last word, or the bot did not respond."""
        interaction = self.invocation.interaction
        if interaction.acknowledged_at is None:
            return interaction.failed
        if interaction.response_deleted:
            return self.deleted or any(map(is_last_word, interaction.followups.values()))
        return bool(interaction.history) and is_last_word(interaction.history[-1][1])


@dataclass(slots=True)
class Crowd:
    """The members and their commands.

    Attributes:
        askings: the commands they will type.
        commands: the commands they have typed.
        closing: whether they have stopped typing.
    """

    sandbox: Sandbox
    diary: Diary
    askings: Iterator[Asking]
    in_flight: int
    commands: list[Command] = field(default_factory=list)
    closing: bool = False
    _members: list[int] = field(default_factory=list)
    _following: set[asyncio.Task[None]] = field(default_factory=set)
    _deleting: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        names = ("Three", "Four", "Five", "Six", "Seven")
        others = [self.sandbox.discord.world.add_member(f"Member {name}") for name in names]
        self._members = [MEMBER_ONE, MEMBER_TWO, MODERATOR, *others]
        if len(self._members) != MEMBERS:
            raise RuntimeError(f"{len(self._members)} members for decisions about {MEMBERS}")

    @property
    def connected(self) -> bool:
        """Whether a bot is connected to receive their commands."""
        return any(session.connection is not None for session in self.sandbox.discord.gateway.sessions)

    @property
    def under_way(self) -> int:
        """Commands in flight: not ended, and typed less than `PATIENCE` ago."""
        return len(self._following)

    @property
    def unended(self) -> int:
        """Commands that have not ended, however long ago they were typed."""
        return sum(not command.ended for command in self.commands)

    async def type_on(self) -> None:
        """Type commands until ``closing``, whenever a bot is connected and too few are in flight."""
        while not self.closing:
            if self.connected and self.under_way < self.in_flight:
                await self._type(next(self.askings))
                await asyncio.sleep(BREATH)
            else:
                await asyncio.sleep(LOOK)

    async def settle_down(self, timeout: float) -> None:
        """Wait until every command has ended, for at most `timeout` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self.unended:
                    await asyncio.sleep(LOOK)
        for task in (*self._following, *self._deleting):
            task.cancel()

    async def _type(self, asking: Asking) -> None:
        azure, member_id = self.sandbox.azure, self._members[asking.member]
        self.diary.note("command", **dataclasses.asdict(asking))
        azure.options = dataclasses.replace(azure.options, latency=asking.latency)
        if asking.azure is not None:
            azure.faults.add(_fault(asking.azure, "POST *"))
        channel = GALLERY if asking.gallery else STUDIO
        invocation = await self.sandbox.discord.member(member_id).slash("imagine", channel, **asking.options)
        if asking.discord is not None:
            self.sandbox.discord.faults.add(_fault(asking.discord, _route(asking.discord, invocation)))
        command = Command(asking, member_id, invocation)
        self.commands.append(command)
        _keep(self._following, asyncio.create_task(_follow(command)))
        if asking.deleted_after is not None:
            _keep(self._deleting, asyncio.create_task(self._delete(command, asking.deleted_after)))

    async def _delete(self, command: Command, after: float) -> None:
        """Have a moderator delete the answer, if it is visible to others."""
        await asyncio.sleep(after)
        message_id = command.invocation.interaction.response_id
        if message_id is None or command.invocation.ephemeral:
            return
        command.deleted = True
        try:
            await self.sandbox.discord.member(MODERATOR).delete_message(message_id)
        except InputError:
            command.deleted = False  # already gone: the bot deleted its placeholder


async def _follow(command: Command) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not command.ended:
                await command.invocation.interaction.change()


def _keep(tasks: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def _fault(trouble: Trouble, route: str) -> Fault:
    return Fault(
        trouble.kind,
        route,
        times=trouble.times,
        delay=trouble.delay,
        status=trouble.status,
        retry_after=trouble.retry_after,
        data=dict(trouble.data),
    )


def _route(trouble: Trouble, invocation: Invocation) -> str:
    """Return the pattern of the calls about this one command."""
    if trouble.call == "callback":
        return f"POST /interactions/{invocation.id}/*"
    method = {"edit": "PATCH", "look": "GET"}[trouble.call]
    return f"{method} /webhooks/*/{invocation.token}/*"
