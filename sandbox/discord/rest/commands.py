"""/applications/{application}[/guilds/{guild}]/commands.

Source: https://discord.com/developers/docs/interactions/application-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.rest.calls import NO_CONTENT, Answer
from sandbox.discord.rules.commands import check_command, check_commands
from sandbox.discord.rules.errors import ApiError, missing_access
from sandbox.discord.world.commands import GLOBAL
from sandbox.discord.world.ids import APPLICATION

if TYPE_CHECKING:
    from sandbox.discord.rest.calls import Call
    from sandbox.discord.world.world import World

SERVER_SET = ("application_id", "guild_id", "id", "version")
"""Keys of a stored command that the application cannot change."""


def _scope(world: World, call: Call) -> int:
    """Return the scope in the path.

    Raises:
        ApiError: 403, code 20012, for another application; 403, code 50001, for a guild the bot is not in.
    """
    if call.id("application_id") != APPLICATION:
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
    if "guild_id" not in call.params:
        return GLOBAL
    guild_id = call.id("guild_id")
    if guild_id not in world.guilds:
        raise missing_access()
    return guild_id


async def list_commands(world: World, call: Call) -> Answer:
    """Read all commands of a scope."""
    scope = _scope(world, call)
    return Answer(200, world.commands.all(scope, localizations=call.flag("with_localizations")))


async def overwrite_commands(world: World, call: Call) -> Answer:
    """Replace all commands of a scope."""
    scope = _scope(world, call)
    return Answer(200, world.commands.overwrite(scope, check_commands(call.body)))


async def create_command(world: World, call: Call) -> Answer:
    """Add a command, or overwrite the one with that name."""
    scope = _scope(world, call)
    stored, is_new = world.commands.upsert(scope, check_command(call.body))
    return Answer(201 if is_new else 200, stored)


async def get_command(world: World, call: Call) -> Answer:
    """Read one command."""
    scope = _scope(world, call)
    return Answer(200, world.commands.get(scope, call.id("command_id")))


async def edit_command(world: World, call: Call) -> Answer:
    """Change some keys of one command."""
    scope, command_id = _scope(world, call), call.id("command_id")
    previous = world.commands.get(scope, command_id)
    changes = call.body if isinstance(call.body, dict) else {}
    merged = {key: value for key, value in {**previous, **changes}.items() if key not in SERVER_SET}
    return Answer(200, world.commands.replace(scope, command_id, check_command(merged)))


async def delete_command(world: World, call: Call) -> Answer:
    """Delete one command."""
    scope = _scope(world, call)
    world.commands.remove(scope, call.id("command_id"))
    return NO_CONTENT
