"""Members' input through components and modals: buttons pressed, options chosen, fields filled in.

Source: https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.client.composer import InputError
from sandbox.discord.client.payloads import Resolved
from sandbox.discord.rules import components as kinds
from sandbox.discord.rules.components import walk
from sandbox.discord.rules.modals import CHECKBOX, CHECKBOX_GROUP, FILE_UPLOAD, LABEL, RADIO_GROUP, inputs
from sandbox.discord.world.files import Upload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.discord.world.messages import Message
    from sandbox.discord.world.world import World

MULTIPLE = kinds.SELECTS | {CHECKBOX_GROUP}
"""The component types that are answered with a list of values."""
MOST_TEXT = 4000
"""Characters in one text input."""


def find_component(message: Message, custom_id: str, user_id: int) -> dict[str, Any]:
    """Return a component that a member can use.

    Raises:
        InputError: If the member cannot see it, or it is missing or disabled.
    """
    if not message.visible_to(user_id):
        raise InputError("no such message for this member")
    for _, item in walk([*message.components]):
        if item.get("custom_id") == custom_id:
            if item.get("disabled"):
                raise InputError("this component is disabled")
            return item
    raise InputError(f"no component {custom_id!r} in this message")


def component_data(
    world: World, message: Message, user_id: int, custom_id: str, values: Sequence[str] | None
) -> dict[str, Any]:
    """Return the data of a component interaction; ``values`` is None for a button.

    Raises:
        InputError: If the component is not there, disabled, or cannot take these values.
    """
    item = find_component(message, custom_id, user_id)
    data = {"component_type": item["type"], "custom_id": custom_id, "id": item["id"]}
    if item["type"] == kinds.BUTTON:
        if values is not None:
            raise InputError("a button takes no values")
        return data
    chosen = list(values or ())
    resolved = Resolved(world, message.channel_id)
    if problem := choose(item, chosen, resolved, user_id):
        raise InputError("Invalid selection", {custom_id: problem})
    data["values"] = chosen
    if found := resolved.to_json():
        data["resolved"] = found
    return data


def choose(select: Mapping[str, Any], chosen: list[str], resolved: Resolved, user_id: int) -> str | None:
    """Return what is wrong with the values chosen in a select, or resolve them and return None."""
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not least <= len(chosen) <= most:
        return f"choose {least} to {most}"
    if select["type"] == kinds.STRING_SELECT:
        known = {option["value"] for option in select["options"]}
        return None if known.issuperset(chosen) else "not one of the options"
    for value in chosen:
        if not _resolve(select["type"], int(value) if value.isdigit() else 0, resolved, user_id):
            return "not found"
    return None


def _resolve(kind: int, number: int, resolved: Resolved, user_id: int) -> bool:
    guild = resolved.guild
    if kind in {kinds.USER_SELECT, kinds.MENTIONABLE_SELECT} and number in guild.members:
        resolved.add_user(number)
    elif kind in {kinds.ROLE_SELECT, kinds.MENTIONABLE_SELECT} and number in guild.roles:
        resolved.add_role(number)
    elif kind == kinds.CHANNEL_SELECT and number in guild.channels:
        resolved.add_channel(number, user_id)
    else:
        return False
    return True


class ModalForm:
    """A modal as a member fills it in.

    Args:
        world: Where ids are looked up.
        modal: The data of the MODAL callback.
        user_id: Who fills it in.
        channel_id: Where it was opened.
    """

    def __init__(self, world: World, modal: Mapping[str, Any], user_id: int, channel_id: int) -> None:
        self._world = world
        self._modal = modal
        self._user_id = user_id
        self._channel_id = channel_id

    def by_custom_id(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Map answers by custom_id or by label (``Your_name`` for "Your name") to answers by custom_id.

        Raises:
            InputError: For a field the modal does not have.
        """
        names: dict[str, str] = {}
        for item in self._modal["components"]:
            inner = item["component"] if item["type"] == LABEL else (item.get("components") or [{}])[0]
            if "custom_id" in inner:
                label = item.get("label") or inner.get("label") or ""
                names[label.casefold().replace(" ", "_")] = inner["custom_id"]
                names[inner["custom_id"]] = inner["custom_id"]
        answers: dict[str, Any] = {}
        for name, value in fields.items():
            key = name if name in names else name.casefold().replace(" ", "_")
            if key not in names:
                raise InputError(f"the modal has no field {name!r}")
            answers[names[key]] = value
        return answers

    async def data(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data of the submission.

        Raises:
            InputError: If an answer is missing or wrong.
        """
        errors: dict[str, str] = {}
        resolved = Resolved(self._world, self._channel_id)
        filled: dict[str, dict[str, Any]] = {}
        for _, item in inputs(self._modal["components"]):
            custom_id = item["custom_id"]
            value = await self._uploaded(answers.get(custom_id))
            if isinstance(value, str) and item["type"] in MULTIPLE:
                value = [value]
            if problem := self._problem(item, value, resolved):
                errors[custom_id] = problem
            filled[custom_id] = {"type": item["type"], "id": item["id"], "custom_id": custom_id}
            filled[custom_id] |= _answer(item, value)
        if errors:
            raise InputError("Invalid answers", errors)
        components = [_submitted(item, filled) for item in self._modal["components"]]
        data = {"custom_id": self._modal["custom_id"], "components": components}
        if found := resolved.to_json():
            data["resolved"] = found
        return data

    async def _uploaded(self, value: Any) -> Any:
        if isinstance(value, Upload):
            value = [value]
        if not isinstance(value, list):
            return value
        guild_id = self._world.guild.id
        return [
            str((await self._world.files.add(item, guild_id, private=True)).id)
            if isinstance(item, Upload)
            else str(item)
            for item in value
        ]

    def _problem(self, item: Mapping[str, Any], value: Any, resolved: Resolved) -> str | None:
        required = item.get("required", item["type"] != CHECKBOX)
        if value in (None, "", []):
            if item["type"] == kinds.TEXT_INPUT and item.get("value"):
                return None
            return "This field is required" if required else None
        if item["type"] == kinds.TEXT_INPUT:
            least, most = item.get("min_length", 0), item.get("max_length", MOST_TEXT)
            fits = isinstance(value, str) and least <= len(value) <= most
            return None if fits else f"must be between {least} and {most} characters long"
        if item["type"] in kinds.SELECTS:
            return choose(item, value, resolved, self._user_id)
        if item["type"] == FILE_UPLOAD:
            return self._attach(item, value, resolved)
        return _option_problem(item, value)

    def _attach(self, item: Mapping[str, Any], value: list[str], resolved: Resolved) -> str | None:
        if not item.get("min_values", 1) <= len(value) <= item.get("max_values", 1):
            return "wrong number of files"
        for number in value:
            file = self._world.files.get(int(number)) if number.isdigit() else None
            if file is None:
                return "not found"
            resolved.add_attachment(file)
        return None


def _option_problem(item: Mapping[str, Any], value: Any) -> str | None:
    if item["type"] == CHECKBOX:
        return None if isinstance(value, bool) else "must be true or false"
    known = {option["value"] for option in item["options"]}
    if item["type"] == RADIO_GROUP:
        return None if value in known else "not one of the options"
    least, most = item.get("min_values", 0), item.get("max_values", len(known))
    if not known.issuperset(value) or not least <= len(value) <= most:
        return f"choose {least} to {most} of the options"
    return None


def _answer(item: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Return a component's answer under its key; an untouched component keeps its preset."""
    kind = item["type"]
    if kind == kinds.TEXT_INPUT:
        return {"value": item.get("value", "") if value is None else value}
    if kind == RADIO_GROUP:
        return {"value": value}
    if kind == CHECKBOX:
        return {"value": item.get("default", False) if value is None else value}
    if value is None and kind in {kinds.STRING_SELECT, CHECKBOX_GROUP}:
        return {"values": [option["value"] for option in item["options"] if option.get("default")]}
    return {"values": value or []}


def _submitted(item: Mapping[str, Any], filled: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {"type": item["type"], "id": item["id"]}
    if item["type"] == LABEL:
        data["component"] = filled[item["component"]["custom_id"]]
    elif item["type"] == kinds.ACTION_ROW:
        data["components"] = [filled[item["components"][0]["custom_id"]]]
    return data
