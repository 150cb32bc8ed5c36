"""Random sequences of all that can happen to the ledger, by two processes, held against a simple model.

Moderators set rules, members ask at once and one after another, jobs are settled, refunded, cancelled and
left by processes that crash, clocks run on and back. After every step the store must be what the model
says, to the last counter.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
import threading
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.errors import AlreadyTaken, BudgetUsedUp, ImagesUsedUp, LimitReached
from bot.limits.book import PolicyBook
from bot.limits.closing import Closer
from bot.limits.ledger import Allowance, Ledger
from bot.limits.operator import OperatorLimits
from bot.limits.policy import Asker
from bot.limits.rules import EVERYONE, Rule, Target, TargetKind
from bot.limits.windows import windows_at
from bot.storage.database import open_database
from tests.house import address
from tests.integration.admitting import admission_of, drafted
from tests.integration.ledger_model import Model, Refused
from tests.integration.ledger_site import Clock, book, empty, everything
from tests.profiles import of_sequences
from tests.properties import UNHURRIED

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.storage.database import Database

T = TypeVar("T")

THREADS = 4
"""Transactions at once on PostgreSQL."""

GUILDS = (1, 2)
MEMBERS = (11, 12, 13)
ROLES = (21, 22)
CHANNELS = (31, 32)
ZONES = ("UTC", "Pacific/Kiritimati", "America/New_York")
BEGIN = dt.datetime(2026, 10, 31, 22, tzinfo=dt.UTC)
"""Shortly before a new month, on the week-end on which New York's clocks are set back."""

# Several rules narrow one another, so most say nothing; else everything would be refused.
few = st.sampled_from([None, None, None, None, 1, 5, 10, 20])
at_once = st.sampled_from([None, None, None, 1, 2, 4])
cooldowns = st.sampled_from([None, None, None, None, None, 0, 5, 600])
money = st.sampled_from([None, None, None, None, Decimal("0.0002"), Decimal("0.001")])


def rules(*, shared: bool) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        images_per_day=few,
        images_per_week=few,
        cooldown=cooldowns,
        concurrent=at_once,
        dollars_per_month=money,
        server_concurrent=at_once if shared else st.none(),
        server_dollars_per_month=money if shared else st.none(),
    )


targets = st.sampled_from(
    [
        *(Target(TargetKind.MEMBER, member) for member in MEMBERS),
        *(Target(TargetKind.ROLE, role) for role in ROLES),
        *(Target(TargetKind.CHANNEL, channel) for channel in CHANNELS),
    ]
)
askers = st.builds(
    Asker,
    guild_id=st.sampled_from(GUILDS),
    member_id=st.sampled_from(MEMBERS),
    role_ids=st.frozensets(st.sampled_from(ROLES)),
    channel_ids=st.sampled_from(CHANNELS).map(lambda channel: (channel,)),
)
images = st.integers(1, 4)
estimates = st.integers(0, 120)
processes = st.integers(0, 1)
picks = st.integers(0, 1000)
ticks = st.integers(1, 12)


@dataclass(slots=True)
class Process:
    """One process of the bot, as far as money goes."""

    owner: str
    ledger: Ledger
    book: PolicyBook


class LedgerMachine(RuleBasedStateMachine):
    runner: asyncio.Runner
    databases: tuple[Database, Database]

    def run(self, coroutine: Coroutine[None, None, T]) -> T:
        return self.runner.run(coroutine)

    @initialize(
        defaults=st.just(Rule()) | rules(shared=True),
        caps=st.just(Rule()) | rules(shared=True),
        budget=st.sampled_from([500, 3000, 100_000]),
    )
    def open(self, defaults: Rule, caps: Rule, budget: int) -> None:
        operator = OperatorLimits(defaults, caps, budget)
        self.clock = Clock(BEGIN)
        self.model = Model(operator, BEGIN)
        self.ids = itertools.count(1)
        self.names = itertools.count()
        self.allowances: dict[int, Allowance] = {}
        for database in self.databases:
            self.run(_finished(database))
        self.run(self.databases[0].run(empty))
        self.processes = [self.start(database) for database in self.databases]

    def start(self, database: Database) -> Process:
        owner = f"easel/{next(self.names)}"
        ledger = Ledger(database, owner=owner, clock=self.clock)
        book = PolicyBook(database, self.clock)
        return Process(owner, ledger, book)

    # --- moderators and time --------------------------------------------------------------------

    @rule(process=processes, guild_id=st.sampled_from(GUILDS), whose=targets, new=rules(shared=False))
    def set_rule(self, process: int, guild_id: int, whose: Target, new: Rule) -> None:
        book = self.processes[process].book
        self.run(book.change_rule(guild_id, 1, "set", whose, lambda _: new))
        self.model.rules[guild_id, whose] = new

    @rule(process=processes, guild_id=st.sampled_from(GUILDS), new=rules(shared=True))
    def set_rule_for_everyone(self, process: int, guild_id: int, new: Rule) -> None:
        self.set_rule(process, guild_id, EVERYONE, new)

    @rule(process=processes, guild_id=st.sampled_from(GUILDS), zone=st.sampled_from(ZONES))
    def set_zone(self, process: int, guild_id: int, zone: str) -> None:
        self.run(self.processes[process].book.set_zone(guild_id, 1, zone))
        self.model.zones[guild_id] = zone

    @rule(
        period=st.sampled_from(
            [{"seconds": 3}, {"minutes": 5}, {"hours": 3}, {"days": 1}, {"weeks": 1}, {"days": 30}]
        )
    )
    def wait(self, period: dict[str, float]) -> None:
        self.clock.forward(**period)
        self.model.now = self.clock.now

    @rule(period=st.sampled_from([{"minutes": -3}, {"hours": -1}]))
    def set_the_clock_back(self, period: dict[str, float]) -> None:
        self.wait(period)

    # --- members --------------------------------------------------------------------------------

    async def ask(
        self, process: int, job_id: int, asker: Asker, wanted: int, estimate: int
    ) -> Refused | None:
        """Ask for pictures; why they are refused, None if they are reserved."""
        where, here = address(job_id, asker.guild_id, asker.member_id), self.processes[process]
        # Leaving the closer waits for what is taken back, which would turn up in another step.
        async with Closer(here.ledger) as closer:
            admission = admission_of(here.book, self.model.operator, here.ledger, closer, self.clock)
            try:
                job = await admission.admit(drafted(wanted, estimate), asker, where)
            except LimitReached as error:
                return _refused(error)
        self.allowances[job_id] = Allowance(
            windows_at(job.received_at, "UTC"),
            server_cost_per_month=job.server_budget,
            operator_cost_per_month=job.operator_budget,
        )
        return None

    def reserved(self, process: int, job_id: int, asker: Asker, wanted: int, estimate: int) -> None:
        owner = self.processes[process].owner
        self.model.reserve(self.model.job(job_id, asker, wanted, estimate, owner))

    @rule(process=processes, asker=askers, wanted=images, estimate=estimates)
    def reserve(self, process: int, asker: Asker, wanted: int, estimate: int) -> None:
        expected = self.model.refusal(asker, wanted, estimate)
        job_id = next(self.ids)
        assert self.run(self.ask(process, job_id, asker, wanted, estimate)) == expected
        if expected is None:
            self.reserved(process, job_id, asker, wanted, estimate)

    @rule(asker=askers, wanted=images, estimate=estimates, times=st.integers(2, 6))
    def reserve_at_once(self, asker: Asker, wanted: int, estimate: int, times: int) -> None:
        asks = [(n % 2, next(self.ids)) for n in range(times)]

        async def all_at_once() -> list[Refused | None]:
            return await asyncio.gather(
                *(self.ask(process, job_id, asker, wanted, estimate) for process, job_id in asks)
            )

        found = self.run(all_at_once())
        expected = []
        granted = (ask for ask, refusal in zip(asks, found, strict=True) if refusal is None)
        for _ in range(times):
            refusal = self.model.refusal(asker, wanted, estimate)
            expected.append(refusal)
            if refusal is None and (ask := next(granted, None)):
                self.reserved(*ask, asker, wanted, estimate)
        assert Counter(found) == Counter(expected)

    @rule(process=processes, pick=picks, asker=askers)
    def reserve_again(self, process: int, pick: int, asker: Asker) -> None:
        if (job_id := _picked([*self.model.jobs, *self.model.withdrawn], pick)) is None:
            return
        with pytest.raises(AlreadyTaken):
            self.run(self.ask(process, job_id, asker, 1, 0))

    @rule(process=processes, asker=askers, wanted=images, estimate=estimates, after=ticks)
    def cancel_while_reserving(
        self, process: int, asker: Asker, wanted: int, estimate: int, after: int
    ) -> None:
        # How far it gets is a matter of time, so it is taken back in any case: runs can be repeated.
        expected = self.model.refusal(asker, wanted, estimate)
        job_id = next(self.ids)

        async def give_up() -> None:
            asking = asyncio.create_task(self.ask(process, job_id, asker, wanted, estimate))
            if not await _cancelled(asking, after):
                assert asking.result() == expected
            async with Closer(self.processes[process].ledger) as closer:
                await closer.withdraw(job_id)

        self.run(give_up())
        self.model.withdrawn.add(job_id)

    # --- jobs -----------------------------------------------------------------------------------

    @rule(
        process=processes,
        pick=picks,
        delivered=images,
        charge=estimates,
        cost=estimates,
        unclear=st.integers(0, 2),
        cancel_after=st.none() | ticks,
    )
    def settle(
        self,
        process: int,
        pick: int,
        delivered: int,
        charge: int,
        cost: int,
        unclear: int,
        cancel_after: int | None,
    ) -> None:
        if (job := _picked(self.model.open_jobs(), pick)) is None:
            return

        async def end(closer: Closer) -> None:
            await closer.settle(job.id, images=delivered, charge=charge, cost=cost, unclear_calls=unclear)

        self.close(process, end, cancel_after)
        self.model.end(job, "settle", delivered=delivered, charge=charge, cost=cost, unclear=unclear)

    @rule(
        process=processes,
        pick=picks,
        cost=estimates,
        unclear=st.integers(0, 2),
        cancel_after=st.none() | ticks,
    )
    def refund(self, process: int, pick: int, cost: int, unclear: int, cancel_after: int | None) -> None:
        if (job := _picked(self.model.open_jobs(), pick)) is None:
            return

        async def end(closer: Closer) -> None:
            await closer.refund(job.id, cost=cost, unclear_calls=unclear)

        self.close(process, end, cancel_after)
        self.model.end(job, "refund", delivered=0, charge=0, cost=cost, unclear=unclear)

    def close(
        self, process: int, end: Callable[[Closer], Coroutine[None, None, None]], cancel_after: int | None
    ) -> None:
        """End a job, perhaps cancelling who asked for it; leaving the closer waits for the end."""

        async def ended() -> None:
            async with Closer(self.processes[process].ledger) as closer:
                ending = asyncio.create_task(end(closer))
                if cancel_after is None or not await _cancelled(ending, cancel_after):
                    await ending

        self.run(ended())

    @rule(process=processes, pick=picks, settle=st.booleans())
    def end_again(self, process: int, pick: int, settle: bool) -> None:
        ended = [job.id for job in self.model.jobs.values() if job.kind]
        if (job_id := _picked(ended, pick)) is None:
            return
        ledger = self.processes[process].ledger
        again = ledger.settle(job_id, images=1, charge=1, cost=1) if settle else ledger.refund(job_id, cost=1)
        assert self.run(again) is False

    @rule(process=processes)
    def refund_before_reserving(self, process: int) -> None:
        job_id = next(self.ids)
        assert self.run(self.processes[process].ledger.refund(job_id)) is False
        self.model.withdrawn.add(job_id)

    @rule(process=processes, pick=picks, attempt=st.integers(1, 2))
    def book_unclear(self, process: int, pick: int, attempt: int) -> None:
        if (job := _picked([*self.model.jobs.values()], pick)) is None:
            return
        booking = book(self.processes[process].ledger, job.id, attempt, self.allowances[job.id])
        assert self.run(booking) == self.model.book_unclear(job, attempt)

    @rule(process=processes)
    def crash(self, process: int) -> None:
        dead = self.processes[process]
        self.processes[process] = self.start(self.databases[process])
        left_open = [job for job in self.model.open_jobs() if job.owner == dead.owner]
        survivor = self.processes[1 - process]
        assert self.run(survivor.ledger.close_left_open({dead.owner})) == len(left_open)
        for job in left_open:
            self.model.end(job, "refund", delivered=0, charge=0, cost=None, unclear=0)

    # --- what must hold -------------------------------------------------------------------------

    @invariant()
    def the_store_is_what_the_model_says(self) -> None:
        found = self.run(self.databases[0].run(everything))
        expected = {key: amount for key, amount in self.model.counters().items() if any(amount)}
        assert found.counters == expected
        assert found.differences == []
        assert found.open_jobs == {job.id for job in self.model.open_jobs()}
        # Jobs that were withdrawn may have been reserved for before, or not.
        ends = {job_id: kind for job_id, kind in found.ends.items() if job_id not in self.model.withdrawn}
        assert ends == {job.id: job.kind for job in self.model.jobs.values() if job.kind}


def _picked(choices: list[T], pick: int) -> T | None:
    """One of several, if there is any; a precondition would make what is drawn depend on the store."""
    return choices[pick % len(choices)] if choices else None


async def _finished(database: Database) -> None:
    """Wait for what cancelled callers left under way, which would turn up in the next run."""
    barrier = threading.Barrier(1 if database.dialect == "sqlite" else THREADS)
    await asyncio.gather(*(database.run(lambda _: barrier.wait(10)) for _ in range(barrier.parties)))


def _refused(error: LimitReached) -> Refused:
    name = type(error).__name__
    if isinstance(error, ImagesUsedUp):
        return Refused(name, error.period, error.left, error.held)
    return Refused(name, error.whose if isinstance(error, BudgetUsedUp) else "")


async def _cancelled(task: asyncio.Task[T], after: int) -> bool:
    """Cancel a task after some turns of the loop; whether that came in time."""
    for _ in range(after):
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, LimitReached):
        await task
    return task.cancelled()


@pytest.mark.timeout(3600)
def test_the_ledger_is_what_the_model_says(store_url: str) -> None:
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        try:
            opened = [
                runner.run(stack.enter_async_context(open_database(store_url, threads=THREADS)))
                for _ in range(2)
            ]

            class Machine(LedgerMachine):
                pass

            Machine.runner = runner
            Machine.databases = (opened[0], opened[1])
            run_state_machine_as_test(
                Machine, settings=settings(of_sequences(UNHURRIED), suppress_health_check=list(HealthCheck))
            )
        finally:
            runner.run(stack.aclose())
