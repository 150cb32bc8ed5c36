"""What the drawing of a job came to, and where its answer is: in the job's own row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.former_workflows import recall

revision = "0003_drawn"
down_revision = "0002_jobs"
branch_labels = None
depends_on = None

_OPEN = sa.text("SELECT job_id FROM jobs ORDER BY job_id")
_FILL = sa.text("UPDATE jobs SET drawn = :drawn, message_id = :message_id WHERE job_id = :job_id")


def upgrade() -> None:
    """Make the columns, and fill them from the tables that had this before."""
    op.add_column("jobs", sa.Column("drawn", sa.Text))
    op.add_column("jobs", sa.Column("message_id", sa.BigInteger))
    connection = op.get_bind()
    known = recall(connection, connection.scalars(_OPEN).all())
    for job_id, former in known.items():
        values = {"job_id": job_id, "drawn": former.drawn, "message_id": former.message_id}
        connection.execute(_FILL, values)
