"""A bot as a process of its own, that knows the sandbox by its settings only."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Mapping, Sequence

BOT_COMMAND = (sys.executable, "-m", "bot", "run")
STOP_TIMEOUT = 3.0
"""Seconds a bot gets to end by itself; the whole demo is to be gone within 5."""
_KEPT = frozenset({"PATH", "HOME", "LANG", "TMPDIR"})
_KEPT_PREFIXES = ("PYTHON", "LC_")


@asynccontextmanager
async def bot_process(
    settings: Mapping[str, str],
    *,
    command: Sequence[str] = BOT_COMMAND,
    output: IO[bytes] | None = None,
    stop_timeout: float = STOP_TIMEOUT,
) -> AsyncIterator[Process]:
    """Run a bot in an empty folder, where no .env and no easel.toml is found, and end it with the context.

    Args:
        settings: Its environment, beside what every program needs.
        command: What to run.
        output: Where its output goes; None: where this process's goes.
        stop_timeout: Seconds between SIGTERM and SIGKILL.
    """
    with TemporaryDirectory(prefix="easel-") as folder:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=clean_environment() | dict(settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # A session of its own: Ctrl-C reaches the parent only, which then ends the bot first.
            start_new_session=True,
        )
        try:
            yield process
        finally:
            await _stop(process, stop_timeout)


async def _stop(process: Process, timeout: float) -> None:
    """End a bot politely, or after `timeout` seconds not so politely."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), timeout)
    except TimeoutError:
        process.kill()
        await process.wait()


def clean_environment() -> dict[str, str]:
    """Return what a program needs to run, without the settings of any service the user may have."""
    return {
        name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
