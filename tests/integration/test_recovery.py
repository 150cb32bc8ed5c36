"""Every open job is worked on by somebody, and by one process alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.jobs.recovery import UNHELD_FOR, Recovery
from bot.jobs.running import Cancelling
from bot.storage.schema import jobs
from tests.fakes import FakePresence
from tests.integration.lives import MEMBER, MESSAGE, PRICE, SETTLED, Bot, Point, open_bot, unclear

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.jobs.job import Job
    from bot.storage.database import Database
    from tests.house import House


FIRST, SECOND = "bot/0#1", "bot/0#2"


async def until(comes: Callable[[], bool]) -> None:
    while not comes():
        await asyncio.sleep(0.01)


async def over(bot: Bot, job: Job) -> None:
    """Wait until a job has ended."""
    while await bot.house.work.rows.read(job.job_id) is not None:
        await asyncio.sleep(0.02)
    assert await bot.is_over(job)


async def crash(bot: Bot, job: Job) -> None:
    """End this life while a job is at work."""
    run = bot.house.work.running.get(job.job_id)
    assert run is not None
    run.task.cancel()
    await asyncio.wait((run.task,))
    bot.let_go()


def next_life(bot: Bot) -> House:
    return bot.process(SECOND, dead={FIRST})


async def test_a_job_begins_and_ends(database: Database) -> None:
    async with open_bot(database) as bot:
        house = bot.house
        job = await bot.admit()
        house.work.workflow.begin(job, MESSAGE)
        await over(bot, job)
        assert await bot.entries(job) == [SETTLED]
        assert bot.presenter.shown == {job.job_id: 1}


async def test_a_job_is_cancelled_while_it_is_drawn(database: Database) -> None:
    async with open_bot(database) as bot:
        house = bot.house
        job = await bot.admit()
        bot.bar(Point.DRAWING)
        house.work.workflow.begin(job, MESSAGE)
        await bot.generation.called.wait()
        assert await house.services.jobs.cancel(job.job_id, MEMBER, moderator=False) is Cancelling.CANCELLED
        await over(bot, job)
        assert await bot.entries(job) == [("end", "refund", 0), *unclear(job, "unclear")]


@pytest.mark.parametrize("point", [Point.DRAWING, Point.DELIVERING, Point.DELIVERED])
async def test_what_a_dead_process_left_is_gone_on_with(database: Database, point: Point) -> None:
    async with open_bot(database) as bot:
        first = bot.house
        job = await bot.admit()
        bot.bar(point)
        first.work.workflow.begin(job, MESSAGE)
        await (bot.generation.called if point is Point.DRAWING else bot.presenter.held).wait()
        await crash(bot, job)
        second = next_life(bot)
        await second.work.recovery.look()
        await over(bot, job)
        drawn_again = point is Point.DRAWING
        assert bot.generation.calls == 1 + drawn_again
        booked = unclear(job, "unclear") if drawn_again else []
        assert await bot.entries(job) == [("end", "settle", PRICE), *booked]
        assert bot.presenter.uploads == 1


async def test_what_was_let_in_and_never_begun_begins_with_the_next_life(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        second = next_life(bot)
        await second.work.recovery.look()
        await over(bot, job)
        assert await bot.entries(job) == [SETTLED]


async def test_the_jobs_of_the_living_are_left_to_them(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        other = bot.process(SECOND, dead={"bot/9#1"})
        await other.work.recovery.look()
        assert await bot.house.work.rows.note(job.job_id)
        assert bot.generation.calls == 0


def impatient(house: House, *dead: str) -> Recovery:
    """A process's recovery that looks often, and goes on at once with what nothing holds."""
    work, store = house.work, house.store
    return Recovery(
        work.workflow,
        work.rows,
        work.running,
        house.services.commands,
        store.ledger,
        store.closer,
        work.notices,
        FakePresence(work.rows.owner, dead),
        look_every=0.02,
        unheld_for=0.0,
    )


async def test_a_row_that_nothing_holds_is_gone_on_with(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        recovery = impatient(bot.house)
        await recovery.look()
        await over(bot, job)
        assert await bot.entries(job) == [SETTLED]
        assert bot.generation.calls == 1
        await recovery.look()
        assert bot.generation.calls == 1


async def test_a_task_that_broke_off_is_gone_on_with_and_counts_as_a_life(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        bot.bar(Point.DRAWING)
        bot.house.work.workflow.begin(job, MESSAGE)
        await bot.generation.called.wait()
        await crash(bot, job)
        recovery = impatient(bot.house)
        bot.presenter.hold("deliver")
        await recovery.look()
        await bot.presenter.held.wait()
        row = await bot.house.work.rows.read(job.job_id)
        assert row is not None
        assert (row.lives, row.calls) == (1, 2)
        bot.let_go()
        await over(bot, job)
        assert await bot.entries(job) == [SETTLED, *unclear(job, "unclear")]


async def test_a_row_is_left_alone_for_ten_seconds(database: Database) -> None:
    async with open_bot(database) as bot:
        await bot.admit()
        for _ in range(2):
            await bot.house.work.recovery.look()
        assert UNHELD_FOR == 10
        assert not bot.house.work.running.is_at_work(1)


async def test_what_a_command_a_task_or_an_end_holds_is_nobody_s_to_recover(database: Database) -> None:
    async with open_bot(database) as bot:
        house, recovery = bot.house, impatient(bot.house)
        job = await bot.admit()
        with house.services.commands.command(job.job_id):
            await recovery.look()
            assert not house.work.running.is_at_work(job.job_id)
            bot.bar(Point.DELIVERED)
            house.work.workflow.begin(job, MESSAGE)
        await bot.presenter.held.wait()
        await recovery.look()
        assert bot.generation.calls == 1
        bot.database.away = True
        bot.let_go()
        await until(lambda: house.store.closer.waiting == 1)
        await until(lambda: not house.work.running.is_at_work(job.job_id))
        bot.database.away = False
        await recovery.look()
        assert not house.work.running.is_at_work(job.job_id)
        async with house.store.closer:
            pass  # tries once more
        assert await bot.is_over(job)
        assert (bot.generation.calls, bot.presenter.uploads) == (1, 1)


async def test_a_job_whose_end_waits_for_the_store_is_not_begun_again(database: Database) -> None:
    async with open_bot(database) as bot:
        first = bot.house
        job = await bot.admit()
        bot.bar(Point.DELIVERING)
        first.work.workflow.begin(job, MESSAGE)
        await bot.presenter.held.wait()
        await crash(bot, job)
        second = next_life(bot)
        bot.bar(Point.DELIVERED)
        await second.work.recovery.look()
        await bot.presenter.held.wait()
        bot.database.away = True
        bot.let_go()
        await until(lambda: second.store.closer.waiting == 1)
        bot.database.away = False
        await second.work.recovery.look()
        async with second.store.closer:
            pass  # tries once more
        assert await bot.is_over(job)
        assert bot.presenter.uploads == 1


async def test_who_works_on_what_another_took_over_stops(database: Database) -> None:
    async with open_bot(database) as bot:
        house = bot.house
        job = await bot.admit()
        bot.bar(Point.DRAWING)
        house.work.workflow.begin(job, MESSAGE)
        await bot.generation.called.wait()
        assert await bot.process(SECOND).work.rows.claim_from({FIRST}) == [job.job_id]
        await house.work.recovery.look()
        await until(lambda: not house.work.running.is_at_work(job.job_id))
        assert bot.presenter.told == []
        assert not await bot.is_over(job)


async def test_who_works_on_what_was_cancelled_elsewhere_stops(database: Database) -> None:
    async with open_bot(database) as bot:
        house = bot.house
        job = await bot.admit()
        bot.bar(Point.DRAWING)
        house.work.workflow.begin(job, MESSAGE)
        await bot.generation.called.wait()
        elsewhere = bot.process(SECOND).services.jobs
        assert await elsewhere.cancel(job.job_id, MEMBER, moderator=False) is Cancelling.ELSEWHERE
        await house.work.recovery.look()
        await over(bot, job)
        assert bot.presenter.told == [(job.job_id, "fail")]


async def test_a_reservation_of_a_version_without_jobs_is_refunded_once(database: Database) -> None:
    async with open_bot(database) as bot:
        old, kept = await bot.admit(1), await bot.admit(2)
        await database.run(lambda connection: connection.execute(sa.delete(jobs).where(jobs.c.job_id == 1)))
        second = next_life(bot)
        await second.work.recovery.look()
        await over(bot, kept)
        assert await bot.entries(old) == [("end", "refund", old.plan.estimate)]
        assert await bot.entries(kept) == [SETTLED]


async def test_it_goes_on_until_the_bot_stops(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        second = next_life(bot)
        looking = asyncio.create_task(impatient(second, FIRST).run())
        await over(bot, job)
        second.work.running.closing = True
        await looking


async def test_it_goes_on_after_a_store_that_was_away(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        second = next_life(bot)
        bot.database.away = True
        looking = asyncio.create_task(impatient(second, FIRST).run())
        await bot.database.asked.wait()
        bot.database.away = False
        await over(bot, job)
        looking.cancel()
        await asyncio.wait((looking,))
        assert any("wait for the store" in message for message in caplog.messages)
