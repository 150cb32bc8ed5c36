"""The chaos run's verdict: each rule finds what it is for, and nothing else does."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

import pytest

from bench.chaos.evidence import CALL_TIME, GRACE, REACH, AtWork, Call, Evidence, Job, Outcome, Shown
from bench.chaos.rules import RULES, judge
from bot.limits.entries import BEGIN, END, UNCLEAR_CALLS, Entry, Kind

JOB = 1574145118842126336
MEMBER = 1456100000000000501
ESTIMATE = 53_000
PRICE = 41_000
PICTURE = f"easel-{JOB}-1.png"

WHOLE = Call(at=10.0, answered_at=11.0, status=200, billed=True, images=1)
CUT = Call(at=10.0, answered_at=None, status=200, fault="truncate", billed=True, images=1)
ABANDONED = Call(at=10.0, answered_at=None, status=None, billed=True, images=1)
BUSY = Call(at=10.0, answered_at=10.0, status=429, fault="rate_limited")
SHORTLY_BEFORE = 3.0
"""When the one kill of most runs was: long before any call."""

RESERVED = Entry(JOB, BEGIN, Kind.RESERVE, 0, "all/0#1", images=1, charge=ESTIMATE, cost=ESTIMATE)
SETTLED = Entry(JOB, END, Kind.SETTLE, 0, "all/0#1", images=1, charge=PRICE, cost=PRICE)
REFUNDED = Entry(JOB, END, Kind.REFUND, 0, "all/0#1")
UNCLEAR = Entry(JOB, UNCLEAR_CALLS[0], Kind.UNCLEAR, 0, "all/0#1", cost=ESTIMATE)

EXPLAINED = Shown(last_word=True)
DELIVERED = Job(
    JOB,
    number=1,
    member_id=MEMBER,
    sent_at=9.0,
    acknowledged_at=9.1,
    ended_at=11.5,
    answer=Shown(pictures=(PICTURE,), last_word=True),
    carriers=1,
    was_shown=True,
    calls=(WHOLE,),
    entries={BEGIN: RESERVED, END: SETTLED},
)
REFUSED_BY_AZURE = replace(
    DELIVERED,
    answer=EXPLAINED,
    carriers=0,
    was_shown=False,
    calls=(Call(at=10.0, answered_at=10.0, status=400, fault="prompt_refused"),),
    entries={BEGIN: RESERVED, END: REFUNDED},
)
NEVER_HEARD = Job(JOB, number=1, member_id=MEMBER, sent_at=9.0)


def run(*jobs: Job, **changes: Any) -> Evidence:
    """A run with these jobs beside a good one of somebody else, in which something happened."""
    other = replace(DELIVERED, job_id=1, member_id=1, answer=Shown(("easel-1-1.png",), last_word=True))
    used = {job.member_id: job.settled.images for job in (other, *jobs) if job.settled}
    values: dict[str, Any] = {"kills": (SHORTLY_BEFORE,), "images_used": used, **changes}
    return Evidence(jobs=(other, *jobs), **values)


def broken(evidence: Evidence) -> set[str]:
    return {label for label, findings in judge(evidence).items() if findings}


def entries(*later: Entry) -> dict[str, Entry]:
    return {entry.phase: entry for entry in (RESERVED, *later)}


@pytest.mark.parametrize(
    ("job", "outcome"),
    [
        (DELIVERED, Outcome.DELIVERED),
        (REFUSED_BY_AZURE, Outcome.REFUNDED),
        (NEVER_HEARD, Outcome.UNANSWERED),
        (replace(REFUSED_BY_AZURE, calls=(), entries={}), Outcome.REFUSED),
        (replace(REFUSED_BY_AZURE, answer=None, told_otherwise=True), Outcome.REFUNDED),
        (replace(DELIVERED, answer=None, carriers=0, deleted=True), Outcome.DELETED),
        (replace(REFUSED_BY_AZURE, answer=None, deleted=True), Outcome.DELETED),
        # Reserved, and killed before the acknowledgement.
        (replace(NEVER_HEARD, entries=entries(REFUNDED)), Outcome.UNANSWERED),
        # Called again after a fault, and after a call that cost nothing.
        (replace(DELIVERED, calls=(CUT, WHOLE), entries=entries(UNCLEAR, SETTLED)), Outcome.DELIVERED),
        (replace(DELIVERED, calls=(BUSY, BUSY, WHOLE)), Outcome.DELIVERED),
    ],
)
def test_what_is_as_it_should_be_breaks_no_rule(job: Job, outcome: Outcome) -> None:
    assert job.outcome is outcome
    assert broken(run(job)) == set()


WRONG = [
    ("jobs lost", replace(REFUSED_BY_AZURE, answer=Shown())),
    ("jobs lost", replace(REFUSED_BY_AZURE, answer=None)),
    ("jobs lost", replace(REFUSED_BY_AZURE, was_shown=True)),
    ("jobs delivered twice", replace(DELIVERED, carriers=2)),
    ("wrong pictures shown", replace(DELIVERED, answer=Shown((PICTURE,), foreign=("easel-2-1.png",)))),
    ("wrong pictures shown", replace(DELIVERED, answer=Shown((PICTURE,), alien_words=True))),
    ("wrong pictures shown", replace(DELIVERED, calls=(replace(WHOLE, images=0),))),
    (
        "wrong pictures shown",
        replace(
            DELIVERED,
            count=2,
            answer=Shown((PICTURE, PICTURE)),
            calls=(replace(WHOLE, images=2),),
            entries=entries(replace(SETTLED, images=2)),
        ),
    ),
    (
        "wrong pictures shown",
        replace(
            DELIVERED,
            answer=Shown((PICTURE, PICTURE.replace("-1.", "-2."))),
            calls=(replace(WHOLE, images=2),),
            entries=entries(replace(SETTLED, images=2)),
        ),
    ),
    ("jobs charged for nothing", replace(REFUSED_BY_AZURE, entries=entries(replace(REFUNDED, charge=1)))),
    ("pictures not charged", replace(DELIVERED, entries=entries(replace(SETTLED, charge=0)))),
    (
        "jobs with more than 2 calls that may be billed",
        replace(
            DELIVERED,
            calls=(CUT, CUT, WHOLE),
            entries=entries(UNCLEAR, replace(SETTLED, cost=2 * ESTIMATE)),
        ),
    ),
    (
        "calls repeated without a crash or a fault",
        replace(
            DELIVERED,
            calls=(WHOLE, replace(WHOLE, at=13.0, answered_at=14.0)),
            entries=entries(UNCLEAR, SETTLED),
        ),
    ),
    (
        "paid results thrown away",
        replace(REFUSED_BY_AZURE, calls=(WHOLE,), entries=entries(replace(REFUNDED, cost=PRICE))),
    ),
    (
        "drawn for commands never acknowledged",
        replace(
            NEVER_HEARD,
            calls=(replace(WHOLE, fault="corrupt_image"),),
            entries=entries(replace(REFUNDED, cost=PRICE)),
        ),
    ),
    ("billed and not booked", replace(DELIVERED, entries=entries(replace(SETTLED, cost=0)))),
    ("billed and not booked", replace(DELIVERED, calls=(CUT, WHOLE))),
    ("booked and not billed", replace(REFUSED_BY_AZURE, entries=entries(UNCLEAR, REFUNDED))),
    ("reservations left open", replace(REFUSED_BY_AZURE, entries=entries())),
]


@pytest.mark.parametrize(("label", "job"), WRONG)
def test_a_job_that_went_wrong_breaks_its_rule_and_no_other(label: str, job: Job) -> None:
    evidence = run(job)
    assert broken(evidence) == {label}
    assert [finding.job_id for finding in judge(evidence)[label]] == [JOB]


@pytest.mark.parametrize(
    ("label", "changes"),
    [
        ("members charged twice", {"images_used": {MEMBER: 2}}),
        ("counters that are not the sum of their entries", {"discrepancies": ("a counter",)}),
        ("rows without a task", {"at_work": AtWork(rows=1, tasks=0, waited=40.2)}),
        ("rows without a task", {"at_work": AtWork(rows=3, tasks=2, waited=40.2)}),
        ("rows without a task", {"at_work": AtWork(rows=0, tasks=None, waited=40.2)}),
        ("rows of jobs left over", {"leftovers": {"rows of jobs": 1, "held by the counters": 0}}),
        ("secrets in the clear", {"readable_tokens": 1}),
        ("calls, entries and pictures of no command", {"strangers": ("a call",)}),
        ("ends of the bot that were its own", {"deaths": ("life 3",)}),
        ("ends of the bot that were its own", {"last_exit": 1}),
        ("runs that prove nothing", {"kills": ()}),
    ],
)
def test_a_run_that_went_wrong_breaks_its_rule_and_no_other(label: str, changes: dict[str, Any]) -> None:
    assert broken(run(DELIVERED, **changes)) == {label}


@pytest.mark.parametrize(
    "at_work",
    [
        AtWork(rows=0, tasks=0),
        AtWork(rows=2, tasks=2),
        # Its row goes with its end, and then the task has to return yet.
        AtWork(rows=0, tasks=1),
        AtWork(rows=1, tasks=1, waited=26.0),
    ],
)
def test_rows_that_all_may_have_a_task_break_no_rule(at_work: AtWork) -> None:
    assert broken(run(DELIVERED, at_work=at_work)) == set()


def test_a_run_without_a_picture_proves_nothing() -> None:
    assert broken(Evidence(jobs=(REFUSED_BY_AZURE,), kills=(SHORTLY_BEFORE,))) == {"runs that prove nothing"}


def test_pictures_charged_and_not_shown_break_the_members_rule_too() -> None:
    lost = replace(DELIVERED, answer=EXPLAINED, was_shown=False, carriers=0)
    assert broken(run(lost)) == {
        "members charged twice",
        "jobs charged for nothing",
        "paid results thrown away",
    }


def test_pictures_shown_and_refunded_are_not_charged() -> None:
    free = replace(DELIVERED, entries=entries(replace(REFUNDED, cost=PRICE)))
    assert broken(run(free)) == {"pictures not charged"}


def test_every_rule_has_a_case_here() -> None:
    tried = {label for label, _ in WRONG} | {
        "members charged twice",
        "counters that are not the sum of their entries",
        "rows without a task",
        "rows of jobs left over",
        "secrets in the clear",
        "calls, entries and pictures of no command",
        "ends of the bot that were its own",
        "runs that prove nothing",
    }
    assert {rule.label for rule in RULES} == tried


# --- what a kill excuses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kill", "struck"),
    [
        (WHOLE.at - REACH - 0.01, False),
        (WHOLE.at - REACH + 0.01, True),
        (10.5, True),
        (11.0 + GRACE - 0.01, True),
        (11.0 + GRACE + 0.01, False),
    ],
)
def test_a_kill_excuses_a_second_call_and_a_lost_result_only_while_it_can_have_hit(
    kill: float, struck: bool
) -> None:
    again = replace(WHOLE, at=15.0, answered_at=16.0)
    twice = replace(DELIVERED, calls=(WHOLE, again), entries=entries(UNCLEAR, SETTLED))
    assert ("calls repeated without a crash or a fault" not in broken(run(twice, kills=(kill,)))) is struck
    gone = replace(REFUSED_BY_AZURE, calls=(WHOLE,), entries=entries(replace(REFUNDED, cost=PRICE)))
    assert ("paid results thrown away" not in broken(run(gone, kills=(kill,)))) is struck


def test_a_call_nobody_answered_can_be_hit_for_as_long_as_the_bot_waits() -> None:
    assert run(kills=(ABANDONED.at + CALL_TIME,)).struck(ABANDONED)
    assert not run(kills=(ABANDONED.at + CALL_TIME + GRACE + 0.01,)).struck(ABANDONED)


def test_after_a_kill_a_call_that_never_reached_azure_may_be_booked() -> None:
    job = replace(REFUSED_BY_AZURE, calls=(), entries=entries(replace(REFUNDED, cost=ESTIMATE)))
    assert broken(run(job)) == {"booked and not billed"}
    assert broken(run(job, kills=(10.0,))) == set()


def test_what_a_deleted_answer_showed_is_believed() -> None:
    gone = replace(DELIVERED, answer=None, carriers=0, deleted=True)
    assert broken(run(gone)) == set()
    assert broken(run(dataclasses.replace(gone, entries=entries(REFUNDED)))) == {"billed and not booked"}


@pytest.mark.parametrize(
    ("call", "may"),
    [
        (WHOLE, True),
        (CUT, True),
        (ABANDONED, True),
        (BUSY, False),
        (Call(at=0.0, answered_at=None, status=None, fault="reset"), True),
        (Call(at=0.0, answered_at=3.5, status=500, fault="late_status", billed=True), True),
        (Call(at=0.0, answered_at=0.0, status=503, fault="status"), False),
        (Call(at=0.0, answered_at=0.0, status=200, fault="not_json"), True),
        (Call(at=0.0, answered_at=0.0, status=500, fault="filter_broken"), True),
    ],
)
def test_which_calls_may_be_billed(call: Call, may: bool) -> None:
    assert call.may_be_billed is may
