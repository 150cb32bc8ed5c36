"""A job comes to one end, and is paid for once, whatever instant a crash or a wish to cancel comes at."""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import TYPE_CHECKING

import pytest

from bot.errors import (
    AnswerLost,
    DeliveryFailed,
    DeploymentBusy,
    JobCutOff,
    OutputFiltered,
)
from bot.jobs.imagine import MOST_LIVES
from bot.limits.rules import EVERYONE
from tests.integration.lives import (
    FREE,
    GUILD,
    MESSAGE,
    MODERATOR,
    PRICE,
    SETTLED,
    Bot,
    Point,
    errors,
    open_bot,
    picture,
    unclear,
)

if TYPE_CHECKING:
    from bot.storage.database import Database

# --- without a crash ----------------------------------------------------------------------------------


async def test_a_job_is_drawn_shown_and_paid_for(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.work(job)
        assert await bot.is_over(job)
        assert bot.presenter.told == [(job.job_id, "deliver")]
        assert await bot.entries(job) == [SETTLED]
        assert (await bot.counts()).day.used == 1
        assert len(bot.house.work.running) == 0


async def test_a_job_that_runs_here_does_not_run_here_twice(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(Point.DELIVERING, job)
        assert bot.house.work.running.is_at_work(job.job_id)
        assert bot.work(job) is run
        await asyncio.sleep(0.05)
        assert not run.done()
        bot.let_go()
        await run
        assert (bot.generation.calls, bot.presenter.uploads) == (1, 1)


async def test_a_job_that_has_ended_is_let_be(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.work(job)
        await bot.take_over()
        await bot.work(job)
        assert (bot.generation.calls, bot.presenter.uploads) == (1, 1)


async def test_who_deleted_the_message_does_not_pay(database: Database) -> None:
    async with open_bot(database) as bot:
        bot.presenter.lands = False
        job = await bot.admit()
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [("end", "refund", PRICE)]
        assert (await bot.counts()).charge.taken == 0


@pytest.mark.parametrize("there", [False, True])
async def test_who_has_the_pictures_pays_whatever_the_upload_seems_to_have_come_to(
    database: Database, *, there: bool
) -> None:
    async with open_bot(database) as bot:
        bot.presenter.trouble = DeliveryFailed("reset")
        job = await bot.admit()
        if there:
            bot.presenter.shown[job.job_id] = 1
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [SETTLED if there else ("end", "refund", PRICE)]
        assert errors(bot, job) == ([] if there else [DeliveryFailed])


# --- one crash ----------------------------------------------------------------------------------------


async def test_a_job_that_waited_is_drawn_in_the_next_life(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.IN_LINE, job)
        assert not await bot.is_over(job)
        assert bot.generation.calls == 0
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [SETTLED]
        assert bot.generation.calls == 1
        assert b"easel_jobs_resumed_total 1.0" in bot.house.services.metrics.render()


async def test_a_call_that_was_cut_off_is_booked_and_made_once_more(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.DRAWING, job)
        row = await bot.house.work.rows.read(job.job_id)
        assert row is not None
        assert (row.calls, row.lives) == (1, 1)
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [SETTLED, *unclear(job, "unclear")]
        assert bot.generation.calls == 2
        after = await bot.counts()
        assert (after.day.used, after.charge.used) == (1, PRICE)
        assert after.operator.used == PRICE + job.plan.estimate


async def test_pictures_that_were_kept_are_not_drawn_again(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.KEPT, job)
        assert len(bot.archive.kept) == 1
        await bot.work(job)
        assert await bot.is_over(job)
        # What it cost was not written down, so it is taken to be the most it can.
        assert await bot.entries(job) == [("end", "settle", job.plan.estimate)]
        assert (bot.generation.calls, bot.presenter.shown) == (1, {job.job_id: 1})


@pytest.mark.parametrize("point", [Point.DELIVERING, Point.DELIVERED])
@pytest.mark.parametrize("remembers", [False, True], ids=["forgotten", "written down"])
async def test_a_crash_around_the_delivery_shows_the_pictures_once(
    database: Database, point: Point, *, remembers: bool
) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(point, job, remembers=remembers)
        await bot.work(job)
        assert await bot.is_over(job)
        cost = PRICE if remembers else job.plan.estimate
        assert await bot.entries(job) == [("end", "settle", cost)]
        assert (bot.generation.calls, bot.presenter.uploads) == (1, 1)
        assert bot.presenter.shown == {job.job_id: 1}


@pytest.mark.parametrize("point", [Point.FAILING, Point.FAILED])
async def test_a_failure_that_was_written_down_is_told_as_it_was(database: Database, point: Point) -> None:
    async with open_bot(database, OutputFiltered(), picture()) as bot:
        job = await bot.admit()
        await bot.crash_at(point, job)
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [("end", "refund", job.plan.estimate)]
        assert (bot.generation.calls, bot.presenter.uploads) == (1, 0)
        assert set(errors(bot, job)) == {OutputFiltered}


async def test_a_failure_that_cost_nothing_and_was_forgotten_is_another_try(database: Database) -> None:
    async with open_bot(database, DeploymentBusy(), picture()) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.FAILED, job, remembers=False)
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [SETTLED]


@pytest.mark.parametrize("remembers", [False, True], ids=["forgotten", "written down"])
async def test_calls_that_were_booked_are_not_booked_again(database: Database, *, remembers: bool) -> None:
    async with open_bot(database, AnswerLost(), AnswerLost(), picture()) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.FAILING, job, remembers=remembers)
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE, *unclear(job, "unclear", "last")]
        assert errors(bot, job) == [JobCutOff]
        assert bot.generation.calls == 2


async def test_there_is_no_other_call_where_the_budget_has_no_room_for_one(database: Database) -> None:
    async with open_bot(database) as bot:
        limit = {"server_dollars_per_month": "0.06"}
        await bot.house.services.moderation.set_rule(GUILD, MODERATOR, EVERYONE, limit)
        job = await bot.admit()
        assert job.plan.estimate < 60_000 < 2 * job.plan.estimate
        await bot.crash_at(Point.DRAWING, job)
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE, *unclear(job, "last")]
        assert errors(bot, job) == [JobCutOff]
        assert bot.generation.calls == 1


async def test_a_bot_that_was_away_for_long_draws_nothing_that_cannot_be_delivered(
    database: Database,
) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.IN_LINE, job)
        bot.clock.advance(minutes=15)
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE]
        assert errors(bot, job) == [JobCutOff]
        assert bot.generation.calls == 0


async def test_pictures_that_were_kept_are_delivered_however_late(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.KEPT, job)
        bot.clock.advance(minutes=15)
        await bot.work(job)
        assert bot.presenter.shown == {job.job_id: 1}


async def test_what_an_archive_that_is_away_has_is_not_drawn_again(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(Point.KEPT, job)
        bot.archive.away = True
        bot.clock.advance(minutes=14)  # so that it cannot be waited for
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE, *unclear(job, "unclear")]
        assert errors(bot, job) == [JobCutOff]
        assert bot.generation.calls == 1


# --- the message --------------------------------------------------------------------------------------


async def test_a_command_that_was_never_acknowledged_is_not_drawn(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.take_over()
        bot.presenter.message_id = None
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE]
        assert (bot.generation.calls, bot.presenter.told) == (0, [])


async def test_a_message_that_is_gone_makes_no_call_free(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash(await bot.stopped_at(Point.DRAWING, job, message_id=None))
        bot.presenter.message_id = None
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE, *unclear(job, "unclear")]
        assert bot.generation.calls == 1


async def test_a_message_that_cannot_be_looked_for_is_taken_to_be_there(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.take_over()
        bot.presenter.message_id = DeliveryFailed("503")
        await bot.work(job)
        assert await bot.entries(job) == [SETTLED]


@pytest.mark.parametrize("point", [Point.IN_LINE, Point.DRAWING])
async def test_where_the_answer_is_outlives_a_crash(database: Database, point: Point) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        run = await bot.stopped_at(point, job)
        while (row := await bot.house.work.rows.read(job.job_id)) and row.message_id is None:
            await asyncio.sleep(0.05)  # once it has waited for two seconds; with its call at once
        assert row is not None
        assert row.message_id == MESSAGE
        await bot.crash(run)
        bot.presenter.message_id = None  # nobody has to look for it any more
        await bot.work(job)
        assert bot.presenter.shown == {job.job_id: 1}


# --- several crashes ----------------------------------------------------------------------------------


async def test_two_calls_that_were_cut_off_are_all_that_are_made(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        for _ in range(2):
            await bot.crash_at(Point.DRAWING, job)
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE, *unclear(job, "unclear", "last")]
        assert errors(bot, job) == [JobCutOff]
        assert bot.generation.calls == 2
        assert (await bot.counts()).charge.taken == 0


@pytest.mark.parametrize("remembers", [False, True], ids=["forgotten", "written down"])
@pytest.mark.parametrize(
    "first", [Point.IN_LINE, Point.DRAWING, Point.KEPT, Point.DELIVERING, Point.DELIVERED]
)
async def test_any_two_more_crashes_leave_one_end_and_at_most_two_calls(
    database: Database, first: Point, *, remembers: bool
) -> None:
    for number, points in enumerate(itertools.product(Point, repeat=2), 1):
        async with open_bot(database) as bot:
            bot.clock.advance(days=number)  # or the day's pictures are used up
            job = await bot.admit(number)
            await bot.crash_at(first, job, remembers=remembers)
            for point in points:
                if (run := await bot.sent_to(point, job)).done():
                    break
                await bot.crash(run, remembers=remembers)
            await bot.work(job)

            assert await bot.is_over(job)
            entries = await bot.entries(job)
            ends = [kind for phase, kind, _ in entries if phase == "end"]
            assert ends == ["settle" if bot.presenter.shown else "refund"], points
            assert bot.generation.calls <= 2, points
            assert bot.presenter.uploads <= 1, points
            assert sum(cost for _, _, cost in entries) >= bot.generation.calls * PRICE, points


async def crash_often(bot: Bot) -> None:
    """As often as a job may be there, and once more."""
    for _ in range(MOST_LIVES + 1):
        await bot.take_over()


async def test_a_job_that_may_be_what_causes_the_crashes_is_given_up(database: Database) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await crash_often(bot)
        await bot.work(job)
        assert await bot.is_over(job)
        assert await bot.entries(job) == [FREE]
        assert errors(bot, job) == [JobCutOff]
        assert bot.generation.calls == 0


@pytest.mark.parametrize("point", [Point.DRAWING, Point.KEPT, Point.DELIVERING])
async def test_what_is_given_up_is_paid_for_by_the_operator(database: Database, point: Point) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        await bot.crash_at(point, job)
        await crash_often(bot)
        await bot.work(job)
        assert await bot.is_over(job)
        # What was written down of a drawing is known; of one that was not, nobody knows.
        known = point is Point.DELIVERING
        assert await bot.entries(job) == (
            [("end", "refund", PRICE)] if known else [FREE, *unclear(job, "unclear")]
        )
        assert (bot.generation.calls, bot.presenter.uploads) == (1, 0)
        assert (await bot.counts()).charge.taken == 0


@pytest.mark.parametrize("calls", [0, 1, 2])
async def test_what_cannot_be_read_any_more_is_given_up(
    database: Database, caplog: pytest.LogCaptureFixture, calls: int
) -> None:
    async with open_bot(database) as bot:
        job = await bot.admit()
        for _ in range(calls):
            await bot.crash_at(Point.DRAWING, job)
        await bot.take_over("another token")
        await bot.work(job)
        assert await bot.is_over(job)
        assert [kind for _, kind, _ in await bot.entries(job)] == ["refund", "unclear", "unclear"][
            : calls + 1
        ]
        assert (bot.generation.calls, bot.presenter.told) == (calls, [])
        assert [record.levelno for record in caplog.records if "another token" in record.message] == [
            logging.ERROR
        ]
