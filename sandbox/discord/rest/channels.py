"""/channels/{channel}/messages: what the bot does with its own token, as any member would.

Source: https://discord.com/developers/docs/resources/message
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sandbox.discord.gateway.protocol import without_content
from sandbox.discord.rest.calls import NO_CONTENT, Answer
from sandbox.discord.rules.errors import (
    ApiError,
    cannot_edit,
    invalid_form,
    missing_access,
    missing_permissions,
    unknown_channel,
)
from sandbox.discord.rules.messages import Door, check_message
from sandbox.discord.world.guild import BOT_USER
from sandbox.discord.world.ids import BOT, made_at
from sandbox.discord.world.messages import DEFAULT, REPLY
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.posting import compose, new_bot_message, revise, submit

if TYPE_CHECKING:
    from sandbox.discord.rest.calls import Call
    from sandbox.discord.rules.messages import Draft
    from sandbox.discord.world.messages import Message
    from sandbox.discord.world.people import Channel
    from sandbox.discord.world.world import World

NONCE_MEMORY = 300.0
"""Seconds a nonce is remembered; Discord says "the past few minutes"."""


def _channel(world: World, call: Call, needed: Permission = Permission.VIEW_CHANNEL) -> Channel:
    """Return the channel in the path, if the bot has the needed permission there."""
    channel_id = call.id("channel_id")
    try:
        guild = world.guild_of(channel_id)
    except KeyError:
        raise unknown_channel() from None
    channel = guild.channels[channel_id]
    has = guild.permissions(guild.bot, channel)
    if not has & Permission.VIEW_CHANNEL:
        raise missing_access()
    if has & needed != needed:
        raise missing_permissions()
    return channel


def _as_seen(data: dict[str, Any]) -> dict[str, Any]:
    """Return a message as a bot without the message-content intent reads it."""
    return without_content("MESSAGE_CREATE", data, str(BOT))


async def get_channel(world: World, call: Call) -> Answer:
    """Read a channel."""
    return Answer(200, world.channel_json(_channel(world, call)))


async def list_messages(world: World, call: Call) -> Answer:
    """Read a page of a channel, newest first, without ephemeral messages."""
    channel = _channel(world, call)
    limit = call.number("limit", 50, 1, 100)
    before, after, around = (call.query_id(name) for name in ("before", "after", "around"))
    guild = world.guild_of(channel.id)
    if not guild.permissions(guild.bot, channel) & Permission.READ_MESSAGE_HISTORY:
        return Answer(200, [])
    messages = [message for message in world.messages.in_channel(channel.id) if not message.is_ephemeral]
    if around is not None:
        earlier = [message for message in messages if message.id <= around][-(limit // 2 + 1) :]
        later = [message for message in messages if message.id > around][: limit - len(earlier)]
        page = earlier + later
    elif after is not None:
        page = [message for message in messages if message.id > after][:limit]
    else:
        page = [message for message in messages if before is None or message.id < before][-limit:]
    return Answer(200, [_as_seen(world.messages.render(message)) for message in reversed(page)])


async def get_message(world: World, call: Call) -> Answer:
    """Read one message."""
    channel = _channel(world, call, Permission.READ_MESSAGE_HISTORY)
    message = world.message(channel.id, call.id("message_id"))
    return Answer(200, _as_seen(world.messages.render(message)))


async def create_message(world: World, call: Call) -> Answer:
    """Send a message; with enforce_nonce, answer a repeated nonce with the first message."""
    needed = Permission.SEND_MESSAGES | (Permission.ATTACH_FILES if call.uploads else Permission(0))
    channel = _channel(world, call, needed)
    draft = check_message(call.body, Door.CHANNEL)
    if draft.fields.get("sticker_ids"):
        raise ApiError(404, 10060, "Unknown sticker")
    reference = _reference(world, channel, draft)
    submission = await submit(world, draft, call.uploads, channel.id, webhook=False)
    if (earlier := _by_nonce(world, channel, draft)) is not None:
        return Answer(200, world.messages.render(earlier))
    blank = new_bot_message(
        world,
        channel.id,
        kind=DEFAULT if reference is None else REPLY,
        flags=draft.flags,
        nonce=draft.fields.get("nonce"),
        reference=reference,
    )
    message = compose(world, submission, blank)
    if message.nonce is not None:
        world.nonces[channel.id, message.nonce] = message.id
    return Answer(200, await world.publish(message, created=True))


def _reference(world: World, channel: Channel, draft: Draft) -> int | None:
    reference = draft.fields.get("message_reference")
    if reference is None:
        return None
    message = world.messages.get(int(reference["message_id"]))
    if message is not None and message.channel_id == channel.id and not message.is_ephemeral:
        return message.id
    if reference.get("fail_if_not_exists", True):
        raise invalid_form(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    return None


def _by_nonce(world: World, channel: Channel, draft: Draft) -> Message | None:
    if not draft.fields.get("enforce_nonce") or "nonce" not in draft.fields:
        return None
    message = world.messages.get(world.nonces.get((channel.id, draft.fields["nonce"]), 0))
    if message is None or time.time() - made_at(message.id) > NONCE_MEMORY:
        return None
    return message


async def edit_message(world: World, call: Call) -> Answer:
    """Edit one of the bot's own messages, including responses to interactions."""
    channel = _channel(world, call)
    message = world.message(channel.id, call.id("message_id"))
    if message.author != BOT_USER:
        raise cannot_edit()
    draft = check_message(call.body, Door.EDIT, was_v2=message.is_v2)
    submission = await submit(world, draft, call.uploads, channel.id, webhook=False)
    # It may have been edited or deleted while the files were being stored.
    message = world.message(channel.id, message.id)
    return Answer(200, await world.publish(revise(world, submission, message), created=False))


async def delete_message(world: World, call: Call) -> Answer:
    """Delete one of the bot's own messages, or anybody's with MANAGE_MESSAGES."""
    channel = _channel(world, call)
    message = world.message(channel.id, call.id("message_id"))
    if message.author != BOT_USER:
        _channel(world, call, Permission.MANAGE_MESSAGES)
    await world.remove(message)
    return NO_CONTENT
