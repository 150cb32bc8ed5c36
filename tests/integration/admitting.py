"""An admission whose plans a test chooses: as many pictures at as much money as a draft says."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.generation.models import load_models
from bot.jobs.admission import Admission
from bot.jobs.sealing import Seal
from bot.model import ImageRequest
from bot.planning.plan import Draft, Plan
from bot.queue.scheduler import Scheduler
from tests.house import TOKEN

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from bot.limits.book import PolicyBook
    from bot.limits.closing import Closer
    from bot.limits.ledger import Ledger
    from bot.limits.operator import OperatorLimits
    from bot.limits.policy import Limits
    from bot.planning.planner import Planner

MODEL = load_models()["gpt-image-2"]
SEAL = Seal(TOKEN, load_models())


def drafted(images: int, estimate: int) -> Draft:
    """A draft that is planned as so many pictures, at so many micro-dollars."""
    return Draft(str(estimate), count=images)


class _Planner:
    """Plans what ``drafted`` says, whatever the limits."""

    def check(self, draft: Draft, member_id: int) -> None:
        """Everything can be drawn."""

    def plan(self, draft: Draft, member_id: int, limits: Limits) -> Plan:
        del member_id, limits
        return Plan(ImageRequest(draft.prompt, MODEL.name, draft.count), MODEL, int(draft.prompt))


class _Roomy:
    """Capacity for everybody, so that nobody waits."""

    def room(self, model: str) -> int:
        del model
        return 1

    def ready_in(self, model: str) -> float:
        del model
        return 0.0

    def capacity(self, model: str) -> float | None:
        del model
        return None


def admission_of(
    book: PolicyBook,
    operator: OperatorLimits,
    ledger: Ledger,
    closer: Closer,
    clock: Callable[[], dt.datetime],
) -> Admission:
    """An admission with the real rules and the real ledger."""
    planner = cast("Planner", _Planner())
    return Admission(planner, book, operator, Scheduler(_Roomy()), ledger, closer, SEAL, clock=clock)
