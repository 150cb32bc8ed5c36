"""The tables. Money is in micro-dollars, times in milliseconds since 1970 (UTC), ids are Discord's.

``entries`` is the ledger: rows are only ever added. ``counters`` holds sums over it, so that checking a limit
takes one row; ``Ledger.audit`` compares the two. ``jobs`` has what is needed to resume the open ones after a
crash; a job's row is deleted when it ends.
"""

from __future__ import annotations

import sqlalchemy as sa

VERSION = "0003_drawn"
"""The last step in ``migrations/versions``, after which the tables are as below."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

guilds = sa.Table(
    "guilds",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("zone", sa.String(64), nullable=False, server_default="UTC"),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("pause_note", sa.String(500), nullable=False, server_default=""),
    # Raised by every change to a guild's policy, so that an outdated cached one is recognised.
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
)

rules = sa.Table(
    "rules",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("target", sa.String(8), primary_key=True),  # everyone, channel, role or member
    sa.Column("target_id", sa.BigInteger, primary_key=True, autoincrement=False),  # 0 for everyone
    sa.Column("rule", sa.JSON, nullable=False),  # the fields that are set, see bot.limits.rules
)

blocks = sa.Table(
    "blocks",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("until_ms", sa.BigInteger),  # null: until unblocked
    sa.Column("reason", sa.String(500), nullable=False, server_default=""),
)

changes = sa.Table(
    "changes",  # the audit trail
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("actor_id", sa.BigInteger, nullable=False),  # 0: the operator, from the command line
    sa.Column(
        "action", sa.String(16), nullable=False
    ),  # set, clear, undo, pause, resume, block, unblock, zone, import
    sa.Column("target", sa.String(8), nullable=False, server_default=""),
    sa.Column("target_id", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("before", sa.JSON),
    sa.Column("after", sa.JSON),
    sa.Index(None, "guild_id", "id"),
)

counters = sa.Table(
    "counters",
    metadata,
    # Guild 0 is the operator's count over all servers, member 0 a server's over all members.
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("unit", sa.String(8), primary_key=True),  # images, charge, cost or jobs
    sa.Column("period", sa.String(10), primary_key=True),  # 2026-11-22, 2026-W47, 2026-11, or empty
    sa.Column("used", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("held", sa.BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("job_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("phase", sa.String(8), primary_key=True),  # begin, unclear1, unclear2, end
    sa.Column("kind", sa.String(8), nullable=False),  # reserve, void, unclear, last, settle, refund
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),  # the process that holds the reservation
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("member_id", sa.BigInteger, nullable=False),
    # The windows the reservation was made in, which all later entries of the job repeat.
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("week", sa.String(10), nullable=False),
    sa.Column("month", sa.String(10), nullable=False),
    sa.Column("budget_month", sa.String(10), nullable=False),
    sa.Column("images", sa.Integer, nullable=False),  # asked (reserve) or delivered (settle)
    sa.Column("charge", sa.BigInteger, nullable=False),  # the member's money
    sa.Column("cost", sa.BigInteger, nullable=False),  # the operator's money
    sa.Index(None, "guild_id", "member_id", "at_ms"),
    sqlite_with_rowid=False,
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("job_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("owner", sa.String(64), nullable=False),  # the process that works on it
    sa.Column("calls", sa.SmallInteger, nullable=False, server_default="0"),  # made, out of its call budget
    sa.Column("lives", sa.SmallInteger, nullable=False, server_default="0"),  # processes that resumed it
    sa.Column(
        "cancelled", sa.SmallInteger, nullable=False, server_default="0"
    ),  # 1 by the member, 2 by a moderator
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # encrypted: what is drawn, for whom
    sa.Column("drawn", sa.Text),  # JSON, see bot.jobs.drawing.Record; null: the drawing is not over
    sa.Column("message_id", sa.BigInteger),  # the answer; null: not known
    sa.Index(None, "owner"),
)

notices = sa.Table(
    "notices",  # what a member could not be told, for their next command
    metadata,
    sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("job_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # encrypted
)
