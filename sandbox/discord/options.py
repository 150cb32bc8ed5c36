"""How the Discord stand-in behaves: every deadline and limit a test may want to shorten."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class DiscordOptions:
    """Deadlines and limits, by default Discord's own; times in seconds, sizes in bytes."""

    token: str = "sandbox-token"  # noqa: S105 - a password to a toy; any other token is refused with 401
    acknowledge_within: float = 3.0
    """An interaction left unanswered for longer than this is dead: its callback gets 404, code 10062."""
    token_lifetime: float = 900.0
    """Interaction tokens older than this get 401, code 50027."""
    attachment_size_limit: int = 10 * 2**20
    """For one uploaded file; a larger one gets 413, code 40005. Every interaction states this limit."""
    request_size_limit: int = 25 * 2**20
    """For a whole request, files included."""
    heartbeat_interval: float = 41.25
    identify_interval: float | None = None
    """A second IDENTIFY within this many seconds gets INVALID_SESSION (Discord: 5.0); None means no limit."""
    link_lifetime: float = 86400.0
    """Attachment links are signed and answer 403 after this long."""
    file_memory: int = 256 * 2**20
    """Uploaded bytes kept in memory; beyond this the oldest files are dropped (404)."""
    rate_limits: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    """Bucket name to (calls, seconds), replacing those in ``rest/limits.py``."""
    daily_command_creates: int = 200
    """New command names per scope and day; more get code 30034."""
    cdn_url: str | None = None
    """Where attachment links point; None means the server's own address."""
    gateway_url: str | None = None
    """Where GET /gateway/bot and READY send the bot; None means the server's own address."""
