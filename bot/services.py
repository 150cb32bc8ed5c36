"""What the client, its cogs and the doctor are built on; the composition root makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.archive.store import Archive
    from bot.generation.azure import AzureImages
    from bot.generation.deployments import Resource
    from bot.jobs.engine import Engine
    from bot.jobs.notices import Notices
    from bot.jobs.presenter import Presenter
    from bot.jobs.recovery import Recovery
    from bot.jobs.running import RunningJobs
    from bot.jobs.service import Studio
    from bot.limits.budget import BudgetWatch
    from bot.limits.ledger import Ledger
    from bot.moderation import Moderation
    from bot.queue.scheduler import FairGate
    from bot.storage.database import Database
    from bot.telemetry.metrics import Metrics
    from bot.underway import CommandsUnderway


@dataclass(frozen=True, slots=True)
class Store:
    """The database and what is kept in it about money."""

    database: Database
    ledger: Ledger
    budget: BudgetWatch


@dataclass(frozen=True, slots=True)
class Work:
    """What the jobs that were let in run on.

    Attributes:
        line: where they wait for their turn.
        running: those at work.
        engine: runs their workflows, once it is opened.
        recovery: sees to those nobody works on.
        presenter: shows them.
        notices: what their members could not be told.
    """

    line: FairGate
    running: RunningJobs
    engine: Engine
    recovery: Recovery
    presenter: Presenter
    notices: Notices


@dataclass(frozen=True, slots=True)
class Services:
    """What the cogs, and the doctor, are built on."""

    studio: Studio
    moderation: Moderation
    commands: CommandsUnderway
    work: Work
    metrics: Metrics
    archive: Archive
    resources: Mapping[Resource, AzureImages]
    store: Store
