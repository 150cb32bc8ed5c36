"""What is written in the transaction of a reservation, and forgotten in that of its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import AlreadyTaken, ImagesUsedUp
from bot.jobs.admission import Gate, Order
from bot.limits.book import PolicyBook
from bot.limits.entries import Kind
from bot.limits.ledger import Ending, Ledger, Outcome
from bot.limits.operator import OperatorLimits
from bot.limits.policy import Asker
from bot.limits.rules import EVERYONE, Rule, Target, TargetKind
from bot.storage.schema import jobs
from tests.integration.ledger_site import (
    GUILD,
    MEMBER,
    NOON,
    OWNER,
    Clock,
    allow,
    ask,
    open_ledger,
    set_revision,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.limits.ledger import Allowance
    from bot.storage.database import Database

ARTISTS = 3000


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return open_ledger(database)


def keep(job_id: int, sealed: bytes = b"") -> Callable[[sa.Connection], None]:
    """What writes a job's row."""
    row = {"job_id": job_id, "owner": OWNER, "sealed": sealed}

    def write(connection: sa.Connection) -> None:
        connection.execute(sa.insert(jobs).values(row))

    return write


async def kept(database: Database) -> dict[int, bytes]:
    """The rows of jobs."""
    found = sa.select(jobs.c.job_id, jobs.c.sealed).order_by(jobs.c.job_id)
    return await database.run(lambda connection: {row[0]: row[1] for row in connection.execute(found)})


# --- the ledger -----------------------------------------------------------------------------------


async def test_what_is_granted_is_kept_with_its_job(database: Database, ledger: Ledger) -> None:
    assert await ledger.reserve(ask(1), allow(), keep(1)) is Outcome.GRANTED
    assert await kept(database) == {1: b""}


async def test_what_is_not_granted_is_not_kept(database: Database, ledger: Ledger) -> None:
    with pytest.raises(ImagesUsedUp):
        await ledger.reserve(ask(1), allow(images_per_day=0), keep(1))
    await set_revision(database, 7)
    assert await ledger.reserve(ask(1), allow(), keep(1)) is Outcome.STALE
    await ledger.refund(1)
    assert await ledger.reserve(ask(1), allow(revision=7), keep(1)) is Outcome.DUPLICATE
    assert await kept(database) == {}


async def test_without_its_row_nothing_is_reserved(database: Database, ledger: Ledger) -> None:
    def fail(_connection: sa.Connection) -> None:
        raise RuntimeError("the row cannot be made")

    with pytest.raises(RuntimeError):
        await ledger.reserve(ask(1), allow(), fail)
    assert await ledger.open_jobs() == []
    assert await ledger.reserve(ask(1), allow(), keep(1)) is Outcome.GRANTED
    assert await kept(database) == {1: b""}


@pytest.mark.parametrize("kind", [Kind.SETTLE, Kind.REFUND])
async def test_the_end_of_a_job_takes_its_row_and_no_other(
    database: Database, ledger: Ledger, kind: Kind
) -> None:
    for job_id in (1, 2):
        await ledger.reserve(ask(job_id), allow(), keep(job_id))
    assert await ledger.end(Ending(1, kind))
    assert await kept(database) == {2: b""}
    assert not await ledger.end(Ending(1, kind))


async def test_a_job_that_did_not_end_keeps_its_row(database: Database, ledger: Ledger) -> None:
    other = open_ledger(database, owner="easel/1")
    await ledger.reserve(ask(1), allow(), keep(1))
    assert not await other.end(Ending(1, Kind.REFUND, ours_only=True))
    assert await kept(database) == {1: b""}


# --- the gate -------------------------------------------------------------------------------------


@pytest.fixture
async def gate(database: Database, ledger: Ledger) -> Gate:
    book = PolicyBook(database, Clock())
    role = Target(TargetKind.ROLE, ARTISTS)
    await book.change_rule(GUILD, 1, "set", role, lambda _: Rule(priority=2))
    await book.change_rule(GUILD, 1, "set", EVERYONE, lambda _: Rule(server_concurrent=9))
    return Gate(book, ledger, OperatorLimits(), clock=Clock(NOON))


def keep_plan(plan: bytes, allowance: Allowance) -> Callable[[sa.Connection], None]:
    return keep(1, plan + b", priority %d" % allowance.priority)


async def test_what_is_kept_is_made_of_the_plan_and_of_what_it_was_let_in_by(
    database: Database, gate: Gate
) -> None:
    asker = Asker(GUILD, MEMBER, frozenset({ARTISTS}))
    plan, allowance = await gate.enter(asker, 1, lambda _: Order(b"a lighthouse", 1, 100), keep_plan)
    assert (plan, allowance.priority, allowance.server_concurrent) == (b"a lighthouse", 2, 9)
    assert await kept(database) == {1: b"a lighthouse, priority 2"}
    with pytest.raises(AlreadyTaken):
        await gate.enter(asker, 1, lambda _: Order(b"a windmill", 1, 100), keep_plan)
    assert await kept(database) == {1: b"a lighthouse, priority 2"}


async def test_who_has_no_priority_has_the_ordinary_one(gate: Gate) -> None:
    _, allowance = await gate.enter(Asker(GUILD, MEMBER), 1, lambda _: Order(None, 1, 100))
    assert allowance.priority == 0
