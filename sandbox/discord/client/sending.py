"""What Discord does with a member's action: open the interaction, pass it on, and wait for an answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sandbox.discord.client.payloads import interaction_payload, owners
from sandbox.discord.world.interactions import InteractionType

if TYPE_CHECKING:
    from sandbox.discord.world.interactions import Interaction
    from sandbox.discord.world.messages import Message
    from sandbox.discord.world.world import World


async def send_command(
    world: World,
    user_id: int,
    channel_id: int,
    data: dict[str, Any],
    *,
    name: str,
    autocomplete: bool = False,
    nonce: str | None = None,
) -> Interaction:
    """Send a command, or a request for suggestions; ``name`` includes the subcommands."""
    metadata: dict[str, Any] = {"name": name, "command_type": data["type"]}
    if "target_id" in data:
        target = data["target_id"]
        users = data.get("resolved", {}).get("users", {})
        metadata |= {"target_user": users[target]} if target in users else {"target_message_id": target}
    kind = InteractionType.AUTOCOMPLETE if autocomplete else InteractionType.COMMAND
    return await _send(world, kind, user_id, channel_id, data, metadata, nonce=nonce)


async def send_component(
    world: World, user_id: int, message: Message, data: dict[str, Any], *, nonce: str | None = None
) -> Interaction:
    """Send the use of a button or select."""
    metadata = {"interacted_message_id": str(message.id)}
    kind, channel_id = InteractionType.COMPONENT, message.channel_id
    return await _send(world, kind, user_id, channel_id, data, metadata, source=message.id, nonce=nonce)


async def send_modal(
    world: World, opener: Interaction, data: dict[str, Any], *, nonce: str | None = None
) -> Interaction:
    """Submit the modal that ``opener`` was answered with."""
    metadata = {"triggering_interaction_metadata": opener.metadata}
    kind = InteractionType.MODAL_SUBMIT
    return await _send(
        world, kind, opener.user_id, opener.channel_id, data, metadata, source=opener.source, nonce=nonce
    )


async def _send(
    world: World,
    kind: InteractionType,
    user_id: int,
    channel_id: int,
    data: dict[str, Any],
    metadata: dict[str, Any],
    *,
    source: int | None = None,
    nonce: str | None = None,
) -> Interaction:
    guild = world.guild_of(channel_id)
    user = guild.members[user_id].user.to_json()
    interaction = world.interactions.open(
        kind,
        user_id=user_id,
        channel_id=channel_id,
        data=data,
        metadata={"user": user, "authorizing_integration_owners": owners(guild), **metadata},
        source=source,
    )
    interaction.nonce = nonce
    world.hub.publish("INTERACTION_CREATE", {"id": str(interaction.id), "nonce": nonce}, only=user_id)
    delay = world.options.acknowledge_within
    asyncio.get_running_loop().call_later(delay, world.tell_failed, interaction)
    await world.dispatch("INTERACTION_CREATE", interaction_payload(world, interaction))
    return interaction
