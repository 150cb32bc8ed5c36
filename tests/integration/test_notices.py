"""What a member could not be told waits for their next command, sealed, and is told once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.generation.models import load_models
from bot.jobs.notices import KEPT, Notices
from bot.jobs.sealing import Seal
from bot.planning.plan import Draft
from bot.storage.schema import notices as table
from tests.house import TOKEN, Clock, job_of
from tests.integration.lives import Fickle

if TYPE_CHECKING:
    from bot.storage.database import Database

GUILD, MEMBER, OTHER = 1, 1, 2
TEXT = "Your request was not drawn, and not charged."


def notices(database: Database, clock: Clock, token: str = TOKEN) -> Notices:
    return Notices(database, Seal(token, load_models()), clock=clock)


class Member:
    """Who is told, unless they cannot be reached."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.trouble: Exception | None = None

    async def tell(self, text: str) -> None:
        await asyncio.sleep(0)
        if self.trouble is not None:
            raise self.trouble
        self.told.append(text)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def member() -> Member:
    return Member()


async def kept(database: Database) -> int:
    count = sa.select(sa.func.count()).select_from(table)
    return await database.run(lambda connection: connection.scalar(count) or 0)


async def test_a_notice_is_told_once_and_to_its_member_alone(
    database: Database, clock: Clock, member: Member
) -> None:
    left = notices(database, clock)
    await left.leave(job_of(), TEXT)
    stranger = Member()
    await left.hand_out(GUILD, OTHER, stranger.tell)
    await left.hand_out(GUILD + 1, MEMBER, stranger.tell)
    await left.hand_out(GUILD, MEMBER, member.tell)
    await left.hand_out(GUILD, MEMBER, member.tell)
    assert (stranger.told, member.told) == ([], [TEXT])
    assert await kept(database) == 0


async def test_several_are_told_in_the_order_of_their_jobs_and_each_once(
    database: Database, clock: Clock, member: Member
) -> None:
    left = notices(database, clock)
    for job_id in (2, 1, 1):
        await left.leave(job_of(job_id=job_id), f"{TEXT} {job_id}")
    await left.hand_out(GUILD, MEMBER, member.tell)
    assert member.told == [f"{TEXT} 1", f"{TEXT} 2"]


async def test_they_outlive_a_restart(database: Database, clock: Clock, member: Member) -> None:
    await notices(database, clock).leave(job_of(), TEXT)
    after = notices(database, clock)
    await after.hand_out(GUILD, MEMBER, member.tell)
    assert member.told == []  # it is not known yet
    await after.load()
    await after.hand_out(GUILD, MEMBER, member.tell)
    assert member.told == [TEXT]


async def test_after_some_days_nobody_remembers_what_it_is_about(
    database: Database, clock: Clock, member: Member
) -> None:
    await notices(database, clock).leave(job_of(), TEXT)
    clock.time += KEPT
    await notices(database, clock).load()
    assert await kept(database) == 1
    clock.advance(seconds=1)
    after = notices(database, clock)
    await after.load()
    assert await kept(database) == 0


async def test_what_could_not_be_told_waits_for_the_next_time(
    database: Database, clock: Clock, member: Member
) -> None:
    left = notices(database, clock)
    await left.leave(job_of(), TEXT)
    member.trouble = RuntimeError("out of reach")
    await left.hand_out(GUILD, MEMBER, member.tell)
    member.trouble = None
    await left.hand_out(GUILD, MEMBER, member.tell)
    assert member.told == [TEXT]


async def test_two_commands_at_once_are_told_once(database: Database, clock: Clock, member: Member) -> None:
    left = notices(database, clock)
    await left.leave(job_of(), TEXT)
    await asyncio.gather(*(left.hand_out(GUILD, MEMBER, member.tell) for _ in range(5)))
    assert member.told == [TEXT]


async def test_a_store_that_is_away_is_no_member_s_trouble(
    database: Database, clock: Clock, member: Member
) -> None:
    fickle = Fickle(database)
    left = notices(fickle, clock)
    await left.leave(job_of(), TEXT)
    fickle.away = True
    await left.leave(job_of(job_id=2), TEXT)
    await left.hand_out(GUILD, MEMBER, member.tell)
    assert member.told == []
    fickle.away = False
    await left.hand_out(GUILD, MEMBER, member.tell)
    assert member.told == [TEXT]


async def test_what_cannot_be_read_any_more_is_given_up(
    database: Database, clock: Clock, member: Member
) -> None:
    await notices(database, clock).leave(job_of(), TEXT)
    after = notices(database, clock, "another token")
    await after.load()
    for _ in range(2):
        await after.hand_out(GUILD, MEMBER, member.tell)
    assert member.told == []


async def test_it_is_sealed(database: Database, clock: Clock) -> None:
    await notices(database, clock).leave(job_of(Draft("a lighthouse")), TEXT)
    (sealed,) = await database.run(lambda connection: connection.scalars(sa.select(table.c.sealed)).all())
    assert b"charged" not in sealed
