"""/webhooks/{application}/{token}: what follows the first answer, until the token is 15 minutes old.

Source: https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.rest.calls import NO_CONTENT, Answer
from sandbox.discord.rules.errors import unknown_message
from sandbox.discord.rules.messages import EPHEMERAL, Door, check_message
from sandbox.discord.world.interactions import CallbackType
from sandbox.discord.world.messages import REPLY
from sandbox.discord.world.posting import compose, new_bot_message, revise, submit

if TYPE_CHECKING:
    from sandbox.discord.rest.calls import Call
    from sandbox.discord.world.interactions import Interaction
    from sandbox.discord.world.messages import Message
    from sandbox.discord.world.world import World

ORIGINAL = "@original"


def _interaction(world: World, call: Call) -> Interaction:
    return world.interactions.by_webhook(call.id("webhook_id"), call.params["webhook_token"])


def _message(world: World, call: Call, interaction: Interaction) -> Message:
    """Return the message in the path, if it belongs to this interaction and still exists."""
    is_original = call.params["message_id"] == ORIGINAL
    message_id = interaction.response_id if is_original else call.id("message_id")
    message = world.messages.get(message_id or 0)
    if message is None or not interaction.owns(message.id):
        raise unknown_message()
    return message


async def create_followup(world: World, call: Call) -> Answer:
    """Send a follow-up; right after a deferral, fill in the loading message instead."""
    interaction = _interaction(world, call)
    draft = check_message(call.body, Door.INTERACTION)
    submission = await submit(world, draft, call.uploads, interaction.channel_id)
    loading = _loading(world, interaction)
    if loading is not None:
        # The body's EPHEMERAL flag is ignored: the deferral decided who sees the answer.
        return Answer(200, await world.publish(revise(world, submission, loading), created=False))
    is_private = bool(draft.flags & EPHEMERAL)
    original = interaction.response_id
    blank = new_bot_message(
        world,
        interaction.channel_id,
        kind=REPLY,
        flags=draft.flags,
        owner=interaction.user_id if is_private else None,
        reference=original,
        interaction={**interaction.metadata, "original_response_message_id": str(original)}
        if original
        else interaction.metadata,
    )
    message = compose(world, submission, blank)
    interaction.followups[message.id] = {}
    world.interactions.watch(message.id, interaction)
    return Answer(200, await world.publish(message, created=True))


def _loading(world: World, interaction: Interaction) -> Message | None:
    if interaction.callback is not CallbackType.DEFERRED_MESSAGE:
        return None
    message = world.messages.get(interaction.response_id or 0)
    return message if message is not None and message.is_loading else None


async def get_message(world: World, call: Call) -> Answer:
    """Read the response or a follow-up."""
    interaction = _interaction(world, call)
    return Answer(200, world.messages.render(_message(world, call, interaction)))


async def edit_message(world: World, call: Call) -> Answer:
    """Edit the response or a follow-up."""
    interaction = _interaction(world, call)
    message = _message(world, call, interaction)
    draft = check_message(call.body, Door.EDIT, was_v2=message.is_v2)
    submission = await submit(world, draft, call.uploads, interaction.channel_id)
    # It may have been edited or deleted while the files were being stored.
    message = _message(world, call, interaction)
    return Answer(200, await world.publish(revise(world, submission, message), created=False))


async def delete_message(world: World, call: Call) -> Answer:
    """Delete the response or a follow-up."""
    interaction = _interaction(world, call)
    await world.remove(_message(world, call, interaction))
    return NO_CONTENT
