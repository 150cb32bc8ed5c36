"""Collecting the evidence from Azure's requests, Discord's messages and the ledger."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bench.chaos.decisions import mark
from bench.chaos.evidence import Call, Evidence, Job, Shown, is_last_word
from bot.limits.auditing import differences
from bot.limits.entries import Entry
from bot.storage.database import open_database
from bot.storage.schema import counters, entries
from bot.storage.schema import jobs as job_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from bench.chaos.crowd import Command
    from bench.chaos.evidence import AtWork
    from bench.chaos.process import Life
    from sandbox.discord.world.messages import Message
    from sandbox.server import Sandbox

_MARK = re.compile(r"job-(\d{6})")
_PICTURE = re.compile(r"easel-(\d+)-\d+\.")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Books:
    """The contents of the bot's database, read once."""

    def __init__(self, connection: sa.Connection) -> None:
        rows = connection.execute(sa.select(entries).order_by(entries.c.at_ms))
        self.entries = [Entry.of_row(row) for row in rows]
        self.images_used: dict[int, int] = defaultdict(int)
        self.held = 0
        for row in connection.execute(sa.select(counters)):
            self.held += row.held
            if row.unit == "images" and _DAY.fullmatch(row.period):
                self.images_used[row.member_id] += row.used
        self.discrepancies = tuple(map(str, differences(connection)))
        self.leftovers = {
            "held by the counters": self.held,
            "jobs in the table of jobs": count_jobs(connection),
        }


def count_jobs(connection: sa.Connection) -> int:
    """Return how many jobs have a row; the row is deleted when the job ends."""
    return connection.execute(sa.select(sa.func.count()).select_from(job_rows)).scalar_one()


async def read_books(url: str) -> Books:
    """Read the database of a bot that has stopped."""
    async with open_database(url) as database:
        return await database.read(Books)


def readable_tokens(folder: Path, commands: Iterable[Command]) -> int:
    """Count the interaction tokens that appear in the clear in the log or in the database's files."""
    written = [
        path.read_bytes() for path in folder.iterdir() if path.name.startswith(("bot.log", "easel.db"))
    ]
    tokens = [command.invocation.token.encode() for command in commands]
    return sum(any(token in text for text in written) for token in tokens)


def gather(
    sandbox: Sandbox,
    commands: Iterable[Command],
    lives: Iterable[Life],
    books: Books,
    *,
    in_flight: Iterable[int],
    at_work: AtWork,
    seconds: float,
    tokens: int,
) -> Evidence:
    """Combine everything that is known of a run."""
    commands, lives = tuple(commands), tuple(lives)
    calls, carriers = _calls(sandbox), _carriers(sandbox)
    by_job: dict[int, dict[str, Entry]] = defaultdict(dict)
    for entry in books.entries:
        by_job[entry.job_id][entry.phase] = entry
    jobs = tuple(
        _job(
            sandbox,
            command,
            calls.get(command.asking.number, ()),
            len(carriers.get(command.invocation.id, ())),
            by_job.get(command.invocation.id, {}),
        )
        for command in commands
    )
    return Evidence(
        jobs=jobs,
        kills=tuple(life.ended for life in lives if life.ended is not None and life.exit_code is None),
        last_exit=lives[-1].exit_code,
        deaths=tuple(_deaths(lives)),
        images_used=books.images_used,
        discrepancies=books.discrepancies,
        at_work=at_work,
        leftovers=books.leftovers,
        strangers=tuple(_strangers(jobs, calls, carriers, by_job)),
        in_flight=tuple(in_flight),
        seconds=seconds,
        readable_tokens=tokens,
    )


def _job(
    sandbox: Sandbox,
    command: Command,
    calls: Iterable[Call],
    carriers: int,
    booked: Mapping[str, Entry],
) -> Job:
    interaction = command.invocation.interaction
    message = sandbox.discord.world.messages.get(interaction.response_id or 0)
    return Job(
        job_id=interaction.id,
        number=command.asking.number,
        member_id=command.member_id,
        count=int(command.asking.options.get("count", 1)),
        sent_at=interaction.sent_at,
        acknowledged_at=interaction.acknowledged_at,
        ended_at=interaction.history[-1][0] if interaction.history else None,
        deleted=command.deleted,
        answer=None if message is None else _shown(sandbox, message, command),
        told_otherwise=any(map(is_last_word, interaction.followups.values())),
        carriers=carriers,
        was_shown=any(version["attachments"] for _, version in interaction.history),
        calls=tuple(calls),
        entries=booked,
    )


def _shown(sandbox: Sandbox, message: Message, command: Command) -> Shown:
    names = [attachment.filename for attachment in message.attachments]
    own = [name for name in names if f"easel-{command.invocation.id}-" in name]
    words = [attachment.description or "" for attachment in message.attachments]
    return Shown(
        pictures=tuple(own),
        foreign=tuple(name for name in names if name not in own),
        alien_words=any(mark(command.asking.number) not in text for text in words),
        last_word=is_last_word(sandbox.discord.world.messages.render(message)),
    )


def _calls(sandbox: Sandbox) -> dict[int | None, list[Call]]:
    """Return Azure's calls by the number in their prompts; those without one under None."""
    found: dict[int | None, list[Call]] = defaultdict(list)
    for request in sandbox.azure.requests:
        if not request.body and request.status is None:
            continue  # cut off before it could be read, so before anything was drawn
        marked = _MARK.search(str(request.body.get("prompt")))
        found[int(marked[1]) if marked else None].append(
            Call(
                at=request.at,
                answered_at=request.answered_at,
                status=request.status,
                fault=request.fault,
                billed=request.billed,
                images=request.images,
            )
        )
    return found


def _carriers(sandbox: Sandbox) -> dict[int, set[int]]:
    """Return the ids of the messages with pictures of a job, by the job's id."""
    world = sandbox.discord.world
    found: dict[int, set[int]] = defaultdict(set)
    for channel in world.guild.channels:
        for message in world.messages.in_channel(channel):
            for attachment in message.attachments:
                if named := _PICTURE.search(attachment.filename):
                    found[int(named[1])].add(message.id)
    return found


def _deaths(lives: tuple[Life, ...]) -> Iterator[str]:
    for number, life in enumerate(lives[:-1], 1):
        if life.exit_code is not None:
            yield f"life {number} ended by itself with code {life.exit_code}"


def _strangers(
    jobs: Iterable[Job],
    calls: Mapping[int | None, list[Call]],
    carriers: Mapping[int, set[int]],
    booked: Mapping[int, Mapping[str, Entry]],
) -> Iterator[str]:
    numbers, ids = zip(*((job.number, job.job_id) for job in jobs), strict=True)
    for number in calls.keys() - set(numbers):
        yield f"calls to Azure for command {number}"
    for job_id in carriers.keys() - set(ids):
        yield f"pictures of job {job_id}"
    for job_id in booked.keys() - set(ids):
        yield f"entries of job {job_id}"
