"""Jobs that outlive a crash, notices for members, and a count of each server's jobs under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_jobs"
down_revision = "0001_limits"
branch_labels = None
depends_on = None

# From the open reservations, to which the members' own counters lead.
_COUNT_JOBS_OF_SERVERS = """
    INSERT INTO counters (guild_id, member_id, unit, period, used, held)
    SELECT begun.guild_id, 0, 'jobs', '', 0, COUNT(*) FROM counters AS mine
    CROSS JOIN entries AS begun
    WHERE mine.unit = 'jobs' AND mine.held > 0
      AND begun.guild_id = mine.guild_id AND begun.member_id = mine.member_id
      AND begun.kind = 'reserve'
      AND NOT EXISTS (
        SELECT 1 FROM entries AS ended WHERE ended.job_id = begun.job_id AND ended.phase = 'end'
      )
    GROUP BY begun.guild_id
"""


def upgrade() -> None:
    """Make the tables, and count what is under way."""
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("calls", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("lives", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("cancelled", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_owner", "jobs", ["owner"])
    op.create_table(
        "notices",
        sa.Column("member_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("job_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("member_id", "guild_id", "job_id", name="pk_notices"),
    )
    op.execute(sa.text(_COUNT_JOBS_OF_SERVERS))
