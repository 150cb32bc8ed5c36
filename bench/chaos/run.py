"""One run on one database: members type, the bot is killed and restarted, and all commands must end."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import io
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from bench.chaos.at_work import rows_and_tasks
from bench.chaos.crowd import Crowd
from bench.chaos.decisions import EVENTS, Decisions, Kill, Moment
from bench.chaos.diary import Diary
from bench.chaos.evidence import CALL_TIME, Evidence
from bench.chaos.gathering import gather, read_books, readable_tokens
from bench.chaos.process import Bot
from sandbox.azure.options import AzureOptions
from sandbox.server import Sandbox, SandboxOptions, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.chaos.evidence import AtWork

START_TIMEOUT = 60.0
"""Seconds a start may take before the bot counts as unable to start."""

EVENT_TIMEOUT = 5.0
"""Seconds a kill waits for its event; with many commands in flight, every event happens by then."""

END_TIMEOUT = 120.0
"""Seconds within which the last command must end, with no more faults or kills."""

LOOK = 0.002
"""Seconds between two checks for an event: a kill must hit what follows it within milliseconds."""

RECENT = 100
"""Requests or commands searched for the latest event."""

MOST_DEATHS = 5
"""Most times the bot may exit by itself before the run is given up."""

SIDE = 1024
SLOTS = 8
"""Concurrent calls per deployment: few enough that commands wait in the queue."""

DEPLOYMENTS = {"studio": "gpt-image-2", "annex": "gpt-image-2", "sketch": "gpt-image-1-mini"}

LIMITS = """
[limits.default]
images_per_day = 1000000
concurrent = 10000

[limits.operator]
dollars_per_month = 1000000
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """The arguments of a run."""

    store: str
    url: str
    seed: int
    kills: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run, with everything needed to tell the story of a job."""

    evidence: Evidence
    sandbox: Sandbox
    crowd: Crowd
    bot: Bot


async def run_chaos(plan: Plan, folder: Path) -> Result:
    """Run, and collect the evidence.

    Args:
        plan: the arguments of the run.
        folder: for the bot's files and the replay file.

    Raises:
        SystemExit: If the bot does not start, or keeps exiting by itself.
    """
    options = SandboxOptions(azure=AzureOptions(deployments=DEPLOYMENTS, canned=_picture()))
    decisions = Decisions(plan.seed)
    with Diary(folder / "decisions.jsonl", **dataclasses.asdict(plan)) as diary:
        async with open_sandbox(options) as sandbox:
            (folder / "easel.toml").write_text(_configuration(sandbox), encoding="utf-8")
            bot = Bot(folder, _settings(sandbox, plan.url))
            crowd = Crowd(sandbox, diary, decisions.askings(), plan.in_flight)
            began = time.monotonic()
            in_flight, at_work = await Chaos(plan, decisions, sandbox, bot, crowd, diary).unfold()
            books = await read_books(plan.url)
            evidence = gather(
                sandbox,
                crowd.commands,
                bot.lives,
                books,
                in_flight=in_flight,
                at_work=at_work,
                seconds=time.monotonic() - began,
                tokens=readable_tokens(folder, crowd.commands),
            )
    return Result(evidence, sandbox, crowd, bot)


class Chaos:
    """Kills the bot and disturbs its connection, as decided."""

    def __init__(
        self, plan: Plan, decisions: Decisions, sandbox: Sandbox, bot: Bot, crowd: Crowd, diary: Diary
    ) -> None:
        self._plan = plan
        self._kills = decisions.kills()
        self._disturbances = decisions.disturbances()
        self._sandbox = sandbox
        self._bot = bot
        self._crowd = crowd
        self._diary = diary
        self._in_flight: list[int] = []
        self._deaths = 0

    async def unfold(self) -> tuple[list[int], AtWork]:
        """Carry out the run; return the commands in flight at each kill, and the jobs at the end."""
        await self._first_start()
        typing = asyncio.create_task(self._crowd.type_on())
        try:
            while len(self._in_flight) < self._plan.kills:
                await self._live(next(self._kills))
            at_work = await self._end(typing)
        finally:
            typing.cancel()
            await self._bot.stop()
        return self._in_flight, at_work

    async def _first_start(self) -> None:
        """Start the bot and wait until it has registered its commands: nobody can type one before."""
        await self._bot.start()
        ready = asyncio.create_task(self._sandbox.wait_for_bot(START_TIMEOUT))
        dying = asyncio.create_task(self._bot.ended_by_itself())
        await asyncio.wait((ready, dying), return_when=asyncio.FIRST_COMPLETED)
        dying.cancel()
        if not ready.done() or ready.exception() is not None:
            ready.cancel()
            await self._bot.kill()
            raise SystemExit(f"the bot does not start; see {self._bot.log}")

    async def _live(self, kill: Kill) -> None:
        """Wait for the end of one life, and start the next."""
        dying = asyncio.create_task(self._bot.ended_by_itself())
        waiting = asyncio.create_task(self._until(kill))
        disturbing = asyncio.create_task(self._disturb())
        try:
            await asyncio.wait((dying, waiting), return_when=asyncio.FIRST_COMPLETED)
            by_itself = dying.done()
            if not by_itself:
                await self._kill(kill)
            await asyncio.wait((dying,))
        finally:
            for task in (waiting, disturbing):
                task.cancel()
        if by_itself:
            self._count_death()
        elif waiting.done():
            waiting.result()
        # Everything it sent before its end must be read first, or it would be taken for the next life's.
        await self._until_true(lambda: not self._crowd.connected, START_TIMEOUT)
        await self._bot.start()

    async def _kill(self, kill: Kill) -> None:
        self._in_flight.append(self._crowd.under_way)
        self._diary.note("kill", number=len(self._in_flight), under_way=self._crowd.under_way)
        await self._bot.kill()
        print(
            f"{self._plan.store}: kill {len(self._in_flight)} of {self._plan.kills} ({kill.moment}),"
            f" {self._crowd.under_way} in flight, {len(self._crowd.commands)} asked",
            file=sys.stderr,
            flush=True,
        )

    def _count_death(self) -> None:
        self._deaths += 1
        self._diary.note("death", code=self._bot.life.exit_code)
        if self._deaths > MOST_DEATHS:
            raise SystemExit(f"the bot does not live any more; see {self._bot.log}")

    async def _until(self, kill: Kill) -> None:
        """Wait for the moment of a kill."""
        self._diary.note("life", number=len(self._bot.lives), **dataclasses.asdict(kill))
        if kill.moment is not Moment.START:
            await self._until_true(lambda: self._crowd.connected, START_TIMEOUT)
            self._bot.life.connected = time.monotonic()
        if kill.moment in EVENTS:
            await asyncio.sleep(kill.lives)
            since = time.monotonic()
            await self._until_true(lambda: self._latest(kill.moment) > since, EVENT_TIMEOUT)
        await asyncio.sleep(kill.delay)

    async def _until_true(self, condition: Callable[[], bool], timeout: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not condition():
                    await asyncio.sleep(LOOK)

    def _latest(self, moment: Moment) -> float:
        """Return when an event of that kind last happened; 0 if it has not recently."""
        return max(self._recent(moment), default=0.0)

    def _recent(self, moment: Moment) -> Iterator[float]:
        if moment is Moment.ACKNOWLEDGED:
            for command in self._crowd.commands[-RECENT:]:
                yield command.invocation.acknowledged_at or 0.0
        elif moment is Moment.UPLOADED:
            for upload in self._sandbox.discord.requests[-RECENT:]:
                yield upload.at if upload.files else 0.0
        else:
            for call in self._sandbox.azure.requests[-RECENT:]:
                yield call.at if moment is Moment.CALLED else call.answered_at or 0.0

    async def _disturb(self) -> None:
        """Disturb this life's gateway connection as decided."""
        disturbance = next(self._disturbances)
        if disturbance is None:
            return
        await self._until_true(lambda: self._crowd.connected, START_TIMEOUT)
        await asyncio.sleep(disturbance.after)
        self._diary.note("gateway", **dataclasses.asdict(disturbance))
        gateway = self._sandbox.discord.gateway
        match disturbance.kind:
            case "drop":
                await gateway.drop()
            case "reset":
                await gateway.reset()
            case "reconnect":
                await gateway.reconnect()
            case _:
                await gateway.invalidate()

    async def _end(self, typing: asyncio.Task[None]) -> AtWork:
        """Let all commands in flight end; return the rows and tasks that the bot then has."""
        self._crowd.closing = True
        await typing
        self._sandbox.azure.faults.clear()
        self._sandbox.discord.faults.clear()
        self._diary.note("end", under_way=self._crowd.under_way)
        await self._crowd.settle_down(END_TIMEOUT)
        return await rows_and_tasks(self._plan.url, self._bot.life.port)


def _configuration(sandbox: Sandbox) -> str:
    tables = [
        f"""
[[deployments]]
name = "{name}"
model = "{model}"
endpoint = "{sandbox.url}"
api_key_env = "CHAOS_KEY"
slots = {SLOTS}
"""
        for name, model in DEPLOYMENTS.items()
    ]
    return LIMITS + "".join(tables)


def _settings(sandbox: Sandbox, url: str) -> dict[str, str]:
    settings = sandbox.bot_environment()
    del settings["AZURE_OPENAI_DEPLOYMENTS"], settings["AZURE_OPENAI_ENDPOINT"]
    return settings | {
        "CHAOS_KEY": sandbox.azure.options.api_key,
        "DATABASE_URL": url,
        "EASEL_GENERATION_TIMEOUT": str(CALL_TIME),
    }


def _picture() -> bytes:
    """Return a PNG with few bytes, as the amount of data is not what is tested here."""
    target = io.BytesIO()
    Image.linear_gradient("L").resize((SIDE, SIDE)).convert("RGB").save(target, "PNG")
    return target.getvalue()
