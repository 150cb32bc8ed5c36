"""The demo: a sandbox and a real bot in a separate process, which knows the sandbox only by its settings."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass

from sandbox.azure.options import AzureOptions
from sandbox.process import bot_process
from sandbox.server import Sandbox, SandboxOptions, open_sandbox

READY_TIMEOUT = 60.0
"""Seconds a bot has to connect and register its commands."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The command-line options of the demo; `latency` is in seconds per picture."""

    port: int
    latency: float
    bot: bool


async def run_demo(options: DemoOptions) -> int:
    """Run the demo until it is interrupted or its bot exits; return the process exit code.

    Raises:
        PortUnavailable: If the port cannot be bound.
    """
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    azure = AzureOptions(latency=options.latency)
    async with open_sandbox(SandboxOptions(port=options.port, azure=azure)) as sandbox:
        if options.bot:
            return await _run_with_bot(sandbox, stop)
        for name, value in sandbox.bot_environment().items():
            _say(f"{name}={value}")
        # Printed to stderr, so that the settings alone can be piped into a file.
        _note(f"The page is {sandbox.url}; it waits for a bot with the settings above.")
        await stop.wait()
        return 0


async def _run_with_bot(sandbox: Sandbox, stop: asyncio.Event) -> int:
    async with bot_process(sandbox.bot_environment() | {"EASEL_HTTP_PORT": "0", "EASEL_DRAIN": "2"}) as bot:
        interrupted, ended = asyncio.create_task(stop.wait()), asyncio.create_task(bot.wait())
        ready = asyncio.create_task(sandbox.wait_for_bot(READY_TIMEOUT))
        try:
            await asyncio.wait({interrupted, ended, ready}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                ready.result()
                _say(f"Easel demo: {sandbox.url}")
                _say(
                    "Discord and Azure are simulated here: no account, no key, no network. "
                    "The pictures are drawn by the sandbox, not by a model. Stop with Ctrl-C."
                )
                await asyncio.wait({interrupted, ended}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            _note(f"The bot was not ready within {READY_TIMEOUT:.0f} s; its log is above.")
            return 1
        finally:
            for task in (interrupted, ended, ready):
                task.cancel()
        if stop.is_set() or bot.returncode is None:
            return 0
        _note(f"The bot ended by itself with exit code {bot.returncode}; its log is above.")
        # A process killed by signal N has return code -N here and 128 + N in a shell.
        return bot.returncode if bot.returncode >= 0 else 128 - bot.returncode


def _say(line: str) -> None:
    print(line, flush=True)


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
