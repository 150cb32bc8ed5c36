"""Load on one bot: commands at a steady rate, typed by a member of the sandbox."""

from __future__ import annotations

import asyncio
import io
import random
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import TYPE_CHECKING, Any

from PIL import Image

from bench import measure
from bench.ports import free_port
from sandbox.azure.options import AzureOptions
from sandbox.discord.world.ids import MEMBER_ONE
from sandbox.process import BOT_COMMAND, bot_process
from sandbox.server import Sandbox, SandboxOptions, open_sandbox

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Sequence

    from sandbox.discord.client.member import Invocation

REFERENCE_BOT = Path(__file__).with_name("reference_bot.py")
SIDE = 1024
NOISE_LEVELS = 24
"""Grey levels of the noise, chosen to make the PNG about 2 MB, like real ones of this size."""
PATIENCE = 60.0
"""Seconds to wait for a picture before it counts as missing."""
START_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Contestant:
    """A bot to measure: its name in the report, the command that starts it and the modules it imports."""

    name: str
    command: Sequence[str]
    imports: Sequence[str]


EASEL = Contestant("Easel", BOT_COMMAND, ("bot.__main__", "bot.app", "cogs.imagine.command"))
REFERENCE = Contestant("reference", (sys.executable, str(REFERENCE_BOT)), ("discord", "openai"))


@dataclass(frozen=True, slots=True)
class Load:
    """A load: commands per second, its duration in seconds, and the seconds each generation takes."""

    rate: float = 20.0
    seconds: float = 30.0
    latency: float = 2.0

    @property
    def commands(self) -> int:
        """Commands in total."""
        return round(self.rate * self.seconds)


@dataclass(slots=True)
class Run:
    """The measurements of one run; times in seconds, memory in bytes.

    Attributes:
        acknowledged: Command sent → acknowledged, for each command that was.
        begun: Acknowledged → request at Azure, for each command that got that far.
        overhead: Azure's answer sent → picture visible to the member, for each picture.
        missing: Commands that ended without a picture.
        ready: Process started → READY.
        cpu: CPU time per command.
        memory: Peak memory in RAM.
        far_end: CPU time per command of this process: the sandbox and the member who types.
        stall: Longest event-loop stall, if the bot reports it.
        complaint: The end of the bot's output, if pictures are missing.
    """

    acknowledged: list[float] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)
    overhead: list[float] = field(default_factory=list)
    missing: int = 0
    ready: float = 0.0
    cpu: float = 0.0
    far_end: float = 0.0
    memory: int = 0
    stall: float | None = None
    complaint: str = ""


LIMITS = """
[limits.default]
images_per_day = 1000000
"""
"""One member types all the commands, more than the defaults for a new guild allow."""


def noisy_png() -> bytes:
    """Return a 1024 by 1024 PNG of about 2 MB."""
    noise = random.Random(SIDE).randbytes(SIDE * SIDE * 3)
    levels = bytes(96 + value % NOISE_LEVELS for value in range(256))
    target = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), noise.translate(levels)).save(target, "PNG", compress_level=6)
    return target.getvalue()


async def run_load(contestant: Contestant, load: Load, picture: bytes) -> Run:
    """Start a bot with its own sandbox, apply the load, and measure."""
    options = SandboxOptions(azure=AzureOptions(latency=load.latency, canned=picture))
    run, port = Run(), free_port()
    with TemporaryFile() as output, NamedTemporaryFile("w", suffix=".toml") as configuration:
        configuration.write(LIMITS)
        configuration.flush()
        async with open_sandbox(options) as sandbox:
            settings = sandbox.bot_environment()
            settings |= {"EASEL_HTTP_PORT": str(port), "EASEL_CONFIG": configuration.name}
            began = time.monotonic()
            async with bot_process(settings, command=contestant.command, output=output) as process:
                run.ready = await _until_ready(sandbox, process) - began
                busy, own = measure.cpu_seconds(process.pid), time.process_time()
                invocations = await _type_commands(sandbox, load)
                run.cpu = (measure.cpu_seconds(process.pid) - busy) / load.commands
                run.far_end = (time.process_time() - own) / load.commands
                run.memory = measure.peak_memory(process.pid)
                run.stall = await measure.loop_stall(port)
            _read_times(run, sandbox, invocations)
        if run.missing:
            output.seek(0)
            run.complaint = "\n".join(output.read().decode(errors="replace").splitlines()[-20:])
    return run


async def _until_ready(sandbox: Sandbox, process: Process) -> float:
    """Wait until commands can be typed; return the time at which the bot was READY.

    Raises:
        SystemExit: If the bot exits before that, because then there is nothing to measure.
    """
    ready = asyncio.create_task(_ready_at(sandbox))
    ended = asyncio.create_task(process.wait())
    await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if not ready.done():
        ready.cancel()
        raise SystemExit(f"a bot ended with code {process.returncode} before it was ready")
    return ready.result()


async def _ready_at(sandbox: Sandbox) -> float:
    await sandbox.discord.gateway.wait_ready(START_TIMEOUT)
    moment = time.monotonic()
    await sandbox.wait_for_bot(START_TIMEOUT)
    return moment


async def _type_commands(sandbox: Sandbox, load: Load) -> list[Invocation]:
    """Send every command at its time, regardless of earlier ones; return when all have ended."""
    member = sandbox.discord.member(MEMBER_ONE)
    began = time.monotonic()

    async def type_one(number: int) -> Invocation:
        await asyncio.sleep(began + number / load.rate - time.monotonic())
        invocation = await member.slash("imagine", prompt=_prompt(number))
        # A command without a picture is counted as missing later.
        with suppress(TimeoutError):
            await invocation.until(_has_picture, PATIENCE)
        return invocation

    return await asyncio.gather(*(type_one(number) for number in range(load.commands)))


def _prompt(number: int) -> str:
    return f"a lighthouse at dusk, number {number:06d}"


def _read_times(run: Run, sandbox: Sandbox, invocations: Sequence[Invocation]) -> None:
    answered = {
        request.body["prompt"]: request.answered_at
        for request in sandbox.azure.requests
        if request.answered_at is not None
    }
    called = {request.body["prompt"]: request.at for request in reversed(sandbox.azure.requests)}
    for number, invocation in enumerate(invocations):
        if invocation.acknowledged_at is not None:
            run.acknowledged.append(invocation.acknowledged_at - invocation.sent_at)
            if _prompt(number) in called:
                run.begun.append(called[_prompt(number)] - invocation.acknowledged_at)
        visible = next((at for at, message in invocation.history if _has_picture(message)), None)
        if visible is None:
            run.missing += 1
        else:
            run.overhead.append(visible - answered[_prompt(number)])


def _has_picture(message: dict[str, Any]) -> bool:
    return bool(message.get("attachments"))
