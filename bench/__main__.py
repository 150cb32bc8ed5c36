"""`python -m bench`: load on the real bot and on a reference bot, and on the ledger.

Each bot has a sandbox of its own. The sandbox and the member who types run in this process, the bot in
another. The bots take turns, and in every second round in the other order, so that neither always gets the
warmer machine.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
from typing import TYPE_CHECKING

import psutil
import uvloop

from bench import measure
from bench.ledger import measure_stores
from bench.load import EASEL, REFERENCE, Contestant, Load, Run, noisy_png, run_load
from bench.report import Outcome, bot_table, ledger_table

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> int:
    """Run the bench and print its tables; return 1 if a picture is missing, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition(".")[0])
    parser.add_argument("--rate", type=float, default=20.0, help="commands per second (default: 20)")
    parser.add_argument("--seconds", type=float, default=30.0, help="seconds per run (default: 30)")
    parser.add_argument("--rounds", type=int, default=2, help="runs per bot (default: 2)")
    parser.add_argument("--only", choices=("bot", "ledger"), help="measure only this")
    options = parser.parse_args()
    missing = 0
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if options.only != "ledger":
            load = Load(rate=options.rate, seconds=options.seconds)
            missing = _report_bots(*runner.run(compare(load, options.rounds)))
        if options.only != "bot":
            print(f"\n{ledger_table(runner.run(measure_stores()))}")
    return 1 if missing else 0


def _report_bots(easel: Outcome, reference: Outcome) -> int:
    """Print the results of the bots; return how many pictures are missing."""
    print(bot_table(easel, reference))
    for run in (*easel.runs, *reference.runs):
        if run.complaint:
            print(f"\nA bot that left pictures out said at the end:\n{run.complaint}", file=sys.stderr)
    return easel.missing + reference.missing


async def compare(load: Load, rounds: int) -> tuple[Outcome, Outcome]:
    """Measure both bots `rounds` times each, alternately."""
    picture = noisy_png()
    print(
        f"{rounds} × {load.commands} commands at {load.rate:g}/s, {load.latency:g} s per generation, "
        f"a PNG of {len(picture):,} bytes; {psutil.cpu_count()} cores, Python {platform.python_version()}.\n"
    )
    runs: dict[str, list[Run]] = {EASEL.name: [], REFERENCE.name: []}
    for number, contestant in enumerate(_turns(rounds), 1):
        print(f"run {number} of {2 * rounds}: {contestant.name}", file=sys.stderr, flush=True)
        runs[contestant.name].append(await run_load(contestant, load, picture))
    easel, reference = [
        Outcome(bot.name, runs[bot.name], await measure.import_time(bot.imports))
        for bot in (EASEL, REFERENCE)
    ]
    return easel, reference


def _turns(rounds: int) -> Iterator[Contestant]:
    for number in range(rounds):
        yield from (EASEL, REFERENCE) if number % 2 == 0 else (REFERENCE, EASEL)


if __name__ == "__main__":
    sys.exit(main())
