"""More prompts than can be drawn while an answer can still be given: refused at once, and honestly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.azure.options import AzureOptions
from sandbox.discord.world.ids import MEMBER_TWO
from sandbox.server import SandboxOptions, open_sandbox
from tests.e2e.alone import becomes, begin, public_messages
from tests.e2e.bot_process import running_bot
from tests.e2e.deploying import configure
from tests.e2e.locking import ledger

if TYPE_CHECKING:
    from pathlib import Path

TOKEN_LIFE_MINUTES = 15
ASKED = 18
"""At one picture a minute, more than fit into the quarter of an hour that an answer can be edited."""

REFUSAL = re.compile(
    r"Too many are waiting: your turn could take (\d+) min to come, .* Nothing was charged\."
    r" Please try again in \d+ min\."
)


async def test_what_would_wait_for_too_long_is_refused_at_once_and_in_private(tmp_path: Path) -> None:
    azure = AzureOptions(latency=0.1, requests_per_minute=1)
    async with open_sandbox(SandboxOptions(azure=azure)) as sandbox:
        settings = configure(tmp_path, sandbox, "art", more="requests_per_minute = 1") | {"EASEL_DRAIN": "0"}
        async with running_bot(sandbox, tmp_path, settings):
            first = await begin(sandbox)
            await first.settled()
            asked = [await begin(sandbox) for _ in range(ASKED)]
            refused = [invocation for invocation in asked if invocation.state == "answered"]
            waiting = [invocation for invocation in asked if invocation.state == "thinking"]

            # Those who came first wait, the rest hear that it is too many, and nobody else sees it.
            assert asked == [*waiting, *refused]
            assert refused
            for invocation in refused:
                message = await invocation.settled()
                assert invocation.ephemeral
                found = REFUSAL.search(message["content"])
                assert found, message["content"]
                # As many minutes as are before it, or some more.
                assert len(waiting) <= int(found[1]) <= 2 * TOKEN_LIFE_MINUTES
            assert len(public_messages(sandbox, refused[0])) == 0
            known = {job for (job,) in ledger(tmp_path, "select distinct job_id from entries")}
            assert known == {first.id, *(invocation.id for invocation in waiting)}

            # Not everybody: who asks for little in a server is not behind all who ask for much.
            other = await sandbox.discord.member(MEMBER_TWO).slash("imagine", prompt="a quiet pond")
            await other.acknowledged()
            assert not other.ephemeral
            await becomes(lambda: other.state == "thinking")
