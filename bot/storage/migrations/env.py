"""What Alembic runs: applies the steps on the connection, and in the transaction, that it is given."""

from __future__ import annotations

from alembic import context

from bot.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
