"""The command line: ``python -m bot run | doctor | sync``."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dotenv import load_dotenv

from bot.config import ConfigurationError, Settings, load_settings
from bot.errors import EaselError, LoginRefused
from bot.telemetry.logs import configure_logging

if TYPE_CHECKING:
    from collections.abc import Coroutine

Result = TypeVar("Result")

SECRET_VARIABLES = (
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_SECRET",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "IDENTITY_HEADER",
)
"""Read from the environment by azure-identity and obstore."""

EXIT_FAILED, EXIT_MISCONFIGURED = 1, 2


def main() -> int:
    """Run one command and return its exit code: 0 well, 1 failed, 2 misconfigured."""
    arguments = _parser().parse_args()
    # Into the environment, not only into Settings: azure-identity reads its own variables there.
    load_dotenv(Path.cwd() / ".env")
    try:
        settings = load_settings()
    except ConfigurationError as error:
        print("Easel cannot start; please mend these settings (.env.example explains each):", file=sys.stderr)
        for problem in error.problems:
            print(f"  {problem}", file=sys.stderr)
        return EXIT_MISCONFIGURED
    # The libraries' own secrets too, which never pass through Settings.
    others = {os.environ.get(name, "") for name in SECRET_VARIABLES}
    configure_logging(settings.log, settings.secrets | others - {""})
    if arguments.command == "doctor":
        return _doctor(settings, as_json=arguments.json)
    if arguments.command == "sync":
        return _sync(settings, arguments.guild)
    return _run(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Easel, a Discord bot that draws.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the bot")
    doctor = commands.add_parser("doctor", help="check every setting and everything it points to")
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")
    sync = commands.add_parser("sync", help="register the slash commands with Discord")
    sync.add_argument("--guild", type=int, metavar="ID", help="in one server only, at once visible")
    return parser


def _run(settings: Settings) -> int:
    # Imported late, as in the commands below: a wrong setting is reported before the libraries load.
    from bot.app import run  # noqa: PLC0415

    try:
        _in_loop(run(settings))
    except LoginRefused:
        return _login_refused()
    except (EaselError, OSError) as error:
        return _failed(error)
    return 0


def _doctor(settings: Settings, *, as_json: bool) -> int:
    from bot.doctor import examine, render  # noqa: PLC0415

    try:
        findings = _in_loop(examine(settings))
    except (EaselError, OSError) as error:
        return _failed(error)
    print(render(findings, as_json=as_json))
    return 0 if all(finding.ok for finding in findings) else EXIT_FAILED


def _sync(settings: Settings, guild_id: int | None) -> int:
    from bot.app import register  # noqa: PLC0415

    try:
        count = _in_loop(register(settings, guild_id))
    except LoginRefused:
        return _login_refused()
    except (EaselError, OSError) as error:
        return _failed(error)
    print(f"registered {count} commands {'in that server' if guild_id else 'everywhere'}")
    return 0


def _login_refused() -> int:
    print("DISCORD_TOKEN: Discord refuses it; copy the token from the developer portal", file=sys.stderr)
    return EXIT_MISCONFIGURED


def _failed(error: Exception) -> int:
    print(f"Easel stopped: {error}", file=sys.stderr)
    return EXIT_FAILED


def _in_loop(coroutine: Coroutine[None, None, Result]) -> Result:
    """Run on uvloop where it exists: the same loop, for less processor time."""
    if sys.platform == "win32":
        return asyncio.run(coroutine)
    import uvloop  # noqa: PLC0415 - not installed on Windows

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


if __name__ == "__main__":
    sys.exit(main())
