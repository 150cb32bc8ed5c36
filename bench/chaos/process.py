"""The bot under test: one folder, one database, and one life after another."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.ports import free_port
from sandbox.process import BOT_COMMAND, clean_environment

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Mapping
    from pathlib import Path

STOP_TIMEOUT = 60.0
"""Seconds after SIGTERM before an orderly shutdown is given up on."""


@dataclass(slots=True)
class Life:
    """One process; times on the monotonic clock.

    Attributes:
        began: when it was started.
        port: where it serves its metrics.
        ended: when it was killed or stopped, or exited by itself; None while it runs.
        connected: when it was first connected to the gateway; None if it never was.
        exit_code: its exit code, unless it was killed by `Bot.kill`.
    """

    began: float
    port: int
    ended: float | None = None
    connected: float | None = None
    exit_code: int | None = None


class Bot:
    """Starts, kills and stops the bot, always on the same data.

    Attributes:
        lives: all lives so far, the current one last.
        log: the file with the output of all of them.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.lives: list[Life] = []
        self.log = folder / "bot.log"
        self._folder = folder
        self._environment = clean_environment() | dict(settings)
        self._process: Process | None = None

    @property
    def life(self) -> Life:
        """The current or last life."""
        return self.lives[-1]

    @property
    def running(self) -> bool:
        """Whether the process is running."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start a new life."""
        # A new port for each: between two lives the old one is free, and something else may take it.
        port = free_port()
        with self.log.open("ab") as output:
            output.write(f"--- life {len(self.lives) + 1}\n".encode())
            output.flush()
            self.lives.append(Life(time.monotonic(), port))
            self._process = await asyncio.create_subprocess_exec(
                *BOT_COMMAND,
                cwd=self._folder,
                env=self._environment | {"EASEL_HTTP_PORT": str(port)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def kill(self) -> None:
        """Kill the process, as a power cut would."""
        process = self._running()
        self.life.ended = time.monotonic()
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def ended_by_itself(self) -> None:
        """Wait until the process ends; if it was not killed from here, store its time and exit code."""
        process = self._running()
        code = await process.wait()
        if self.life.ended is None:
            self.life.ended, self.life.exit_code = time.monotonic(), code

    async def stop(self) -> None:
        """Stop the process as an operator would, and kill it if it has not exited in time."""
        process = self._running()
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            self.life.exit_code = await asyncio.wait_for(process.wait(), STOP_TIMEOUT)
        except TimeoutError:
            process.kill()
            self.life.exit_code = await process.wait()
        self.life.ended = time.monotonic()

    def _running(self) -> Process:
        if self._process is None:
            raise RuntimeError("the bot was never started")
        return self._process
