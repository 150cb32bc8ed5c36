"""Measurements of a process, taken from outside."""

from __future__ import annotations

import asyncio
import math
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import psutil

from sandbox.process import clean_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

STALL_METRIC = "easel_loop_stall_seconds_max"
JOBS_METRIC = "easel_jobs"
METRICS_TIMEOUT = aiohttp.ClientTimeout(total=10)
IMPORT_TRIES = 3


def cpu_seconds(pid: int) -> float:
    """Return the CPU time, user and system, that a process and its children have used, in seconds."""
    times = [process.cpu_times() for process in _family(pid)]
    return sum(time.user + time.system for time in times)


def peak_memory(pid: int) -> int:
    """Return the most memory, in bytes, that a process and its children ever had in RAM.

    Where the kernel keeps no such figure (only Linux does, as VmHWM), return what they use now.
    """
    return sum(_peak(process) for process in _family(pid))


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _peak(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return process.memory_info().rss
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else process.memory_info().rss


async def loop_stall(port: int) -> float | None:
    """Return the longest event-loop stall in seconds, by the bot's metrics; None if it does not say."""
    return await metric(port, STALL_METRIC)


async def jobs_at_work(port: int) -> int | None:
    """Return how many jobs a bot is working on, by its metrics; None if it does not say."""
    value = await metric(port, JOBS_METRIC)
    return None if value is None else int(value)


async def metric(port: int, name: str) -> float | None:
    """Return the value of one bot's metric; None if nobody answers or the answer lacks it."""
    try:
        async with (
            aiohttp.ClientSession(timeout=METRICS_TIMEOUT) as http,
            http.get(f"http://127.0.0.1:{port}/metrics") as answer,
        ):
            return value_of(name, await answer.text())
    except (aiohttp.ClientError, TimeoutError):
        return None


def value_of(name: str, text: str) -> float | None:
    """Return a metric's value from Prometheus text, whatever its labels; None if it is missing."""
    found = re.search(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


async def import_time(modules: Sequence[str]) -> float:
    """Return the seconds a fresh interpreter takes to import `modules`, the best of a few tries."""
    code = (
        "import time, importlib; began = time.perf_counter()\n"
        f"for name in {list(modules)!r}: importlib.import_module(name)\n"
        "print(time.perf_counter() - began)"
    )
    best = math.inf
    for _ in range(IMPORT_TRIES):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, env=clean_environment()
        )
        printed, _ = await process.communicate()
        best = min(best, float(printed))
    return best


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of `values` do not exceed; not a number if there are none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
