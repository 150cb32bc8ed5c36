"""One job: what to draw, where the answer goes, and what it may cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.queue.fair import Ticket

if TYPE_CHECKING:
    from bot.planning.plan import Plan

_DISCORD_EPOCH_MS = 1_420_070_400_000
"""2015-01-01, from which Discord's ids count milliseconds (Discord docs, reference "Snowflakes")."""


TOKEN_LIFE = 15 * 60.0
"""Seconds for which an interaction token is valid (Discord)."""

DELIVERY_RESERVE = 60.0
"""Seconds of the token's life kept back for uploading, with retries."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the answer to an interaction goes: all that is needed to send it, even after a restart.

    Attributes:
        interaction_id: the id of the interaction, and so of the job.
        application_id: the bot's application.
        token: the interaction's token, valid for 15 minutes.
        guild_id: the server.
        channel_id: the channel; None if Discord did not say.
        member_id: who asked.
        locale: the member's language, such as ``en-US``.
        private: whether only the member sees the answer.
        spoiler: whether pictures are hidden until clicked.
        file_limit: largest file that can be uploaded there, in bytes.
        message_id: the message that holds the answer; None until it is known.
    """

    interaction_id: int
    application_id: int
    token: str = field(repr=False)
    guild_id: int
    channel_id: int | None
    member_id: int
    locale: str
    private: bool
    spoiler: bool
    file_limit: int
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An accepted ``/imagine``.

    Attributes:
        address: where its answer goes.
        plan: what to draw.
        received_at: when the command came, aware, by this machine's clock.
        priority: 0 to 3; the higher, the larger the share of turns.
        server_budget: the operator's monthly budget for the server, in micro-dollars; None is unlimited.
        operator_budget: the same for all servers together.
        job_id: the interaction's id.
    """

    address: Address
    plan: Plan
    received_at: dt.datetime
    priority: int = 0
    server_budget: int | None = None
    operator_budget: int | None = None
    job_id: int = field(init=False)

    def __post_init__(self) -> None:
        """Copy the id from the address, as every step needs it."""
        object.__setattr__(self, "job_id", self.address.interaction_id)

    @property
    def ticket(self) -> Ticket:
        """The job's claim to a turn."""
        address = self.address
        return Ticket(
            self.job_id, address.guild_id, address.member_id, self.plan.request.model, self.priority
        )

    @property
    def asked_at(self) -> dt.datetime:
        """When the member asked, aware, by Discord's clock; read from the id."""
        milliseconds = (self.job_id >> 22) + _DISCORD_EPOCH_MS
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=milliseconds)
