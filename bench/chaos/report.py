"""The printed report of a run: its table, and the whole story of jobs with something wrong."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import orjson

from bench.chaos.decisions import mark
from bench.chaos.evidence import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.chaos.crowd import Command
    from bench.chaos.evidence import Evidence
    from bench.chaos.rules import Finding
    from bench.chaos.run import Plan, Result
    from sandbox.discord.rest.records import DiscordRequest

MOST_STORIES = 5
MOST_FINDINGS = 10
"""Most findings printed per rule; the first ones say enough."""

BULKY = frozenset({"headers", "answer"})
"""Fields of a request that are long and say little."""

SHORT = 160
"""Most characters of an answer's text in a story."""


def table(plan: Plan, evidence: Evidence, findings: Mapping[str, Sequence[Finding]]) -> str:
    """Return the run as a Markdown table."""
    head = (f"| {plan.store}, seed {plan.seed} | count | target | |", "|---|---:|---:|---|")
    facts = (f"| {label} | {value} | | |" for label, value in _facts(evidence))
    rules = (
        f"| {label} | {len(found)} | 0 | {'missed' if found else 'met'} |"
        for label, found in findings.items()
    )
    return "\n".join([*head, *facts, *rules])


def _facts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    outcomes = Counter(job.outcome for job in evidence.jobs)
    calls = evidence.calls
    yield "kills", str(len(evidence.kills))
    yield "jobs in flight at a kill, median", f"{statistics.median(evidence.in_flight or (0,)):g}"
    yield "seconds", f"{evidence.seconds:.0f}"
    yield "jobs asked", str(len(evidence.jobs))
    for outcome in Outcome:
        if outcome is not Outcome.LOST:
            yield f"… {outcome}", str(outcomes[outcome])
    yield "pictures delivered", str(sum(job.pictures for job in evidence.jobs))
    yield "calls to Azure", str(len(calls))
    yield "… billed", str(sum(call.billed for call in calls))
    yield "… hit by a fault", str(sum(call.fault is not None for call in calls))
    yield "… perhaps hit by a kill", str(sum(evidence.struck(call) for call in calls))
    seen = evidence.at_work
    yield "rows of jobs, and tasks, before the stop", f"{seen.rows}, {seen.tasks}"
    yield "… seconds until no row was too many", f"{seen.waited:.0f}"
    yield "jobs called for twice", str(sum(len(job.calls) > 1 for job in evidence.jobs))


def complaints(findings: Mapping[str, Sequence[Finding]]) -> str:
    """Return what is wrong, rule by rule."""
    lines = []
    for label, found in findings.items():
        if found:
            lines.append(f"{label}:")
            lines += [f"  {finding.job_id or '-'}: {finding.text}" for finding in found[:MOST_FINDINGS]]
            if len(found) > MOST_FINDINGS:
                lines.append(f"  … and {len(found) - MOST_FINDINGS} more")
    return "\n".join(lines)


def stories(result: Result, findings: Mapping[str, Sequence[Finding]]) -> str:
    """Return everything known about the first jobs that violated each rule."""
    wanted: dict[int, str] = {}
    for label, found in findings.items():
        for finding in [finding for finding in found if finding.job_id][:MOST_STORIES]:
            wanted.setdefault(finding.job_id, f"{label}: {finding.text}")
    commands = {command.invocation.id: command for command in result.crowd.commands}
    return "\n\n".join(
        _story(result, commands[job_id], why) for job_id, why in wanted.items() if job_id in commands
    )


def dump(result: Result, path: Path) -> None:
    """Write all requests to Azure and Discord to a file, for anything the stories leave out."""
    sandbox = result.sandbox
    with path.open("wb") as file:
        for side, requests in (("azure", sandbox.azure.requests), ("discord", sandbox.discord.requests)):
            for request in requests:
                known = {name: value for name, value in asdict(request).items() if name not in BULKY}
                file.write(orjson.dumps({"side": side, **known}) + b"\n")


def _story(result: Result, command: Command, why: str) -> str:
    job = next(job for job in result.evidence.jobs if job.job_id == command.invocation.id)
    began = job.sent_at
    events = sorted([*_seen(result, command), *_lives(result)])
    until = max((at for at, text in events if not text.startswith("bot ")), default=began) + 5.0
    lines = [f"=== job {job.job_id} ({mark(job.number)}): {why}", f"asked: {dict(command.asking.options)}"]
    lines += [f"{at - began:+9.3f}  {text}" for at, text in events if began - 1.0 <= at <= until]
    lines += [f"  ledger  {entry}" for entry in job.entries.values()]
    lines += [f"  log     {line}" for line in _log_of(result, job.job_id, job.number)]
    return "\n".join(lines)


def _seen(result: Result, command: Command) -> Iterator[tuple[float, str]]:
    """Yield what the member, Discord and Azure saw of a job."""
    interaction = command.invocation.interaction
    yield interaction.sent_at, "member  types the command"
    if interaction.acknowledged_at is not None:
        yield interaction.acknowledged_at, "discord takes the acknowledgement"
    for at, message in interaction.history:
        names = [attachment["filename"] for attachment in message["attachments"]]
        yield at, f"member  sees {names or message['content'][:SHORT]!r}, flags {message['flags']}"
    for call in result.sandbox.discord.requests:
        if _is_about(call, command):
            what = f"{call.method} {call.path.partition(interaction.token)[0]}… {list(call.files.values())}"
            yield call.at, f"discord {what} → {call.status}"
    for request in result.sandbox.azure.requests:
        if mark(command.asking.number) in str(request.body.get("prompt")):
            about = f"fault {request.fault}, billed {request.billed}"
            yield request.at, f"azure   is called ({request.deployment}), {about}"
            if request.answered_at is not None:
                yield request.answered_at, f"azure   has answered {request.status}"


def _is_about(call: DiscordRequest, command: Command) -> bool:
    interaction = command.invocation.interaction
    about = (interaction.token, f"/interactions/{interaction.id}/", f"/messages/{interaction.response_id}")
    return any(part in call.path for part in about)


def _lives(result: Result) -> Iterator[tuple[float, str]]:
    for number, life in enumerate(result.bot.lives, 1):
        yield life.began, f"bot     life {number} begins"
        if life.ended is not None:
            yield life.ended, f"bot     life {number} is {'killed' if life.exit_code is None else 'over'}"


def _log_of(result: Result, job_id: int, number: int) -> list[str]:
    with result.bot.log.open(encoding="utf-8", errors="replace") as lines:
        return [line.rstrip() for line in lines if str(job_id) in line or mark(number) in line]
