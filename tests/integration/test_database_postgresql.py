"""What can happen to a PostgreSQL server, and that the bot works again when it is over."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import tempfile
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import SchemaMismatch, StoreUnavailable
from bot.storage.database import Patience, open_database
from bot.storage.upgrade import migrate
from tests.databases import start_postgres
from tests.integration.guild_rows import add_guild, guild_ids, raise_revision

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.storage.database import Database, Work
    from tests.databases import Postgres

HURRIED = Patience(lock=0.2, statement=0.5, answer=15.0)

PASSWORD = "open" + "sesame"
"""In two parts, so that it is not in the lines of a traceback."""


@pytest.fixture
async def hurried(postgres_url: str) -> AsyncIterator[Database]:
    """A database that loses its patience soon."""
    async with open_database(postgres_url, threads=2, patience=HURRIED) as database:
        yield database


def names(url: str) -> str:
    return sa.make_url(url).database or ""


# --- locked, slow, frozen -----------------------------------------------------------------------


async def test_a_row_that_somebody_else_holds(
    hurried: Database, postgres_server: Postgres, postgres_url: str
) -> None:
    await hurried.run(add_guild(1))
    with postgres_server.connect(names(postgres_url)) as other, other.transaction():
        other.execute("SELECT 1 FROM guilds WHERE guild_id = 1 FOR UPDATE")
        with pytest.raises(StoreUnavailable, match="is locked by another process"):
            await hurried.run(raise_revision(1))

    assert await hurried.run(raise_revision(1)) == 1


async def test_a_statement_that_takes_too_long(hurried: Database) -> None:
    with pytest.raises(StoreUnavailable, match="took too long for a statement"):
        await hurried.run(lambda connection: connection.exec_driver_sql("SELECT pg_sleep(30)"))

    await hurried.ping()


async def test_a_process_that_pauses_half_way_does_not_keep_its_locks(
    hurried: Database, postgres_url: str
) -> None:
    await hurried.run(add_guild(1))
    begun, go_on = threading.Event(), threading.Event()

    def pause(connection: sa.Connection) -> None:
        raise_revision(1)(connection)
        begun.set()
        go_on.wait(10)
        raise_revision(1)(connection)

    paused = asyncio.create_task(hurried.run(pause))
    await asyncio.to_thread(begun.wait)
    async with open_database(postgres_url) as another:
        assert await another.run(raise_revision(1)) == 1

    go_on.set()
    await paused
    assert await hurried.run(raise_revision(1)) == 4


async def test_a_server_that_is_frozen(hurried: Database) -> None:
    stopped: list[int] = []

    def freeze(connection: sa.Connection) -> None:
        stopped.append(int(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()))
        os.kill(stopped[0], signal.SIGSTOP)
        add_guild(1)(connection)

    try:
        with pytest.raises(StoreUnavailable, match=r"cannot be reached: no answer within 2\.5 s"):
            await hurried.run(freeze)
    finally:
        os.kill(stopped[0], signal.SIGCONT)

    assert len(stopped) == 1
    await hurried.run(add_guild(2))
    assert await guild_ids(hurried) == [2]


# --- gone ---------------------------------------------------------------------------------------


async def test_connections_that_were_ended_are_not_noticed(
    hurried: Database, postgres_server: Postgres, postgres_url: str
) -> None:
    await hurried.run(add_guild(1))
    end_connections(postgres_server, postgres_url)

    await asyncio.gather(*(hurried.run(raise_revision(1)) for _ in range(10)))

    assert await hurried.run(raise_revision(1)) == 11


async def test_a_connection_that_is_ended_half_way_is_begun_again(
    hurried: Database, postgres_server: Postgres, postgres_url: str
) -> None:
    attempts = 0

    def interrupted(connection: sa.Connection) -> None:
        nonlocal attempts
        attempts += 1
        add_guild(1)(connection)
        if attempts == 1:
            end_connections(postgres_server, postgres_url)
        add_guild(2)(connection)

    await hurried.run(interrupted)

    assert attempts == 2
    assert await guild_ids(hurried) == [1, 2]


async def test_a_connection_that_is_ended_every_time(
    hurried: Database, postgres_server: Postgres, postgres_url: str
) -> None:
    def interrupted(connection: sa.Connection) -> None:
        add_guild(1)(connection)
        end_connections(postgres_server, postgres_url)
        add_guild(2)(connection)

    with pytest.raises(StoreUnavailable, match="was shut down"):
        await hurried.run(interrupted)

    assert await guild_ids(hurried) == []


async def test_a_connection_that_is_ended_before_the_commit_is_not_begun_again(
    hurried: Database, postgres_server: Postgres, postgres_url: str
) -> None:
    attempts = 0

    def interrupted(connection: sa.Connection) -> None:
        nonlocal attempts
        attempts += 1
        add_guild(1)(connection)
        end_connections(postgres_server, postgres_url)

    with pytest.raises(StoreUnavailable, match=r"while committing: .* was shut down"):
        await hurried.run(interrupted)

    assert attempts == 1
    assert await guild_ids(hurried) == []


def end_connections(server: Postgres, url: str) -> None:
    ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
    with server.connect() as connection:
        connection.execute(ended, (names(url),))


async def test_a_server_that_is_stopped_and_started_again() -> None:
    with tempfile.TemporaryDirectory(prefix="easel-postgres-") as folder:
        data = Path(folder, "data")
        with start_postgres(data) as server:
            url = server.url
            await migrate(url)
            async with open_database(url) as database:
                await database.run(add_guild(1))
                server.stop()
                with pytest.raises(StoreUnavailable, match="cannot be reached: "):
                    await database.run(add_guild(2))
                with pytest.raises(StoreUnavailable, match="cannot be reached: "):
                    await database.ping()
                with pytest.raises(StoreUnavailable, match="cannot be reached: "):
                    await migrate(url)
                with start_postgres(data):
                    await database.run(add_guild(3))
                    assert await guild_ids(database) == [1, 3]


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://easel:{PASSWORD}@127.0.0.1:{taken.getsockname()[1]}/easel"
        async with open_database(url) as database:
            with pytest.raises(StoreUnavailable, match=r"cannot be reached: .*Connection refused") as refused:
                await database.ping()
        with pytest.raises(StoreUnavailable, match="Connection refused") as refused_too:
            await migrate(url)

    for error in (refused.value, refused_too.value):
        assert PASSWORD not in "".join(traceback.format_exception(error))


async def test_somebody_who_listens_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql://127.0.0.1:{mute.getsockname()[1]}/easel?connect_timeout=2"
        async with open_database(url) as database:
            with pytest.raises(StoreUnavailable, match=r"cannot be reached: .*timeout"):
                await database.ping()


async def test_a_host_that_does_not_exist() -> None:
    async with open_database("postgresql://db.invalid/easel") as database:
        with pytest.raises(StoreUnavailable, match=r"easel on db\.invalid cannot be reached: "):
            await database.ping()


# --- refused ------------------------------------------------------------------------------------


async def test_a_database_that_does_not_exist(postgres_server: Postgres) -> None:
    async with open_database(postgres_server.url_of("nowhere")) as database:
        with pytest.raises(StoreUnavailable, match=r"cannot be reached: .*does not exist"):
            await database.ping()


@pytest.fixture
def strangers_url(postgres_server: Postgres, postgres_url: str) -> Iterator[str]:
    """The URL of a user with another password than it says."""
    with postgres_server.connect() as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'another'")
        (place,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        path = Path(place)
        before = path.read_bytes()
        path.write_bytes(b"local all stranger scram-sha-256\n" + before)
        connection.execute("SELECT pg_reload_conf()")
        url = sa.make_url(postgres_url).set(username="stranger", password=PASSWORD)
        yield url.render_as_string(hide_password=False)
        path.write_bytes(before)
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("DROP ROLE stranger")


async def test_a_wrong_password(strangers_url: str) -> None:
    async with open_database(strangers_url) as database:
        with pytest.raises(StoreUnavailable, match="password authentication failed") as refused:
            await database.ping()

    assert PASSWORD not in "".join(traceback.format_exception(refused.value))


async def test_a_server_that_only_lets_read(
    hurried: Database, postgres_server: Postgres, postgres_url: str
) -> None:
    await hurried.run(add_guild(1))
    alter = f"ALTER DATABASE {names(postgres_url)} SET default_transaction_read_only"
    with postgres_server.connect() as other:
        other.execute(f"{alter} = on")
        end_connections(postgres_server, postgres_url)
        with pytest.raises(StoreUnavailable, match="is read-only"):
            await hurried.run(raise_revision(1))
        with pytest.raises(StoreUnavailable, match="is read-only"):
            await hurried.ping()
        assert await guild_ids(hurried) == [1]
        other.execute(f"{alter} = off")
        # Sessions keep what they began with.
        end_connections(postgres_server, postgres_url)

    await hurried.run(raise_revision(1))


async def test_a_server_with_no_connection_left(
    hurried: Database, postgres_server: Postgres, postgres_url: str
) -> None:
    with postgres_server.connect() as other:
        other.execute("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0")
        other.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO crowd")
    try:
        url = sa.make_url(postgres_url).set(username="crowd").render_as_string()
        async with open_database(url) as database:
            with pytest.raises(StoreUnavailable, match="too many connections"):
                await database.ping()
    finally:
        with postgres_server.connect() as other:
            other.execute("DROP OWNED BY crowd")
            other.execute("DROP ROLE crowd")


async def test_a_user_that_may_not_do_this(postgres_server: Postgres, postgres_url: str) -> None:
    with postgres_server.connect() as other:
        other.execute("CREATE ROLE visitor LOGIN")
    try:
        url = sa.make_url(postgres_url).set(username="visitor").render_as_string()
        async with open_database(url) as database:
            with pytest.raises(StoreUnavailable, match="does not let this user do this") as refused:
                await database.ping()
            assert not isinstance(refused.value, SchemaMismatch)
    finally:
        with postgres_server.connect() as other:
            other.execute("DROP ROLE visitor")


# --- against each other ---------------------------------------------------------------------------


async def test_two_that_wait_for_each_other_both_get_through(postgres_url: str) -> None:
    both_began = threading.Barrier(2)

    def one_after_the_other(first: int, second: int) -> Work[None]:
        met = False

        def work(connection: sa.Connection) -> None:
            nonlocal met
            raise_revision(first)(connection)
            if not met:
                met = True
                both_began.wait(10)
            raise_revision(second)(connection)

        return work

    async with open_database(postgres_url, threads=2) as database:
        await database.run(add_guild(1))
        await database.run(add_guild(2))

        await asyncio.gather(database.run(one_after_the_other(1, 2)), database.run(one_after_the_other(2, 1)))

        assert await database.run(raise_revision(1)) == 3
        assert await database.run(raise_revision(2)) == 3
