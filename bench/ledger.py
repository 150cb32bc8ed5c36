"""The ledger's speed on both databases, compared with the smallest transaction that enforces a limit.

That is one bare `UPDATE … RETURNING` through the same `Database`. It runs on one row shared by all callers,
as all reservations share the operator's budget, and on one row per caller, where on PostgreSQL nobody waits
for anybody.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.generation.models import load_models
from bot.generation.prices import load_prices
from bot.jobs.admission import Admission
from bot.jobs.job import Address
from bot.jobs.sealing import Seal
from bot.limits.book import PolicyBook
from bot.limits.closing import Closer
from bot.limits.ledger import Allowance, Ledger, Outcome
from bot.limits.operator import OperatorLimits
from bot.limits.policy import Asker
from bot.limits.rules import Rule
from bot.limits.windows import windows_at
from bot.planning.plan import Draft
from bot.planning.planner import Planner
from bot.queue.scheduler import Scheduler
from bot.storage.database import open_database
from bot.storage.schema import counters
from bot.storage.upgrade import upgrade
from tests.databases import start_postgres

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bot.storage.database import Database

CALLERS = 50
GUILDS = 10
OPERATIONS = 2000
"""Transactions per turn."""
TURNS = 4
PACE = 20.0
"""Commands per second for the last figure."""
PACED = 200
"""Commands at that pace."""
PLENTY = 10**12
"""A limit that is checked but never reached."""

SEALED = b"x" * 900
"""Bytes of the length of a sealed job."""

BARE = "bench"
"""The unit of the rows for bare updates, which no reservation uses."""

_UPDATE = sa.text("""
    UPDATE counters SET held = held + 1
    WHERE guild_id = 0 AND member_id = :member_id AND unit = 'bench' AND period = ''
      AND used + held + 1 <= :most
    RETURNING held
""")


@dataclass(slots=True)
class Series:
    """The times of one kind of transaction, in seconds: of each, and in total with overlap."""

    latencies: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    @property
    def per_second(self) -> float:
        """Transactions per second."""
        return len(self.latencies) / self.elapsed


@dataclass(frozen=True, slots=True)
class StoreRun:
    """The measurements on one database.

    Attributes:
        name: the database.
        paced_p50: target for the median of a check and reservation, in seconds.
        paced_p99: target for its 99th percentile, in seconds.
        reserve: reservations by fifty callers.
        settle: their settlements.
        shared: bare updates of one shared row.
        apart: bare updates of one row per caller.
        paced: check and reservation at a steady pace.
    """

    name: str
    paced_p50: float
    paced_p99: float
    reserve: Series = field(default_factory=Series)
    settle: Series = field(default_factory=Series)
    shared: Series = field(default_factory=Series)
    apart: Series = field(default_factory=Series)
    paced: Series = field(default_factory=Series)


async def measure_stores() -> list[StoreRun]:
    """Measure SQLite, and PostgreSQL if it is available."""
    folder = Path(tempfile.mkdtemp(prefix="easel-bench-"))
    runs = []
    try:
        url = f"sqlite:///{folder / 'easel.db'}"
        runs.append(await _measure(StoreRun("SQLite", paced_p50=0.010, paced_p99=0.050), url))
        with _postgresql(folder) as postgres_url:
            if postgres_url:
                run = StoreRun("PostgreSQL", paced_p50=0.015, paced_p99=0.080)
                runs.append(await _measure(run, postgres_url))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return runs


@contextmanager
def _postgresql(folder: Path) -> Iterator[str | None]:
    """Run a server with its usual durability settings; yield its URL, or None if it cannot be started."""
    try:
        with start_postgres(folder / "postgresql") as postgres:
            yield postgres.create()
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        print(f"no PostgreSQL to measure: {error}", file=sys.stderr)
        yield None


async def _measure(run: StoreRun, url: str) -> StoreRun:
    print(f"ledger on {run.name}", file=sys.stderr, flush=True)
    upgrade(url)
    async with open_database(url) as database:
        await _add_bare_rows(database)
        jobs = Jobs(database)
        for _ in range(TURNS):  # alternately, so that a noisy moment hits all of them
            await _at_once(run.shared, jobs.update_shared)
            await _at_once(run.reserve, jobs.reserve)
            await _at_once(run.apart, jobs.update_apart)
            await _at_once(run.settle, jobs.settle)
        await _at_pace(run.paced, jobs.enter)
        await jobs.check()
    return run


class Unlimited:
    """Deployments without limits."""

    def room(self, _model: str) -> int:
        """Return that there is always room for another call."""
        return 1

    def ready_in(self, _model: str) -> float:
        """Return that it is ready at once."""
        return 0.0

    def capacity(self, _model: str) -> float | None:
        """Return that the capacity is unknown."""


class Jobs:
    """The transactions to measure, each for one caller."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ledger = Ledger(database, owner="bench/0", clock=_now)
        operator = OperatorLimits(
            Rule(images_per_day=PLENTY, images_per_week=PLENTY, concurrent=PLENTY), budget=PLENTY
        )
        models = load_models()
        self._admission = Admission(
            Planner([models["gpt-image-2"]], load_prices(), salt=b"bench"),
            PolicyBook(database, _now),
            operator,
            Scheduler(Unlimited()),
            self._ledger,
            Closer(self._ledger),
            Seal("bench", models),
            clock=_now,
        )
        self._ids = itertools.count(1)
        self._to_settle = itertools.count(1)

    async def update_shared(self, _caller: int) -> None:
        """Update the shared row."""
        await self._update(0)

    async def update_apart(self, caller: int) -> None:
        """Update the caller's own row."""
        await self._update(1 + caller)

    async def _update(self, row: int) -> None:
        values = {"member_id": row, "most": PLENTY}
        updated = await self._database.run(lambda connection: connection.execute(_UPDATE, values).first())
        assert updated is not None

    async def reserve(self, caller: int) -> None:
        """Reserve, with every limit set."""
        allowance = Allowance(
            windows_at(_now(), "UTC"),
            images_per_day=PLENTY,
            images_per_week=PLENTY,
            charge_per_month=PLENTY,
            concurrent=PLENTY,
            server_cost_per_month=PLENTY,
            operator_cost_per_month=PLENTY,
        )
        outcome = await self._ledger.reserve(
            next(self._ids),
            Asker(1 + caller % GUILDS, 1 + caller),
            images=1,
            estimate=42_000,
            seal=lambda: SEALED,
            allowance=allowance,
        )
        assert outcome is Outcome.GRANTED

    async def settle(self, _caller: int) -> None:
        """Settle the oldest reservation that is not settled yet."""
        assert await self._ledger.settle(next(self._to_settle), images=1, charge=40_000, cost=40_000)

    async def enter(self, caller: int) -> None:
        """Check the rules, reserve and store the job, as a command does."""
        asker = Asker(1 + caller % GUILDS, 1 + caller, frozenset((1, 2, 3)), (4,))
        await self._admission.admit(Draft("a cat"), asker, _address(next(self._ids), asker))

    async def check(self) -> None:
        """Check that every measured transaction took effect."""
        unsound = [found for found in await self._ledger.audit() if found.unit != BARE]
        assert not unsound, unsound
        assert len(await self._ledger.open_jobs()) == PACED


async def _at_once(series: Series, work: Callable[[int], Awaitable[None]]) -> None:
    """Run the work repeatedly, by all callers at once."""
    numbers = iter(range(OPERATIONS))

    async def call(caller: int) -> None:
        for _ in numbers:
            began = time.perf_counter()
            await work(caller)
            series.latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(call(caller) for caller in range(CALLERS)))
    series.elapsed += time.perf_counter() - began


async def _at_pace(series: Series, work: Callable[[int], Awaitable[None]]) -> None:
    """Run the work at a steady pace, whether or not the previous one has finished."""

    async def call(number: int) -> None:
        began = time.perf_counter()
        await work(number % CALLERS)
        series.latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(PACED):
            await asyncio.sleep(max(0.0, began + number / PACE - time.perf_counter()))
            group.create_task(call(number))
    series.elapsed = time.perf_counter() - began


async def _add_bare_rows(database: Database) -> None:
    rows = [{"guild_id": 0, "member_id": n, "unit": BARE, "period": ""} for n in range(1 + CALLERS)]
    await database.run(lambda connection: connection.execute(sa.insert(counters), rows))


def _address(job_id: int, asker: Asker) -> Address:
    return Address(
        interaction_id=job_id,
        application_id=1,
        token="x" * 200,
        guild_id=asker.guild_id,
        channel_id=1,
        member_id=asker.member_id,
        locale="en-US",
        private=False,
        spoiler=False,
        file_limit=10 * 2**20,
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
