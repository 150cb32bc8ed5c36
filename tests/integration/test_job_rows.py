"""The table of jobs: who may work on one, and how many calls it may still make, is decided there."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.jobs.rows import BY_MEMBER, BY_MODERATOR, JobRows, Row
from bot.limits.policy import Asker
from bot.planning.plan import Draft
from bot.storage.database import open_database
from bot.storage.schema import jobs as table
from tests.house import TOKEN, address, build_house

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.storage.database import Database

BUDGET = 2


async def added(database: Database, *job_ids: int, owner: str = "a#1") -> JobRows:
    """The rows of a process that has these jobs."""
    rows = JobRows(database, owner=owner)
    for job_id in job_ids:
        await database.run(_adding(job_id, owner))
    return rows


def _adding(job_id: int, owner: str) -> Callable[[sa.Connection], None]:
    row = {"job_id": job_id, "owner": owner, "sealed": b"sealed"}

    def add(connection: sa.Connection) -> None:
        connection.execute(sa.insert(table), row)

    return add


async def calls(rows: JobRows, job_id: int = 1) -> int:
    row = await rows.read(job_id)
    assert row is not None
    return row.calls


# --- rows ---------------------------------------------------------------------------------------------


async def test_a_new_row_is_its_process_s_and_has_made_no_call(database: Database) -> None:
    rows = await added(database, 1)
    assert await rows.read(1) == Row(1, "a#1", 0, 0, 0, b"sealed")
    assert await rows.read(2) is None


async def test_a_job_has_one_row(database: Database) -> None:
    rows = await added(database, 1)
    with pytest.raises(StoreUnavailable):
        await database.run(_adding(1, "b#1"))
    assert (await rows.read(1)) == Row(1, "a#1", 0, 0, 0, b"sealed")


async def test_a_job_is_of_one_process(database: Database) -> None:
    here, there = await added(database, 1), JobRows(database, owner="b#1")
    assert await here.note(1)
    assert not await there.note(1, drawn="{}", message_id=7, cancelled=BY_MEMBER)
    assert not await here.note(2, drawn="{}")
    assert await here.read(1) == Row(1, "a#1", 0, 0, 0, b"sealed")


# --- taking over --------------------------------------------------------------------------------------


async def test_only_other_processes_with_jobs_are_asked_for(database: Database) -> None:
    here = await added(database, 1, 2)
    await added(database, 3, 4, owner="b#1")
    assert await here.other_owners() == {"b#1"}
    assert await here.claim_from({"b#1"}) == [3, 4]
    assert await here.other_owners() == set()


async def test_what_is_taken_over_has_one_more_life_and_keeps_its_calls(database: Database) -> None:
    dead = await added(database, 1)
    await dead.take_call(1, BUDGET)
    here = JobRows(database, owner="b#1")
    assert await here.claim_from({"a#1", "c#1"}) == [1]
    assert await here.read(1) == Row(1, "b#1", 1, 1, 0, b"sealed")
    assert not await dead.note(1)
    assert await here.claim_from({"a#1"}) == []


async def test_of_many_who_take_a_job_over_one_has_it(store_url: str) -> None:
    async with open_database(store_url) as first, open_database(store_url) as second:
        jobs = range(1, 21)
        await added(first, *jobs, owner="dead#1")
        heirs = [JobRows(store, owner=f"h{n}#1") for n, store in enumerate([first, second] * 5)]
        claims = await asyncio.gather(*(heir.claim_from({"dead#1"}) for heir in heirs))
        assert sorted(job for claim in claims for job in claim) == list(jobs)
        for heir, claim in zip(heirs, claims, strict=True):
            for job_id in claim:
                row = await heir.read(job_id)
                assert row is not None
                assert (row.owner, row.lives) == (heir.owner, 1)


# --- calls --------------------------------------------------------------------------------------------


async def test_calls_are_taken_from_the_budget_and_given_back(database: Database) -> None:
    rows = await added(database, 1)
    assert [await rows.take_call(1, BUDGET) for _ in range(3)] == [True, True, False]
    await rows.give_back_call(1)
    assert await calls(rows) == 1
    assert [await rows.take_call(1, BUDGET) for _ in range(2)] == [True, False]


async def test_no_more_is_given_back_than_was_taken(database: Database) -> None:
    rows = await added(database, 1)
    await rows.give_back_call(1)
    assert await calls(rows) == 0


async def test_a_job_of_another_process_or_none_makes_no_call(database: Database) -> None:
    here, there = await added(database, 1), JobRows(database, owner="b#1")
    assert not await there.take_call(1, BUDGET)
    assert not await here.take_call(2, BUDGET)
    await here.take_call(1, BUDGET)
    await there.give_back_call(1)
    assert await calls(here) == 1


async def test_fifty_at_once_make_no_call_too_many(store_url: str) -> None:
    async with open_database(store_url) as first, open_database(store_url) as second:
        rows = [await added(first, 1), JobRows(second, owner="a#1")]
        taken = await asyncio.gather(*(rows[n % 2].take_call(1, BUDGET) for n in range(50)))
        assert sum(taken) == BUDGET
        assert await calls(rows[0]) == BUDGET


async def test_who_stops_waiting_may_have_taken_a_call_but_none_too_many(database: Database) -> None:
    rows = await added(database, 1)
    tasks = [asyncio.create_task(rows.take_call(1, BUDGET)) for _ in range(50)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(outcome is True for outcome in outcomes) <= await calls(rows) <= BUDGET


# --- cancelling ---------------------------------------------------------------------------------------


async def test_who_cancels_first_does_it_and_whoever_works_on_it_makes_no_call(database: Database) -> None:
    here, there = await added(database, 1, 2), JobRows(database, owner="b#1")
    await here.take_call(1, BUDGET)
    await there.cancel(1, by_moderator=True)
    await there.cancel(1, by_moderator=False)
    assert await here.ours() == {1: BY_MODERATOR, 2: 0}
    assert not await here.take_call(1, BUDGET)
    assert await here.take_call(2, BUDGET)
    assert await there.ours() == {}
    assert await there.claim_from({"a#1"}) == [1, 2]
    assert await there.ours() == {1: BY_MODERATOR, 2: 0}


# --- how far a job is ---------------------------------------------------------------------------------


async def test_what_was_written_down_stays_until_there_is_something_new(database: Database) -> None:
    rows = await added(database, 1)
    assert await rows.take_call(1, BUDGET, 700)
    assert await rows.take_call(1, BUDGET)
    assert await rows.read(1) == Row(1, "a#1", 2, 0, 0, b"sealed", message_id=700)
    assert await rows.note(1, drawn="{}")
    assert await rows.note(1, message_id=2**62, cancelled=BY_MEMBER)
    assert await rows.note(1, cancelled=BY_MODERATOR)
    assert await rows.read(1) == Row(1, "a#1", 2, 0, BY_MEMBER, b"sealed", 2**62, "{}")


async def test_a_job_taken_up_again_is_one_life_older(database: Database) -> None:
    here, there = await added(database, 1), JobRows(database, owner="b#1")
    assert not await there.take_up(1)
    assert await here.take_up(1)
    assert not await here.take_up(2)
    assert await here.read(1) == Row(1, "a#1", 0, 1, 0, b"sealed")


# --- what can be read in the file ---------------------------------------------------------------------


async def test_what_a_member_wrote_and_the_key_to_their_answer_are_nowhere_in_the_file(
    sqlite_url: str,
) -> None:
    where = address(1, 700, 701)
    async with open_database(sqlite_url) as database:
        house = build_house(database)
        job = await house.services.admission.admit(Draft("a lighthouse in fog"), Asker(700, 701), where)
        await house.work.notices.leave(job, "Your lighthouse was not drawn.")
        row = await house.work.rows.read(job.job_id)
    assert row is not None
    assert house.work.seal.open(row.sealed) == job
    path = Path(sa.make_url(sqlite_url).database or "")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    found = await asyncio.to_thread(_bytes_of, path)
    assert b"gpt-image" not in found
    for secret in (b"lighthouse", where.token.encode(), TOKEN.encode()):
        assert secret not in found


def _bytes_of(path: Path) -> bytes:
    """What is in a SQLite file, and in those beside it."""
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
