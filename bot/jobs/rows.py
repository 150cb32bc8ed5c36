"""The jobs in the database: each has a row from its reservation to its end, and one process that owns it.

The row drives the job. It is created with the reservation and deleted with its end, each in one transaction
(``bot/limits/bookings.py``), so every open reservation has the data to resume its job. The database decides
here whether a process may work on a job, and whether the job may cost anything more: any other process that
believes it owns the job is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.storage.database import Database

_READ = sa.text("""
    SELECT job_id, owner, calls, lives, cancelled, sealed, message_id, drawn FROM jobs WHERE job_id = :job_id
""")
_OWNERS = sa.text("SELECT owner FROM jobs WHERE owner <> :owner GROUP BY owner")
_OF_OWNER = sa.text("SELECT job_id FROM jobs WHERE owner = :owner ORDER BY job_id")
_OURS = sa.text("SELECT job_id, cancelled FROM jobs WHERE owner = :owner")
_CANCEL = sa.text("UPDATE jobs SET cancelled = :cancelled WHERE job_id = :job_id AND cancelled = 0")
_CLAIM = sa.text("""
    UPDATE jobs SET owner = :owner, lives = lives + 1 WHERE job_id = :job_id AND owner = :before
""")
_TAKE_CALL = sa.text("""
    UPDATE jobs SET calls = calls + 1, message_id = COALESCE(:message_id, message_id)
    WHERE job_id = :job_id AND owner = :owner AND calls < :budget AND cancelled = 0
""").bindparams(sa.bindparam("message_id", type_=sa.BigInteger))
_GIVE_BACK = sa.text("""
    UPDATE jobs SET calls = calls - 1 WHERE job_id = :job_id AND owner = :owner AND calls > 0
""")
_NOTE = sa.text("""
    UPDATE jobs SET message_id = COALESCE(:message_id, message_id), drawn = COALESCE(:drawn, drawn),
      cancelled = CASE WHEN cancelled = 0 THEN :cancelled ELSE cancelled END
    WHERE job_id = :job_id AND owner = :owner
""").bindparams(
    sa.bindparam("message_id", type_=sa.BigInteger),
    sa.bindparam("drawn", type_=sa.Text),
    sa.bindparam("cancelled", type_=sa.SmallInteger),
)


BY_MEMBER, BY_MODERATOR = 1, 2
"""Who asked for a job to be cancelled."""


@dataclass(frozen=True, slots=True)
class Row:
    """A job's row.

    Attributes:
        job_id: the interaction's id.
        owner: the process that works on the job, see ``bot.storage.presence``.
        calls: calls to Azure that were started, except those that certainly cost nothing.
        lives: how often the job was resumed, mostly after a crash.
        cancelled: who asked to cancel it, see ``BY_MEMBER``; 0 if nobody did.
        sealed: see ``bot.jobs.sealing``.
        message_id: the message that holds its answer; None if that is not saved.
        drawn: the outcome of the drawing, a ``bot.jobs.drawing.Record`` as text; None while there is none.
    """

    job_id: int
    owner: str
    calls: int
    lives: int
    cancelled: int
    sealed: bytes
    message_id: int | None = None
    drawn: str | None = None


class JobRows:
    """The jobs table, as one process sees it. Every method may raise ``StoreUnavailable``.

    Queries that only look for work run on the reading connection, so that members do not wait for them.
    """

    def __init__(self, database: Database, *, owner: str) -> None:
        self._database = database
        self.owner = owner

    async def read(self, job_id: int) -> Row | None:
        """Return a job's row; None if the job has ended."""
        found = await self._database.run(
            lambda connection: connection.execute(_READ, {"job_id": job_id}).one_or_none()
        )
        return None if found is None else Row(*found)

    async def take_call(self, job_id: int, budget: int, message_id: int | None = None) -> bool:
        """Take one call to Azure, of ``budget`` at most, and save where the answer goes.

        Returns:
            False if no call is left, the job is cancelled, or this process does not own it.
        """
        return await self._change(_TAKE_CALL, job_id, budget=budget, message_id=message_id)

    async def give_back_call(self, job_id: int) -> None:
        """Give back a call that certainly cost nothing, so that it does not count."""
        await self._change(_GIVE_BACK, job_id)

    async def note(
        self, job_id: int, *, message_id: int | None = None, drawn: str | None = None, cancelled: int = 0
    ) -> bool:
        """Save a job's progress; arguments of None, or 0, change nothing.

        Args:
            job_id: the job.
            message_id: see ``Row``.
            drawn: see ``Row``.
            cancelled: see ``Row``; an earlier value is kept.

        Returns:
            Whether the job is still open, and owned by this process.
        """
        return await self._change(_NOTE, job_id, message_id=message_id, drawn=drawn, cancelled=cancelled)

    async def cancel(self, job_id: int, *, by_moderator: bool) -> None:
        """Mark a job as cancelled, whichever process owns it; it makes no call from then on."""
        await self._change(_CANCEL, job_id, cancelled=BY_MODERATOR if by_moderator else BY_MEMBER)

    async def ours(self) -> dict[int, int]:
        """Return every open job of this process, with who asked to cancel it."""
        found = await self._database.read(
            lambda connection: connection.execute(_OURS, {"owner": self.owner}).all()
        )
        return {row.job_id: row.cancelled for row in found}

    # --- after a crash --------------------------------------------------------------------------

    async def other_owners(self) -> set[str]:
        """Return every other process that owns jobs, dead or alive."""
        return set(
            await self._database.read(
                lambda connection: connection.scalars(_OWNERS, {"owner": self.owner}).all()
            )
        )

    async def claim_from(self, dead: Collection[str]) -> list[int]:
        """Take over the jobs of dead processes, and return those that no other process took first."""
        return await self._database.run(lambda connection: self._claim(connection, dead))

    async def take_up(self, job_id: int) -> bool:
        """Count another life of a job of this process; return False if it has ended or is another's."""
        return await self._change(_CLAIM, job_id, before=self.owner)

    def _claim(self, connection: sa.Connection, dead: Collection[str]) -> list[int]:
        claimed = []
        for before in sorted(dead):
            for job_id in connection.scalars(_OF_OWNER, {"owner": before}).all():
                values = {"job_id": job_id, "owner": self.owner, "before": before}
                if connection.execute(_CLAIM, values).rowcount:
                    claimed.append(job_id)
        return claimed

    async def _change(self, statement: sa.TextClause, job_id: int, **values: object) -> bool:
        parameters: Mapping[str, object] = {"job_id": job_id, "owner": self.owner, **values}
        return await self._database.run(
            lambda connection: connection.execute(statement, parameters).rowcount == 1
        )
