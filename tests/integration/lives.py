"""A bot that crashes and starts again: each life a house of its own, on what outlives it."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.imaging.inspect import inspect
from bot.imaging.workers import ImagingPool
from bot.limits.policy import Asker
from bot.limits.windows import windows_at
from bot.model import Generation, Usage
from bot.planning.plan import Draft
from bot.storage.database import Database, Work
from bot.storage.schema import jobs
from tests.fake_presenter import FakePresenter
from tests.fakes import FakeArchive, FakeGeneration, Hang
from tests.house import TOKEN, Clock, House, address, build_house, settings_of
from tests.integration.ledger_site import kinds
from tests.unit.imaging.pictures import png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from bot.jobs.job import Job
    from bot.limits.counters import Counts

T = TypeVar("T")

GUILD, MEMBER, OTHER, MODERATOR, MESSAGE = 700, 701, 702, 703, 900
ASKER = Asker(GUILD, MEMBER)
PRICE = 10 * 5 + 1756 * 30
"""What the picture costs with gpt-image-2, in micro-dollars: $5 and $30 for a million tokens."""


SETTLED, FREE = ("end", "settle", PRICE), ("end", "refund", 0)
"""Ends of a job, as ``Bot.entries`` tells of them: its picture was delivered, or it cost nothing."""


def picture() -> Generation:
    """A real one, with its usage."""
    return Generation(
        images=(inspect(png()),),
        filtered=0,
        usage=Usage(text_input=10, output=1756),
        deployment="art",
        request_id="request",
    )


class Point(enum.Enum):
    """Where a job can be stopped. Those at the presenter name the method, and whether it had its effect."""

    IN_LINE = enum.auto()
    DRAWING = enum.auto()
    KEPT = enum.auto()
    """Its pictures are in the archive, and nothing is written down of that."""
    DELIVERING = ("deliver", False)
    DELIVERED = ("deliver", True)
    FAILING = ("fail", False)
    FAILED = ("fail", True)


class Fickle(Database):
    """A database that can be away.

    Attributes:
        away: whether it is.
        asked: set once somebody asked it while it was.
    """

    def __init__(self, real: Database) -> None:
        self.url = real.url
        self.away = False
        self.asked = asyncio.Event()
        self._real = real

    async def run(self, work: Work[T]) -> T:
        if self.away:
            self.asked.set()
            raise StoreUnavailable("away")
        return await self._real.run(work)

    async def read(self, work: Work[T]) -> T:
        return await self._real.read(work)


@dataclass(slots=True)
class Bot:
    """A bot, over all of its lives.

    Attributes:
        database: outlives it.
        pool: likewise.
        clock: likewise.
        generation: Azure.
        archive: outlives it.
        presenter: Discord.
        house: its present life.
        lives: how many it had.
    """

    database: Fickle
    pool: ImagingPool
    clock: Clock
    generation: FakeGeneration
    archive: FakeArchive
    presenter: FakePresenter
    house: House = field(init=False)
    lives: int = 0

    def __post_init__(self) -> None:
        """Let it live."""
        self.house = self._live()

    def _live(self, token: str = TOKEN) -> House:
        self.lives += 1
        return self.process(f"bot/0#{self.lives}", token)

    def process(self, owner: str, token: str = TOKEN, dead: Collection[str] = ()) -> House:
        """Another process of the same bot, which knows these others to be no more."""
        return build_house(
            self.database,
            self.generation,
            archive=self.archive,
            presenter=self.presenter,
            pool=self.pool,
            owner=owner,
            dead=dead,
            clock=self.clock,
            settings=settings_of(discord_token=token),
        )

    # --- a job ----------------------------------------------------------------------------------

    async def admit(self, job_id: int = 1, **draft: object) -> Job:
        """Let a job in."""
        typed = dataclasses.replace(Draft("a cat"), **draft)  # type: ignore[arg-type]
        return await self.house.services.admission.admit(typed, ASKER, address(job_id, GUILD, MEMBER))

    def work(self, job: Job, message_id: int | None = MESSAGE) -> asyncio.Task[None]:
        """Have it done: from its begin in the first life, on from where an earlier one was in another."""
        work = self.house.work
        if self.lives == 1:
            self.house.work.workflow.begin(job, message_id)
        else:
            work.workflow.resume(job.job_id)
        return work.running._tasks[job.job_id]

    # --- stops ----------------------------------------------------------------------------------

    async def stopped_at(
        self, point: Point, job: Job, message_id: int | None = MESSAGE
    ) -> asyncio.Task[None]:
        """Work on a job until it has come to a point, and stays there."""
        run = await self.sent_to(point, job, message_id)
        assert not run.done(), f"it never was at {point}"
        return run

    async def sent_to(self, point: Point, job: Job, message_id: int | None = MESSAGE) -> asyncio.Task[None]:
        """Work on a job until it has come to a point, and stays there, or has ended before."""
        self.bar(point)
        run = self.work(job, message_id)
        while not (run.done() or self._is_at(point)):
            await asyncio.sleep(0.002)
        return run

    def let_go(self) -> None:
        """Let every job go on."""
        self.presenter.let_go()
        self.archive.let_go()

    def bar(self, point: Point) -> None:
        """Let the next job come to that point, and no further."""
        if point is Point.IN_LINE:
            self.house.work.queue.close()
        elif point is Point.DRAWING:
            self.generation.script.appendleft(Hang())
        elif point is Point.KEPT:
            self.archive.hold()
        else:
            self.presenter.hold(*point.value)

    def _is_at(self, point: Point) -> bool:
        if point is Point.IN_LINE:
            return len(self.house.work.queue) > 0
        if point is Point.DRAWING:
            return self.generation.called.is_set()
        return (self.archive.held if point is Point.KEPT else self.presenter.held).is_set()

    # --- crashes --------------------------------------------------------------------------------

    async def crash_at(self, point: Point, job: Job, *, remembers: bool = True) -> None:
        """Work on a job until it comes to a point, and no further; the next life begins there."""
        await self.crash(await self.stopped_at(point, job), remembers=remembers)

    async def crash(self, run: asyncio.Task[None], *, remembers: bool = True) -> None:
        """End this life at once, and begin the next one, which takes the jobs over.

        Args:
            run: the task that is cut off.
            remembers: whether what was written down of the drawing is still there.
        """
        run.cancel()
        await asyncio.wait((run,))
        assert run.cancelled(), "a crash is no end of a job"
        self.let_go()
        if not remembers:
            forget = sa.update(jobs).values(drawn=None)
            await self.database.run(lambda connection: connection.execute(forget))
        await self.take_over()

    async def take_over(self, token: str = TOKEN) -> list[int]:
        """Begin another life, which believes the one before it to be dead."""
        before, self.house = self.house, self._live(token)
        return await self.house.work.rows.claim_from({before.work.rows.owner})

    # --- what it came to ------------------------------------------------------------------------

    async def entries(self, job: Job) -> list[tuple[str, str, int]]:
        """Phase, kind and cost of what the ledger has of a job beside its reservation, by phase."""
        return (await kinds(self.database, job.job_id))[1:]

    async def counts(self) -> Counts:
        """What the member, the server and the operator have used and hold."""
        return await self.house.ledger.counts(GUILD, MEMBER, windows_at(self.clock(), "UTC"))

    async def is_over(self, job: Job) -> bool:
        """Whether a job has ended, and nothing is left of it: the books agree about that."""
        assert not await self.house.ledger.audit()
        reserved = await self.house.ledger.open_jobs()
        row = await self.house.work.rows.read(job.job_id)
        assert (row is None) == (job.job_id not in {entry.job_id for entry in reserved})
        return row is None


@asynccontextmanager
async def open_bot(database: Database, *script: Generation | Exception | Hang) -> AsyncIterator[Bot]:
    """A bot whose calls go by a script; see ``FakeGeneration``."""
    async with ImagingPool(1) as pool:
        generation = FakeGeneration(*script or (picture(),))
        yield Bot(Fickle(database), pool, Clock(), generation, FakeArchive(), FakePresenter())


def errors(bot: Bot, job: Job) -> list[type[BaseException]]:
    """Why the job failed, as often as its member was told."""
    return [type(error) for error in bot.presenter.errors.get(job.job_id, [])]


def unclear(job: Job, *kinds: str) -> list[tuple[str, str, int]]:
    """What is booked for calls with an unknown outcome."""
    return [(f"unclear{n}", kind, job.plan.estimate) for n, kind in enumerate(kinds, 1)]
