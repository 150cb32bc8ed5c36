"""The ledger's transactions: what each writes, and what it refuses.

Each locks its job's entry first. Two jobs then share nothing but the counters, which are always locked in
one order, so no two transactions can deadlock.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.errors import BudgetUsedUp, CoolingDown, ImagesUsedUp, LimitReached, ServerBusy, TooManyJobs
from bot.limits.counters import Count, Shift, hold, move
from bot.limits.entries import BEGIN, END, UNCLEAR_CALLS, Entry, Kind, Stamp, add, history, latest_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.limits.counters import Counts
    from bot.limits.entries import Allowance, Ending

_log = logging.getLogger(__name__)

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

CLOCKS_APART = 10_000
"""Milliseconds by which a reservation may be ahead of the clock and still count for a cooldown.

Requests that had to wait for one another are not always entered in the order of their times. A
reservation further ahead was made before the clock was set back. If it counted, its member would be locked
out until the clock has caught up.
"""


_ADD_JOB = sa.text("""
    INSERT INTO jobs (job_id, owner, calls, lives, cancelled, sealed)
    VALUES (:job_id, :owner, 0, 0, 0, :sealed)
""")
# The interaction's token and the prompt go with the row: a job that has ended needs neither.
_FORGET_OUR_JOB = sa.text("DELETE FROM jobs WHERE job_id = :job_id AND owner = :worker")
_FORGET_JOB = sa.text("DELETE FROM jobs WHERE job_id = :job_id")


class Stale(Exception):
    """The policy has changed since the limits were read from it; raised to roll everything back."""


# --- reserving ----------------------------------------------------------------------------------


def reserve(connection: sa.Connection, begin: Entry, allowance: Allowance, seal: Callable[[], bytes]) -> bool:
    """Hold what a job needs and add its row; return False, changing nothing, if the job is known.

    Raises:
        LimitReached: there is not enough left; for the first reason that applies, in a fixed order.
        Stale: the server's policy has another revision than ``allowance``.
    """
    if (held := hold(connection, begin)) is None:
        return False
    # From here on the member's other requests wait for this one, so what is read now stays true.
    after, revision = held
    if revision != allowance.revision:
        raise Stale
    until = cooling_until(
        connection, begin.guild_id, begin.member_id, allowance.cooldown, begin.at_ms, other_than=begin.job_id
    )
    if until is not None:
        raise CoolingDown(until)
    if (reason := refusal(after, begin.images, allowance)) is not None:
        raise reason
    connection.execute(_ADD_JOB, {"job_id": begin.job_id, "owner": begin.owner, "sealed": seal()})
    return True


def cooling_until(
    connection: sa.Connection,
    guild_id: int,
    member_id: int,
    cooldown: int | None,
    now_ms: int,
    *,
    other_than: int = 0,
) -> dt.datetime | None:
    """Return when a member's cooldown (in seconds) is over; None if none is running."""
    if not cooldown:
        return None
    length = cooldown * 1000
    latest = latest_request(
        connection,
        guild_id,
        member_id,
        after_ms=now_ms - length,
        until_ms=now_ms + min(length, CLOCKS_APART),
        other_than=other_than,
    )
    return None if latest is None else EPOCH + dt.timedelta(milliseconds=min(latest, now_ms) + length)


def refusal(after: Counts, images: int, allowance: Allowance) -> LimitReached | None:
    """Return why the counters, with this request's pictures already in them, are too high; None if not."""
    windows = allowance.windows
    if allowance.concurrent is not None and after.jobs.taken > allowance.concurrent:
        return TooManyJobs(allowance.concurrent)
    for period, count, limit, renews in (
        ("day", after.day, allowance.images_per_day, windows.day_ends),
        ("week", after.week, allowance.images_per_week, windows.week_ends),
    ):
        if limit is not None and count.taken > limit:
            left = max(0, limit - count.taken + images)
            return ImagesUsedUp(period, limit, left, count.held - images, renews)
    if not _within(after.charge, allowance.charge_per_month):
        return BudgetUsedUp("member", windows.month_ends)
    if allowance.server_concurrent is not None and after.server_jobs.taken > allowance.server_concurrent:
        return ServerBusy(allowance.server_concurrent)
    for whose, count, limit, renews in (
        ("server", after.server, allowance.server_cost_per_month, windows.month_ends),
        ("operator", after.operator, allowance.operator_cost_per_month, windows.budget_month_ends),
    ):
        if not _within(count, limit):
            return BudgetUsedUp(whose, renews)
    return None


def _within(count: Count, limit: int | None) -> bool:
    return limit is None or count.taken <= limit


# --- unclear calls ------------------------------------------------------------------------------


def book_unclear(
    connection: sa.Connection,
    job_id: int,
    attempt: int,
    budgets: tuple[int | None, int | None],
    stamp: Stamp,
) -> bool:
    """Book a call as billed at the estimate, as it may have been; return whether another may be made.

    ``budgets`` are the operator's for the server and for all servers, in micro-dollars a month.
    """
    known = history(connection, job_id)
    begin = known.get(BEGIN)
    if begin is None or begin.kind is not Kind.RESERVE:
        _log.error("job %d: a call without a reservation", job_id)
        return False
    phase = UNCLEAR_CALLS[attempt - 1]
    if phase in known:
        return known[phase].kind is Kind.UNCLEAR and END not in known
    booked = Shift(cost_used=begin.cost)
    after, _ = move(connection, begin, booked)
    held = _cost_held(known)
    another = (
        attempt < len(UNCLEAR_CALLS)
        and END not in known
        and all(map(_within, (after.server, after.operator), budgets))
    )
    if not another:
        move(connection, begin, Shift(cost_held=-held))
    add(connection, begin.then(phase, Kind.UNCLEAR if another else Kind.LAST, stamp, cost=begin.cost))
    return another


def _cost_held(known: dict[str, Entry]) -> int:
    """Return how much of the operator's money a job still holds."""
    over = END in known or any(entry.kind is Kind.LAST for entry in known.values())
    return 0 if over else known[BEGIN].cost


# --- ending -------------------------------------------------------------------------------------


def end(connection: sa.Connection, ending: Ending, stamp: Stamp) -> bool:
    """Settle or refund a job, or void one not reserved yet; return False if there was nothing to end."""
    known = history(connection, ending.job_id)
    if BEGIN not in known:
        if ending.kind is Kind.SETTLE:
            _log.error("job %d: settled without a reservation", ending.job_id)
            return False
        if add(connection, Entry(ending.job_id, BEGIN, Kind.VOID, stamp.at_ms, stamp.owner)):
            return False
        known = history(connection, ending.job_id)  # its reservation was committed in the meantime
    begin = known[BEGIN]
    if begin.kind is Kind.VOID or END in known:
        return False
    if ending.ours_only and begin.owner != stamp.owner:
        return False
    if not _erase_job(connection, ending):
        return False
    missing = [phase for phase in UNCLEAR_CALLS[: ending.unclear_calls] if phase not in known]
    for phase in missing:
        add(connection, begin.then(phase, Kind.UNCLEAR, stamp, cost=begin.cost))
    held = _cost_held(known)
    final = begin.then(
        END,
        ending.kind,
        stamp,
        images=min(ending.images, begin.images),
        charge=min(ending.charge, begin.charge),
        cost=held if ending.cost is None else ending.cost,
    )
    if final.cost > begin.cost:
        _log.warning(
            "job %d cost %d micro-dollars, more than the estimate of %d", final.job_id, final.cost, begin.cost
        )
    add(connection, final)
    shift = Shift(
        images_used=final.images,
        images_held=-begin.images,
        charge_used=final.charge,
        charge_held=-begin.charge,
        jobs_held=-1,
        cost_used=final.cost + len(missing) * begin.cost,
        cost_held=-held,
    )
    move(connection, begin, shift)
    return True


def _erase_job(connection: sa.Connection, ending: Ending) -> bool:
    """Delete the job's row; return False, changing nothing, if it is not the worker's."""
    if not ending.worker:
        connection.execute(_FORGET_JOB, {"job_id": ending.job_id})
        return True
    values = {"job_id": ending.job_id, "worker": ending.worker}
    return connection.execute(_FORGET_OUR_JOB, values).rowcount == 1
