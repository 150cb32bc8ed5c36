"""A member types /imagine and sees the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.world.ids import MEMBER_ONE

if TYPE_CHECKING:
    from sandbox.server import Sandbox


async def test_the_picture_replaces_thinking(sandbox: Sandbox) -> None:
    member = sandbox.discord.member(MEMBER_ONE)
    invocation = await member.slash("imagine", prompt="a red fox in the snow")
    await invocation.acknowledged()
    assert invocation.state == "thinking"

    message = await invocation.settled()

    assert [attachment["width"] for attachment in message["attachments"]] == [1024]
    assert "a red fox in the snow" in message["content"]
    assert message["attachments"][0]["description"] == "a red fox in the snow"
