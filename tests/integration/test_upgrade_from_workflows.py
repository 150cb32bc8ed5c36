"""From a database whose jobs a workflow engine carried: what it knew of them is found, whatever its state.

The databases are those in ``left_by_0002``, see there.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.imaging.workers import ImagingPool
from bot.jobs.drawing import Record
from bot.storage import former_workflows
from bot.storage.database import open_database
from bot.storage.former_workflows import recall, remains
from bot.storage.location import parse_database_url
from bot.storage.schema import VERSION, entries, jobs
from bot.storage.upgrade import migrate
from tests.fake_presenter import FakePresenter
from tests.fakes import FakeArchive, FakeGeneration
from tests.house import Clock, House, build_house
from tests.integration.lives import picture
from tests.unit.imaging.pictures import png

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.generation.service import Watch
    from bot.model import Generation, ImageRequest
    from bot.storage.database import Database
    from tests.databases import Postgres

FOLDER = Path(__file__).with_name("left_by_0002")
WORLD = json.loads((FOLDER / "world.json").read_text(encoding="utf-8"))
IDS: dict[str, int] = WORLD["jobs"]
FIRST_MESSAGE = min(IDS.values()) - 1 + 2_000_000
"""A job's answer is as far from it as the job is from the first one."""

PRICE, TWO_OF_THREE = 52_730, 35_153
"""What a picture costs, and two that were delivered of three that were drawn for that price."""


@dataclass(frozen=True, slots=True)
class Left:
    """A job as it was left, and as it has to end.

    Attributes:
        failed: what its record says went wrong, empty for nothing; None if there is no record.
        cost: what its record says that Azure billed.
        message: whether its answer was known.
        end: how it ends: kind, pictures, the member's charge, the operator's cost.
        unclear: what is booked for calls whose outcome nobody knows, when it has ended.
        calls: calls that are still made for it.
        told: how its member hears of the end.
    """

    failed: str | None
    cost: int
    end: tuple[str, int, int, int]
    unclear: tuple[str, ...] = ()
    calls: int = 0
    told: tuple[str, ...] = ("deliver",)
    message: bool = True


SETTLED, FREE = ("settle", 1, PRICE, PRICE), ("refund", 0, 0, 0)
TOLD = ("fail",)


def _estimated(cost: int) -> tuple[str, int, int, int]:
    """The end of a job whose pictures were found, and nobody knows what they had cost."""
    return ("settle", 1, cost, cost)


LEFT = {
    "let in": Left(None, 0, SETTLED, calls=1, message=False),
    "in line": Left(None, 0, SETTLED, calls=1),
    "drawing": Left(None, 0, SETTLED, ("unclear",), calls=1),
    "kept": Left(None, 0, _estimated(52_860)),
    "recorded": Left("", PRICE, SETTLED),
    "private": Left("", PRICE, SETTLED),
    "no message": Left("", PRICE, SETTLED, message=False),
    "some filtered": Left("", PRICE, ("settle", 2, TWO_OF_THREE, PRICE)),
    "drawn at the second call": Left("", PRICE, SETTLED, ("unclear",)),
    "delivered": Left("", PRICE, SETTLED, told=()),
    "refused": Left("PromptRefused", 0, FREE, told=TOLD),
    "refused and told": Left("PromptRefused", 0, FREE, told=TOLD),
    "failed twice": Left("ServiceFailed", 0, FREE, ("unclear", "last"), told=TOLD),
    "cancelled in line": Left(None, 0, FREE, told=TOLD),
    "cancelled while drawn": Left(None, 0, FREE, ("unclear",), told=TOLD),
    "cut off twice": Left(None, 0, FREE, ("unclear", "last"), told=TOLD),
    "taken over": Left(None, 0, SETTLED, ("unclear",), calls=1),
    "in line again": Left(None, 0, SETTLED, calls=1),
    "recorded, then taken over": Left("", PRICE, SETTLED),
    "kept, then recorded": Left("", 52_935, _estimated(52_935)),
    "delivered, its end lost": Left("", PRICE, SETTLED, told=()),
    "not delivered, its end lost": Left("", 52_975, _estimated(52_975)),
}
"""Every job there is. Its end is the one it has when it is taken up within its quarter of an hour."""

RECORDED = [name for name, left in LEFT.items() if left.failed is not None]


# --- the databases ------------------------------------------------------------------------------------


@pytest.fixture
def left_url(bare_store_url: str) -> str:
    """A database as it was left, on each store."""
    leave(bare_store_url)
    return bare_store_url


@pytest.fixture
def left_sqlite_url(tmp_path: Path) -> str:
    """The same, on SQLite only."""
    url = f"sqlite:///{tmp_path / 'easel.db'}"
    leave(url)
    return url


@pytest.fixture
def left_postgres_url(bare_postgres_url: str) -> str:
    """The same, on PostgreSQL only."""
    leave(bare_postgres_url)
    return bare_postgres_url


def leave(url: str) -> None:
    """Put the dumps where there is nothing."""
    parsed = parse_database_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(parsed.database or "")
        leave_file(path, "easel.db.sql")
        leave_file(former_file(url), "easel.db-workflows.sql")
        return
    with connected(url) as connection:
        connection.connection.cursor().execute((FOLDER / "postgresql.sql").read_text(encoding="utf-8"))


def leave_file(path: Path, dump: str) -> None:
    """Leave a file as a process that was killed does: with the latest in its log."""
    building = path.with_name("building")
    with closing(sqlite3.connect(building, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.executescript((FOLDER / dump).read_text(encoding="utf-8"))
        for end in ("", "-wal"):
            path.with_name(f"{path.name}{end}").write_bytes(Path(f"{building}{end}").read_bytes())
    building.unlink()


def former_file(url: str) -> Path:
    return former_workflows.former_file(parse_database_url(url))


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(parse_database_url(url))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def former(url: str) -> Iterator[tuple[sa.Connection, str]]:
    """A connection to the former tables, and what stands before their names."""
    of_sqlite = parse_database_url(url).get_backend_name() == "sqlite"
    where = f"sqlite:///{former_file(url)}" if of_sqlite else url
    with connected(where) as connection:
        yield connection, "" if of_sqlite else "dbos."


def set_step(url: str, job_id: int, **columns: object) -> None:
    """Change what was written down of a job's step."""
    named = ", ".join(f"{name} = :{name}" for name in columns)
    with former(url) as (connection, schema):
        change = sa.text(f"UPDATE {schema}operation_outputs SET {named} WHERE workflow_uuid = :workflow")
        assert connection.execute(change, {**columns, "workflow": str(job_id)}).rowcount == 1


def set_inputs(url: str, job_id: int, inputs: object) -> None:
    """Change what a job's workflow was begun with."""
    with former(url) as (connection, schema):
        change = sa.text(
            f"UPDATE {schema}workflow_input SET inputs = :inputs WHERE workflow_uuid = :workflow"
        )
        assert connection.execute(change, {"inputs": inputs, "workflow": str(job_id)}).rowcount == 1


def former_rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    with former(url) as (connection, schema):
        return {
            table: sorted(tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {schema}{table}")))
            for table in ("workflow_input", "operation_outputs")
        }


def found(url: str) -> dict[int, tuple[str | None, int | None]]:
    """What the rows of the jobs say now."""
    with connected(url) as connection:
        columns = sa.select(jobs.c.job_id, jobs.c.drawn, jobs.c.message_id)
        return {job_id: (drawn, message_id) for job_id, drawn, message_id in connection.execute(columns)}


def nothing() -> dict[int, tuple[None, None]]:
    return dict.fromkeys(IDS.values(), (None, None))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname != "INFO"]


# --- all is well --------------------------------------------------------------------------------------


async def test_every_job_has_its_record_and_its_message(
    left_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await migrate(left_url) == ("0002_jobs", VERSION)

    after = found(left_url)
    assert set(LEFT) == set(IDS)
    assert set(after) == set(IDS.values())
    for name, left in LEFT.items():
        drawn, message_id = after[IDS[name]]
        assert message_id == (message_of(name) if left.message else None), name
        if left.failed is None:
            assert drawn is None, name
        else:
            assert drawn is not None, name
            record = Record.of_text(drawn)
            assert record.to_text() == drawn, name
            assert (record.failed, record.cost) == (left.failed, left.cost), name
    assert warnings(caplog) == []


def message_of(name: str) -> int:
    return FIRST_MESSAGE + IDS[name] - min(IDS.values()) + 1


async def test_all_else_that_a_record_says_is_found(left_url: str) -> None:
    await migrate(left_url)
    after = found(left_url)

    filtered = Record.of_text(after[IDS["some filtered"]][0] or "")
    assert (filtered.formats, filtered.filtered, filtered.archived) == (("png", "png"), 1, True)
    assert (filtered.deployment, filtered.request_id) == ("art", "request")
    assert filtered.seconds > 0
    assert Record.of_text(after[IDS["drawn at the second call"]][0] or "").unclear_calls == 1
    assert Record.of_text(after[IDS["failed twice"]][0] or "").unclear_calls == 2


async def test_a_second_time_changes_nothing(left_url: str, caplog: pytest.LogCaptureFixture) -> None:
    await migrate(left_url)
    first = found(left_url)
    set_step(left_url, IDS["recorded"], output=None)

    assert await migrate(left_url) == (VERSION, VERSION)

    assert found(left_url) == first
    assert warnings(caplog) == []


async def test_the_former_tables_stay_as_they_are(left_url: str) -> None:
    before = former_rows(left_url)
    await migrate(left_url)
    assert former_rows(left_url) == before


async def test_not_a_byte_of_the_former_file_changes(left_sqlite_url: str) -> None:
    path = former_file(left_sqlite_url)
    files = [path, path.with_name(f"{path.name}-wal")]
    before = [each.read_bytes() for each in files]
    assert all(before)
    await migrate(left_sqlite_url)
    assert [each.read_bytes() for each in files] == before


async def test_without_open_jobs_nobody_looks(left_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with connected(left_url) as connection:
        connection.execute(sa.text("DELETE FROM jobs"))
    take_away(left_url)

    assert await migrate(left_url) == ("0002_jobs", VERSION)

    assert warnings(caplog) == []


async def test_an_odd_path_leads_to_the_file_beside_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, link = tmp_path / "50% of #1? no", tmp_path / "link.db"
    folder.mkdir()
    leave_file(folder / "easel.db", "easel.db.sql")
    link.symlink_to(folder / "easel.db")
    leave_file(tmp_path / "link.db-workflows", "easel.db-workflows.sql")

    await migrate(f"sqlite:///{link}")

    assert found(f"sqlite:///{link}")[IDS["recorded"]][1] == message_of("recorded")
    assert warnings(caplog) == []


# --- and goes on --------------------------------------------------------------------------------------


class Azure(FakeGeneration):
    """Draws whatever is asked for, and counts it by prompt, which is the name of the job."""

    def __init__(self) -> None:
        super().__init__(picture())
        self.drawn: Counter[str] = Counter()

    async def generate(self, request: ImageRequest, *, time_left: float, watch: Watch) -> Generation:
        self.drawn[request.prompt] += 1
        return await super().generate(request, time_left=time_left, watch=watch)


async def go_on(house: House) -> None:
    """Take over what the processes left that are no more, and do all of it."""
    await house.work.recovery.look()
    assert set(await house.work.rows.ours()) == set(IDS.values())
    while await house.work.rows.ours():
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("late", [False, True])
async def test_each_job_then_ends_rightly(left_url: str, late: bool) -> None:
    await migrate(left_url)
    clock, presenter, archive, azure = Clock(), FakePresenter(), FakeArchive(), Azure()
    presenter.shown = {int(job_id): count for job_id, count in WORLD["shown"].items()}
    archive.kept = {key: png() for key in WORLD["archive"]}
    if late:
        clock.advance(hours=1)

    async with open_database(left_url) as database, ImagingPool(1) as pool:
        house = build_house(
            database,
            azure,
            archive=archive,
            presenter=presenter,
            pool=pool,
            owner="bot/0#2",
            dead={"bot/0#1", "bot/1#2"},
            clock=clock,
        )
        await go_on(house)
        assert await house.ledger.audit() == []
        assert await house.ledger.open_jobs() == []

    with connected(left_url) as connection:
        booked = sa.select(entries).where(entries.c.phase != "begin").order_by(entries.c.phase)
        rows = connection.execute(booked).all()
    for name, left in LEFT.items():
        mine = [row for row in rows if row.job_id == IDS[name]]
        (end,) = [(row.kind, row.images, row.charge, row.cost) for row in mine if row.phase == "end"]
        unclear = tuple(row.kind for row in mine if row.phase != "end")
        told = tuple(method for job_id, method in presenter.told if job_id == IDS[name])
        ended = (end, unclear, azure.drawn[name], told)
        # What would still have to be drawn is given up when there is no message left to answer in.
        too_late = (FREE, left.unclear, 0, TOLD)
        assert ended == (
            too_late if late and left.calls else (left.end, left.unclear, left.calls, left.told)
        ), name


# --- the former tables cannot be read -----------------------------------------------------------------


def take_away(url: str) -> None:
    """Remove the former tables."""
    if parse_database_url(url).get_backend_name() == "sqlite":
        former_file(url).unlink()
    else:
        with connected(url) as connection:
            connection.execute(sa.text("DROP SCHEMA dbos CASCADE"))


async def upgrades_with_one_warning(url: str, caplog: pytest.LogCaptureFixture, *words: str) -> None:
    assert await migrate(url) == ("0002_jobs", VERSION)

    (warning,) = warnings(caplog)
    assert f"of {len(IDS)} open jobs cannot be read" in warning
    for word in words:
        assert word in warning
    assert "secret" not in warning
    async with open_database(url) as database:
        await database.ping()


async def test_without_the_former_tables_it_upgrades(left_url: str, caplog: pytest.LogCaptureFixture) -> None:
    take_away(left_url)
    await upgrades_with_one_warning(left_url, caplog)
    assert found(left_url) == nothing()
    if left_url.startswith("sqlite"):
        assert not former_file(left_url).exists()


@pytest.mark.parametrize("column", ["output", "serialization", "function_name", "workflow_uuid"])
async def test_tables_of_another_format(left_url: str, caplog: pytest.LogCaptureFixture, column: str) -> None:
    with former(left_url) as (connection, schema):
        connection.execute(sa.text(f"ALTER TABLE {schema}operation_outputs RENAME COLUMN {column} TO other"))
    await upgrades_with_one_warning(left_url, caplog, column)
    assert {drawn for drawn, _ in found(left_url).values()} == {None}


@pytest.mark.parametrize("content", [b"", b"secret " * 5000, b"SQLite format 3\0" + bytes(8192)])
async def test_a_file_that_is_no_database(
    left_sqlite_url: str, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = former_file(left_sqlite_url)
    path.with_name(f"{path.name}-wal").unlink()
    path.write_bytes(content)
    await upgrades_with_one_warning(left_sqlite_url, caplog)
    assert found(left_sqlite_url) == nothing()
    assert path.read_bytes() == content


async def test_a_file_that_is_damaged_half_way(
    left_sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = former_file(left_sqlite_url)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        page_size = connection.execute("PRAGMA page_size").fetchone()[0]
        # The root of the steps' table: that of the inputs is sound.
        root = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'operation_outputs'"
        ).fetchone()[0]
    content = bytearray(path.read_bytes())
    content[(root - 1) * page_size : root * page_size] = b"\xff" * page_size
    path.write_bytes(content)

    await upgrades_with_one_warning(left_sqlite_url, caplog, "malformed")

    assert {drawn for drawn, _ in found(left_sqlite_url).values()} == {None}


async def test_a_file_that_may_not_be_opened(left_sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    path = former_file(left_sqlite_url)
    path.unlink()
    path.mkdir()
    await upgrades_with_one_warning(left_sqlite_url, caplog)
    assert found(left_sqlite_url) == nothing()


async def test_a_file_that_somebody_locks(left_sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(former_file(left_sqlite_url), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        await upgrades_with_one_warning(left_sqlite_url, caplog, "locked")
    assert found(left_sqlite_url) == nothing()


async def test_a_table_that_somebody_locks(left_postgres_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with connected(left_postgres_url) as other:
        other.execute(sa.text("LOCK TABLE dbos.operation_outputs IN ACCESS EXCLUSIVE MODE"))
        await upgrades_with_one_warning(left_postgres_url, caplog, "lock timeout")
    assert found(left_postgres_url) == nothing()


@pytest.fixture
def narrow_url(left_postgres_url: str, postgres_server: Postgres) -> Iterator[str]:
    """The database for a user who has Easel's tables, and nothing of the schema ``dbos``."""
    url = sa.make_url(left_postgres_url)
    with postgres_server.connect(url.database or "") as connection:
        connection.execute("CREATE ROLE easel_narrow LOGIN")
        connection.execute("GRANT CREATE ON SCHEMA public TO easel_narrow")
        for table in ("alembic_version", *jobs.metadata.tables):
            connection.execute(f"ALTER TABLE public.{table} OWNER TO easel_narrow".encode())
        yield url.set(username="easel_narrow").render_as_string(hide_password=False)
        connection.execute("REASSIGN OWNED BY easel_narrow TO CURRENT_USER")
        connection.execute("DROP OWNED BY easel_narrow")
        connection.execute("DROP ROLE easel_narrow")


async def test_a_schema_that_may_not_be_used(narrow_url: str, caplog: pytest.LogCaptureFixture) -> None:
    await upgrades_with_one_warning(narrow_url, caplog, "permission denied for schema dbos")
    assert found(narrow_url) == nothing()
    with connected(narrow_url) as connection:
        assert "DROP SCHEMA dbos" in remains(connection)


async def test_what_bounds_the_look_does_not_bound_the_upgrade(left_postgres_url: str) -> None:
    with connected(left_postgres_url) as connection:
        before = connection.execute(sa.text("SHOW statement_timeout")).scalar()
        recall(connection, list(IDS.values()))
        assert connection.execute(sa.text("SHOW statement_timeout")).scalar() == before
        assert connection.execute(sa.text("SHOW transaction_read_only")).scalar() == "off"
        connection.execute(sa.text("UPDATE jobs SET lives = lives"))


async def test_a_look_that_takes_too_long(left_url: str, caplog: pytest.LogCaptureFixture) -> None:
    await migrate(left_url)
    with connected(left_url) as connection:
        assert recall(connection, list(IDS.values()), within=0.0) == {}
    (warning,) = warnings(caplog)
    assert "no time left" in warning or "interrupted" in warning


# --- single values cannot be read ---------------------------------------------------------------------

SOUND: dict[str, object] = {
    "failed": "",
    "formats": ["png"],
    "filtered": 0,
    "archived": True,
    "deployment": "art",
    "request_id": "request",
    "seconds": 1.5,
    "cost": 5,
    "unclear_calls": 0,
}


def as_output(**changed: object) -> str:
    """A record as it lies in the table, with some of its fields changed."""
    return json.dumps(json.dumps(SOUND | changed))


HOSTILE = {
    "no JSON": "secret",
    "empty": "",
    "not a text in JSON": "5",
    "the record itself": json.dumps(SOUND),
    "no JSON within": json.dumps("secret"),
    "null within": json.dumps("null"),
    "a list": json.dumps(json.dumps([SOUND])),
    "a field too few": json.dumps(json.dumps({k: v for k, v in SOUND.items() if k != "cost"})),
    "a field too many": as_output(secret=1),
    "another type": as_output(cost="5"),
    "a gain": as_output(cost=-5),
    "more than a number": as_output(cost=2**63),
    "more than a large number": as_output(cost=10**400),
    "no number": as_output(seconds=float("inf")),
    "another format": as_output(formats=["../../secret"]),
    "too deep": json.dumps("[" * 3000 + "]" * 3000),
    "long": as_output(deployment="secret" * 2000),
    "giant": as_output(deployment="s" * 3_000_000),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_record_that_is_none(left_url: str, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    set_step(left_url, IDS["recorded"], output=HOSTILE[kind])

    await upgrades_with_one_warning(left_url, caplog, f"job {IDS['recorded']}")

    after = found(left_url)
    # It costs nothing but itself.
    assert after[IDS["recorded"]] == (None, message_of("recorded"))
    others = {name for name in LEFT if after[IDS[name]][0] is not None}
    assert others == {*RECORDED} - {"recorded"}


@pytest.mark.parametrize(
    "columns",
    [
        {"output": None},
        {"output": None, "error": '{"name":"ValueError","message":"secret","code":null}'},
        {"error": '{"name":"ValueError","message":"secret","code":null}'},
        {"serialization": "py_pickle"},
        {"serialization": None},
        {"function_name": "another"},
    ],
    ids=repr,
)
async def test_a_step_without_a_record(
    left_url: str, caplog: pytest.LogCaptureFixture, columns: dict[str, object]
) -> None:
    set_step(left_url, IDS["recorded"], **columns)

    await migrate(left_url)

    assert found(left_url)[IDS["recorded"]] == (None, message_of("recorded"))
    assert warnings(caplog) == []


async def test_the_record_before_one_that_is_none(left_url: str, caplog: pytest.LogCaptureFixture) -> None:
    # Its second workflow wrote one down as well, and that one is the newer.
    job_id = IDS["not delivered, its end lost"]
    with former(left_url) as (connection, schema):
        spoil = sa.text(f"UPDATE {schema}operation_outputs SET output = 'x' WHERE workflow_uuid LIKE :again")
        assert connection.execute(spoil, {"again": f"{job_id} again %"}).rowcount == 1

    await upgrades_with_one_warning(left_url, caplog, f"job {job_id}")

    assert Record.of_text(found(left_url)[job_id][0] or "").cost == PRICE


async def test_of_many_later_workflows_the_last_one_counts(left_url: str) -> None:
    job_id = IDS["recorded"]
    with former(left_url) as (connection, schema):
        add = sa.text(
            f"INSERT INTO {schema}operation_outputs (workflow_uuid, function_id, function_name, output,"
            " serialization, completed_at_epoch_ms)"
            " VALUES (:workflow, 1, 'draw', :output, 'portable_json', :at)"
        )
        for number in range(100):
            # The order of the names is not that of time.
            name = f"{job_id} again {(number * 37) % 100:032x}"
            values = {"workflow": name, "output": as_output(cost=number), "at": 1000 + number}
            connection.execute(add, values)

    await migrate(left_url)

    assert Record.of_text(found(left_url)[job_id][0] or "").cost == 99


INPUTS = {
    "no JSON": "secret",
    "a list": "[]",
    "too deep": '{"x":' + "[" * 4000 + "]" * 4000 + "}",
    "nothing": "{}",
    "one": '{"positionalArgs":["JOB"]}',
    "three": '{"positionalArgs":["JOB","1","2"]}',
    "a number": '{"positionalArgs":["JOB",1]}',
    "no id": '{"positionalArgs":["JOB","secret"]}',
    "zero": '{"positionalArgs":["JOB","0"]}',
    "negative": '{"positionalArgs":["JOB","-1"]}',
    "other digits": '{"positionalArgs":["JOB","\u0661"]}',
    "large": f'{{"positionalArgs":["JOB","{2**63}"]}}',
    "very large": f'{{"positionalArgs":["JOB","{"9" * 5000}"]}}',
    "giant": f'{{"positionalArgs":["JOB","{"9" * 3_000_000}"]}}',
    "another job's": '{"positionalArgs":["5","6"]}',
}


@pytest.mark.parametrize("kind", INPUTS)
async def test_inputs_that_are_none(left_url: str, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    job_id = IDS["recorded"]
    set_inputs(left_url, job_id, INPUTS[kind].replace("JOB", str(job_id)))

    await upgrades_with_one_warning(left_url, caplog, f"job {job_id}")

    drawn, message_id = found(left_url)[job_id]
    assert drawn is not None
    assert message_id is None


async def test_inputs_that_are_missing(left_url: str, caplog: pytest.LogCaptureFixture) -> None:
    set_inputs(left_url, IDS["recorded"], None)
    await migrate(left_url)
    assert found(left_url)[IDS["recorded"]][1] is None
    assert warnings(caplog) == []


# --- what is left of them -----------------------------------------------------------------------------


async def test_what_may_go_is_said_until_it_is_gone(left_url: str) -> None:
    await migrate(left_url)
    async with open_database(left_url) as database:
        said = await database.read(remains)
        if database.dialect == "sqlite":
            assert said == f"the file {former_file(left_url)} (and its -wal and -shm)"
        else:
            assert "DROP SCHEMA dbos CASCADE" in said

    take_away(left_url)
    async with open_database(left_url) as database:
        assert await database.read(remains) == ""


async def test_a_new_database_has_nothing_to_remove(database: Database) -> None:
    assert await database.read(remains) == ""
