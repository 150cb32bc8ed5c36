"""A job's row is written in the transaction of its reservation, and erased in that of its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import ImagesUsedUp
from bot.limits.entries import Kind
from bot.limits.ledger import Ending, Ledger, Outcome
from bot.storage.schema import jobs
from tests.integration.ledger_site import (
    allow,
    ask,
    open_ledger,
    set_revision,
)

if TYPE_CHECKING:
    from bot.storage.database import Database

ARTISTS = 3000


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return open_ledger(database)


async def kept(database: Database) -> dict[int, bytes]:
    """The rows of jobs."""
    found = sa.select(jobs.c.job_id, jobs.c.sealed).order_by(jobs.c.job_id)
    return await database.run(lambda connection: {row[0]: row[1] for row in connection.execute(found)})


# --- the ledger -----------------------------------------------------------------------------------


async def test_what_is_granted_is_kept_with_its_job(database: Database, ledger: Ledger) -> None:
    assert await ledger.reserve(**ask(1), allowance=allow()) is Outcome.GRANTED
    assert await kept(database) == {1: b"sealed"}


async def test_what_is_not_granted_is_not_kept(database: Database, ledger: Ledger) -> None:
    with pytest.raises(ImagesUsedUp):
        await ledger.reserve(**ask(1), allowance=allow(images_per_day=0))
    await set_revision(database, 7)
    assert await ledger.reserve(**ask(1), allowance=allow()) is Outcome.STALE
    await ledger.refund(1)
    assert await ledger.reserve(**ask(1), allowance=allow(revision=7)) is Outcome.DUPLICATE
    assert await kept(database) == {}


async def test_without_its_row_nothing_is_reserved(database: Database, ledger: Ledger) -> None:
    def fail() -> bytes:
        raise RuntimeError("the row cannot be made")

    with pytest.raises(RuntimeError):
        await ledger.reserve(**(ask(1) | {"seal": fail}), allowance=allow())
    assert await ledger.open_jobs() == []
    assert await ledger.reserve(**ask(1), allowance=allow()) is Outcome.GRANTED
    assert await kept(database) == {1: b"sealed"}


@pytest.mark.parametrize("kind", [Kind.SETTLE, Kind.REFUND])
async def test_the_end_of_a_job_takes_its_row_and_no_other(
    database: Database, ledger: Ledger, kind: Kind
) -> None:
    for job_id in (1, 2):
        await ledger.reserve(**ask(job_id), allowance=allow())
    assert await ledger.end(Ending(1, kind))
    assert await kept(database) == {2: b"sealed"}
    assert not await ledger.end(Ending(1, kind))


async def test_a_job_that_did_not_end_keeps_its_row(database: Database, ledger: Ledger) -> None:
    other = open_ledger(database, owner="easel/1")
    await ledger.reserve(**ask(1), allowance=allow())
    assert not await other.end(Ending(1, Kind.REFUND, ours_only=True))
    assert await kept(database) == {1: b"sealed"}
