"""`python -m bench.chaos`: kill the bot at random while members ask and everything fails, then count.

The bot is the real one, the sandbox runs in this process. All that is random comes from the seed; what was
decided, and when it took effect, is written to a replay file. The exit code is 1 if a single job was lost,
charged or delivered twice, paid for in vain, or anything else of that kind.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import uvloop

from bench.chaos.diary import read_header
from bench.chaos.report import complaints, dump, stories, table
from bench.chaos.rules import judge
from bench.chaos.run import Plan, run_chaos
from bench.postgres import postgres

STORES = ("sqlite", "postgresql")


def main() -> int:
    """Run on the requested databases and print the results; return 1 if anything was wrong, else 0."""
    options = _options()
    failed = False
    for store in options.store or STORES:
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="easel-chaos-"))
            url = f"sqlite:///{folder / 'easel.db'}"
            if store == "postgresql":
                url = _postgresql(stack)
            plan = Plan(store, url, options.seed, options.kills, options.in_flight)
            ok = _run(plan, folder)
            failed = failed or not ok
            if ok and not options.keep:
                shutil.rmtree(folder, ignore_errors=True)
            else:
                print(f"\nReplay file, records, log and database are in {folder}")
    return 1 if failed else 0


def _postgresql(stack: ExitStack) -> str:
    """Start a server that stops with the stack; exit if it cannot start, rather than skip it silently."""
    try:
        return stack.enter_context(postgres())
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        raise SystemExit(f"no PostgreSQL to run on: {error}") from error


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.chaos", description=(__doc__ or "").partition("\n")[0].partition(": ")[2]
    )
    parser.add_argument("--store", action="append", choices=STORES, help="only on this store (default: both)")
    parser.add_argument("--kills", type=int, default=50, help="how often to kill the bot (default: 50)")
    parser.add_argument("--in-flight", type=int, default=40, help="commands kept in flight (default: 40)")
    parser.add_argument("--seed", type=int, help="what everything random follows from (default: a new one)")
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="decide everything as in this replay file"
    )
    parser.add_argument("--keep", action="store_true", help="keep the folder of a run in which all went well")
    options = parser.parse_args()
    if options.replay is not None:
        header = read_header(options.replay)
        options.store, options.seed = [header["store"]], header["seed"]
        options.kills, options.in_flight = header["kills"], header["in_flight"]
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**6)
    return options


def _run(plan: Plan, folder: Path) -> bool:
    """Run on one database and print the results; return whether all went well."""
    print(f"chaos on {plan.store}: seed {plan.seed}, {plan.kills} kills", file=sys.stderr, flush=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(run_chaos(plan, folder))
    findings = judge(result.evidence)
    dump(result, folder / "records.jsonl")
    print(f"\n{table(plan, result.evidence, findings)}")
    if not any(findings.values()):
        return True
    print(f"\n{complaints(findings)}\n\n{stories(result, findings)}")
    return False


if __name__ == "__main__":
    sys.exit(main())
