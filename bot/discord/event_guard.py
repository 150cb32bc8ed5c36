"""Guards against gateway events that discord.py cannot parse.

An exception in one of discord.py's parsers ends the connection, and with it the process and every job under
way (2.7.1, shard.py ``worker``). No single event is worth that.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

DEFAULT_FILE_LIMIT = 10 * 2**20
"""Upload limit in bytes if an interaction gives none (Discord docs, reference "Uploading Files")."""


def guarded(event: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    """Wrap ``parse``, discord.py's parser for ``event``, so that no event can make it raise."""

    def parse_guarded(data: Any) -> None:
        try:
            if event == "INTERACTION_CREATE":
                data["attachment_size_limit"] = _size_limit(data.get("attachment_size_limit"))
            parse(data)
        except Exception as error:  # noqa: BLE001 - whatever the event holds
            _log.error("cannot read an event %s: %s", event, type(error).__name__)
            if event == "INTERACTION_CREATE" and isinstance(data, dict) and "channel" in data:
                del data["channel"]
                parse_guarded(data)  # a command works without its channel

    return parse_guarded


def _size_limit(value: object) -> int:
    """Return an interaction's upload limit in bytes, or Discord's default if it gives none."""
    try:
        limit = int(str(value))
    except ValueError:
        limit = 0
    return limit if limit > 0 else DEFAULT_FILE_LIMIT
