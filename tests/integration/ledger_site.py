"""What tests of the ledger share: a clock to set, asks and allowances, and a store to lock."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import sqlalchemy as sa

from bot.limits.auditing import Discrepancy, differences
from bot.limits.entries import open_reservations
from bot.limits.ledger import Allowance, Ledger
from bot.limits.policy import Asker
from bot.limits.windows import windows_at
from bot.storage.schema import counters, entries, guilds, metadata
from tests.integration.ledger_model import Amount, Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.storage.database import Database

GUILD, MEMBER = 1000, 2000
OWNER = "easel/0"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
"""A Sunday: the next day is in the next week."""


@dataclass(slots=True)
class Clock:
    """Tells the time it was set to."""

    now: dt.datetime = NOON

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **period: float) -> None:
        self.now += dt.timedelta(**period)


NOTHING_LIMITED = Allowance(windows_at(NOON, "UTC"))


def allow(clock: Clock | None = None, /, **limits: int) -> Allowance:
    """An allowance at the clock's time with these limits and no others."""
    return replace(NOTHING_LIMITED, windows=windows_at((clock or Clock()).now, "UTC"), **limits)


def ask(
    job_id: int,
    *,
    images: int = 1,
    estimate: int = 100,
    member_id: int = MEMBER,
    guild_id: int = GUILD,
    sealed: bytes = b"sealed",
) -> dict[str, Any]:
    """What ``Ledger.reserve`` is asked for, but for the allowance."""
    return {
        "job_id": job_id,
        "asker": Asker(guild_id, member_id),
        "images": images,
        "estimate": estimate,
        "seal": lambda: sealed,
    }


async def book(ledger: Ledger, job_id: int, attempt: int, allowance: Allowance) -> bool:
    """Book an unclear call by the budgets of an allowance."""
    return await ledger.book_unclear(
        job_id,
        attempt,
        server_budget=allowance.server_cost_per_month,
        operator_budget=allowance.operator_cost_per_month,
    )


def open_ledger(database: Database, clock: Clock | None = None, *, owner: str = OWNER) -> Ledger:
    return Ledger(database, owner=owner, clock=clock or Clock())


async def set_revision(database: Database, revision: int, guild_id: int = GUILD) -> None:
    """Note a change of a server's policy."""

    def change(connection: sa.Connection) -> None:
        connection.execute(sa.delete(guilds).where(guilds.c.guild_id == guild_id))
        connection.execute(sa.insert(guilds).values(guild_id=guild_id, revision=revision))

    await database.run(change)


async def kinds(database: Database, job_id: int) -> list[tuple[str, str, int]]:
    """Phase, kind and cost of a job's entries, by phase."""
    found = (
        sa.select(entries.c.phase, entries.c.kind, entries.c.cost)
        .where(entries.c.job_id == job_id)
        .order_by(entries.c.phase)
    )
    return await database.run(lambda connection: [tuple(row) for row in connection.execute(found)])


class Everything(NamedTuple):
    """What the store holds: the counters that are not nought, and how each job ended."""

    counters: dict[Key, Amount]
    differences: list[Discrepancy]
    open_jobs: set[int]
    ends: dict[int, str]


def everything(connection: sa.Connection) -> Everything:
    rows = connection.execute(sa.select(counters)).all()
    ended = sa.select(entries.c.job_id, entries.c.kind).where(entries.c.phase == "end")
    return Everything(
        counters={Key(*row[:4]): Amount(*row[4:]) for row in rows if any(row[4:])},
        differences=differences(connection),
        open_jobs={entry.job_id for entry in open_reservations(connection)},
        ends={row.job_id: row.kind for row in connection.execute(ended)},
    )


def empty(connection: sa.Connection) -> None:
    """Remove every row there is."""
    if connection.dialect.name == "postgresql":
        # Deleted rows stay until they are vacuumed, and are read again and again until then.
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"TRUNCATE {names}")
        return
    for table in metadata.sorted_tables:
        connection.execute(sa.delete(table))


@contextmanager
def locked(store_url: str) -> Iterator[None]:
    """Keep the store from answering any transaction of the ledger, as another process might."""
    url = sa.make_url(store_url)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
    else:
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            connection.execute("LOCK TABLE entries IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()
