"""Who may use moderators' commands and buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.world.ids import ARTISTS, MEMBER_ONE, MODERATOR

if TYPE_CHECKING:
    from tests.e2e.ruling import Server


NOT_MODERATOR = "it takes the permission “Manage Server”"


# --- who may --------------------------------------------------------------------------------------

COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("limits view", {}),
    ("limits set", {"images_per_day": 0}),
    ("limits set", {"images_per_day": 0, "preview": True}),
    ("limits clear", {}),
    ("limits clear", {"gone": True}),
    ("limits explain", {"member": MODERATOR}),
    ("limits undo", {}),
    ("limits timezone", {"zone": "UTC"}),
    ("studio pause", {}),
    ("studio resume", {}),
    ("studio block", {"member": MODERATOR}),
    ("studio unblock", {"member": MODERATOR}),
]


async def test_members_do_not_find_moderators_commands(server: Server) -> None:
    found = {command["name"] for command in server.sandbox.discord.member(MEMBER_ONE).commands()}
    assert found == {"imagine", "quota"}


@pytest.mark.parametrize(("command", "options"), COMMANDS, ids=[name for name, _ in COMMANDS])
async def test_a_member_who_finds_a_moderators_command_is_refused_all_the_same(
    server: Server, command: str, options: dict[str, Any]
) -> None:
    await server.moderator.slash("limits set", images_per_day=9)
    server.open_to_everyone()
    said = await server.member.slash(command, **options)
    assert said.private
    assert NOT_MODERATOR in said.text
    assert server.trail() == [(MODERATOR, "set", "everyone")]
    assert (await server.member.draw()).pictures


@pytest.mark.parametrize("label", ["Undo", "Apply"])
async def test_who_is_no_moderator_any_more_cannot_press_their_buttons(server: Server, label: str) -> None:
    said = await server.moderator.slash("limits set", images_per_day=9, preview=label == "Apply")
    before = await server.overview()
    server.sandbox.discord.world.guild.set_roles(MODERATOR, ARTISTS)
    refused = await server.moderator.press(said, label)
    assert refused.message["id"] != said.message["id"]
    assert refused.private
    assert NOT_MODERATOR in refused.text
    assert (await server.owner.slash("limits view")).rules == before


async def test_administrators_are_moderators(server: Server) -> None:
    assert (await server.owner.slash("limits view")).text.startswith("**Limits in this server**")
