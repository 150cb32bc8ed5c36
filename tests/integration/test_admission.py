"""What is let in is reserved for and written down as one, by the rules of that moment."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from bot.errors import AlreadyTaken
from bot.jobs.rows import JobRows
from bot.limits.book import PolicyBook
from bot.limits.closing import Closer
from bot.limits.operator import OperatorLimits
from bot.limits.policy import Asker
from bot.limits.rules import EVERYONE, Rule, Target, TargetKind
from tests.house import address
from tests.integration.admitting import SEAL, admission_of, drafted
from tests.integration.ledger_site import GUILD, MEMBER, NOON, OWNER, Clock, open_ledger

if TYPE_CHECKING:
    from bot.jobs.admission import Admission
    from bot.jobs.job import Job
    from bot.storage.database import Database

ARTISTS = 3000


@pytest.fixture
async def admission(database: Database) -> Admission:
    book, ledger = PolicyBook(database, Clock()), open_ledger(database)
    role = Target(TargetKind.ROLE, ARTISTS)
    await book.change_rule(GUILD, 1, "set", role, lambda _: Rule(priority=2))
    await book.change_rule(GUILD, 1, "set", EVERYONE, lambda _: Rule(server_dollars_per_month=Decimal(9)))
    return admission_of(book, OperatorLimits(budget=77_000_000), ledger, Closer(ledger), Clock(NOON))


async def kept(database: Database) -> Job | None:
    row = await JobRows(database, owner=OWNER).read(1)
    return None if row is None else SEAL.open(row.sealed)


async def test_what_is_kept_is_made_of_the_plan_and_of_what_it_was_let_in_by(
    database: Database, admission: Admission
) -> None:
    asker, where = Asker(GUILD, MEMBER, frozenset({ARTISTS})), address(1, GUILD, MEMBER)
    job = await admission.admit(drafted(2, 100), asker, where)
    assert (job.plan.request.count, job.plan.estimate, job.received_at) == (2, 100, NOON)
    assert (job.priority, job.server_budget, job.operator_budget) == (2, 9_000_000, 77_000_000)
    assert await kept(database) == job
    with pytest.raises(AlreadyTaken):
        await admission.admit(drafted(1, 50), asker, where)
    assert await kept(database) == job


async def test_who_has_no_priority_has_the_ordinary_one(admission: Admission) -> None:
    job = await admission.admit(drafted(1, 100), Asker(GUILD, MEMBER), address(1, GUILD, MEMBER))
    assert (job.priority, job.ticket.priority) == (0, 0)
