"""A job that is cancelled, taken over, or left by a process that stops, still comes to one end."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import pytest

from bot.errors import JobCancelled, OutputFiltered, StoreUnavailable
from bot.jobs.running import Cancelling
from tests.fakes import Held
from tests.integration.lives import (
    FREE,
    MEMBER,
    MODERATOR,
    OTHER,
    PRICE,
    SETTLED,
    Bot,
    Point,
    errors,
    open_bot,
    unclear,
)

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.storage.database import Database

# --- taken over by another process --------------------------------------------------------------------


async def test_who_was_taken_for_dead_delivers_nothing(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(Point.KEPT, job)
        assert await bot.take_over() == [job.job_id]
        bot.let_go()
        await run
        assert bot.presenter.told == []
        assert not await bot.is_over(job)
        await bot.work(job)
        assert await bot.is_over(job)
        assert (bot.generation.calls, bot.presenter.uploads) == (1, 1)


async def test_who_was_taken_for_dead_tells_of_no_failure(database: Database) -> None:
    async with open_bot(database) as bot:
        answer = Held(OutputFiltered())
        bot.generation.script.appendleft(answer)
        job = await bot.admit()
        run = bot.work(job)
        await bot.generation.called.wait()
        await bot.take_over()
        answer.go_on.set()
        await run
        assert bot.presenter.told == []
        assert not await bot.is_over(job)


async def test_who_was_taken_for_dead_makes_no_call(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        first = bot.house
        await bot.take_over()
        first.work.workflow.begin(job, 1)
        await first.work.running._tasks[job.job_id]
        assert (bot.generation.calls, bot.presenter.told) == (0, [])
        assert not await bot.is_over(job)


async def test_who_was_taken_for_dead_cancels_nothing(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(Point.IN_LINE, job)
        first = bot.house
        await bot.take_over()
        assert await first.services.jobs.cancel(job.job_id, MEMBER, moderator=False) is Cancelling.CANCELLED
        await run
        assert bot.presenter.told == []
        assert not await bot.is_over(job)


# --- cancelled ----------------------------------------------------------------------------------------


async def cancel(bot: Bot, job: Job, member_id: int = MEMBER, *, moderator: bool = False) -> Cancelling:
    return await bot.house.services.jobs.cancel(job.job_id, member_id, moderator=moderator)


@pytest.mark.parametrize("lives", [1, 2])
async def test_a_job_that_waits_is_cancelled_for_nothing(database: Database, lives: int) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        for _ in range(1, lives):
            await bot.take_over()
        run = await bot.stopped_at(Point.IN_LINE, job)
        assert await cancel(bot, job) is Cancelling.CANCELLED
        await run
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE]
        (error,) = bot.presenter.errors[job.job_id]
        assert isinstance(error, JobCancelled)
        assert (error.drawing, error.by_moderator) == (False, False)
        assert await cancel(bot, job) is Cancelling.OVER


async def test_a_job_that_is_drawn_is_cancelled_at_the_operator_s_expense(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(Point.DRAWING, job)
        assert await cancel(bot, job, MODERATOR, moderator=True) is Cancelling.CANCELLED
        await run
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE, *unclear(job, "unclear")]
        assert (await bot.counts()).charge.taken == 0
        (error,) = bot.presenter.errors[job.job_id]
        assert isinstance(error, JobCancelled)
        assert (error.drawing, error.by_moderator) == (True, True)


async def test_a_turn_that_comes_with_the_wish_to_cancel_is_given_back(database: Database) -> None:
    async with open_bot(database) as bot:
        queue, job = bot.house.work.queue, await bot.admit()
        others = []
        while turn := queue.turn_now(dataclasses.replace(job.ticket, job_id=7)):
            turn.waits()  # so that it keeps its room
            others.append(turn)
        bot.presenter.hold("queued")
        run = bot.work(job)
        await bot.presenter.held.wait()
        for turn in others:
            turn.end(drew=False)
        await asyncio.sleep(0.05)  # the job has its turn, and its last remark is on its way
        assert len(queue) == 0
        assert await cancel(bot, job) is Cancelling.CANCELLED
        await run
        assert await bot.entries(job) == [FREE]
        assert bot.generation.calls == 0
        assert queue._line(job.ticket.model).drawing == 0


async def test_what_was_drawn_and_cancelled_elsewhere_costs_what_it_did(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.DELIVERING, job)
        elsewhere = bot.process("elsewhere").services.jobs
        assert await elsewhere.cancel(job.job_id, MEMBER, moderator=False) is Cancelling.ELSEWHERE
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [("end", "refund", PRICE)]
        assert errors(bot, job) == [JobCancelled]


async def test_a_life_that_fails_early_forgets_nothing_of_what_was_drawn(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash(await bot.stopped_at(Point.DELIVERING, job, message_id=None))
        bot.presenter.message_id = ValueError("a mistake of ours")
        await bot.crash_at(Point.FAILED, job)
        bot.presenter.message_id = 1
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [SETTLED]
        assert (bot.generation.calls, bot.presenter.shown) == (1, {job.job_id: 1})


async def test_a_job_of_two_lives_that_is_cancelled_pays_for_the_calls_of_both(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.DRAWING, job)
        run = await bot.stopped_at(Point.DRAWING, job)
        assert await cancel(bot, job) is Cancelling.CANCELLED
        await run
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE, *unclear(job, "unclear", "unclear")]


async def test_a_job_cancelled_when_its_pictures_were_drawn_is_the_operator_s_to_pay(
    database: Database,
) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(Point.KEPT, job)
        assert await cancel(bot, job) is Cancelling.CANCELLED
        await run
        assert await bot.is_over(job)
        assert await bot.entries(job) == [("end", "refund", PRICE)]
        assert bot.presenter.uploads == 0


@pytest.mark.parametrize("point", [Point.DELIVERING, Point.DELIVERED])
async def test_it_is_too_late_to_cancel_what_is_delivered(database: Database, point: Point) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(point, job)
        assert await cancel(bot, job) is Cancelling.OVER
        bot.let_go()
        await run
        assert await bot.entries(job) == [SETTLED]


async def test_the_news_of_being_cancelled_is_not_cancelled_again(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(Point.IN_LINE, job)
        bot.presenter.hold("fail")
        assert await cancel(bot, job) is Cancelling.CANCELLED
        await bot.presenter.held.wait()
        assert await cancel(bot, job, MODERATOR, moderator=True) is Cancelling.OVER
        bot.let_go()
        await run
        assert errors(bot, job) == [JobCancelled]


async def test_only_the_member_and_moderators_may_cancel(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(Point.IN_LINE, job)
        assert await cancel(bot, job, OTHER) is Cancelling.NOT_YOURS
        assert not run.done()
        assert await cancel(bot, job, moderator=True) is Cancelling.CANCELLED
        await run
        (error,) = bot.presenter.errors[job.job_id]
        assert isinstance(error, JobCancelled)
        assert not error.by_moderator  # of their own job


async def test_a_job_that_another_process_works_on_is_cancelled_there(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.DRAWING, job)
        elsewhere = bot.process("elsewhere").services.jobs
        assert await elsewhere.cancel(job.job_id, OTHER, moderator=False) is Cancelling.NOT_YOURS
        assert await elsewhere.cancel(job.job_id, MEMBER, moderator=False) is Cancelling.ELSEWHERE
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE, *unclear(job, "unclear")]
        assert errors(bot, job) == [JobCancelled]
        assert bot.generation.calls == 1
        assert await elsewhere.cancel(job.job_id, MEMBER, moderator=False) is Cancelling.OVER


async def test_a_wish_to_cancel_outlives_a_crash(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(Point.IN_LINE, job)
        bot.presenter.hold("fail")
        assert await cancel(bot, job) is Cancelling.CANCELLED
        await bot.presenter.held.wait()
        await bot.crash(run)
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE]
        assert errors(bot, job) == [JobCancelled]
        assert bot.generation.calls == 0


# --- stopping, and a store that is away ---------------------------------------------------------------


@pytest.mark.parametrize("point", [Point.IN_LINE, Point.DRAWING])
async def test_what_a_stop_leaves_is_gone_on_with_and_nothing_is_refunded(
    database: Database, point: Point
) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(point, job)
        await bot.house.work.running.drain(0, bot.presenter.interrupted)
        assert run.cancelled()
        assert bot.presenter.told == [(job.job_id, "interrupted")]
        assert not await bot.is_over(job)
        await bot.take_over()
        await bot.work(job)
        assert await bot.is_over(job)
        assert bot.presenter.shown == {job.job_id: 1}


@pytest.mark.parametrize("point", [Point.KEPT, Point.DELIVERING, Point.FAILING])
async def test_a_store_that_goes_away_meanwhile_hears_of_the_end_later(
    database: Database, point: Point
) -> None:
    async with open_bot(database, *([OutputFiltered()] if point is Point.FAILING else [])) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(point, job)
        bot.database.away = True
        bot.let_go()
        await run
        assert bot.house.store.closer.waiting == 1
        assert len(bot.presenter.told) == 1
        bot.database.away = False
        async with bot.house.store.closer:
            pass  # tries once more
        assert await bot.is_over(job)
        failed = [("end", "refund", job.plan.estimate)]
        assert await bot.entries(job) == (failed if point is Point.FAILING else [SETTLED])


async def test_no_call_is_made_that_is_not_written_down_before(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        bot.database.away = True
        await bot.work(job)
        assert bot.generation.calls == 0
        assert errors(bot, job) == [StoreUnavailable]


async def test_a_job_that_is_gone_on_with_waits_for_the_store(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.take_over()
        bot.database.away = True
        run = bot.work(job)
        await bot.database.asked.wait()
        bot.database.away = False
        await run
        assert await bot.entries(job) == [SETTLED]
