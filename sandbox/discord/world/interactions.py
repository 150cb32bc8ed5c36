"""Interactions, from a member's action to the last version of the answer.

Source: https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.errors import (
    already_acknowledged,
    invalid_form,
    invalid_webhook_token,
    unknown_interaction,
    unknown_webhook,
)
from sandbox.discord.world.ids import APPLICATION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.options import DiscordOptions
    from sandbox.discord.world.ids import Snowflakes

MOST_KEPT = 20_000
"""Interactions kept; the oldest are dropped so that a long-running demo does not grow for ever."""


class InteractionType(IntEnum):
    """What a member did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class CallbackType(IntEnum):
    """How the application answers first."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


ALLOWED: dict[InteractionType, tuple[CallbackType, ...]] = {
    InteractionType.COMMAND: (CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE, CallbackType.MODAL),
    InteractionType.COMPONENT: (
        CallbackType.MESSAGE,
        CallbackType.DEFERRED_MESSAGE,
        CallbackType.DEFERRED_UPDATE,
        CallbackType.UPDATE,
        CallbackType.MODAL,
    ),
    InteractionType.AUTOCOMPLETE: (CallbackType.AUTOCOMPLETE,),
    InteractionType.MODAL_SUBMIT: (CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE),
}
UPDATES = (CallbackType.DEFERRED_UPDATE, CallbackType.UPDATE)


@dataclass(slots=True)
class Interaction:
    """One interaction and what has become of it.

    Attributes:
        kind: What the member did.
        data: The ``data`` of the payload sent to the application.
        metadata: The interaction_metadata that its responses carry.
        source: The message whose component was used; for a modal, the message it was opened from.
        sent_at: When it was sent, by `time.monotonic`.
        acknowledged_at: When the first answer came, likewise.
        callback: The type of the first answer.
        response_id: The message that @original refers to.
        history: Every version of that message since, with the moment it appeared.
        followups: The follow-up messages as they are now, by id.
        modal: The modal it was answered with.
        choices: The suggestions it was answered with.
        nonce: What the member's app calls it until it knows the id.
        failed: Whether the member was told that the application did not respond.
    """

    id: int
    token: str
    kind: InteractionType
    user_id: int
    channel_id: int
    data: dict[str, Any]
    metadata: dict[str, Any]
    source: int | None = None
    sent_at: float = field(default_factory=time.monotonic)
    acknowledged_at: float | None = None
    callback: CallbackType | None = None
    ephemeral: bool = False
    response_id: int | None = None
    response_deleted: bool = False
    history: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    followups: dict[int, dict[str, Any]] = field(default_factory=dict)
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    nonce: str | None = None
    failed: bool = False
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def age(self) -> float:
        """Seconds since it was sent."""
        return time.monotonic() - self.sent_at

    @property
    def allowed_callbacks(self) -> tuple[CallbackType, ...]:
        """The first answers it accepts; a modal can update a message only if it was opened from one."""
        allowed = ALLOWED[self.kind]
        updates = self.kind is InteractionType.MODAL_SUBMIT and self.source is not None
        return allowed + UPDATES if updates else allowed

    def check_takes(self, kind: int) -> None:
        """Refuse a type of first answer that this interaction does not accept.

        Raises:
            ApiError: 400, code 50035.
        """
        if kind not in self.allowed_callbacks:
            listed = ", ".join(str(int(item)) for item in self.allowed_callbacks)
            raise invalid_form(("type",), "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")

    def owns(self, message_id: int) -> bool:
        """Return whether a message is its response or one of its follow-ups."""
        return message_id == self.response_id or message_id in self.followups

    def note_version(self, message_id: int, data: dict[str, Any]) -> None:
        """Note a new version of one of its messages."""
        if message_id == self.response_id:
            self.history.append((time.monotonic(), data))
        else:
            self.followups[message_id] = data
        self.touch()

    def note_deletion(self, message_id: int) -> None:
        """Note that one of its messages was deleted."""
        if message_id == self.response_id:
            self.response_deleted = True
        self.followups.pop(message_id, None)
        self.touch()

    def touch(self) -> None:
        """Wake everyone waiting for a change."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def change(self) -> None:
        """Wait for the next change."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future


class InteractionDesk:
    """The interactions, and the two deadlines that govern them; ``options`` may be replaced."""

    def __init__(self, options: DiscordOptions, snowflakes: Snowflakes) -> None:
        self.options = options
        self._snowflakes = snowflakes
        self._by_id: OrderedDict[int, Interaction] = OrderedDict()
        self._by_token: dict[str, Interaction] = {}
        self._watchers: dict[int, list[Interaction]] = {}

    def open(
        self,
        kind: InteractionType,
        *,
        user_id: int,
        channel_id: int,
        data: dict[str, Any],
        metadata: dict[str, Any],
        source: int | None = None,
    ) -> Interaction:
        """Start an interaction with a fresh id and token."""
        interaction_id = self._snowflakes.new()
        secret = f"interaction:{interaction_id}:{secrets.token_urlsafe(96)}"
        token = base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")
        metadata = {"id": str(interaction_id), "type": int(kind), **metadata}
        interaction = Interaction(interaction_id, token, kind, user_id, channel_id, data, metadata, source)
        self._by_id[interaction_id] = self._by_token[token] = interaction
        if len(self._by_id) > MOST_KEPT:
            _, oldest = self._by_id.popitem(last=False)
            self._forget(oldest)
        return interaction

    def get(self, interaction_id: int) -> Interaction | None:
        """Return an interaction, however old."""
        return self._by_id.get(interaction_id)

    def recent(self) -> Sequence[Interaction]:
        """Return every interaction kept, oldest first."""
        return tuple(self._by_id.values())

    def watch(self, message_id: int, interaction: Interaction) -> None:
        """Let an interaction follow the changes of a message."""
        alive = [item for item in self.watching(message_id) if item.age < self.options.token_lifetime]
        self._watchers[message_id] = [*alive, interaction]

    def watching(self, message_id: int) -> list[Interaction]:
        """Return the interactions that follow the changes of a message."""
        return self._watchers.get(message_id, [])

    def pending(self, interaction_id: int, token: str) -> Interaction:
        """Return an interaction that may still be acknowledged.

        Raises:
            ApiError: 404, code 10062, if there is none, the token does not match, or it is too late;
                400, code 40060, if it has been acknowledged.
        """
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise unknown_interaction()
        if interaction.acknowledged_at is not None:
            raise already_acknowledged()
        if interaction.age > self.options.acknowledge_within:
            raise unknown_interaction()
        return interaction

    def acknowledge(self, interaction: Interaction, kind: CallbackType) -> None:
        """Mark an interaction as answered."""
        interaction.acknowledged_at = time.monotonic()
        interaction.callback = kind

    def by_webhook(self, application_id: int, token: str) -> Interaction:
        """Return the interaction that a webhook token belongs to.

        Raises:
            ApiError: 401, code 50027, for a token that is expired or unknown; 404, code 10015, for
                another application or an interaction that was never acknowledged.
        """
        interaction = self._by_token.get(token)
        if application_id != APPLICATION:
            raise unknown_webhook()
        if interaction is None or interaction.age > self.options.token_lifetime:
            raise invalid_webhook_token()
        if interaction.acknowledged_at is None:
            raise unknown_webhook()
        return interaction

    def clear(self) -> None:
        """Forget everything."""
        self._by_id.clear()
        self._by_token.clear()
        self._watchers.clear()

    def _forget(self, interaction: Interaction) -> None:
        self._by_token.pop(interaction.token, None)
        if interaction.response_id is not None:
            self._watchers.pop(interaction.response_id, None)
