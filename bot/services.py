"""The services under the client, its cogs and the doctor; the composition root builds them."""

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
    """The database, and the services that keep policies and money in it.

    Attributes:
        database: the whole database.
        book: the servers' policies.
        ledger: amounts used and held.
        closer: ends reservations; opened before the first job, closed after the last.
        budget: watches the operator's money.
    """

    database: Database
    book: PolicyBook
    ledger: Ledger
    closer: Closer
    budget: BudgetWatch


@dataclass(frozen=True, slots=True)
class Work:
    """The services that carry out admitted jobs.

    Attributes:
        queue: where jobs wait for their turn.
        rows: their rows in the database.
        seal: encrypts them for the database.
        running: the jobs this process is working on.
        workflow: carries out each job.
        recovery: resumes jobs that nobody is working on.
        presenter: shows jobs to their members.
        notices: messages that could not be delivered to members.
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
    """All the services that the cogs and the doctor use."""

    admission: Admission
    suggestions: Suggestions
    jobs: JobService
    moderation: Moderation
    commands: CommandsUnderway
    work: Work
    metrics: Metrics
    store: Store
