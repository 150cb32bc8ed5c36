"""Rows beside tasks: looked at again until each row may have its task, and read as the bot serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.chaos.at_work import until_each_has_a_task
from bench.chaos.evidence import AtWork
from bench.measure import JOBS_METRIC, STALL_METRIC, value_of
from bot.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def looks(*seen: tuple[int, int | None]) -> Callable[[], Awaitable[AtWork]]:
    """Looks that see these rows and tasks, one after the other."""
    left = iter(seen)

    async def look() -> AtWork:
        return AtWork(*next(left))

    return look


async def test_one_look_is_enough_where_nothing_is_amiss() -> None:
    seen = await until_each_has_a_task(looks((0, 0)), pause=0.0)
    assert (seen.rows, seen.tasks) == (0, 0)


async def test_a_row_gets_the_time_to_be_taken_up() -> None:
    seen = await until_each_has_a_task(looks((2, 0), (2, 1), (1, 1), (9, 0)), pause=0.0)
    assert (seen.rows, seen.tasks) == (1, 1)


async def test_a_bot_that_says_nothing_is_asked_again() -> None:
    seen = await until_each_has_a_task(looks((0, None), (0, 0)), pause=0.0)
    assert seen.each_has_a_task


async def test_a_row_that_nobody_takes_up_is_given_up_on() -> None:
    seen = await until_each_has_a_task(looks((1, 0), (1, 0)), patience=0.0, pause=0.01)
    assert not seen.each_has_a_task
    assert seen.waited > 0.0


def test_the_metrics_that_are_read_are_the_bots() -> None:
    metrics = Metrics()
    metrics.jobs.set_function(lambda: 3)
    served = metrics.render().decode()
    assert value_of(JOBS_METRIC, served) == 3
    assert value_of(STALL_METRIC, served) is not None
    assert value_of("easel_job", served) is None
