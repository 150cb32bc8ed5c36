"""What most tests do: one member asks for a picture and looks at how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.messages import LOADING
from sandbox.discord.world.ids import MEMBER_ONE

if TYPE_CHECKING:
    from sandbox.discord.client.member import Invocation
    from sandbox.server import Sandbox

PATIENCE = 15.0
"""Seconds until a test gives up on an answer; far more than any of them needs."""


_CANCEL = "easel:cancel:"
"""What the id of the button begins with that a message has as long as its job goes on."""


def is_final(message: dict[str, Any]) -> bool:
    """Whether an answer to ``/imagine`` is more than "thinking…" or a passing remark."""
    buttons = [button for row in message["components"] for button in row["components"]]
    return not message["flags"] & LOADING and not any(
        button["custom_id"].startswith(_CANCEL) for button in buttons
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """How one command ended."""

    invocation: Invocation
    message: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.message["content"])

    @property
    def pictures(self) -> list[dict[str, Any]]:
        return list(self.message["attachments"])


async def ask(sandbox: Sandbox, prompt: str = "a lighthouse at dusk", **options: Any) -> Ending:
    """Type ``/imagine`` as a member and wait until the answer is final."""
    member = sandbox.discord.member(MEMBER_ONE)
    invocation = await member.slash("imagine", prompt=prompt, **options)
    message = await invocation.until(is_final, PATIENCE)
    return Ending(invocation, message)


async def ask_past_autocompletion(sandbox: Sandbox, **options: Any) -> Ending:
    """Type what Discord's client would not let through, as a client of somebody's own might."""
    member = sandbox.discord.member(MEMBER_ONE)
    invocation = await member.slash("imagine", unchecked=True, **options)
    message = await invocation.until(is_final, PATIENCE)
    return Ending(invocation, message)
