"""The bot under test: one folder, one store, and one life after the other."""

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
"""Seconds between SIGTERM and giving up on an orderly end."""


@dataclass(slots=True)
class Life:
    """One process; times on the monotonic clock.

    Attributes:
        began: when it was started.
        port: where it serves its metrics.
        ended: when it was killed or stopped, or had ended by itself; None while it lives.
        connected: when it was first connected to the gateway; None if it never was.
        exit_code: its exit code, if it was not killed from here.
    """

    began: float
    port: int
    ended: float | None = None
    connected: float | None = None
    exit_code: int | None = None


class Bot:
    """Starts, kills and stops the bot, always on the same data.

    Attributes:
        lives: all so far, the present one last.
        log: what all of them wrote.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.lives: list[Life] = []
        self.log = folder / "bot.log"
        self._folder = folder
        self._environment = clean_environment() | dict(settings)
        self._process: Process | None = None

    @property
    def life(self) -> Life:
        """The present or last life."""
        return self.lives[-1]

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Begin a life."""
        # Another port for each: one that nobody holds between two lives may be gone before the second.
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
        """End the life as a power cut would."""
        process = self._running()
        self.life.ended = time.monotonic()
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def ended_by_itself(self) -> None:
        """Wait for an end that nobody here brought about, and take note of it."""
        process = self._running()
        code = await process.wait()
        if self.life.ended is None:
            self.life.ended, self.life.exit_code = time.monotonic(), code

    async def stop(self) -> None:
        """End the life as an operator would; one that does not want to is killed in the end."""
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
