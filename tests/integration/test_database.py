"""What a transaction promises, on both stores."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import CoolingDown, SchemaMismatch, StoreUnavailable
from bot.storage.database import Patience, open_database
from bot.storage.schema import guilds
from tests.integration.guild_rows import add_guild, guild_ids, raise_revision

if TYPE_CHECKING:
    from bot.storage.database import Database

NOTE = "between " + "moderators"
"""In two parts, so that it is not in the lines of a traceback."""

BEGIN_AND_HANG = """
import asyncio, sys
from bot.storage.database import open_database
from tests.integration.guild_rows import add_guild

def work(connection):
    add_guild(1)(connection)
    print("half-way", flush=True)
    sys.stdin.read()

async def main():
    async with open_database(sys.argv[1]) as database:
        await database.run(work)

asyncio.run(main())
"""


async def test_what_the_work_returns_comes_back(database: Database) -> None:
    assert await database.run(lambda connection: connection.scalar(sa.text("SELECT 42"))) == 42
    await database.ping()


async def test_what_is_committed_is_there_for_the_next_process(database: Database, store_url: str) -> None:
    await database.run(add_guild(1))

    async with open_database(store_url) as another:
        assert await guild_ids(another) == [1]


async def test_what_the_work_raises_comes_back_and_nothing_is_left(database: Database) -> None:
    def changes_its_mind(connection: sa.Connection) -> None:
        add_guild(1)(connection)
        raise TimeoutError("the work's own")

    with pytest.raises(TimeoutError, match="the work's own"):
        await database.run(changes_its_mind)

    assert await guild_ids(database) == []


async def test_errors_of_the_family_pass_through(database: Database) -> None:
    def refuse(_connection: sa.Connection) -> None:
        raise CoolingDown(until=None)  # type: ignore[arg-type]

    with pytest.raises(CoolingDown):
        await database.run(refuse)


async def test_fifty_tasks_count_to_fifty(database: Database) -> None:
    await database.run(add_guild(1))

    counts = await asyncio.gather(*(database.run(raise_revision(1)) for _ in range(50)))

    assert sorted(counts) == list(range(1, 51))


async def test_a_caller_that_goes_away_does_not_end_its_transaction(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: sa.Connection) -> None:
        add_guild(1)(connection)
        begun.set()
        go_on.wait()
        add_guild(2)(connection)

    caller = asyncio.create_task(database.run(slow))
    await asyncio.to_thread(begun.wait)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    await database.close()

    async with open_database(database.url.render_as_string(hide_password=False)) as another:
        assert await guild_ids(another) == [1, 2]


async def test_a_caller_that_goes_away_before_its_turn_leaves_nothing(store_url: str) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def in_the_way(_connection: sa.Connection) -> None:
        begun.set()
        go_on.wait()

    async with open_database(store_url, threads=1) as database:
        first = asyncio.create_task(database.run(in_the_way))
        await asyncio.to_thread(begun.wait)
        second = asyncio.create_task(database.run(add_guild(1)))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        go_on.set()
        await first

        assert await guild_ids(database) == []


async def test_half_of_a_crowd_goes_away_and_the_rest_is_served(database: Database) -> None:
    await database.run(add_guild(1))
    callers = [asyncio.create_task(database.run(raise_revision(1))) for _ in range(60)]
    done: set[int] = set()
    for index, caller in enumerate(callers):
        if index % 2:
            await asyncio.sleep(0)
            caller.cancel()
        elif (count := await caller) in done:
            pytest.fail(f"{count} was counted twice")
        else:
            done.add(count)

    assert len(done) == 30
    assert await database.run(raise_revision(1)) > 30


async def test_a_process_that_is_killed_half_way_leaves_nothing(database: Database, store_url: str) -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BEGIN_AND_HANG, store_url, stdin=pipe, stdout=pipe
    )
    assert process.stdout
    assert await process.stdout.readline() == b"half-way\n"
    process.kill()
    await process.wait()

    await database.run(add_guild(1))
    assert await guild_ids(database) == [1]


async def test_a_caller_is_not_kept_waiting_for_ever(store_url: str) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def stalled(connection: sa.Connection) -> None:
        add_guild(1)(connection)
        begun.set()
        go_on.wait()

    patience = Patience(lock=5.0, statement=5.0, answer=0.2)
    async with open_database(store_url, threads=1, patience=patience) as database:
        with pytest.raises(StoreUnavailable, match=r"did not answer within 0\.2 s"):
            await database.run(stalled)
        assert begun.is_set()
        # Not begun when its time is up, so it never will be.
        with pytest.raises(StoreUnavailable, match="did not answer"):
            await database.run(add_guild(2))
        go_on.set()
        await database.close()

    async with open_database(store_url) as another:
        assert await guild_ids(another) == [1]


@pytest.mark.parametrize("revision", ["NULL", "0"])
async def test_a_refused_statement_is_named_without_its_values(database: Database, revision: str) -> None:
    await database.run(add_guild(1))
    row = sa.text(f"INSERT INTO guilds (guild_id, pause_note, revision) VALUES (1, :note, {revision})")

    with pytest.raises(StoreUnavailable, match=r"refused a statement: \w+") as refused:
        await database.run(lambda connection: connection.execute(row, {"note": NOTE}))

    assert type(refused.value) is StoreUnavailable
    assert NOTE not in "".join(traceback.format_exception(refused.value))
    assert await guild_ids(database) == [1]


@pytest.mark.parametrize("statement", ["SELECT 1 FROM somewhere", "SELECT something FROM guilds"])
async def test_a_missing_table_or_column_is_a_matter_of_the_schema(
    database: Database, statement: str
) -> None:
    with pytest.raises(SchemaMismatch, match="python -m bot migrate"):
        await database.run(lambda connection: connection.exec_driver_sql(statement))


async def test_a_database_without_tables_does_not_pass_for_a_sound_one(bare_postgres_url: str) -> None:
    async with open_database(bare_postgres_url) as database:
        with pytest.raises(SchemaMismatch, match="python -m bot migrate"):
            await database.ping()


async def test_large_and_odd_values_come_back_as_they_were(database: Database) -> None:
    await database.run(add_guild(2**63 - 1, note="a\n'quoted' \N{ARTIST PALETTE} %s :name"))

    notes = await database.run(lambda connection: connection.execute(sa.select(guilds)).mappings().all())

    assert notes[0]["guild_id"] == 2**63 - 1
    assert notes[0]["pause_note"] == "a\n'quoted' \N{ARTIST PALETTE} %s :name"
    assert notes[0]["paused"] is False


async def test_closing_finishes_what_was_asked_for_and_takes_nothing_new(store_url: str) -> None:
    async with open_database(store_url) as database:
        callers = [asyncio.create_task(database.run(add_guild(number))) for number in range(20)]
        await asyncio.sleep(0)
        await database.close()
        await asyncio.gather(*callers)
        with pytest.raises(StoreUnavailable, match="was closed"):
            await database.run(add_guild(99))
        await database.close()

    async with open_database(store_url) as another:
        assert await guild_ids(another) == list(range(20))
