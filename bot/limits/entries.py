"""The ledger's entries, which are only ever added, and the types of its arguments and results.

The statements are written out in SQL that both databases accept, because that costs least: compiling a
SQLAlchemy construct anew can take longer than running it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa

from bot.storage.schema import entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.limits.windows import Windows

BEGIN = "begin"
END = "end"
UNCLEAR_CALLS = ("unclear1", "unclear2")
"""Phases besides the two above: one for each call of a job whose outcome can stay unknown (call budget)."""


class Kind(enum.StrEnum):
    """What an entry says."""

    RESERVE = "reserve"
    """Pictures and money are held for a job."""
    VOID = "void"
    """The job was ended before its reservation arrived; if that still comes, it is refused."""
    UNCLEAR = "unclear"
    """A call may have been billed; the same amount stays held for another one."""
    LAST = "last"
    """A call may have been billed and there will be no other: no money of the operator's is held any more."""
    SETTLE = "settle"
    """Pictures were delivered, and are paid for."""
    REFUND = "refund"
    """Nothing was delivered."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When an entry was written, in milliseconds since 1970, and by which process."""

    at_ms: int
    owner: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger; money in micro-dollars.

    Attributes:
        job_id: the interaction's id.
        phase: ``BEGIN``, one of ``UNCLEAR_CALLS`` or ``END``; a job has each of them at most once.
        kind: what it says.
        at_ms: when it was written, in milliseconds since 1970.
        owner: the process that wrote it.
        guild_id: the server.
        member_id: who asked.
        day: the day that the job counts in, from its reservation to its end.
        week: likewise, the week.
        month: likewise, the server's month.
        budget_month: likewise, the operator's month.
        images: pictures asked for, or delivered.
        charge: the member's money.
        cost: the operator's money.
    """

    job_id: int
    phase: str
    kind: Kind
    at_ms: int
    owner: str
    guild_id: int = 0
    member_id: int = 0
    day: str = ""
    week: str = ""
    month: str = ""
    budget_month: str = ""
    images: int = 0
    charge: int = 0
    cost: int = 0

    @classmethod
    def of_row(cls, row: Sequence[object]) -> Self:
        """Read a row of the table, whose columns are in the order of the attributes."""
        entry = cls(*row)  # type: ignore[arg-type]  # the schema vouches for the types
        return replace(entry, kind=Kind(entry.kind))

    def then(
        self, phase: str, kind: Kind, stamp: Stamp, *, images: int = 0, charge: int = 0, cost: int = 0
    ) -> Self:
        """Return a later entry of the same job, in the same windows."""
        return replace(
            self,
            phase=phase,
            kind=kind,
            at_ms=stamp.at_ms,
            owner=stamp.owner,
            images=images,
            charge=charge,
            cost=cost,
        )

    def values(self) -> dict[str, int | str]:
        """Return the parameters of a statement, by column name."""
        return {column: getattr(self, column) for column in _COLUMNS}


MOST_MONEY = 10**15
"""Most micro-dollars of one job, a billion dollars: the counters' 64 bits have room for many."""


class Outcome(enum.Enum):
    """The outcome of a reservation that was not refused."""

    GRANTED = "granted"
    DUPLICATE = "duplicate"
    """The job is known already, whatever its state."""
    STALE = "stale"
    """The server's policy has changed since the limits were read from it. Nothing was reserved."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be taken; None is unlimited. Money in micro-dollars.

    Attributes:
        windows: what the reservation counts in.
        revision: the revision of the server's policy that the limits are from.
        images_per_day: the member's pictures.
        images_per_week: likewise.
        charge_per_month: the member's money.
        concurrent: the member's jobs at once.
        priority: the member's priority in the queue, 0 to 3: the higher, the more turns.
        cooldown: seconds from one of the member's reservations to the next.
        server_concurrent: jobs at once of all the server's members together.
        server_cost_per_month: the operator's money for this server.
        operator_cost_per_month: the operator's money for all servers.
    """

    windows: Windows
    revision: int = 0
    images_per_day: int | None = None
    images_per_week: int | None = None
    charge_per_month: int | None = None
    concurrent: int | None = None
    priority: int = 0
    cooldown: int | None = None
    server_concurrent: int | None = None
    server_cost_per_month: int | None = None
    operator_cost_per_month: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ends; money in micro-dollars.

    Attributes:
        job_id: the job.
        kind: ``Kind.SETTLE`` or ``Kind.REFUND``.
        images: pictures delivered.
        charge: what the member pays for them; never more than was held.
        cost: what Azure billed for the calls whose outcome is known; None means all that is still held.
        unclear_calls: how many calls had an unknown outcome; those not booked yet are booked now.
        ours_only: leave the job alone if another process reserved for it.
        worker: the process that ends the job, which is left alone if another one has taken it over. Empty if
            it does not matter whose it is.
    """

    job_id: int
    kind: Kind
    images: int = 0
    charge: int = 0
    cost: int | None = 0
    unclear_calls: int = 0
    ours_only: bool = False
    worker: str = ""

    def __post_init__(self) -> None:
        """Refuse figures out of range: negative ones would give back instead of take.

        Raises:
            ValueError: a figure is out of range.
        """
        if not 0 <= self.unclear_calls <= len(UNCLEAR_CALLS) or self.images < 0:
            raise ValueError(f"not an end: {self}")
        if not all(0 <= money <= MOST_MONEY for money in (self.charge, self.cost or 0)):
            raise ValueError(f"not an end: {self}")


_COLUMNS = tuple(field.name for field in fields(Entry))
_ALL = ", ".join(_COLUMNS)

ADD = f"""
    INSERT INTO entries ({_ALL}) VALUES ({", ".join(f":{column}" for column in _COLUMNS)})
    ON CONFLICT (job_id, phase) DO NOTHING
"""  # noqa: S608 - our own column names
"""A statement that adds an entry, given its ``values``, unless the job has one of that phase."""

_ADD = sa.text(ADD)

_LOCK = (
    sa.select(entries.c.phase)
    .where(entries.c.job_id == sa.bindparam("job_id"), entries.c.phase == BEGIN)
    .with_for_update()  # renders as nothing on SQLite, where a transaction has the database to itself
)

_HISTORY = sa.text(f"SELECT {_ALL} FROM entries WHERE job_id = :job_id")  # noqa: S608 - our own column names

_LATEST_REQUEST = sa.text("""
    SELECT begun.at_ms FROM entries AS begun
    WHERE begun.guild_id = :guild_id AND begun.member_id = :member_id
      AND begun.at_ms > :after_ms AND begun.at_ms <= :until_ms
      AND begun.kind = 'reserve' AND begun.job_id <> :job_id
      AND NOT EXISTS (
        SELECT 1 FROM entries AS ended
        WHERE ended.job_id = begun.job_id AND ended.phase = 'end' AND ended.kind = 'refund' AND ended.cost = 0
          AND NOT EXISTS (
            SELECT 1 FROM entries AS unclear
            WHERE unclear.job_id = begun.job_id AND unclear.phase IN ('unclear1', 'unclear2')
          )
      )
    ORDER BY begun.at_ms DESC LIMIT 1
""")

_OPEN = sa.text(f"""
    SELECT {", ".join(f"begun.{column}" for column in _COLUMNS)} FROM counters
    CROSS JOIN entries AS begun  -- which keeps SQLite from going the other way round
    WHERE counters.unit = 'jobs' AND counters.held > 0 AND counters.member_id <> 0
      AND begun.guild_id = counters.guild_id AND begun.member_id = counters.member_id
      AND begun.kind = 'reserve'
      AND NOT EXISTS (
        SELECT 1 FROM entries AS ended WHERE ended.job_id = begun.job_id AND ended.phase = 'end'
      )
    ORDER BY begun.at_ms, begun.job_id
""")  # noqa: S608 - our own column names


def add(connection: sa.Connection, entry: Entry) -> bool:
    """Add an entry, unless the job has one of that phase; return whether it was added."""
    return connection.execute(_ADD, entry.values()).rowcount == 1


def history(connection: sa.Connection, job_id: int) -> dict[str, Entry]:
    """Return the entries of a job by phase; they stay as they are until this transaction ends."""
    # Two statements: on PostgreSQL, the one that waits for the lock still sees the rows from before.
    connection.execute(_LOCK, {"job_id": job_id})
    rows = connection.execute(_HISTORY, {"job_id": job_id})
    return {entry.phase: entry for entry in map(Entry.of_row, rows)}


def latest_request(
    connection: sa.Connection,
    guild_id: int,
    member_id: int,
    *,
    after_ms: int,
    until_ms: int,
    other_than: int = 0,
) -> int | None:
    """Return when a member last reserved, in milliseconds since 1970, except for jobs refunded at no cost.

    Args:
        connection: the transaction.
        guild_id: the server.
        member_id: the member.
        after_ms: only later ones count.
        until_ms: only those up to then count.
        other_than: a job that does not count.
    """
    values = {
        "guild_id": guild_id,
        "member_id": member_id,
        "after_ms": after_ms,
        "until_ms": until_ms,
        "job_id": other_than,
    }
    found: int | None = connection.execute(_LATEST_REQUEST, values).scalar()
    return found


def open_reservations(connection: sa.Connection) -> list[Entry]:
    """Return the reservations that have not ended, oldest first.

    They are found by way of the counters, which have far fewer rows than the entries.
    """
    return [Entry.of_row(row) for row in connection.execute(_OPEN)]
