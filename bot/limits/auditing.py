"""The audit: what the counters should say according to the entries, next to what they do say."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bot.limits.counters import Count


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A counter that differs from the sum of its entries.

    Attributes:
        guild_id: 0 for the operator's counter.
        member_id: 0 for a server's counter and for the operator's.
        unit: ``images``, ``charge``, ``cost`` or ``jobs``.
        period: the day, week or month; empty for jobs.
        counted: what the counter says.
        entered: what the entries add up to.
    """

    guild_id: int
    member_id: int
    unit: str
    period: str
    counted: Count
    entered: Count


# One statement, so that it sees one state of the database, and one pass over the entries in storage order.
# What a job reserved is held until it ends, its cost only until its last call. The casts are there because
# PostgreSQL's SUM has another type than its argument.
_COMPARE = sa.text("""
    WITH each_job AS (
      SELECT MAX(guild_id) AS guild_id, MAX(member_id) AS member_id,
        MAX(day) AS day, MAX(week) AS week, MAX(month) AS month, MAX(budget_month) AS budget_month,
        MIN(CASE WHEN kind = 'void' OR phase = 'end' THEN 0 ELSE 1 END) AS is_open,
        MIN(CASE WHEN kind IN ('void', 'last') OR phase = 'end' THEN 0 ELSE 1 END) AS holds_cost,
        SUM(CASE phase WHEN 'begin' THEN images ELSE 0 END) AS images_asked,
        SUM(CASE phase WHEN 'begin' THEN 0 ELSE images END) AS images_used,
        SUM(CASE phase WHEN 'begin' THEN charge ELSE 0 END) AS charge_asked,
        SUM(CASE phase WHEN 'begin' THEN 0 ELSE charge END) AS charge_used,
        SUM(CASE phase WHEN 'begin' THEN cost ELSE 0 END) AS cost_asked,
        SUM(CASE phase WHEN 'begin' THEN 0 ELSE cost END) AS cost_used
      FROM entries GROUP BY job_id
    ), sums AS (
      SELECT guild_id, member_id, day, week, month, budget_month, SUM(is_open) AS jobs_held,
        SUM(images_used) AS images_used, SUM(is_open * images_asked) AS images_held,
        SUM(charge_used) AS charge_used, SUM(is_open * charge_asked) AS charge_held,
        SUM(cost_used) AS cost_used, SUM(holds_cost * cost_asked) AS cost_held
      FROM each_job GROUP BY guild_id, member_id, day, week, month, budget_month
    ), both_sides AS (
      SELECT guild_id, member_id, unit, period, used, held, 0 AS used_entered, 0 AS held_entered FROM counters
      UNION ALL SELECT guild_id, member_id, 'images', day, 0, 0, images_used, images_held FROM sums
      UNION ALL SELECT guild_id, member_id, 'images', week, 0, 0, images_used, images_held FROM sums
      UNION ALL SELECT guild_id, member_id, 'charge', month, 0, 0, charge_used, charge_held FROM sums
      UNION ALL SELECT guild_id, member_id, 'jobs', '', 0, 0, 0, jobs_held FROM sums
      UNION ALL SELECT guild_id, 0, 'jobs', '', 0, 0, 0, jobs_held FROM sums
      UNION ALL SELECT guild_id, 0, 'cost', month, 0, 0, cost_used, cost_held FROM sums
      UNION ALL SELECT 0, 0, 'cost', budget_month, 0, 0, cost_used, cost_held FROM sums
    )
    SELECT guild_id, member_id, unit, period,
      CAST(SUM(used) AS BIGINT), CAST(SUM(held) AS BIGINT),
      CAST(SUM(used_entered) AS BIGINT), CAST(SUM(held_entered) AS BIGINT)
    FROM both_sides
    GROUP BY guild_id, member_id, unit, period
    HAVING SUM(used) <> SUM(used_entered) OR SUM(held) <> SUM(held_entered)
    ORDER BY guild_id, member_id, unit, period
""")


def differences(connection: sa.Connection) -> list[Discrepancy]:
    """Return the counters that differ from the sum of their entries; none if the ledger is sound."""
    return [
        Discrepancy(guild, member, unit, period, Count(used, held), Count(used_entered, held_entered))
        for guild, member, unit, period, used, held, used_entered, held_entered in connection.execute(
            _COMPARE
        )
    ]
