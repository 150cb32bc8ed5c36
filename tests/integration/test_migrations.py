"""From any database to the tables of this version, or a clear refusal."""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.errors import SchemaMismatch, StoreUnavailable
from bot.limits.auditing import differences
from bot.storage.database import open_database, parse_database_url
from bot.storage.schema import VERSION, counters, metadata
from bot.storage.steps import newest_step, take
from bot.storage.upgrade import migrate, upgrade
from tests.integration.guild_rows import add_guild, guild_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

UPGRADE = "import sys; from bot.storage.upgrade import upgrade; print(upgrade(sys.argv[1])[0])"


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(parse_database_url(url))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def tables(url: str) -> set[str]:
    with connected(url) as connection:
        return set(sa.inspect(connection).get_table_names())


def structure(connection: sa.Connection) -> dict[str, Any]:
    inspector = sa.inspect(connection)
    return {
        table: (
            [{**column, "type": str(column["type"])} for column in inspector.get_columns(table)],
            inspector.get_pk_constraint(table),
            inspector.get_indexes(table),
            inspector.get_table_options(table),
        )
        for table in metadata.tables
    }


async def test_a_new_database_is_brought_to_the_newest_version(bare_store_url: str) -> None:
    assert await migrate(bare_store_url) == (None, VERSION)
    assert tables(bare_store_url) == {*metadata.tables, "alembic_version"}

    async with open_database(bare_store_url) as database:
        await database.ping()


async def test_a_database_of_this_version_stays_as_it_is(store_url: str) -> None:
    async with open_database(store_url) as database:
        await database.run(add_guild(1))

        # The bot may be at work meanwhile.
        assert await migrate(store_url) == (VERSION, VERSION)

        assert await guild_ids(database) == [1]


def test_the_steps_lead_to_what_the_code_works_with(store_url: str) -> None:
    with connected(store_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_steps_lead_to_the_very_same_tables(bare_store_url: str) -> None:
    upgrade(bare_store_url)
    with connected(bare_store_url) as connection:
        by_steps = structure(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        assert by_steps == structure(connection)


async def test_processes_that_start_at_once_do_not_collide(bare_store_url: str) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", UPGRADE, bare_store_url, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    answers = [(await process.communicate())[0].decode().strip() for process in processes]

    assert sorted(answers) == sorted(["None", *[VERSION] * 3])
    assert tables(bare_store_url) == {*metadata.tables, "alembic_version"}


async def test_a_newer_database_is_refused_and_left_alone(store_url: str) -> None:
    with connected(store_url) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999_future'"))

    with pytest.raises(SchemaMismatch, match="version 9999_future") as refused:
        await migrate(store_url)

    assert VERSION in str(refused.value)
    with connected(store_url) as connection:
        assert (
            connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == "9999_future"
        )


async def test_tables_of_the_same_name_that_are_not_easels(bare_store_url: str) -> None:
    with connected(bare_store_url) as connection:
        connection.execute(sa.text("CREATE TABLE entries (title TEXT)"))

    with pytest.raises(SchemaMismatch, match=r"Easel did not make \(entries\)"):
        await migrate(bare_store_url)

    assert tables(bare_store_url) == {"entries"}


async def test_other_tables_in_the_database_do_not_matter(bare_store_url: str) -> None:
    with connected(bare_store_url) as connection:
        connection.execute(sa.text("CREATE TABLE recipes (title TEXT)"))

    await migrate(bare_store_url)

    assert tables(bare_store_url) == {*metadata.tables, "alembic_version", "recipes"}


async def test_a_step_that_breaks_off_leaves_nothing(bare_store_url: str) -> None:
    # In the way of the last thing the first step makes.
    index = "ix_entries_guild_id_member_id_at_ms"
    with connected(bare_store_url) as connection:
        connection.execute(sa.text("CREATE TABLE recipes (title TEXT)"))
        connection.execute(sa.text(f"CREATE INDEX {index} ON recipes (title)"))

    with pytest.raises(StoreUnavailable, match="refused a statement"):
        await migrate(bare_store_url)

    assert tables(bare_store_url) == {"recipes"}
    with connected(bare_store_url) as connection:
        connection.execute(sa.text(f"DROP INDEX {index}"))
    assert await migrate(bare_store_url) == (None, VERSION)


async def test_jobs_under_way_before_their_server_counted_them_are_counted(bare_store_url: str) -> None:
    entry = sa.text(
        "INSERT INTO entries VALUES (:job_id, :phase, :kind, 0, 'easel/0', :guild_id, :member_id,"
        " '2026-11-22', '2026-W47', '2026-11', '2026-11', 0, 0, 0)"
    )
    jobs_of = "INSERT INTO counters VALUES (:guild_id, :member_id, 'jobs', '', 0, :held)"
    with connected(bare_store_url) as connection:
        take(connection, "0001_limits")
        open_jobs = [(1, 10, 5), (2, 10, 5), (3, 10, 6), (4, 11, 5)]
        ended = [(5, 10, 5), (6, 12, 5)]
        for job_id, guild_id, member_id in (*open_jobs, *ended):
            whose = {"job_id": job_id, "guild_id": guild_id, "member_id": member_id}
            connection.execute(entry, {**whose, "phase": "begin", "kind": "reserve"})
            if (job_id, guild_id, member_id) in ended:
                connection.execute(entry, {**whose, "phase": "end", "kind": "settle"})
        void = {"job_id": 7, "phase": "begin", "kind": "void", "guild_id": 0, "member_id": 0}
        connection.execute(entry, void)
        for guild_id, member_id, held in ((10, 5, 2), (10, 6, 1), (11, 5, 1), (12, 5, 0)):
            values = {"guild_id": guild_id, "member_id": member_id, "held": held}
            connection.execute(sa.text(jobs_of), values)

    assert await migrate(bare_store_url) == ("0001_limits", VERSION)

    with connected(bare_store_url) as connection:
        of_all = sa.select(counters.c.guild_id, counters.c.unit, counters.c.used, counters.c.held)
        found = connection.execute(of_all.where(counters.c.member_id == 0).order_by(counters.c.guild_id))
        assert [tuple(row) for row in found] == [(10, "jobs", 0, 3), (11, "jobs", 0, 1)]
        assert differences(connection) == []


async def test_what_is_no_database_url_is_refused() -> None:
    with pytest.raises(ValueError, match="has the form"):
        await migrate("mysql://db.example/easel")


def test_the_version_that_starts_look_for_is_that_of_the_last_step() -> None:
    assert newest_step() == VERSION
