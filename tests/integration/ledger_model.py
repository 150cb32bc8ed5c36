"""The ledger as simple as it can be said: a list of jobs, summed up anew for every question.

Nothing here is shared with the ledger but the values that go in and out, so that the two can only agree by
being right. Money is in micro-dollars.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from bot.limits.rules import EVERYONE, Rule, Target, TargetKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.limits.operator import OperatorLimits
    from bot.limits.policy import Asker

SOON = dt.timedelta(seconds=10)
"""A reservation that far ahead of the clock still counts for a cooldown."""


@dataclass(slots=True)
class Job:
    """A reservation, and what became of it.

    Attributes:
        server_limit: what the server's money was limited to when it was made.
        kind: how it ended; empty while it is open.
        unclear: for each call that was booked as unclear, whether there was money for another.
    """

    id: int
    asker: Asker
    images: int
    estimate: int
    at: dt.datetime
    owner: str
    day: str
    week: str
    month: str
    budget_month: str
    server_limit: int | None
    kind: str = ""
    delivered: int = 0
    charge: int = 0
    cost: int = 0
    unclear: dict[int, bool] = field(default_factory=dict)

    @property
    def holds_cost(self) -> bool:
        return not self.kind and all(self.unclear.values())


class Key(NamedTuple):
    guild_id: int
    member_id: int
    unit: str
    period: str


class Amount(NamedTuple):
    used: int = 0
    held: int = 0


class Refused(NamedTuple):
    """Why a request is refused: the error's name, what it is about, and what it tells."""

    error: str
    about: str = ""
    left: int = 0
    held: int = 0


@dataclass(slots=True)
class Model:
    """Everything that was asked, and what it must have come to."""

    operator: OperatorLimits
    now: dt.datetime
    jobs: dict[int, Job] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    rules: dict[tuple[int, Target], Rule] = field(default_factory=dict)
    zones: dict[int, str] = field(default_factory=dict)

    # --- what is allowed ------------------------------------------------------------------------

    def limit(self, asker: Asker, name: str, *, shared: bool = False) -> int | None:
        """One field of the rules, for one member in one channel."""
        stricter, kinder = (max, min) if name == "cooldown" else (min, max)

        def said(*targets: Target) -> list[int]:
            rules = (self.rules.get((asker.guild_id, target), Rule()) for target in targets)
            return [amount for rule in rules if (amount := _amount(rule, name)) is not None]

        own = said(Target(TargetKind.MEMBER, asker.member_id))
        roles = said(*(Target(TargetKind.ROLE, role) for role in asker.role_ids))
        channels = said(*(Target(TargetKind.CHANNEL, channel) for channel in asker.channel_ids))
        if shared:
            own, roles, channels = [], [], []
        general = said(EVERYONE) or _some(_amount(self.operator.defaults, name))
        found = own or _some(kinder(roles, default=None)) or general
        narrowed = found + channels + _some(_amount(self.operator.caps, name))
        return stricter(narrowed, default=None)

    def refusal(self, asker: Asker, images: int, estimate: int) -> Refused | None:
        """Why a member may not have this now; None if they may."""
        wanted = self.job(0, asker, images, estimate, "")
        after = self.counters([*self.jobs.values(), wanted])
        if self._cools(asker):
            return Refused("CoolingDown")
        for unit, period, name, error, about in (
            ("jobs", "", "concurrent", "TooManyJobs", ""),
            ("images", wanted.day, "images_per_day", "ImagesUsedUp", "day"),
            ("images", wanted.week, "images_per_week", "ImagesUsedUp", "week"),
            ("charge", wanted.month, "dollars_per_month", "BudgetUsedUp", "member"),
        ):
            count = after[Key(asker.guild_id, asker.member_id, unit, period)]
            limit = self.limit(asker, name)
            if limit is not None and sum(count) > limit:
                if error != "ImagesUsedUp":
                    return Refused(error, about)
                return Refused(error, about, max(0, limit - sum(count) + images), count.held - images)
        return self._refusal_to_all(asker, wanted, after)

    def _refusal_to_all(self, asker: Asker, wanted: Job, after: dict[Key, Amount]) -> Refused | None:
        """The same, for what is of all members of the server together."""
        at_once = self.limit(asker, "server_concurrent", shared=True)
        dollars = self.limit(asker, "server_dollars_per_month", shared=True)
        for key, limit, error, about in (
            (Key(asker.guild_id, 0, "jobs", ""), at_once, "ServerBusy", ""),
            (Key(asker.guild_id, 0, "cost", wanted.month), dollars, "BudgetUsedUp", "server"),
            (Key(0, 0, "cost", wanted.budget_month), self.operator.budget, "BudgetUsedUp", "operator"),
        ):
            if limit is not None and sum(after[key]) > limit:
                return Refused(error, about)
        return None

    def _cools(self, asker: Asker) -> bool:
        length = dt.timedelta(seconds=self.limit(asker, "cooldown") or 0)
        return any(
            self.now - length < job.at <= self.now + min(length, SOON)
            for job in self._jobs_of(asker)
            # What cost nobody anything cools nobody down.
            if length and (job.kind != "refund" or job.cost or job.unclear)
        )

    def _jobs_of(self, asker: Asker) -> Iterator[Job]:
        for job in self.jobs.values():
            if (job.asker.guild_id, job.asker.member_id) == (asker.guild_id, asker.member_id):
                yield job

    # --- what happens ---------------------------------------------------------------------------

    def job(self, job_id: int, asker: Asker, images: int, estimate: int, owner: str) -> Job:
        """What a reservation made now would be."""
        there = self.now.astimezone(ZoneInfo(self.zones.get(asker.guild_id, "UTC")))
        day, week, month = there.strftime("%Y-%m-%d %G-W%V %Y-%m").split()
        server_limit = self.limit(asker, "server_dollars_per_month", shared=True)
        return Job(
            job_id,
            asker,
            images,
            estimate,
            self.now,
            owner,
            day,
            week,
            month,
            self.now.strftime("%Y-%m"),
            server_limit,
        )

    def reserve(self, job: Job) -> None:
        self.jobs[job.id] = job

    def end(
        self, job: Job, kind: str, *, delivered: int, charge: int, cost: int | None, unclear: int
    ) -> None:
        """End a job that is open."""
        if cost is None:
            cost = job.estimate if job.holds_cost else 0
        for attempt in range(1, unclear + 1):
            if attempt not in job.unclear:
                job.unclear[attempt] = True
                job.cost += job.estimate
        job.kind = kind
        job.delivered = min(delivered, job.images)
        job.charge = min(charge, job.estimate)
        job.cost += cost

    def book_unclear(self, job: Job, attempt: int) -> bool:
        """Book a call; whether there may be another one."""
        if attempt in job.unclear:
            return job.unclear[attempt] and not job.kind
        job.cost += job.estimate
        after = self.counters()
        server = sum(after[Key(job.asker.guild_id, 0, "cost", job.month)])
        another = (
            attempt == 1
            and not job.kind
            and sum(after[Key(0, 0, "cost", job.budget_month)]) <= self.operator.budget
            and (job.server_limit is None or server <= job.server_limit)
        )
        job.unclear[attempt] = another
        return another

    # --- what it comes to -----------------------------------------------------------------------

    def open_jobs(self) -> list[Job]:
        return [job for job in self.jobs.values() if not job.kind]

    def counters(self, jobs: list[Job] | None = None) -> dict[Key, Amount]:
        """Every counter that some job moved."""
        used: Counter[Key] = Counter()
        held: Counter[Key] = Counter()
        for job in self.jobs.values() if jobs is None else jobs:
            guild, member = job.asker.guild_id, job.asker.member_id
            for period in (job.day, job.week):
                used[Key(guild, member, "images", period)] += job.delivered
                held[Key(guild, member, "images", period)] += 0 if job.kind else job.images
            used[Key(guild, member, "charge", job.month)] += job.charge
            held[Key(guild, member, "charge", job.month)] += 0 if job.kind else job.estimate
            for whose in (member, 0):
                held[Key(guild, whose, "jobs", "")] += not job.kind
            for key in (Key(guild, 0, "cost", job.month), Key(0, 0, "cost", job.budget_month)):
                used[key] += job.cost
                held[key] += job.estimate if job.holds_cost else 0
        return {key: Amount(used[key], held[key]) for key in used.keys() | held.keys()}


def _amount(rule: Rule, name: str) -> int | None:
    amount = getattr(rule, name)
    if amount is None:
        return None
    return int(amount * 1_000_000) if name.endswith("dollars_per_month") else int(amount)


def _some(amount: int | None) -> list[int]:
    return [] if amount is None else [amount]
