"""The command line: ``python -m bot run | doctor | sync | migrate | limits``."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dotenv import load_dotenv

from bot.config.settings import ConfigurationError, Settings, load_settings
from bot.errors import EaselError, ExchangeRefused, LoginRefused, SchemaMismatch
from bot.telemetry.logs import configure_logging

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable

    from bot.limits.exchange import Format

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
    """Run one command and return its exit code: 0 for success, 1 failed, 2 misconfigured."""
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.command == "sync" and arguments.clear and not arguments.guild:
        parser.error("sync --clear needs --guild ID")
    # Load .env into the environment, not only into Settings: azure-identity reads its own variables there.
    load_dotenv(Path.cwd() / ".env")
    try:
        settings = load_settings()
    except ConfigurationError as error:
        print("Easel cannot start; please mend these settings (.env.example explains each):", file=sys.stderr)
        return _misconfigured(error.problems)
    # Redact the libraries' own secrets too: they never pass through Settings.
    others = {os.environ.get(name, "") for name in SECRET_VARIABLES}
    configure_logging(settings.log, settings.secrets | others - {""})
    try:
        return _COMMANDS[arguments.command](settings, arguments)
    except LoginRefused:
        return _misconfigured(["DISCORD_TOKEN: Discord refuses it; copy the token from the developer portal"])
    except SchemaMismatch as error:
        return _misconfigured([f"DATABASE_URL: {error}"])
    except (EaselError, OSError) as error:
        print(f"Easel stopped: {error}", file=sys.stderr)
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Easel, a Discord bot that draws.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the bot")
    doctor = commands.add_parser("doctor", help="check every setting and everything it points to")
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")
    sync = commands.add_parser("sync", help="register the slash commands with Discord")
    sync.add_argument("--guild", type=int, metavar="ID", help="in one server only, at once visible")
    sync.add_argument("--clear", action="store_true", help="with --guild: take that server's own set back")
    commands.add_parser("migrate", help="bring the database's tables up to this version; every start does")
    limits = commands.add_parser("limits", help="the limits of all servers, out to a file and back")
    ways = limits.add_subparsers(dest="way", required=True)
    export = ways.add_parser("export", help="print them")
    export.add_argument("--guild", type=int, metavar="ID", help="of one server only")
    replace = ways.add_parser("import", help="put those of a file in place of the servers' own")
    replace.add_argument("file", metavar="FILE", help="what export printed; - reads standard input")
    for way in (export, replace):
        way.add_argument("--format", choices=("toml", "json"), help="toml, unless the file's name says json")
    return parser


# One function for each command. Each imports late, so that a wrong setting is reported before modules load.


def _run(settings: Settings, _arguments: argparse.Namespace) -> int:
    from bot.app import run  # noqa: PLC0415

    _in_loop(run(settings))
    return 0


def _doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli.doctor import examine, render  # noqa: PLC0415

    findings = _in_loop(examine(settings))
    print(render(findings, as_json=arguments.json))
    return 0 if all(finding.ok for finding in findings) else EXIT_FAILED


def _sync(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli.admin import clear, register  # noqa: PLC0415

    work = clear if arguments.clear else register
    print(_in_loop(work(settings, arguments.guild)))
    return 0


def _migrate(settings: Settings, _arguments: argparse.Namespace) -> int:
    from bot.cli.admin import bring_up_to_date  # noqa: PLC0415

    print(_in_loop(bring_up_to_date(settings)))
    return 0


def _limits(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli.admin import export_limits, import_limits  # noqa: PLC0415

    if arguments.way == "export":
        print(_in_loop(export_limits(settings, arguments.format or "toml", arguments.guild)))
        return 0
    form: Format = arguments.format or ("json" if arguments.file.endswith(".json") else "toml")
    text = sys.stdin.read() if arguments.file == "-" else Path(arguments.file).read_text(encoding="utf-8")
    try:
        print(_in_loop(import_limits(settings, text, form)))
    except ExchangeRefused as refused:
        print("Nothing was changed; please mend these first:", file=sys.stderr)
        return _misconfigured(refused.problems)
    return 0


_COMMANDS = {"run": _run, "doctor": _doctor, "sync": _sync, "migrate": _migrate, "limits": _limits}


def _misconfigured(problems: Iterable[str]) -> int:
    for problem in problems:
        print(f"  {problem}", file=sys.stderr)
    return EXIT_MISCONFIGURED


def _in_loop(coroutine: Coroutine[None, None, Result]) -> Result:
    """Run a coroutine on uvloop where that exists: it does the same for less processor time."""
    if sys.platform == "win32":
        return asyncio.run(coroutine)
    import uvloop  # noqa: PLC0415 - not installed on Windows

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


if __name__ == "__main__":
    sys.exit(main())
