"""Messages that could no longer be shown in an answer, kept until the member's next command."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.jobs.sealing import Unreadable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.jobs.job import Job
    from bot.jobs.sealing import Seal
    from bot.storage.database import Database

_log = logging.getLogger(__name__)

KEPT = dt.timedelta(days=7)
"""How long a notice is kept for its member; after that nobody remembers what it is about."""

_LEAVE = sa.text("""
    INSERT INTO notices (member_id, guild_id, job_id, at_ms, sealed)
    VALUES (:member_id, :guild_id, :job_id, :at_ms, :sealed)
    ON CONFLICT (member_id, guild_id, job_id) DO NOTHING
""")
_MEMBERS = sa.text("SELECT guild_id, member_id FROM notices")
_READ = sa.text("""
    SELECT job_id, sealed FROM notices WHERE member_id = :member_id AND guild_id = :guild_id ORDER BY job_id
""")
_REMOVE = sa.text("""
    DELETE FROM notices WHERE member_id = :member_id AND guild_id = :guild_id AND job_id = :job_id
""")
_EXPIRE = sa.text("DELETE FROM notices WHERE at_ms < :before_ms")


class Notices:
    """Keeps notices. It remembers which members have one, so that most commands need no query."""

    def __init__(self, database: Database, seal: Seal, *, clock: Callable[[], dt.datetime]) -> None:
        """Start without knowing of any notice; see ``load``.

        Args:
            database: where notices are kept.
            seal: encrypts them, as they tell what somebody did.
            clock: tells the time, aware.
        """
        self._database = database
        self._seal = seal
        self._clock = clock
        self._members: set[tuple[int, int]] = set()

    async def load(self) -> None:
        """Load which members have notices, and delete those older than ``KEPT``.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        before_ms = _milliseconds(self._clock() - KEPT)

        def read(connection: sa.Connection) -> set[tuple[int, int]]:
            connection.execute(_EXPIRE, {"before_ms": before_ms})
            return {(guild_id, member_id) for guild_id, member_id in connection.execute(_MEMBERS)}

        self._members |= await self._database.run(read)

    async def leave(self, job: Job, text: str) -> None:
        """Keep a message for a job's member. Never raises, as it is the last resort."""
        address = job.address
        values = {
            "member_id": address.member_id,
            "guild_id": address.guild_id,
            "job_id": job.job_id,
            "at_ms": _milliseconds(self._clock()),
            "sealed": self._seal.close_text(text),
        }
        try:
            await self._database.run(lambda connection: connection.execute(_LEAVE, values).rowcount)
        except StoreUnavailable as error:
            _log.error("job %d: its member will not hear of its end: %s", job.job_id, error)
            return
        self._members.add((address.guild_id, address.member_id))

    async def hand_out(self, guild_id: int, member_id: int, tell: Callable[[str], Awaitable[None]]) -> None:
        """Give a member their notices, and keep those that fail for the next time. Never raises.

        Args:
            guild_id: the server they are in.
            member_id: the member.
            tell: shows one text to that member alone.
        """
        whose = (guild_id, member_id)
        if whose not in self._members:
            return
        self._members.discard(whose)  # of two commands at once, only one tells
        values = {"guild_id": guild_id, "member_id": member_id}
        try:
            for job_id, sealed in await self._database.run(
                lambda connection: connection.execute(_READ, values).all()
            ):
                await self._tell(sealed, tell)
                await self._database.run(_removal(values | {"job_id": job_id}))
        except Exception as error:  # noqa: BLE001 - whatever it is, the command itself is done
            _log.warning("a member could not be told what was left for them: %s", type(error).__name__)
            self._members.add(whose)

    async def _tell(self, sealed: bytes, tell: Callable[[str], Awaitable[None]]) -> None:
        try:
            text = self._seal.open_text(sealed)
        except Unreadable:
            _log.warning("a notice was left by a bot with another token, and is given up")
            return
        await tell(text)


def _removal(values: dict[str, int]) -> Callable[[sa.Connection], None]:
    def remove(connection: sa.Connection) -> None:
        connection.execute(_REMOVE, values)

    return remove


def _milliseconds(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)
