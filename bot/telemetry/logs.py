"""The log: one line per event on standard error, to be read by people (``text``) or machines (``json``)."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import orjson

from bot.telemetry.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Collection

Style: TypeAlias = Literal["text", "json"]

_THRESHOLDS = {
    "aiohttp": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "azure": logging.WARNING,
    "discord": logging.INFO,
    "httpcore2": logging.WARNING,
    "httpx2": logging.WARNING,
    "msal": logging.WARNING,
    "openai": logging.WARNING,
    "PIL": logging.WARNING,
    "urllib3": logging.WARNING,
}
"""Below these, the libraries log too much: openai, httpx2 and azure log whole requests, prompts and all."""

_ROUTINE = ("Attempting a reconnect", "Failed to connect for shard_id", "Ignoring exception in autocomplete")
"""How discord.py's messages begin when it recovers by itself: by a new connection or suggestion."""

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(0x80, 0xA0), 0x2028, 0x2029)}
"""Escapes for line breaks and terminal commands, which could forge other lines of the log."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""The attributes of every ``LogRecord``; any others come from ``extra``."""


def configure_logging(style: Style, secrets: Collection[str] = ()) -> None:
    """Send everything from INFO up to standard error, without secrets; this replaces any earlier set-up.

    Args:
        style: ``text`` or ``json`` (``EASEL_LOG``).
        secrets: values that must never show, such as the token and the keys in the settings.
    """
    redactor = Redactor(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(redactor) if style == "json" else TextFormatter(redactor))
    handler.addFilter(_loud_enough)
    handler.addFilter(_without_routine_tracebacks)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name, level in _THRESHOLDS.items():
        logging.getLogger(name).setLevel(level)


def _loud_enough(record: logging.LogRecord) -> bool:
    """Keep to the thresholds even if a library lowers its own level, as openai does with ``OPENAI_LOG``."""
    return record.levelno >= _THRESHOLDS.get(record.name.partition(".")[0], logging.NOTSET)


def _without_routine_tracebacks(record: logging.LogRecord) -> bool:
    """Cut a lost connection to Discord to one line: discord.py logs fifty each time it tries again."""
    if record.exc_info and record.name.startswith("discord.") and record.getMessage().startswith(_ROUTINE):
        error = record.exc_info[1]
        record.msg, record.args = f"{record.getMessage()} ({type(error).__name__}: {error})", ()
        record.exc_info = None
    return True


class TextFormatter(logging.Formatter):
    """``2026-11-22T12:00:00.000Z INFO bot.app: message``, followed by the traceback if there is one."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Format one record, with the secrets removed from all of it."""
        line = f"{_time(record)} {record.levelname} {record.name}: {record.getMessage().translate(_CONTROL)}"
        return self._redactor("\n".join(filter(None, (line, _traceback(self, record)))))


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, message, ``extra`` fields, and a traceback if any."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Format one record, with the secrets removed from each text in it."""
        fields: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._redactor(record.getMessage()),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD:
                plain = isinstance(value, int | float) or value is None
                fields[name] = value if plain else self._redactor(str(value))
        if traceback := _traceback(self, record):
            fields["traceback"] = self._redactor(traceback)
        return _json(fields)


def _time(record: logging.LogRecord) -> str:
    time = datetime.fromtimestamp(record.created, UTC)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    parts = []
    if record.exc_info:
        parts.append(formatter.formatException(record.exc_info))
    if record.stack_info:
        parts.append(formatter.formatStack(record.stack_info))
    return "\n".join(parts)


def _json(fields: dict[str, Any]) -> str:
    try:
        return orjson.dumps(fields).decode()
    except TypeError:
        # Half a surrogate pair, or a number too large for JSON: a line of the log is worth the detour.
        safe = {name: str(value).encode(errors="backslashreplace").decode() for name, value in fields.items()}
        return orjson.dumps(safe).decode()
