"""Limits, quotas and budgets: guilds, rules, blocks, the audit trail, and the ledger with its counters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_limits"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    _policies()
    _ledger()


def _policies() -> None:
    op.create_table(
        "guilds",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False, server_default="UTC"),
        sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("pause_note", sa.String(500), nullable=False, server_default=""),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guilds"),
    )
    op.create_table(
        "rules",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("target", sa.String(8), nullable=False),
        sa.Column("target_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("rule", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "target", "target_id", name="pk_rules"),
    )
    op.create_table(
        "blocks",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("until_ms", sa.BigInteger),
        sa.Column("reason", sa.String(500), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("guild_id", "member_id", name="pk_blocks"),
    )
    op.create_table(
        "changes",
        # SQLite counts up in an INTEGER only.
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("actor_id", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("target", sa.String(8), nullable=False, server_default=""),
        sa.Column("target_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
    )
    op.create_index("ix_changes_guild_id_id", "changes", ["guild_id", "id"])


def _ledger() -> None:
    op.create_table(
        "counters",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(8), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("held", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("guild_id", "member_id", "unit", "period", name="pk_counters"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entries",
        sa.Column("job_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("member_id", sa.BigInteger, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("week", sa.String(10), nullable=False),
        sa.Column("month", sa.String(10), nullable=False),
        sa.Column("budget_month", sa.String(10), nullable=False),
        sa.Column("images", sa.Integer, nullable=False),
        sa.Column("charge", sa.BigInteger, nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "phase", name="pk_entries"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entries_guild_id_member_id_at_ms", "entries", ["guild_id", "member_id", "at_ms"])
