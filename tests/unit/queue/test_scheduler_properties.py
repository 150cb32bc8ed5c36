"""Jobs that come, lose patience and are cancelled at any moment."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueueTooLong
from tests.fakes import FastForwardLoop
from tests.properties import UNHURRIED
from tests.unit.queue.deployments import (
    Jobs,
    idle,
    site,
    slot,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


class Plan(NamedTuple):
    """What one job does; times in seconds."""

    comes: float
    guild: int
    draws: float
    cancelled_after: float | None
    patience: float | None


moments = st.sampled_from([0.0, 1.0, 5.0, 10.0]) | st.floats(0, 30)
"""Round ones, so that many things happen at once."""

plans = st.builds(Plan, moments, st.integers(1, 3), moments, st.none() | moments, st.none() | moments)


async def carried_out(jobs: Jobs, plan: Plan) -> str:
    """How the job ended."""
    await asyncio.sleep(plan.comes)
    try:
        async with (
            asyncio.timeout(plan.cancelled_after),
            slot(jobs.gate, jobs.ticket(plan.guild), patience=plan.patience) as turn,
        ):
            turn.begun()
            await jobs.deployments.call(plan.draws)
    except QueueTooLong:
        return "lost patience"
    except TimeoutError:
        return "cancelled"
    return "drew"


@UNHURRIED
@given(st.lists(plans, max_size=25), st.integers(1, 3))
def test_whoever_comes_and_goes_no_turn_is_lost_or_given_twice(all_plans: Sequence[Plan], slots: int) -> None:
    async def run() -> None:
        jobs = site(slots=slots)
        ends = await asyncio.gather(*(carried_out(jobs, plan) for plan in all_plans))
        assert jobs.deployments.overdrawn == 0
        for plan, end in zip(all_plans, ends, strict=True):
            assert end != "lost patience" or plan.patience is not None
            assert end != "cancelled" or plan.cancelled_after is not None
        assert idle(jobs.gate)

    with contextlib.closing(FastForwardLoop()) as loop:
        loop.run_until_complete(run())
