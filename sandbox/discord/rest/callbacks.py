"""POST /interactions/{id}/{token}/callback: the first answer to an interaction.

Source: https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.rest.calls import NO_CONTENT, Answer
from sandbox.discord.rules.commands import CHAT_INPUT, INTEGER, NUMBER, STRING
from sandbox.discord.rules.errors import FormErrors, unknown_message
from sandbox.discord.rules.forms import INVALID, Choice, Form, Integer, Rule
from sandbox.discord.rules.messages import EPHEMERAL, LOADING, Door, check_message
from sandbox.discord.rules.modals import check_choices, check_modal
from sandbox.discord.world.interactions import CallbackType, InteractionType
from sandbox.discord.world.messages import CHAT_INPUT_COMMAND, CONTEXT_MENU_COMMAND, REPLY
from sandbox.discord.world.posting import compose, new_bot_message, revise, submit
from sandbox.discord.world.render import number_components

if TYPE_CHECKING:
    from sandbox.discord.rest.calls import Call
    from sandbox.discord.world.interactions import Interaction
    from sandbox.discord.world.messages import Message
    from sandbox.discord.world.posting import Submission
    from sandbox.discord.world.world import World

CALLBACK = Form({"type": Rule(Choice(tuple(int(kind) for kind in CallbackType)), required=True)})
DEFERRAL = Form({"flags": Rule(Integer(0, 2**31 - 1))})
DATA = ("data",)
CHOICE_TYPES: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), NUMBER: (int, float)}


async def create_callback(world: World, call: Call) -> Answer:
    """Acknowledge an interaction; a refused body leaves it unacknowledged."""
    interaction_id, token = call.id("interaction_id"), call.params["interaction_token"]
    interaction = world.interactions.pending(interaction_id, token)
    kind = _kind(call.body)
    interaction.check_takes(kind)
    data = call.body.get("data")
    submission = None
    if kind in {CallbackType.MESSAGE, CallbackType.UPDATE}:
        submission = await _submission(world, call, interaction, kind)
        # Another process may have answered while the files were being stored.
        world.interactions.pending(interaction_id, token)
    elif kind is CallbackType.DEFERRED_MESSAGE:
        _check_deferral(data)
    elif kind is CallbackType.AUTOCOMPLETE:
        interaction.choices = _choices(data, interaction)
    elif kind is CallbackType.MODAL:
        interaction.modal = check_modal(data)
        number_components(interaction.modal["components"])
    message = _first_message(world, interaction, kind, data, submission)
    world.interactions.acknowledge(interaction, kind)
    interaction.ephemeral = message is not None and message.is_ephemeral
    if message is not None:
        interaction.response_id = message.id
        world.interactions.watch(message.id, interaction)
        if kind is not CallbackType.DEFERRED_UPDATE:
            await world.publish(message, created=kind is not CallbackType.UPDATE)
    world.tell_answered(interaction)
    return _answer(world, call, interaction, message)


def _kind(body: Any) -> CallbackType:
    errors = FormErrors()
    data = CALLBACK.check(body, (), errors)
    errors.raise_any()
    return CallbackType(data["type"])


async def _submission(world: World, call: Call, interaction: Interaction, kind: CallbackType) -> Submission:
    source = world.messages.get(interaction.source or 0)
    is_update = kind is CallbackType.UPDATE
    draft = check_message(
        call.body.get("data"),
        Door.EDIT if is_update else Door.INTERACTION,
        path=DATA,
        was_v2=is_update and source is not None and source.is_v2,
    )
    return await submit(world, draft, call.uploads, interaction.channel_id, path=DATA)


def _check_deferral(data: Any) -> None:
    """Refuse any flag but EPHEMERAL, the only one that can be set on a deferral."""
    if data is None:
        return
    errors = FormErrors()
    cleaned = DEFERRAL.check(data, DATA, errors)
    if cleaned is not INVALID and cleaned.get("flags", 0) not in (0, EPHEMERAL, INVALID):
        text = "Only MessageFlags.EPHEMERAL can be set on a deferred response."
        errors.add((*DATA, "flags"), "MESSAGE_FLAGS_INVALID", text)
    errors.raise_any()


def _choices(data: Any, interaction: Interaction) -> list[dict[str, Any]]:
    choices = check_choices(data)
    focused = _focused(interaction.data.get("options", []))
    wanted = CHOICE_TYPES.get(focused["type"], ()) if focused else ()
    errors = FormErrors()
    for index, choice in enumerate(choices):
        if not isinstance(choice["value"], wanted):
            text = f'Could not interpret "{choice["value"]}" as the type of the option.'
            errors.add((*DATA, "choices", index, "value"), "UNION_TYPE_CHOICES", text)
    errors.raise_any()
    return choices


def _focused(options: list[dict[str, Any]]) -> dict[str, Any] | None:
    for option in options:
        if option.get("focused"):
            return option
        if found := _focused(option.get("options", [])):
            return found
    return None


def _first_message(
    world: World, interaction: Interaction, kind: CallbackType, data: Any, submission: Submission | None
) -> Message | None:
    """Return the message that @original will refer to, not yet published."""
    if kind in {CallbackType.DEFERRED_UPDATE, CallbackType.UPDATE}:
        source = world.messages.get(interaction.source or 0)
        if source is None:
            raise unknown_message()
        return source if submission is None else revise(world, submission, source)
    if kind is CallbackType.DEFERRED_MESSAGE:
        flags = LOADING | ((data or {}).get("flags", 0) & EPHEMERAL)
        return _blank(world, interaction, flags)
    if submission is not None:
        return compose(world, submission, _blank(world, interaction, submission.draft.flags))
    return None


def _blank(world: World, interaction: Interaction, flags: int) -> Message:
    kind = REPLY
    if interaction.kind is InteractionType.COMMAND:
        is_menu = interaction.data.get("type", CHAT_INPUT) != CHAT_INPUT
        kind = CONTEXT_MENU_COMMAND if is_menu else CHAT_INPUT_COMMAND
    elif interaction.source is None:
        kind = CHAT_INPUT_COMMAND
    return new_bot_message(
        world,
        interaction.channel_id,
        kind=kind,
        flags=flags,
        owner=interaction.user_id if flags & EPHEMERAL else None,
        reference=interaction.source,
        interaction=interaction.metadata,
    )


def _answer(world: World, call: Call, interaction: Interaction, message: Message | None) -> Answer:
    if not call.flag("with_response"):
        return NO_CONTENT
    about: dict[str, Any] = {"id": str(interaction.id), "type": int(interaction.kind)}
    answer: dict[str, Any] = {"interaction": about}
    if message is not None:
        about["response_message_id"] = str(message.id)
        about["response_message_loading"] = message.is_loading
        about["response_message_ephemeral"] = message.is_ephemeral
        if interaction.callback in {CallbackType.MESSAGE, CallbackType.UPDATE}:
            answer["resource"] = {
                "type": int(interaction.callback),
                "message": world.messages.render(message),
            }
    return Answer(200, answer)
