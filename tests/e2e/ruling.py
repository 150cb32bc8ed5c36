"""What tests about limits do: moderators and members who use commands and buttons, and read the answers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.discord.world.ids import GUILD, MEMBER_ONE, MEMBER_TWO, MODERATOR, OWNER
from tests.e2e.asking import PATIENCE, is_final

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.client.member import Choice, Invocation
    from sandbox.server import Sandbox
    from tests.e2e.bot_process import BotProcess

CONFIGURATION = """
[limits.default]
images_per_day = 20

[limits.operator]
max_count = 8
dollars_per_month = 500
"""
"""The ``easel.toml`` of the bot these tests share."""

EPHEMERAL = 1 << 6

_WIPE = """
    DELETE FROM rules; DELETE FROM blocks; DELETE FROM changes; DELETE FROM counters; DELETE FROM entries;
    DELETE FROM jobs; DELETE FROM notices;
    UPDATE guilds SET revision = revision + 1, zone = 'UTC', paused = 0, pause_note = '';
"""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer to a command or a press."""

    invocation: Invocation
    message: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.message["content"])

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def rules(self) -> list[str]:
        """The lines about single rules, limits or changes."""
        return [line for line in self.lines if line.startswith("- ")]

    @property
    def private(self) -> bool:
        return bool(self.message["flags"] & EPHEMERAL)

    @property
    def pictures(self) -> list[dict[str, Any]]:
        return list(self.message["attachments"])

    @property
    def buttons(self) -> dict[str, str]:
        """Label to custom_id."""
        rows = self.message["components"]
        return {button["label"]: button["custom_id"] for row in rows for button in row["components"]}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the server, at their keyboard."""

    sandbox: Sandbox
    user_id: int

    async def slash(self, name: str, channel: int | None = None, /, **options: Any) -> Said:
        """Use a command, and wait for its answer."""
        member = self.sandbox.discord.member(self.user_id)
        invocation = await member.slash(name, *([channel] if channel else []), **options)
        return Said(invocation, await invocation.settled(PATIENCE))

    async def press(self, said: Said, label: str) -> Said:
        """Press a button, and wait for what comes of it: the message anew, or another one."""
        member = self.sandbox.discord.member(self.user_id)
        invocation = await member.press(said.message["id"], said.buttons[label])
        return Said(invocation, await invocation.settled(PATIENCE))

    async def suggestions(self, name: str, option: str, **options: Any) -> list[Choice]:
        """Type into an option."""
        return await self.sandbox.discord.member(self.user_id).autocomplete(name, option, **options)

    async def draw(self, prompt: str = "a lighthouse", channel: int | None = None, /, **options: Any) -> Said:
        """Type ``/imagine``, past what Discord's own app would not send."""
        member = self.sandbox.discord.member(self.user_id)
        places = [channel] if channel else []
        invocation = await member.slash("imagine", *places, prompt=prompt, unchecked=True, **options)
        return Said(invocation, await invocation.until(is_final, PATIENCE))


@dataclass(frozen=True, slots=True)
class Server:
    """A server with a bot of its own, whose rules may be changed."""

    sandbox: Sandbox
    bot: BotProcess

    @property
    def database(self) -> Path:
        return self.bot.directory / "data" / "easel.db"

    @property
    def moderator(self) -> Person:
        return Person(self.sandbox, MODERATOR)

    @property
    def owner(self) -> Person:
        """Another moderator."""
        return Person(self.sandbox, OWNER)

    @property
    def member(self) -> Person:
        return Person(self.sandbox, MEMBER_ONE)

    @property
    def artist(self) -> Person:
        """A member with the role Artists."""
        return Person(self.sandbox, MEMBER_TWO)

    def open_to_everyone(self) -> None:
        """Let everybody see every command, as server admins can."""
        book = self.sandbox.discord.world.commands
        for command in self.sandbox.discord.member(OWNER).commands():
            book.override(command["id"], GUILD, allowed=True)

    def wipe(self) -> None:
        """Forget every rule and count, behind the bot's back as another process of it might."""
        with closing(sqlite3.connect(self.database, timeout=10)) as connection:
            connection.executescript(_WIPE)

    async def overview(self) -> list[str]:
        """The rules that ``/limits view`` shows."""
        return (await self.moderator.slash("limits view")).rules

    def trail(self) -> list[tuple[Any, ...]]:
        """The audit trail: who did what, to what."""
        with closing(sqlite3.connect(self.database, timeout=10)) as connection:
            return connection.execute("SELECT actor_id, action, target FROM changes ORDER BY id").fetchall()
