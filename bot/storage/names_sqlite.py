"""The names of the processes on a SQLite file: a file beside it for each name ever used, and its lock.

The lock is SQLite's own, taken through SQLite: it ends with the process, works wherever the database does,
and is not inherited by children. The files stay empty; removing one takes its name from whoever holds it.
As long as they stay, no name can be lost, so only the life that holds a name can be alive.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.errors import StoreUnavailable
from bot.storage.faults import is_busy, translate
from bot.storage.location import describe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    import sqlalchemy as sa

    from bot.storage.database import Database


class Holder:
    """A process that holds the name of ``owner``."""

    def __init__(self, name: str, life: str, files: _Files) -> None:
        self.owner = f"{name}#{life}"
        self._name = name
        self._files = files

    async def dead(self, owners: Iterable[str]) -> set[str]:
        """See ``Presence``. Whoever holds another name deals with its earlier lives."""
        others = {owner: owner.rpartition("#")[0] for owner in owners if owner != self.owner}
        free = await asyncio.to_thread(self._files.free, set(others.values()) - {self._name})
        return {owner for owner, name in others.items() if name == self._name or name in free}


@asynccontextmanager
async def hold(database: Database, names: Iterable[str], life: str) -> AsyncIterator[Holder]:
    """Hold the first of ``names`` that is free."""
    files = _Files(database.url)
    name, lock = await asyncio.to_thread(files.claim, names)
    with closing(lock):
        yield Holder(name, life, files)


class _Files:
    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self._database = Path(url.database or "").absolute()

    def claim(self, names: Iterable[str]) -> tuple[str, sqlite3.Connection]:
        with self._alone():
            return next((name, lock) for name in names if (lock := _lock(self._file(name))))

    def free(self, names: Iterable[str]) -> set[str]:
        with self._alone():
            return {name for name in names if self._is_free(name)}

    def _is_free(self, name: str) -> bool:
        file = self._file(name)
        if not file.exists():
            return True
        if lock := _lock(file):
            lock.close()
            return True
        return False

    def _file(self, name: str) -> Path:
        return self._database.with_name(f"{self._database.name}-owner-{quote(name, safe='')}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # A check whether a name is free must not be mistaken for a process that holds it.
        try:
            lock = _lock(self._database.with_name(f"{self._database.name}-owners"), wait=5.0)
            if not lock:
                raise StoreUnavailable(f"{describe(self._url)} has its names of processes locked")
            with closing(lock):
                yield
        except sqlite3.Error as error:
            raise translate(error, self._url, "names of processes") from error


def _lock(file: Path, wait: float = 0.0) -> sqlite3.Connection | None:
    """Take the lock on a file; closing the connection releases it. Return None if somebody else has it."""
    connection = sqlite3.connect(file, timeout=wait, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        connection.close()
        if is_busy(error):
            return None
        raise
    return connection
