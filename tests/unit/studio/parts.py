from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commission import Commission
from bot.generation.models import load_models
from bot.generation.prices import load_prices
from bot.limits.ledger import Allowance
from bot.limits.windows import windows_at
from bot.planner import Draft, Planner
from bot.telemetry.clock import now
from tests.house import ON_OFFER, House, build_house, unasked_database

if TYPE_CHECKING:
    from bot.imaging.workers import ImagingPool
    from bot.model import Generation
    from tests.fakes import FakeArchive

JOB = 987654321098765432
MEMBER = 123456789012345678


def house(
    answer: Generation | Exception | None = None,
    archive: FakeArchive | None = None,
    *,
    pool: ImagingPool | None = None,
) -> House:
    """A house on a database that is never contacted."""
    return build_house(unasked_database(), answer, archive, pool=pool)


def commission(house: House, draft: Draft) -> Commission:
    """A job as if it had been let in."""
    known = load_models()
    planner = Planner([known[name] for name in ON_OFFER], load_prices(), salt=b"salt")
    allowance = Allowance(windows_at(now(), "UTC"))
    return Commission(JOB, planner.plan(draft, MEMBER), allowance, house.ledger, house.closer)
