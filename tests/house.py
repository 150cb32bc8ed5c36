"""The studio and what it stands on, wired as the composition root does, on whatever database a test has."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.generation.models import load_models
from bot.generation.prices import load_prices
from bot.imaging.workers import ImagingPool
from bot.limits.book import PolicyBook
from bot.limits.closing import Closer
from bot.limits.gate import Gate
from bot.limits.ledger import Ledger
from bot.limits.operator import OperatorLimits
from bot.moderation import Moderation
from bot.planner import Planner
from bot.storage.database import Database, parse_database_url
from bot.storage.engines import AT_WORK
from bot.studio import Studio
from bot.telemetry.clock import now
from tests.fakes import FakeArchive, FakeGeneration, generation

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.model import Generation

ON_OFFER = ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare", "dall-e-2", "gpt-image-9")
STANDARD = OperatorLimits()


def unasked_database() -> Database:
    """A database that no test gets as far as asking."""
    return Database(parse_database_url("sqlite:///never.db"), threads=1, patience=AT_WORK)


@dataclass(frozen=True, slots=True)
class House:
    """The parts a test may want to look into."""

    studio: Studio
    moderation: Moderation
    ledger: Ledger
    closer: Closer
    gate: Gate
    book: PolicyBook
    generation: FakeGeneration
    archive: FakeArchive


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is moved."""

    time: dt.datetime = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        """The time it shows."""
        return self.time

    def advance(self, **duration: float) -> None:
        """Move it; the arguments are those of ``timedelta``."""
        self.time += dt.timedelta(**duration)


def build_house(
    database: Database,
    answer: Generation | Exception | FakeGeneration | None = None,
    archive: FakeArchive | None = None,
    *,
    pool: ImagingPool | None = None,
    models: tuple[str, ...] = ON_OFFER,
    operator: OperatorLimits = STANDARD,
    owner: str = "test/0",
    clock: Callable[[], dt.datetime] = now,
) -> House:
    """Wire a house; nothing is contacted."""
    known, prices = load_models(), load_prices()
    on_offer = [known[name] for name in models]
    archive = archive or FakeArchive()
    drawing = answer if isinstance(answer, FakeGeneration) else FakeGeneration(answer or generation())
    ledger = Ledger(database, owner=owner, clock=clock)
    closer = Closer(ledger)
    book = PolicyBook(database, clock)
    gate = Gate(book, ledger, operator, clock=clock)
    studio = Studio(
        Planner(on_offer, prices, salt=b"salt"),
        gate,
        ledger,
        closer,
        drawing.as_service(),
        archive.as_archive(),
        pool or ImagingPool(),
        prices,
    )
    moderation = Moderation(book, ledger, gate, on_offer, prices, operator, clock=clock)
    return House(studio, moderation, ledger, closer, gate, book, drawing, archive)
