"""What the client, its cogs and the doctor are built on; the composition root makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.jobs.admission import Admission
    from bot.jobs.imagine import Imagine
    from bot.jobs.notices import Notices
    from bot.jobs.presenter import Presenter
    from bot.jobs.recovery import Recovery
    from bot.jobs.rows import JobRows
    from bot.jobs.running import RunningJobs
    from bot.jobs.sealing import Seal
    from bot.jobs.service import JobService
    from bot.limits.book import PolicyBook
    from bot.limits.budget import BudgetWatch
    from bot.limits.closing import Closer
    from bot.limits.ledger import Ledger
    from bot.limits.moderation import Moderation
    from bot.planning.suggestions import Suggestions
    from bot.queue.scheduler import Scheduler
    from bot.runtime.underway import CommandsUnderway
    from bot.storage.database import Database
    from bot.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Store:
    """The database and what is kept in it about money.

    Attributes:
        database: all of it.
        book: the servers' policies.
        ledger: what is used and held.
        closer: ends reservations; entered before the first job, left after the last.
        budget: watches the operator's money.
    """

    database: Database
    book: PolicyBook
    ledger: Ledger
    closer: Closer
    budget: BudgetWatch


@dataclass(frozen=True, slots=True)
class Work:
    """What the jobs that were let in run on.

    Attributes:
        queue: where they wait for their turn.
        rows: where they are kept.
        seal: seals them for that.
        running: those at work.
        workflow: sees them through.
        recovery: sees to those nobody works on.
        presenter: shows them.
        notices: what their members could not be told.
    """

    queue: Scheduler
    rows: JobRows
    seal: Seal
    running: RunningJobs
    workflow: Imagine
    recovery: Recovery
    presenter: Presenter
    notices: Notices


@dataclass(frozen=True, slots=True)
class Services:
    """What the cogs, and the doctor, are built on."""

    admission: Admission
    suggestions: Suggestions
    jobs: JobService
    moderation: Moderation
    commands: CommandsUnderway
    work: Work
    metrics: Metrics
    store: Store
