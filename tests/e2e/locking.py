"""Somebody else at the bot's SQLite file: who holds it, and who looks into it."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """The bot's database, held by somebody else."""
    connection = sqlite3.connect(directory / "data" / "easel.db", isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        connection.close()


def ledger(directory: Path, query: str) -> list[tuple[Any, ...]]:
    """What the bot's own database says."""
    with contextlib.closing(sqlite3.connect(directory / "data" / "easel.db")) as connection:
        return connection.execute(query).fetchall()
