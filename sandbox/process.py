"""A bot in a separate process, which knows the sandbox only by its settings."""

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
"""Seconds a bot has to exit after SIGTERM; the whole demo must end within 5."""
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
    """Run a bot in an empty folder, where it finds no .env or easel.toml, and stop it when the context ends.

    Args:
        settings: Its environment variables, in addition to those every program needs.
        command: The command to run.
        output: Where its output goes; None for this process's own output.
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
            # In its own session, so that Ctrl-C reaches only the parent, which then stops the bot first.
            start_new_session=True,
        )
        try:
            yield process
        finally:
            await _stop(process, stop_timeout)


async def _stop(process: Process, timeout: float) -> None:
    """Send SIGTERM to a bot, and SIGKILL if it is still running after `timeout` seconds."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), timeout)
    except TimeoutError:
        process.kill()
        await process.wait()


def clean_environment() -> dict[str, str]:
    """Return the environment variables a program needs, without the user's settings for any service."""
    return {
        name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
