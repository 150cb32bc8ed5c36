from __future__ import annotations

import io
import logging
import sys
import warnings
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bot.telemetry.logs import Style, configure_logging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "correct-horse-battery"


@pytest.fixture
def log_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Style], io.StringIO]]:
    """Configure logging for one test; everything is as it was afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def configure(style: Style) -> io.StringIO:
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        # Taken off before: basicConfig closes the handlers it replaces, and these are pytest's.
        root.handlers[:] = []
        configure_logging(style, [SECRET])
        return stream

    yield configure
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def fail(words: str) -> None:
    raise RuntimeError(words)


def test_a_line_of_text(log_to: Callable[[Style], io.StringIO]) -> None:
    stream = log_to("text")
    logging.getLogger("bot.app").info("ready after %d ms", 7)
    logging.getLogger("bot.app").debug("not shown")
    time, rest = stream.getvalue().split(" ", 1)
    assert rest == "INFO bot.app: ready after 7 ms\n"
    assert time.endswith("Z")
    assert len(time) == len("2026-11-22T12:00:00.000Z")


def test_a_line_of_json(log_to: Callable[[Style], io.StringIO]) -> None:
    stream = log_to("json")
    logging.getLogger("bot.app").warning(
        "slow: %s", "upload", extra={"interaction_id": 5, "kind": "x", "ratio": None}
    )
    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "bot.app",
        "message": "slow: upload",
        "interaction_id": 5,
        "kind": "x",
        "ratio": None,
    }


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_secret_shows_in_message_arguments_extra_or_traceback(
    log_to: Callable[[Style], io.StringIO], style: Style
) -> None:
    stream = log_to(style)
    try:
        fail(f"refused {SECRET} at /webhooks/1/interaction-token/messages?sig=signature")
    except RuntimeError:
        logging.getLogger("bot").exception("with %s", SECRET, extra={"key": SECRET}, stack_info=True)
    text = stream.getvalue()
    assert "Traceback" in text
    assert "Stack (most recent call last)" in text
    for secret in (SECRET, "interaction-token", "signature"):
        assert secret not in text


def test_a_message_cannot_pass_for_another_line(log_to: Callable[[Style], io.StringIO]) -> None:
    stream = log_to("text")
    logging.getLogger("bot").info("%s", "a\n2026-11-22 ERROR bot: forged\x1b[2K\u2028")
    assert stream.getvalue().count("\n") == 1
    assert r"a\x0a2026-11-22 ERROR bot: forged\x1b[2K\x2028" in stream.getvalue()


@pytest.mark.parametrize("name", ["openai._base_client", "httpx2", "azure.identity", "aiohttp.access"])
def test_libraries_that_log_requests_are_silent_below_warning(
    log_to: Callable[[Style], io.StringIO], name: str
) -> None:
    stream = log_to("text")
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)  # as openai does by itself when OPENAI_LOG is set
    try:
        logger.debug("Request options: a prompt")
        logger.info("HTTP Request: a prompt")
        logger.warning("shown")
    finally:
        logger.setLevel(logging.NOTSET)
    assert "prompt" not in stream.getvalue()
    assert "shown" in stream.getvalue()


def test_discord_is_heard_from_info_up(log_to: Callable[[Style], io.StringIO]) -> None:
    stream = log_to("text")
    logging.getLogger("discord.gateway").info("connected")
    logging.getLogger("discord.http").debug("payload")
    assert "connected" in stream.getvalue()
    assert "payload" not in stream.getvalue()


def test_warnings_of_python_are_lines_of_the_log(log_to: Callable[[Style], io.StringIO]) -> None:
    stream = log_to("json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # catch_warnings puts Python's own way of showing them back.
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old", stacklevel=1)
        logging.captureWarnings(capture=False)
    assert lines(stream)[0]["logger"] == "py.warnings"


def test_what_json_cannot_hold_is_still_logged(log_to: Callable[[Style], io.StringIO]) -> None:
    stream = log_to("json")
    logging.getLogger("bot").info("half a pair: \ud83d", extra={"large": 2**70})
    assert lines(stream)[0]["message"] == r"half a pair: \ud83d"
    assert lines(stream)[0]["large"] == str(2**70)


def test_a_connection_that_discord_py_makes_again_by_itself_is_one_line(
    log_to: Callable[[Style], io.StringIO],
) -> None:
    stream = log_to("text")
    reset = ConnectionResetError(104, "reset")
    message = "Attempting a reconnect for shard ID %s in %.2fs"
    logging.getLogger("discord.shard").error(message, 0, 1.0, exc_info=reset)
    (line,) = stream.getvalue().splitlines()
    assert "Attempting a reconnect for shard ID 0 in 1.00s (ConnectionResetError: [Errno 104] reset)" in line
