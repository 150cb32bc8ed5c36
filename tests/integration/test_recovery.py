"""Every open job is worked on by somebody: with the real engine under the real workflow."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.jobs.running import Cancelling
from bot.storage.schema import jobs
from tests.integration.lives import MEMBER, MESSAGE, PRICE, SETTLED, Bot, Point, open_bot, unclear

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from bot.jobs.job import Job
    from bot.storage.database import Database
    from tests.house import House


class Undertaker:
    """A presence that is told who is dead."""

    def __init__(self, *dead: str) -> None:
        self.owner = ""
        self._dead = set(dead)

    async def dead(self, owners: Iterable[str]) -> set[str]:
        """Those of them that are."""
        return set(owners) & self._dead


FIRST, SECOND = "bot/0#1", "bot/0#2"


@asynccontextmanager
async def opened(house: House) -> AsyncIterator[House]:
    """A house whose engine runs."""
    async with house.engine:
        yield house
    while any(thread.name == "closing the engine" for thread in threading.enumerate()):
        await asyncio.sleep(0.01)


async def until(comes: Callable[[], bool]) -> None:
    while not comes():
        await asyncio.sleep(0.01)


async def over(bot: Bot, job: Job) -> None:
    """Wait until a job has ended."""
    while await bot.house.rows.read(job.job_id) is not None:
        await asyncio.sleep(0.02)
    assert await bot.is_over(job)


async def crash(bot: Bot, job: Job) -> None:
    """End this life while a job is at work."""
    run = bot.house.running.get(job.job_id)
    assert run is not None
    run.task.cancel()
    await asyncio.wait((run.task,))
    bot.let_go()


def next_life(bot: Bot) -> House:
    return bot.process(SECOND, presence=Undertaker(FIRST))


async def test_a_job_begins_and_ends(database: Database) -> None:
    async with open_bot(database) as bot, opened(bot.house) as house:
        job = await bot.admit()
        await house.studio.begin(job, MESSAGE)
        await over(bot, job)
        assert await bot.entries(job) == [SETTLED]
        assert bot.presenter.shown == {job.job_id: 1}


async def test_a_job_is_cancelled_while_it_is_drawn(database: Database) -> None:
    async with open_bot(database) as bot, opened(bot.house) as house:
        job = await bot.admit()
        bot.bar(Point.DRAWING)
        await house.studio.begin(job, MESSAGE)
        await bot.generation.called.wait()
        assert await house.studio.cancel(job.job_id, MEMBER, moderator=False) is Cancelling.CANCELLED
        await over(bot, job)
        assert await bot.entries(job) == [("end", "refund", 0), *unclear(job, "unclear")]
        while await house.engine.unfinished():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("point", [Point.DRAWING, Point.DELIVERING, Point.DELIVERED])
async def test_what_a_dead_process_left_is_gone_on_with(database: Database, point: Point) -> None:
    async with open_bot(database) as bot:
        async with opened(bot.house) as first:
            job = await bot.admit()
            bot.bar(point)
            await first.studio.begin(job, MESSAGE)
            await (bot.generation.called if point is Point.DRAWING else bot.presenter.held).wait()
            await crash(bot, job)
        async with opened(next_life(bot)) as second:
            await second.recovery.look()
            await over(bot, job)
        drawn_again = point is Point.DRAWING
        assert bot.generation.calls == 1 + drawn_again
        booked = unclear(job, "unclear") if drawn_again else []
        assert await bot.entries(job) == [("end", "settle", PRICE), *booked]
        assert bot.presenter.uploads == 1


async def test_what_was_let_in_and_never_begun_begins_with_the_next_life(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        async with opened(next_life(bot)) as second:
            await second.recovery.look()
            await over(bot, job)
        assert await bot.entries(job) == [SETTLED]


async def test_the_jobs_of_the_living_are_left_to_them(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        async with opened(bot.process(SECOND, presence=Undertaker("bot/9#1"))) as other:
            await other.recovery.look()
        assert await bot.house.rows.is_ours(job.job_id)
        assert bot.generation.calls == 0


async def test_what_the_engine_could_not_begin_is_begun_later(database: Database) -> None:
    async with open_bot(database) as bot, opened(bot.house) as house:
        job = await bot.admit()
        house.recovery.adopt(job.job_id)  # as when the engine does not answer
        await house.recovery.look()
        await over(bot, job)
        assert await bot.entries(job) == [SETTLED]
        await house.recovery.look()
        assert bot.generation.calls == 1


async def test_a_job_that_is_just_let_in_is_nobody_s_to_recover(database: Database) -> None:
    async with open_bot(database) as bot, opened(bot.house) as house:
        await bot.admit()
        await house.recovery.look()
        assert await house.engine.unfinished() == {}


async def test_a_job_whose_end_waits_for_the_store_is_not_begun_again(database: Database) -> None:
    async with open_bot(database) as bot:
        async with opened(bot.house) as first:
            job = await bot.admit()
            bot.bar(Point.DELIVERING)
            await first.studio.begin(job, MESSAGE)
            await bot.presenter.held.wait()
            await crash(bot, job)
        async with opened(next_life(bot)) as second:
            bot.bar(Point.DELIVERED)
            await second.recovery.look()
            await bot.presenter.held.wait()
            bot.database.away = True
            bot.let_go()
            await until(lambda: second.closer.waiting == 1)
            bot.database.away = False
            await second.recovery.look()
            async with second.closer:
                pass  # tries once more
        assert await bot.is_over(job)
        assert bot.presenter.uploads == 1


async def test_who_works_on_what_another_took_over_stops(database: Database) -> None:
    async with open_bot(database) as bot, opened(bot.house) as house:
        job = await bot.admit()
        bot.bar(Point.DRAWING)
        await house.studio.begin(job, MESSAGE)
        await bot.generation.called.wait()
        assert await bot.process(SECOND).rows.claim_from({FIRST}) == [job.job_id]
        await house.recovery.look()
        await until(lambda: not house.running.is_at_work(job.job_id))
        assert bot.presenter.told == []
        assert not await bot.is_over(job)


async def test_who_works_on_what_was_cancelled_elsewhere_stops(database: Database) -> None:
    async with open_bot(database) as bot, opened(bot.house) as house:
        job = await bot.admit()
        bot.bar(Point.DRAWING)
        await house.studio.begin(job, MESSAGE)
        await bot.generation.called.wait()
        elsewhere = bot.process(SECOND)
        assert await elsewhere.studio.cancel(job.job_id, MEMBER, moderator=False) is Cancelling.ELSEWHERE
        await house.recovery.look()
        await over(bot, job)
        assert bot.presenter.told == [(job.job_id, "fail")]


async def test_a_reservation_of_a_version_without_jobs_is_refunded_once(database: Database) -> None:
    async with open_bot(database) as bot:
        old, kept = await bot.admit(1), await bot.admit(2)
        await database.run(lambda connection: connection.execute(sa.delete(jobs).where(jobs.c.job_id == 1)))
        async with opened(next_life(bot)) as second:
            await second.recovery.look()
            await over(bot, kept)
        assert await bot.entries(old) == [("end", "refund", old.plan.estimate)]
        assert await bot.entries(kept) == [SETTLED]


async def test_it_goes_on_until_the_bot_stops(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        async with opened(next_life(bot)) as second:
            looking = asyncio.create_task(second.recovery.run())
            await over(bot, job)
            second.running.closing = True
            second.recovery.adopt(3)  # wakes it
            await looking


async def test_it_goes_on_after_a_store_that_was_away(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        async with opened(next_life(bot)) as second:
            bot.database.away = True
            looking = asyncio.create_task(second.recovery.run())
            await bot.database.asked.wait()
            bot.database.away = False
            second.recovery.adopt(job.job_id)  # wakes it
            await over(bot, job)
            looking.cancel()
            await asyncio.wait((looking,))
        assert any("wait for the store" in message for message in caplog.messages)
