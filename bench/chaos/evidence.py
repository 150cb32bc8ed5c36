"""The evidence of a finished run: plain values, collected from Azure, Discord and the ledger."""

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
"""Time-out in seconds of one call to Azure in these runs (``EASEL_GENERATION_TIMEOUT``)."""

REACH = 0.5
"""Seconds before a call arrives at Azure in which a kill may have hit it: written, but not read yet."""

GRACE = 1.0
"""Seconds after an answer in which a kill may still have hit the call: the bot must save the pictures within
that time, and after it nothing excuses their loss."""


def is_last_word(message: Mapping[str, Any]) -> bool:
    """Return whether a message is a job's last word: pictures, or its outcome and what was charged.

    Progress messages do not mention charges, and have the cancel button.
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
        """Whether it was billed, or only Azure can know that it was not.

        A failed content filter is such a case: it may have failed on the finished picture.
        """
        unknown = self.status is None or self.status < 400 or self.fault == "filter_broken"
        return self.billed or unknown

    @property
    def was_whole(self) -> bool:
        """Whether its answer was sent intact, while the bot was still waiting."""
        in_time = self.answered_at is not None and self.answered_at - self.at < CALL_TIME
        return in_time and self.status == 200 and self.fault is None


@dataclass(frozen=True, slots=True)
class Shown:
    """The final state of the message that is a job's answer.

    Attributes:
        pictures: names of its attachments that are the job's pictures.
        foreign: names of its other attachments.
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
    """One command and everything it led to; times on the monotonic clock.

    Attributes:
        job_id: the interaction's id.
        number: its number, which is in the prompt.
        member_id: who typed it.
        count: pictures requested.
        sent_at: when it was typed.
        acknowledged_at: when Discord received the acknowledgement; None if it never did.
        ended_at: when the last version of the answer came.
        deleted: whether a moderator deleted the answer.
        answer: the answer now; None if there is none.
        told_otherwise: whether a follow-up has the last word.
        carriers: number of messages with pictures of the job.
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
        """The entry that charged the member, if any."""
        end = self.entries.get(END)
        return end if end is not None and end.kind is Kind.SETTLE else None

    @property
    def is_open(self) -> bool:
        """Whether it still holds a reservation."""
        begin = self.entries.get(BEGIN)
        return begin is not None and begin.kind is Kind.RESERVE and END not in self.entries

    @property
    def booked(self) -> int:
        """The operator's cost as booked in the ledger, in micro-dollars."""
        return sum(entry.cost for phase, entry in self.entries.items() if phase != BEGIN)

    @property
    def outcome(self) -> Outcome:
        """How it ended, from the member's point of view."""
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
    """The running bot's jobs after every command had ended or was given up on.

    Attributes:
        rows: in the table of jobs.
        tasks: jobs that the process reports it is working on; None if it reports nothing.
        waited: seconds until no row was too many, or patience ran out.
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
        last_exit: the exit code of the bot's orderly shutdown.
        deaths: descriptions of lives that ended by themselves.
        images_used: pictures that each member was charged for, by the counters.
        discrepancies: counters that are not the sum of the ledger's entries.
        at_work: the rows and tasks of jobs before the bot was told to stop.
        leftovers: what finished jobs left behind, by place.
        strangers: calls, entries and pictures that belong to no command.
        in_flight: commands in flight at each kill.
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
        """Return whether a kill may have hit a call: before, during, or before its pictures were saved."""
        over = call.answered_at if call.answered_at is not None else call.at + CALL_TIME
        return self.killed_between(call.at - REACH, over + GRACE)

    def killed_between(self, begin: float, end: float) -> bool:
        """Return whether the bot was killed in that period."""
        return any(begin <= kill <= end for kill in self.kills)
