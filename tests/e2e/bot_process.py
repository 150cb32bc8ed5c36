"""Starts ``python -m bot`` as an operator would: as a process of its own, knowing only its settings."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from sandbox.server import Sandbox

START_TIMEOUT = 30.0
"""Seconds a start may take on a loaded machine before a test gives up."""

_PASSED_ON = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START", "COVERAGE_FILE")


@dataclass(slots=True)
class BotProcess:
    """A running bot and what it has written."""

    process: asyncio.subprocess.Process
    directory: Path
    log: Path

    @property
    def output(self) -> str:
        """Everything the bot has written so far, standard output and error together."""
        return self.log.read_text(encoding="utf-8")

    async def stop(self, number: signal.Signals = signal.SIGTERM, *, timeout: float = 40) -> int:
        """Ask the bot to stop and wait for its exit code."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)
        async with asyncio.timeout(timeout):
            return await self.process.wait()


def clean_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """``settings`` and what any process needs; nothing of the machine's own Azure or Discord variables."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed, "EASEL_HTTP_PORT": "0", **settings}


async def start_bot(directory: Path, settings: Mapping[str, str], *arguments: str) -> BotProcess:
    """Start ``python -m bot`` with ``arguments`` (``run`` if none) in ``directory``."""
    log = directory / "bot.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *(arguments or ("run",)),
            cwd=directory,
            env=clean_environment(settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    return BotProcess(process, directory, log)


GENEROUS = """
[limits.default]
images_per_day = 1000000
"""
"""An ``easel.toml`` for tests that are not about limits, and draw more than a new server may."""


@contextlib.asynccontextmanager
async def running_bot(
    sandbox: Sandbox, directory: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[BotProcess]:
    """A bot that is online in ``sandbox``; stopped at the end, whatever happened.

    Its limits are those of ``easel.toml`` in ``directory``, or generous ones.
    """
    configuration = directory / "easel.toml"
    if not configuration.exists():
        configuration.write_text(GENEROUS, encoding="utf-8")
    bot = await start_bot(directory, {**sandbox.bot_environment(), **(settings or {})})
    try:
        await sandbox.wait_for_bot(START_TIMEOUT)
        yield bot
    finally:
        await bot.stop()


async def command(directory: Path, settings: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """Run one command of the bot to its end: its exit code and its output."""
    log = directory / "bot.log"
    before = len(log.read_text(encoding="utf-8")) if log.exists() else 0
    bot = await start_bot(directory, settings, *arguments)
    code = await bot.process.wait()
    return code, bot.output[before:]
