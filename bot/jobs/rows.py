"""The jobs in the database: each has a row from its reservation to its end, and one process that owns it.

A row is made with the reservation and erased with its end, each in the same transaction, so an open
reservation always has the data to go on with. All that says whether a job may be worked on, and whether it
may cost anything more, is decided here, by the database: whoever else believes to have the job is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from bot.storage.database import Database

_ADD = sa.text("""
    INSERT INTO jobs (job_id, owner, calls, lives, cancelled, sealed)
    VALUES (:job_id, :owner, 0, 0, 0, :sealed)
""")
_READ = sa.text("SELECT job_id, owner, calls, lives, cancelled, sealed FROM jobs WHERE job_id = :job_id")
_OWNERS = sa.text("SELECT owner FROM jobs WHERE owner <> :owner GROUP BY owner")
_OF_OWNER = sa.text("SELECT job_id FROM jobs WHERE owner = :owner ORDER BY job_id")
_IS_OURS = sa.text("SELECT 1 FROM jobs WHERE job_id = :job_id AND owner = :owner")
_OURS = sa.text("SELECT job_id, lives, cancelled FROM jobs WHERE owner = :owner")
_CANCEL = sa.text("UPDATE jobs SET cancelled = :cancelled WHERE job_id = :job_id AND cancelled = 0")
_CLAIM = sa.text("""
    UPDATE jobs SET owner = :owner, lives = lives + 1 WHERE job_id = :job_id AND owner = :before
""")
_TAKE_CALL = sa.text("""
    UPDATE jobs SET calls = calls + 1
    WHERE job_id = :job_id AND owner = :owner AND calls < :budget AND cancelled = 0
""")
_GIVE_BACK = sa.text("""
    UPDATE jobs SET calls = calls - 1 WHERE job_id = :job_id AND owner = :owner AND calls > 0
""")


BY_MEMBER, BY_MODERATOR = 1, 2
"""Who wants a job cancelled."""


@dataclass(frozen=True, slots=True)
class Row:
    """A job's row.

    Attributes:
        job_id: the interaction's id.
        owner: the process that works on it, see ``bot.storage.presence``.
        calls: calls to Azure that were begun and are not known to have cost nothing.
        lives: how often it was taken over after a crash.
        cancelled: who wants it cancelled, see ``BY_MEMBER``; 0 if nobody does.
        sealed: see ``bot.jobs.sealing``.
    """

    job_id: int
    owner: str
    calls: int
    lives: int
    cancelled: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look at the rows of this process shows of one; attributes as in ``Row``."""

    lives: int
    cancelled: int


class JobRows:
    """The table of jobs, as one process sees it. Every method raises ``StoreUnavailable``.

    What only looks for work goes beside the transactions that members wait for.
    """

    def __init__(self, database: Database, *, owner: str) -> None:
        self._database = database
        self.owner = owner

    def adding(self, job_id: int, seal: Callable[[], bytes]) -> Callable[[sa.Connection], None]:
        """What adds a row, owned by this process, to the transaction that reserves for it.

        Sealing takes half a millisecond, so it is done where the transaction is: off the loop.
        """

        def add(connection: sa.Connection) -> None:
            connection.execute(_ADD, {"job_id": job_id, "owner": self.owner, "sealed": seal()})

        return add

    async def read(self, job_id: int) -> Row | None:
        """A job's row; None if it has ended."""
        found = await self._database.run(
            lambda connection: connection.execute(_READ, {"job_id": job_id}).one_or_none()
        )
        return None if found is None else Row(*found)

    async def take_call(self, job_id: int, budget: int) -> bool:
        """Allow one more call to Azure, of ``budget`` at most.

        Returns:
            False if none is left, or the job is cancelled, or not ours.
        """
        return await self._change(_TAKE_CALL, {"job_id": job_id, "owner": self.owner, "budget": budget})

    async def give_back_call(self, job_id: int) -> None:
        """The last call certainly cost nothing, and so does not count."""
        await self._change(_GIVE_BACK, {"job_id": job_id, "owner": self.owner})

    async def is_ours(self, job_id: int) -> bool:
        """Whether the job is still open, and this process's."""
        values = {"job_id": job_id, "owner": self.owner}
        return await self._database.run(
            lambda connection: connection.execute(_IS_OURS, values).one_or_none() is not None
        )

    async def cancel(self, job_id: int, *, by_moderator: bool) -> None:
        """Write down that a job is to be cancelled, whoever works on it; it makes no call from then on."""
        values = {"job_id": job_id, "cancelled": BY_MODERATOR if by_moderator else BY_MEMBER}
        await self._change(_CANCEL, values)

    async def ours(self) -> dict[int, Sight]:
        """Every open job of this process."""
        found = await self._database.read(
            lambda connection: connection.execute(_OURS, {"owner": self.owner}).all()
        )
        return {job_id: Sight(lives, cancelled) for job_id, lives, cancelled in found}

    # --- after a crash --------------------------------------------------------------------------

    async def other_owners(self) -> set[str]:
        """Every other process that has jobs, whether it lives or not."""
        return set(
            await self._database.read(
                lambda connection: connection.scalars(_OWNERS, {"owner": self.owner}).all()
            )
        )

    async def claim_from(self, dead: Collection[str]) -> list[int]:
        """Take over the jobs of processes that are no more; those that nobody else took first."""
        return await self._database.run(lambda connection: self._claim(connection, dead))

    def _claim(self, connection: sa.Connection, dead: Collection[str]) -> list[int]:
        claimed = []
        for before in sorted(dead):
            for job_id in connection.scalars(_OF_OWNER, {"owner": before}).all():
                values = {"job_id": job_id, "owner": self.owner, "before": before}
                if connection.execute(_CLAIM, values).rowcount:
                    claimed.append(job_id)
        return claimed

    async def _change(self, statement: sa.TextClause, values: Mapping[str, object]) -> bool:
        return await self._database.run(
            lambda connection: connection.execute(statement, values).rowcount == 1
        )
