"""Turning a checked body and its uploads into a message, or into the next version of one.

Attachments on an edit follow Discord's rule: without a list the old ones stay and new files are added; with
a list only those it names are kept, old ones by their id and new ones by the n of files[n].

Source: https://discord.com/developers/docs/resources/message#edit-message
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.errors import FormErrors, empty_message, invalid_form, too_large
from sandbox.discord.rules.messages import COMPONENTS_V2, MOST_ATTACHMENTS, SUPPRESS_EMBEDS
from sandbox.discord.world.guild import BOT_USER
from sandbox.discord.world.mentions import CHANNEL_DEFAULT, INTERACTION_DEFAULT, find_mentions
from sandbox.discord.world.messages import Message, edited
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.render import Attachment, MediaIndex, all_text, component_links, number_components

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.discord.rules.errors import Path
    from sandbox.discord.rules.messages import Draft
    from sandbox.discord.world.files import StoredFile, Upload
    from sandbox.discord.world.world import World


@dataclass(frozen=True, slots=True)
class Submission:
    """A valid message body, and the files that came with it.

    Attributes:
        draft: The cleaned body.
        files: The files, already stored, by the n of files[n].
        path: Where the body sits in the request, for the paths in errors.
        webhook: Whether it comes through an interaction's token; mentions default differently then.
    """

    draft: Draft
    files: Mapping[int, StoredFile]
    path: Path = ()
    webhook: bool = True


async def submit(
    world: World,
    draft: Draft,
    uploads: Mapping[int, Upload],
    channel_id: int,
    *,
    path: Path = (),
    webhook: bool = True,
) -> Submission:
    """Store the files of a message body.

    This is the only step that awaits. Later steps work on the message's current state, so that two edits, or
    an edit and a deletion, cannot undo each other.

    Raises:
        ApiError: 413, code 40005, for a file over the limit.
    """
    if any(len(upload.data) > world.options.attachment_size_limit for upload in uploads.values()):
        raise too_large()
    notes = {int(item["id"]): item for item in draft.fields.get("attachments") or ()}
    files = {}
    for number, upload in uploads.items():
        name = notes.get(number, {}).get("filename") or upload.filename
        files[number] = await world.files.add(replace(upload, filename=name), channel_id)
    return Submission(draft, files, path, webhook)


def compose(world: World, submission: Submission, message: Message) -> Message:
    """Fill in a new message, which has its id, author and channel already, from a submission.

    Raises:
        ApiError: 400, code 50035 or 50006.
    """
    return _filled(world, submission, message, kept=())


def revise(world: World, submission: Submission, message: Message) -> Message:
    """Return a message with an edit applied.

    Raises:
        ApiError: 400, code 50035 or 50006.
    """
    flags = message.flags
    if "flags" in submission.draft.fields:
        # Only these two flags can be changed, and Components V2 can only be switched on.
        flags = (flags & ~SUPPRESS_EMBEDS) | (submission.draft.flags & (SUPPRESS_EMBEDS | COMPONENTS_V2))
    body = _filled(world, submission, message, kept=message.attachments)
    return edited(body, time.time(), flags=flags)


def _filled(world: World, submission: Submission, message: Message, kept: tuple[Attachment, ...]) -> Message:
    fields = submission.draft.fields
    components = [*message.components]
    if "components" in fields:
        components = fields["components"] or []
        number_components(components)
    filled = replace(
        message,
        content=(fields["content"] or "").strip() if "content" in fields else message.content,
        embeds=tuple(fields["embeds"] or ()) if "embeds" in fields else message.embeds,
        components=tuple(components),
        attachments=_attachments(submission, message, kept),
        tts=fields.get("tts", message.tts),
    )
    _check_whole(world, filled, submission)
    allowed = fields.get("allowed_mentions")
    if allowed is None:
        allowed = INTERACTION_DEFAULT if submission.webhook else CHANNEL_DEFAULT
    return replace(filled, mentions=_mentions(world, filled, allowed))


def _check_whole(world: World, message: Message, submission: Submission) -> None:
    """Check what can only be checked once the body is merged into the message."""
    errors = FormErrors()
    if submission.draft.is_v2:
        for key in ("content", "embeds"):
            if getattr(message, key):
                text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
                errors.add((*submission.path, key), code, text)
    media = MediaIndex(message.attachments, world.files.link)
    for path, link in component_links([*message.components]):
        if media.is_missing(link):
            text = f"The referenced attachment '{link.partition('://')[2]}' was not found"
            code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
            errors.add((*submission.path, "components", *path), code, text)
    errors.raise_any()
    if message.is_empty:
        raise empty_message()


def _mentions(world: World, message: Message, allowed: Mapping[str, Any]) -> Any:
    guild = world.guild_of(message.channel_id)
    member, channel = guild.members[message.author.id], guild.channels[message.channel_id]
    may_ping_all = bool(guild.permissions(member, channel) & Permission.MENTION_EVERYONE)
    text = all_text(message.content, message.components)
    return find_mentions(text, allowed, guild, may_ping_all=may_ping_all)


def _attachments(
    submission: Submission, message: Message, kept: tuple[Attachment, ...]
) -> tuple[Attachment, ...]:
    if submission.draft.replaces_attachments:
        listed = submission.draft.fields["attachments"] or []
        attachments = _listed(listed, submission, message, kept)
    else:
        added = [_new(file, {}, message) for file in submission.files.values()]
        attachments = (*kept, *added)
    if len(attachments) > MOST_ATTACHMENTS:
        text = f"Must be between 0 and {MOST_ATTACHMENTS} in length."
        raise invalid_form((*submission.path, "attachments"), "BASE_TYPE_BAD_LENGTH", text)
    return attachments


def _listed(
    listed: list[dict[str, Any]], submission: Submission, message: Message, kept: tuple[Attachment, ...]
) -> tuple[Attachment, ...]:
    """Match the listed attachments with old ones and with files; refuse an id that matches neither."""
    errors = FormErrors()
    old = {attachment.id: attachment for attachment in kept}
    found: list[Attachment] = []
    for index, notes in enumerate(listed):
        number = int(notes["id"])
        if number in submission.files:
            found.append(_new(submission.files[number], notes, message))
        elif number in old:
            found.append(_changed(old[number], notes))
        else:
            path = (*submission.path, "attachments", index)
            errors.add(path, "ATTACHMENT_NOT_FOUND", "Attachment data not found")
    errors.raise_any()
    return tuple(found)


def _changed(attachment: Attachment, notes: Mapping[str, Any]) -> Attachment:
    return replace(
        attachment,
        description=notes.get("description", attachment.description),
        spoiler=notes.get("is_spoiler", attachment.spoiler),
    )


def _new(file: StoredFile, notes: Mapping[str, Any], message: Message) -> Attachment:
    return Attachment(
        id=file.id,
        filename=file.filename,
        size=len(file.data),
        content_type=file.content_type,
        pixels=file.pixels,
        path=file.path,
        description=notes.get("description"),
        title=notes.get("title"),
        spoiler=notes.get("is_spoiler", False),
        ephemeral=message.is_ephemeral,
    )


def new_bot_message(world: World, channel_id: int, **details: Any) -> Message:
    """Return an empty message by the bot with a fresh id."""
    return Message(id=world.snowflakes.new(), channel_id=channel_id, author=BOT_USER, **details)
