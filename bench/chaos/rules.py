"""The rules that must hold at the end of a run. Pure functions: all they need is in the evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from bench.chaos.evidence import GRACE, Outcome
from bot.limits.entries import BEGIN, END

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.chaos.evidence import Evidence, Job

    Check = Callable[[Evidence], Iterator["Finding"]]

CALL_BUDGET = 2
"""Most calls per job that Azure may bill."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation: what is wrong, and with which job; 0 if with none."""

    text: str
    job_id: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that must never happen: its name in the report, and the check that finds it."""

    label: str
    check: Check


def judge(evidence: Evidence) -> dict[str, list[Finding]]:
    """Return everything that is wrong, by rule; a rule that was kept has an empty list."""
    return {rule.label: list(rule.check(evidence)) for rule in RULES}


def _of_jobs(check: Callable[[Evidence, Job], str | None]) -> Check:
    """Turn a check of one job into a check of all jobs."""

    def findings(evidence: Evidence) -> Iterator[Finding]:
        for job in evidence.jobs:
            if (text := check(evidence, job)) is not None:
                yield Finding(text, job.job_id)

    return findings


# --- what the member gets -------------------------------------------------------------------------


def _lost(_: Evidence, job: Job) -> str | None:
    if job.outcome is not Outcome.LOST:
        return None
    return "its pictures were taken away again" if job.was_shown else "the member still waits"


def _delivered_twice(_: Evidence, job: Job) -> str | None:
    return f"{job.carriers} messages carry its pictures" if job.carriers > 1 else None


def _wrong_pictures(_: Evidence, job: Job) -> str | None:
    if job.answer is None or not (job.answer.pictures or job.answer.foreign):
        return None
    if job.answer.foreign:
        return f"shows {', '.join(job.answer.foreign)}"
    if job.answer.alien_words:
        return "shows pictures of another prompt"
    drawn = max((call.images for call in job.calls if call.billed), default=0)
    if len(set(job.answer.pictures)) != job.pictures or job.pictures > min(job.count, drawn):
        return f"shows {', '.join(job.answer.pictures)}; {job.count} were asked for, {drawn} drawn"
    return None


# --- what the member pays -------------------------------------------------------------------------


def _charged_for_nothing(_: Evidence, job: Job) -> str | None:
    end = job.entries.get(END)
    if end is None:
        return None
    if job.settled is None:
        return "refunded, and yet charged" if end.images or end.charge else None
    if job.deleted and job.answer is None:
        return None  # nobody can tell any more what it showed
    if job.pictures != end.images:
        return f"charged for {end.images} pictures, shows {job.pictures}"
    return None


def _not_charged(_: Evidence, job: Job) -> str | None:
    if not job.pictures:
        return None
    if job.settled is None:
        return f"shows {job.pictures} pictures, and was not settled"
    return None if job.settled.charge > 0 else "settled for no money"


def _charged_twice(evidence: Evidence) -> Iterator[Finding]:
    """Compare by member with what they see, as an entry counted twice would not show in any one job."""
    due: Counter[int] = Counter()
    for job in evidence.jobs:
        gone = job.deleted and job.answer is None
        due[job.member_id] += job.settled.images if gone and job.settled else job.pictures
    for member, used in evidence.images_used.items():
        if used > due[member]:
            yield Finding(f"member {member} was charged for {used} pictures and has {due[member]}")


# --- what Azure draws -----------------------------------------------------------------------------


def _too_many_calls(_: Evidence, job: Job) -> str | None:
    calls = sum(call.may_be_billed for call in job.calls)
    return f"{calls} calls that Azure may bill" if calls > CALL_BUDGET else None


def _needless_call(evidence: Evidence, job: Job) -> str | None:
    for call, _following in pairwise(job.calls):
        if call.fault is None and (call.was_whole or not call.may_be_billed) and not evidence.struck(call):
            return "called again, though neither a crash nor a fault had hit the call before"
    return None


def _thrown_away(evidence: Evidence, job: Job) -> str | None:
    if job.pictures or job.deleted:
        return None
    if any(call.was_whole and call.billed and not evidence.struck(call) for call in job.calls):
        return "a whole answer came, the bot lived on, and no picture was delivered"
    return None


def _drawn_for_nobody(_: Evidence, job: Job) -> str | None:
    if job.acknowledged_at is None and job.calls:
        return f"{len(job.calls)} calls for a command that was never acknowledged"
    return None


# --- what the operator pays -----------------------------------------------------------------------


def _billed_unbooked(_: Evidence, job: Job) -> str | None:
    billed = sum(call.billed for call in job.calls)
    if not billed:
        return None
    estimate = job.entries[BEGIN].cost if BEGIN in job.entries else 0
    # The last call may have cost less than estimated; the earlier ones are booked at the estimate.
    if job.booked > (billed - 1) * estimate:
        return None
    return f"{billed} calls were billed, {job.booked} micro-dollars are booked"


def _booked_unbilled(evidence: Evidence, job: Job) -> str | None:
    if not job.booked or any(call.may_be_billed for call in job.calls):
        return None
    # After a kill, the bot must assume that a call it had allowed was made.
    if job.ended_at is None or evidence.killed_between(job.sent_at, job.ended_at + GRACE):
        return None
    return f"{job.booked} micro-dollars are booked for no call"


# --- the books ------------------------------------------------------------------------------------


def _left_open(_: Evidence, job: Job) -> str | None:
    return "still holds its reservation" if job.is_open else None


def _discrepancies(evidence: Evidence) -> Iterator[Finding]:
    yield from map(Finding, evidence.discrepancies)


def _without_a_task(evidence: Evidence) -> Iterator[Finding]:
    seen = evidence.at_work
    if seen.tasks is None:
        yield Finding(f"{seen.rows} rows, and the bot does not say how many tasks it has")
    elif not seen.each_has_a_task:
        yield Finding(f"{seen.rows} rows, {seen.tasks} tasks, still after {seen.waited:.0f} s")


def _leftovers(evidence: Evidence) -> Iterator[Finding]:
    for place, rows in evidence.leftovers.items():
        if rows:
            yield Finding(f"{place}: {rows}")


def _tokens(evidence: Evidence) -> Iterator[Finding]:
    if evidence.readable_tokens:
        yield Finding(f"{evidence.readable_tokens} interaction tokens")


def _strangers(evidence: Evidence) -> Iterator[Finding]:
    yield from map(Finding, evidence.strangers)


# --- the run itself -------------------------------------------------------------------------------


def _deaths(evidence: Evidence) -> Iterator[Finding]:
    yield from map(Finding, evidence.deaths)
    if evidence.last_exit != 0:
        yield Finding(f"the bot was told to stop and ended with code {evidence.last_exit}")


def _proves_nothing(evidence: Evidence) -> Iterator[Finding]:
    """Report a run in which nothing happened, as it would keep every other rule."""
    if not any(job.outcome is Outcome.DELIVERED for job in evidence.jobs):
        yield Finding("nothing was delivered")
    if not evidence.kills:
        yield Finding("the bot was never killed")


RULES = (
    Rule("jobs lost", _of_jobs(_lost)),
    Rule("jobs delivered twice", _of_jobs(_delivered_twice)),
    Rule("wrong pictures shown", _of_jobs(_wrong_pictures)),
    Rule("members charged twice", _charged_twice),
    Rule("jobs charged for nothing", _of_jobs(_charged_for_nothing)),
    Rule("pictures not charged", _of_jobs(_not_charged)),
    Rule("jobs with more than 2 calls that may be billed", _of_jobs(_too_many_calls)),
    Rule("calls repeated without a crash or a fault", _of_jobs(_needless_call)),
    Rule("paid results thrown away", _of_jobs(_thrown_away)),
    Rule("drawn for commands never acknowledged", _of_jobs(_drawn_for_nobody)),
    Rule("billed and not booked", _of_jobs(_billed_unbooked)),
    Rule("booked and not billed", _of_jobs(_booked_unbilled)),
    Rule("reservations left open", _of_jobs(_left_open)),
    Rule("counters that are not the sum of their entries", _discrepancies),
    Rule("rows without a task", _without_a_task),
    Rule("rows of jobs left over", _leftovers),
    Rule("secrets in the clear", _tokens),
    Rule("calls, entries and pictures of no command", _strangers),
    Rule("ends of the bot that were its own", _deaths),
    Rule("runs that prove nothing", _proves_nothing),
)
"""Every rule, in the order of the report."""
