"""What is known of a run when it is over: plain values, put together from both far ends and the ledger."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.limits.entries import BEGIN, END, Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

LOADING = 1 << 7
"""The flag of an answer that still says "thinking…" (Discord docs, resources/message)."""

CALL_TIME = 6.0
"""Seconds the bot gives one call to Azure in these runs (``EASEL_GENERATION_TIMEOUT``)."""

REACH = 0.5
"""Seconds before a call reaches Azure in which a kill may have hit it: it was written, but not read yet."""

GRACE = 1.0
"""Seconds after an answer in which a kill may still have hit the call: the bot is to keep the pictures in
that time, and after it nothing excuses their loss."""


def is_last_word(message: Mapping[str, Any]) -> bool:
    """Whether a message object is how a job ended: pictures, or what became of it and of the money.

    Remarks in passing say nothing of money, and have the button that cancels.
    """
    if message["attachments"]:
        return True
    loading = bool(message["flags"] & LOADING)
    return not loading and not message["components"] and "charged" in message["content"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call to Azure, as Azure saw it; see ``sandbox.azure.records.AzureRequest``."""

    at: float
    answered_at: float | None
    status: int | None
    fault: str | None = None
    billed: bool = False
    images: int = 0

    @property
    def may_be_billed(self) -> bool:
        """Whether it was billed, or nobody but Azure can know that it was not.

        A filter that broke is such a case: it may have broken on the finished picture.
        """
        unknown = self.status is None or self.status < 400 or self.fault == "filter_broken"
        return self.billed or unknown

    @property
    def was_whole(self) -> bool:
        """Whether its answer went out as it should, while the bot was still listening."""
        in_time = self.answered_at is not None and self.answered_at - self.at < CALL_TIME
        return in_time and self.status == 200 and self.fault is None


@dataclass(frozen=True, slots=True)
class Shown:
    """The message that is a job's answer, as it is in the end.

    Attributes:
        pictures: names of its attachments that are the job's pictures.
        foreign: names of others.
        alien_words: whether the description of a picture does not repeat the job's own prompt.
        last_word: see ``is_last_word``.
    """

    pictures: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    alien_words: bool = False
    last_word: bool = False


class Outcome(enum.StrEnum):
    """How a command ended."""

    UNANSWERED = "never acknowledged: the member was told that the bot did not respond"
    DELIVERED = "delivered"
    DELETED = "answer deleted by a moderator"
    REFUNDED = "refunded with an explanation"
    REFUSED = "refused before anything was held"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Job:
    """One command and all that came of it; times on the monotonic clock.

    Attributes:
        job_id: the interaction's id.
        number: what is in its prompt.
        member_id: who typed it.
        count: pictures asked for.
        sent_at: when it was typed.
        acknowledged_at: when Discord heard of it; None if it never did.
        ended_at: when the last version of the answer came.
        deleted: whether a moderator deleted the answer.
        answer: the answer now; None if there is none.
        told_otherwise: whether a follow-up has the last word.
        carriers: messages that carry pictures of the job.
        was_shown: whether the answer ever showed pictures.
        calls: to Azure, in order.
        entries: of the ledger, by phase.
    """

    job_id: int
    number: int
    member_id: int
    count: int = 1
    sent_at: float = 0.0
    acknowledged_at: float | None = None
    ended_at: float | None = None
    deleted: bool = False
    answer: Shown | None = None
    told_otherwise: bool = False
    carriers: int = 0
    was_shown: bool = False
    calls: tuple[Call, ...] = ()
    entries: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def pictures(self) -> int:
        """Pictures that the member has."""
        return len(self.answer.pictures) if self.answer else 0

    @property
    def settled(self) -> Entry | None:
        """The entry by which the member was charged, if they were."""
        end = self.entries.get(END)
        return end if end is not None and end.kind is Kind.SETTLE else None

    @property
    def is_open(self) -> bool:
        """Whether something is still held for it."""
        begin = self.entries.get(BEGIN)
        return begin is not None and begin.kind is Kind.RESERVE and END not in self.entries

    @property
    def booked(self) -> int:
        """What the operator is taken to have paid for it, in micro-dollars."""
        return sum(entry.cost for phase, entry in self.entries.items() if phase != BEGIN)

    @property
    def outcome(self) -> Outcome:
        """How it ended, by what the member sees."""
        if self.acknowledged_at is None:
            return Outcome.UNANSWERED
        if self.deleted:
            return Outcome.DELETED
        if self.pictures:
            return Outcome.DELIVERED
        if self.was_shown or not ((self.answer is not None and self.answer.last_word) or self.told_otherwise):
            return Outcome.LOST
        return Outcome.REFUNDED if self.entries else Outcome.REFUSED


@dataclass(frozen=True, slots=True)
class AtWork:
    """What the living bot had in hand when every command had ended, or was given up on.

    Attributes:
        rows: in the table of jobs.
        tasks: jobs that the process says it works on; None if it says nothing.
        waited: seconds until no row was too many, or patience was out.
    """

    rows: int
    tasks: int | None
    waited: float = 0.0

    @property
    def each_has_a_task(self) -> bool:
        """Whether every row can have a task."""
        return self.tasks is not None and self.rows <= self.tasks


@dataclass(frozen=True)
class Evidence:
    """A whole run.

    Attributes:
        jobs: every command that was typed.
        kills: when the bot was killed.
        last_exit: the exit code of the bot's orderly end.
        deaths: how lives ended that nobody ended.
        images_used: pictures that each member was charged for, by the counters.
        discrepancies: counters that are not the sum of the ledger's entries.
        at_work: what the bot had in hand before it was told to stop.
        leftovers: rows of jobs that are over, by where they are.
        strangers: calls, entries and pictures that belong to no command.
        in_flight: commands under way at each kill.
        seconds: how long the run took.
        readable_tokens: interaction tokens in the clear, in the log or the database's files.
    """

    jobs: tuple[Job, ...]
    kills: tuple[float, ...] = ()
    last_exit: int | None = 0
    deaths: tuple[str, ...] = ()
    images_used: Mapping[int, int] = field(default_factory=dict)
    discrepancies: tuple[str, ...] = ()
    at_work: AtWork = AtWork(rows=0, tasks=0)
    leftovers: Mapping[str, int] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()
    in_flight: tuple[int, ...] = ()
    seconds: float = 0.0
    readable_tokens: int = 0

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every call of every job."""
        return tuple(call for job in self.jobs for call in job.calls)

    def struck(self, call: Call) -> bool:
        """Whether a kill may have hit a call: on its way, under way, or before its pictures were kept."""
        over = call.answered_at if call.answered_at is not None else call.at + CALL_TIME
        return self.killed_between(call.at - REACH, over + GRACE)

    def killed_between(self, begin: float, end: float) -> bool:
        """Whether the bot was killed in that time."""
        return any(begin <= kill <= end for kill in self.kills)
