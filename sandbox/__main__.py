"""`python -m sandbox`: the demo."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from sandbox.demo import DemoOptions, run_demo
from sandbox.server import PortUnavailable

DEFAULT_PORT = 8300
DEFAULT_LATENCY = 3.0
"""Seconds: long enough for a visitor to see "thinking…", short enough not to bore them."""


def main() -> int:
    """Parse the command line and run the demo; return the exit code."""
    options = parse_arguments(sys.argv[1:])
    try:
        return asyncio.run(run_demo(options))
    except PortUnavailable as error:
        print(f"Sorry, {error}. Choose another with --port or EASEL_DEMO_PORT.", file=sys.stderr)
        return 2


def parse_arguments(arguments: list[str]) -> DemoOptions:
    """Parse the command line, or exit with code 2 and an error message if it is invalid."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="Easel against a simulated Discord and a simulated Azure."
    )
    parser.add_argument(
        "--port",
        type=int,
        # A string, so that argparse reports a bad value as it would a bad argument.
        default=os.environ.get("EASEL_DEMO_PORT", str(DEFAULT_PORT)),
        help="port of the page (EASEL_DEMO_PORT, else 8300; 0: any free one)",
    )
    parser.add_argument("--no-bot", action="store_true", help="start no bot; print the settings one needs")
    parser.add_argument(
        "--latency", type=float, default=DEFAULT_LATENCY, help="seconds a picture takes (default: 3)"
    )
    parsed = parser.parse_args(arguments)
    return DemoOptions(port=parsed.port, latency=parsed.latency, bot=not parsed.no_bot)


if __name__ == "__main__":
    sys.exit(main())
