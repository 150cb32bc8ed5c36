"""The command box of Discord's app: it turns options into interaction data, or refuses them on the spot.

Source: https://discord.com/developers/docs/interactions/application-commands
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sandbox.discord.client.payloads import Resolved
from sandbox.discord.rules import commands as kinds
from sandbox.discord.world.files import Upload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.discord.world.guild import Guild
    from sandbox.discord.world.world import World

Options = list[dict[str, Any]]

ID_KINDS = frozenset({kinds.USER_OPTION, kinds.CHANNEL, kinds.ROLE, kinds.MENTIONABLE, kinds.ATTACHMENT})
GROUPS = frozenset({kinds.SUB_COMMAND, kinds.SUB_COMMAND_GROUP})
MOST_TEXT = 6000
"""Characters in one string option."""
GUESSES: tuple[tuple[type, int], ...] = (
    (bool, kinds.BOOLEAN),
    (int, kinds.INTEGER),
    (float, kinds.NUMBER),
    (str, kinds.STRING),
)


class InputError(Exception):
    """An input that Discord's app would not send.

    Attributes:
        errors: Option name to what is wrong with it.
    """

    def __init__(self, message: str, errors: Mapping[str, str] | None = None) -> None:
        self.errors = dict(errors or {})
        details = "; ".join(f"{name}: {text}" for name, text in self.errors.items())
        super().__init__(f"{message}: {details}" if details else message)
        self.message = message


def find_command(
    world: World, user_id: int, name: str, kind: int = kinds.CHAT_INPUT, *, guild: Guild | None = None
) -> dict[str, Any]:
    """Return the command of a given name that a member sees in a server, by default their first.

    Raises:
        InputError: If there is none, or the member may not use it.
    """
    for command in world.commands_for(user_id, guild):
        if (command["type"], command["name"]) == (kind, name):
            return command
    raise InputError(f"no command {name!r} for this member")


async def from_values(
    world: World, command: Mapping[str, Any], path: list[str], values: Mapping[str, Any]
) -> Options:
    """Build the option list from values by name; files are uploaded, ids may be numbers.

    Raises:
        InputError: If the path of subcommands does not exist.
    """
    if not path:
        known = {option["name"]: option["type"] for option in command.get("options", ())}
        return [await _option(world, name, known.get(name), value) for name, value in values.items()]
    for option in command.get("options", ()):
        if option["type"] in GROUPS and option["name"] == path[0]:
            inner = await from_values(world, option, path[1:], values)
            return [{"name": path[0], "type": option["type"], "options": inner}]
    raise InputError(f"no subcommand {path[0]!r}")


async def _option(world: World, name: str, kind: int | None, value: Any) -> dict[str, Any]:
    if isinstance(value, Upload):
        file = await world.files.add(value, int(world.guild.id), private=True)
        return {"name": name, "type": kinds.ATTACHMENT, "value": str(file.id)}
    if kind is None:
        kind = next((guess for type_, guess in GUESSES if isinstance(value, type_)), kinds.STRING)
    return {"name": name, "type": kind, "value": str(value) if kind in ID_KINDS else value}


def focus(options: Options, name: str) -> None:
    """Mark the option being typed; its value is sent as the text typed so far."""
    for option in options:
        if "options" in option:
            focus(option["options"], name)
        elif option["name"] == name:
            option["focused"] = True
            option["value"] = str(option["value"])


class Composer:
    """Turns a chosen command and its options into interaction data.

    Args:
        world: Where ids are looked up.
        user_id: Who types the command.
        channel_id: Where.
        checked: Whether to refuse what Discord's app would not send.
        partial: Whether the command is still being typed, so that options may be missing or invalid.
    """

    def __init__(
        self, world: World, user_id: int, channel_id: int, *, checked: bool = True, partial: bool = False
    ) -> None:
        self._world = world
        self._guild = world.guild_of(channel_id)
        self._user_id = user_id
        self._checked = checked
        self._partial = partial
        self._resolved = Resolved(world, channel_id)
        self._errors: dict[str, str] = {}

    def slash(self, command: Mapping[str, Any], options: Options) -> dict[str, Any]:
        """Return the data of a slash command.

        Raises:
            InputError: If an option is missing, unknown or wrong.
        """
        data: dict[str, Any] = {
            "id": command["id"],
            "name": command["name"],
            "type": command["type"],
            "options": self._level(command, options),
        }
        self._finish(command, data)
        return data

    def menu(self, command: Mapping[str, Any], target: int) -> dict[str, Any]:
        """Return the data of a context menu command on a user or a message.

        Raises:
            InputError: If there is no such target.
        """
        if command["type"] == kinds.USER and target in self._guild.members:
            self._resolved.add_user(target)
        elif command["type"] == kinds.MESSAGE and self._sees(target):
            self._resolved.add_message(target)
        else:
            raise InputError("no such target")
        data = {key: command[key] for key in ("id", "name", "type")} | {"target_id": str(target)}
        self._finish(command, data)
        return data

    def _sees(self, message_id: int) -> bool:
        message = self._world.messages.get(message_id)
        return message is not None and message.visible_to(self._user_id)

    def _finish(self, command: Mapping[str, Any], data: dict[str, Any]) -> None:
        if self._errors and self._checked and not self._partial:
            raise InputError("Invalid options", self._errors)
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if resolved := self._resolved.to_json():
            data["resolved"] = resolved

    def _level(self, command: Mapping[str, Any], options: Options) -> Options:
        known = {option["name"]: option for option in command.get("options", ())}
        nested = {name for name, option in known.items() if option["type"] in GROUPS}
        if nested and len([option for option in options if option["name"] in nested]) != 1:
            self._errors[str(command["name"])] = "choose a subcommand"
        given = {option["name"] for option in options}
        for name, option in known.items():
            if option.get("required") and name not in given and not self._partial:
                self._errors[name] = "This option is required"
        return list(self._checked_options(known, options))

    def _checked_options(self, known: Mapping[str, Any], options: Options) -> Iterator[dict[str, Any]]:
        for option in options:
            name, kind = option["name"], option["type"]
            definition = known.get(name)
            if definition is None or definition["type"] != kind:
                self._errors[name] = "unknown option" if definition is None else "wrong type"
            if kind in GROUPS:
                inner = self._level(definition or {"name": name}, option.get("options", []))
                yield {"name": name, "type": kind, "options": inner}
                continue
            if not option.get("focused"):
                self._resolve(name, kind, option["value"])
                if problem := value_problem(definition or {"type": kind}, option["value"]):
                    self._errors[name] = problem
            yield {key: option[key] for key in ("name", "type", "value", "focused") if key in option}

    def _resolve(self, name: str, kind: int, value: Any) -> None:
        if kind not in ID_KINDS:
            return
        world, guild, number = self._world, self._guild, int(value) if str(value).isdigit() else 0
        if kind in {kinds.USER_OPTION, kinds.MENTIONABLE} and number in guild.members:
            self._resolved.add_user(number)
        elif kind in {kinds.ROLE, kinds.MENTIONABLE} and number in guild.roles:
            self._resolved.add_role(number)
        elif kind == kinds.CHANNEL and number in guild.channels:
            self._resolved.add_channel(number, self._user_id)
        elif kind == kinds.ATTACHMENT and (file := world.files.get(number)) is not None:
            self._resolved.add_attachment(file)
        else:
            self._errors[name] = "not found"


def value_problem(option: Mapping[str, Any], value: Any) -> str | None:
    """Return what Discord's app finds wrong with a value, if anything."""
    kind = option["type"]
    if kind == kinds.STRING:
        return _text_problem(option, value)
    if kind == kinds.BOOLEAN:
        return None if isinstance(value, bool) else "must be true or false"
    if kind in {kinds.INTEGER, kinds.NUMBER}:
        return _number_problem(option, value)
    return None


def _text_problem(option: Mapping[str, Any], value: Any) -> str | None:
    if not isinstance(value, str):
        return "must be text"
    least, most = option.get("min_length", 0), option.get("max_length", MOST_TEXT)
    # Discord's app sends no empty text: it leaves an emptied option out.
    if not max(least, 1) <= len(value) <= most:
        return f"must be between {max(least, 1)} and {most} characters long"
    return _choice_problem(option, value)


def _number_problem(option: Mapping[str, Any], value: Any) -> str | None:
    whole = option["type"] == kinds.INTEGER
    allowed = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed) or not math.isfinite(value):
        return "must be a whole number" if whole else "must be a number"
    bound = 2**53
    least, most = option.get("min_value", -bound), option.get("max_value", bound)
    if not least <= value <= most:
        return f"must be between {least} and {most}"
    return _choice_problem(option, value)


def _choice_problem(option: Mapping[str, Any], value: Any) -> str | None:
    choices = option.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        return "choose one of the choices"
    return None
