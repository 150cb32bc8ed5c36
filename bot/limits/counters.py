"""What is used and held: the seven counters that every reservation moves.

A transaction moves all seven with one statement, in one order, from the member's own rows to the
operator's. So two transactions meet at the first row they share, where one waits for the other, and they
cannot deadlock. All seven are moved whether they are limited or not, so a limit set on Wednesday counts what
was made on Monday.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.limits.entries import ADD, add

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.limits.entries import Entry
    from bot.limits.windows import Windows


@dataclass(frozen=True, slots=True)
class Count:
    """One counter: ``used`` is final, ``held`` belongs to jobs under way and may come back."""

    used: int = 0
    held: int = 0

    @property
    def taken(self) -> int:
        """What is no longer available."""
        return self.used + self.held


@dataclass(frozen=True, slots=True)
class Counts:
    """The seven counters of a member; money in micro-dollars.

    Attributes:
        day: the member's pictures that day.
        week: the member's pictures that week.
        charge: the member's money that month.
        jobs: the member's jobs under way, all of them held.
        server_jobs: the same for all members of the server.
        server: what Azure billed, or may have billed, for the whole server that month.
        operator: the same for all servers together.
    """

    day: Count = Count()
    week: Count = Count()
    charge: Count = Count()
    jobs: Count = Count()
    server_jobs: Count = Count()
    server: Count = Count()
    operator: Count = Count()


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the counters move; both counters of pictures move alike, and so do both of cost."""

    images_used: int = 0
    images_held: int = 0
    charge_used: int = 0
    charge_held: int = 0
    jobs_held: int = 0
    cost_used: int = 0
    cost_held: int = 0

    def values(self) -> dict[str, int]:
        """Return the parameters of a statement."""
        return {name: getattr(self, name) for name in _SHIFTS}


_SHIFTS = tuple(field.name for field in fields(Shift))

# The rows, in the order in which they are locked.
_MOVED = """
    (:guild_id, :member_id, 'images', :day, :images_used, :images_held),
    (:guild_id, :member_id, 'images', :week, :images_used, :images_held),
    (:guild_id, :member_id, 'charge', :month, :charge_used, :charge_held),
    (:guild_id, :member_id, 'jobs', '', 0, :jobs_held),
    (:guild_id, 0, 'jobs', '', 0, :jobs_held),
    (:guild_id, 0, 'cost', :month, :cost_used, :cost_held),
    (0, 0, 'cost', :budget_month, :cost_used, :cost_held)
"""

# The attribute of ``Counts`` that a row is for.
_NAME = """
    CASE WHEN counters.guild_id = 0 THEN 'operator'
      WHEN counters.member_id = 0 THEN CASE counters.unit WHEN 'jobs' THEN 'server_jobs' ELSE 'server' END
      WHEN counters.period = :day THEN 'day' WHEN counters.period = :week THEN 'week' ELSE counters.unit END
"""

_UPSERT = f"""
    ON CONFLICT (guild_id, member_id, unit, period)
    DO UPDATE SET used = counters.used + excluded.used, held = counters.held + excluded.held
    RETURNING {_NAME}, used, held,
      (SELECT guilds.revision FROM guilds WHERE guilds.guild_id = :guild_id)
"""  # noqa: S608 - our own words

_MOVE = sa.text(f"""
    INSERT INTO counters (guild_id, member_id, unit, period, used, held) VALUES {_MOVED} {_UPSERT}
""")  # noqa: S608 - our own words

_ENTER_AND_MOVE = sa.text(f"""
    WITH entered AS ({ADD} RETURNING 1)
    INSERT INTO counters (guild_id, member_id, unit, period, used, held)
    SELECT * FROM (VALUES {_MOVED}) AS moved WHERE EXISTS (SELECT 1 FROM entered) {_UPSERT}
""")  # noqa: S608 - our own words

# Three searches of the primary key: asked for all seven keys at once, SQLite would scan the whole table.
_READ = sa.text(f"""
    SELECT {_NAME}, used, held FROM counters
    WHERE guild_id = :guild_id AND member_id = :member_id
      AND unit IN ('images', 'charge', 'jobs') AND period IN (:day, :week, :month, '')
    UNION ALL SELECT CASE unit WHEN 'jobs' THEN 'server_jobs' ELSE 'server' END, used, held FROM counters
    WHERE guild_id = :guild_id AND member_id = 0 AND unit IN ('cost', 'jobs') AND period IN (:month, '')
    UNION ALL SELECT 'operator', used, held FROM counters
    WHERE guild_id = 0 AND member_id = 0 AND unit = 'cost' AND period = :budget_month
""")  # noqa: S608 - our own words

_READ_OPERATOR = sa.text("""
    SELECT used, held FROM counters
    WHERE guild_id = 0 AND member_id = 0 AND unit = 'cost' AND period = :budget_month
""")


def hold(connection: sa.Connection, begin: Entry) -> tuple[Counts, int] | None:
    """Enter a reservation and hold what it needs; return None, changing nothing, if the job is known.

    Returns:
        The same as ``move``.
    """
    shift = Shift(images_held=begin.images, charge_held=begin.charge, jobs_held=1, cost_held=begin.cost)
    if connection.dialect.name == "postgresql":
        # In one statement, which SQLite cannot do: a second round trip would be a third of the time.
        rows = connection.execute(_ENTER_AND_MOVE, begin.values() | shift.values()).all()
        return (_counts(rows), rows[0][3] or 0) if rows else None
    if not add(connection, begin):
        return None
    return move(connection, begin, shift)


def move(connection: sa.Connection, begin: Entry, shift: Shift) -> tuple[Counts, int]:
    """Move the counters of a job; return their new values, and the revision of the server's policy."""
    rows = connection.execute(_MOVE, begin.values() | shift.values()).all()
    return _counts(rows), rows[0][3] or 0


def read(connection: sa.Connection, guild_id: int, member_id: int, windows: Windows) -> Counts:
    """Read the counters of a member."""
    keys = {
        "guild_id": guild_id,
        "member_id": member_id,
        "day": windows.day,
        "week": windows.week,
        "month": windows.month,
        "budget_month": windows.budget_month,
    }
    return _counts(connection.execute(_READ, keys))


def read_operator(connection: sa.Connection, budget_month: str) -> Count:
    """Read the operator's counter of a month."""
    row = connection.execute(_READ_OPERATOR, {"budget_month": budget_month}).first()
    return Count(*row) if row else Count()


def _counts(rows: Iterable[Sequence[Any]]) -> Counts:
    return Counts(**{row[0]: Count(row[1], row[2]) for row in rows})
