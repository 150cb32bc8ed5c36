"""The buttons on answers about rules: preview, undo, and two moderators at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sandbox.discord.world.ids import ARTISTS, MODERATOR
from sandbox.server import open_sandbox
from tests.e2e.alone import complaints
from tests.e2e.bot_process import running_bot
from tests.e2e.ruling import Person, Said, Server

if TYPE_CHECKING:
    from pathlib import Path

CHANGED_SINCE = "The rule was changed again in the meantime"


# --- preview --------------------------------------------------------------------------------------


async def preview(server: Server, **options: Any) -> Said:
    return await server.moderator.slash("limits set", preview=True, **options)


async def test_a_preview_changes_nothing_until_it_is_applied(server: Server) -> None:
    seen = await preview(server, images_per_day=7)
    assert seen.lines == [
        "**Limits of everyone** would change; nothing is changed yet. It matters for 5 members.",
        "- Pictures a day: 20 as to begin with → **7**",
    ]
    assert list(seen.buttons) == ["Apply", "Cancel"]
    assert await server.overview() == []

    applied = await server.moderator.press(seen, "Apply")
    assert applied.message["id"] == seen.message["id"]
    assert applied.lines[0].startswith("**Limits of everyone** are changed")
    assert list(applied.buttons) == ["Undo"]
    assert await server.overview() == ["- **Everyone**: 7 a day"]


async def test_a_cancelled_preview_leaves_everything_as_it_is(server: Server) -> None:
    seen = await preview(server, images_per_day=7)
    cancelled = await server.moderator.press(seen, "Cancel")
    assert cancelled.text == "Cancelled. Nothing was changed."
    assert cancelled.buttons == {}
    assert await server.overview() == []


async def test_a_preview_of_a_rule_changed_meanwhile_is_not_applied(server: Server) -> None:
    seen = await preview(server, images_per_day=7)
    await server.owner.slash("limits set", images_per_day=3)
    refused = await server.moderator.press(seen, "Apply")
    assert refused.text.startswith(seen.text)
    assert CHANGED_SINCE in refused.text
    assert refused.buttons == {}
    assert await server.overview() == ["- **Everyone**: 3 a day"]


async def test_what_makes_no_sense_has_no_preview(server: Server) -> None:
    said = await server.moderator.slash("limits set", preview=True, max_size="large", unchecked=True)
    assert "Nothing was changed." in said.text
    assert said.buttons == {}


# --- undo -----------------------------------------------------------------------------------------


async def test_undo_takes_back_the_change_it_is_on_and_can_be_taken_back_itself(server: Server) -> None:
    await server.moderator.slash("limits set", images_per_day=5)
    said = await server.moderator.slash("limits set", images_per_day=9, max_count=2)
    undone = await server.moderator.press(said, "Undo")
    assert undone.message["id"] == said.message["id"]
    assert undone.lines == [
        "Taken back: **limits of everyone** are as they were before. It matters for 5 members.",
        "- Pictures a day: 9 → **5**",
        "- Pictures per request: 2 → **not set**",
    ]
    assert await server.overview() == ["- **Everyone**: 5 a day"]
    await server.moderator.press(undone, "Put it back")
    assert await server.overview() == ["- **Everyone**: 9 a day · 2 per request"]
    assert [action for _, action, _ in server.trail()] == ["set", "set", "undo", "undo"]


async def test_undo_is_refused_where_another_moderator_has_changed_the_rule_since(server: Server) -> None:
    said = await server.moderator.slash("limits set", images_per_day=5)
    await server.owner.slash("limits set", images_per_day=6)
    refused = await server.moderator.press(said, "Undo")
    assert CHANGED_SINCE in refused.text
    assert refused.text.startswith(said.text)
    assert refused.buttons == {}
    assert await server.overview() == ["- **Everyone**: 6 a day"]


async def test_the_undo_command_takes_back_the_last_change(server: Server) -> None:
    await server.moderator.slash("limits set", images_per_day=5)
    await server.owner.slash("limits set", role=ARTISTS, images_per_day=50)
    said = await server.moderator.slash("limits undo")
    assert said.lines[0].startswith(f"Taken back: **limits of <@&{ARTISTS}>**")
    assert await server.overview() == ["- **Everyone**: 5 a day"]


async def test_with_nothing_to_undo_that_is_said(server: Server) -> None:
    said = await server.moderator.slash("limits undo")
    assert said.text == "There is no change of a rule to take back. Nothing was changed."


async def test_two_moderators_at_once_both_get_what_they_set(server: Server) -> None:
    await asyncio.gather(
        server.moderator.slash("limits set", images_per_day=5),
        server.owner.slash("limits set", max_count=3),
    )
    assert await server.overview() == ["- **Everyone**: 5 a day · 3 per request"]
    assert len(server.trail()) == 2


async def test_buttons_work_after_a_restart(tmp_path: Path) -> None:
    async with open_sandbox() as sandbox:
        moderator = Person(sandbox, MODERATOR)
        async with running_bot(sandbox, tmp_path):
            said = await moderator.slash("limits set", images_per_day=5)
            seen = await moderator.slash("limits set", role=ARTISTS, images_per_day=9, preview=True)
        async with running_bot(sandbox, tmp_path) as bot:
            undone = await moderator.press(said, "Undo")
            assert undone.lines[0].startswith("Taken back: **limits of everyone**")
            too_old = await moderator.press(seen, "Apply")
            assert too_old.text == "This preview is too old. Nothing was changed; please repeat the command."
            assert (await moderator.slash("limits view")).rules == []
            assert complaints(bot.output) == []
