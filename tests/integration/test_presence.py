"""Names of processes: each held by one, and free when that one is gone."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.storage.database import open_database
from bot.storage.names_postgresql import _held_keys, _key
from bot.storage.presence import present

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.storage.database import Database
    from tests.databases import Postgres

HOLD = """
import asyncio, sys
from bot.storage.database import open_database
from bot.storage.presence import present

async def main():
    async with open_database(sys.argv[1]) as database, present(database, sys.argv[2]) as presence:
        print(presence.owner, flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""

END_AND_TAKE = """
DO $$ BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    PERFORM pg_advisory_lock({key});
END $$
"""


@asynccontextmanager
async def another_process(url: str, preferred: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A process that holds a name until it is killed, or the test ends."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, url, preferred, stdin=pipe, stdout=pipe
    )
    assert process.stdin
    assert process.stdout
    try:
        yield (await process.stdout.readline()).decode().strip(), process
    finally:
        process.stdin.close()
        await process.wait()


async def test_a_process_alone_has_the_first_name(database: Database) -> None:
    async with present(database, "shards 0-3") as presence:
        assert name(presence.owner) == "shards 0-3/0"
        assert await presence.dead([]) == set()
        assert await presence.dead([presence.owner]) == set()


async def test_a_process_that_starts_again_has_its_old_name(database: Database) -> None:
    for _ in range(3):
        async with present(database, "easel") as presence:
            assert name(presence.owner) == "easel/0"
        # PostgreSQL hears of the end of a connection a moment later; no process starts as soon as that.
        if database.dialect == "postgresql":
            while await database.run(_held_keys):
                await asyncio.sleep(0.01)


async def test_processes_with_one_preference_get_different_names(database: Database, store_url: str) -> None:
    async with another_process(store_url, "easel") as (first, _), present(database, "easel") as second:
        assert (name(first), name(second.owner)) == ("easel/0", "easel/1")
        assert await second.dead([first, second.owner]) == set()


async def test_all_that_start_at_once_get_different_names(store_url: str) -> None:
    async with open_database(store_url) as database:
        claims = [present(database, "easel") for _ in range(8)]
        presences = await asyncio.gather(*(claim.__aenter__() for claim in claims))
        try:
            assert {name(presence.owner) for presence in presences} == {
                f"easel/{number}" for number in range(8)
            }
        finally:
            for claim in claims:
                await claim.__aexit__(None, None, None)


async def test_a_killed_process_is_dead_and_its_name_free(database: Database, store_url: str) -> None:
    async with present(database, "easel") as presence:
        async with another_process(store_url, "easel") as (owner, process):
            assert name(owner) == "easel/1"
            process.kill()
            await process.wait()
        living = presence.owner

        assert await presence.dead([living, owner, "other/7#1"]) == {owner, "other/7#1"}
        async with present(database, "easel") as heir:
            assert name(heir.owner) == name(owner)
            assert heir.owner != owner
            assert await presence.dead([living, heir.owner]) == set()
            # Whoever has its name knows that it is dead.
            assert await heir.dead([living, heir.owner, owner]) == {owner}


async def test_a_look_at_a_name_does_not_take_it(database: Database) -> None:
    async with present(database, "easel") as presence:
        looks = [asyncio.create_task(presence.dead(["other/0#1"])) for _ in range(5)]
        async with present(database, "other") as other:
            assert name(other.owner) == "other/0"
            await asyncio.gather(*looks)


@pytest.mark.parametrize("preferred", ["", "x" * 64])
async def test_what_is_no_name(database: Database, preferred: str) -> None:
    with pytest.raises(ValueError, match="not the name of a process"):
        async with present(database, preferred):
            pass


async def test_any_characters_make_a_name(database: Database) -> None:
    async with present(database, "../shard %2F:0 \N{ARTIST PALETTE}") as presence:
        assert name(presence.owner) == "../shard %2F:0 \N{ARTIST PALETTE}/0"


# --- the store away -------------------------------------------------------------------------------


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'gone' / 'easel.db'}") as database:
        with pytest.raises(StoreUnavailable, match=r"names of processes: .* cannot be opened"):
            async with present(database, "easel"):
                pass


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    async with open_database(f"postgresql:///easel?host={tmp_path}") as database:
        with pytest.raises(StoreUnavailable, match=r"names of processes: .* cannot be reached"):
            async with present(database, "easel"):
                pass


async def test_a_name_is_taken_again_when_its_connection_is_lost(
    postgres_server: Postgres, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        open_database(postgres_url) as database,
        present(database, "easel") as first,
        present(database, "easel") as second,
    ):
        end_connections(postgres_server, postgres_url)

        # Neither is thought dead, although neither holds its name right now.
        assert await first.dead([second.owner]) == set()
        assert await second.dead([first.owner]) == set()

        async with present(database, "easel") as third:
            assert name(third.owner) == "easel/2"
    assert caplog.text.count("lost the connection to the database that says that easel/") == 2


async def test_who_lost_its_name_to_another_process_is_still_alive(
    postgres_server: Postgres, postgres_url: str
) -> None:
    async with open_database(postgres_url) as database, present(database, "easel") as first:
        with postgres_server.connect(sa.make_url(postgres_url).database or "") as other:
            # In one go, or the name is held again before it can be taken.
            other.execute(END_AND_TAKE.format(key=_key("easel/0")))
            async with present(database, "easel") as second:
                assert name(second.owner) == "easel/1"
                assert await second.dead([first.owner]) == set()


async def test_a_namesake_that_starts_meanwhile_does_not_think_it_dead(
    postgres_server: Postgres, postgres_url: str
) -> None:
    with postgres_server.connect(sa.make_url(postgres_url).database or "") as other:
        async with open_database(postgres_url) as database, present(database, "easel") as first:
            # The server does not let the first one back in while the second one starts.
            other.execute(END_AND_TAKE.format(key=_key(first.owner)))
            async with present(database, "easel") as second:
                assert name(second.owner) == name(first.owner) == "easel/0"
                other.execute("SELECT pg_advisory_unlock_all()")
                assert await second.dead([first.owner]) == set()
                assert await first.dead([second.owner]) == set()


def name(owner: str) -> str:
    """The name of which ``owner`` is a life."""
    return owner.rpartition("#")[0]


def end_connections(server: Postgres, url: str) -> None:
    name = sa.make_url(url).database or ""
    with server.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
