"""The application's registered commands, global and per guild."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.commands import CHAT_INPUT, check_counts
from sandbox.discord.rules.errors import too_many_creates, unknown_command
from sandbox.discord.world.ids import APPLICATION
from sandbox.discord.world.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.discord.world.ids import Snowflakes

GLOBAL = 0
"""The scope of global commands."""
DAY = 86400.0
DEFAULTS: dict[str, Any] = {
    "name_localizations": None,
    "description": "",
    "description_localizations": None,
    "default_member_permissions": None,
    "dm_permission": True,
    "contexts": None,
    "integration_types": [0],
    "nsfw": False,
}
NULL_MEANS_DEFAULT = ("description", "dm_permission", "integration_types", "nsfw")


class CommandBook:
    """Commands by scope: 0 for global, else a guild's id.

    Attributes:
        on_change: Called after every change that members can see.
        daily_creates: How many new names one scope may have in a day.
    """

    def __init__(self, snowflakes: Snowflakes, daily_creates: int) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._snowflakes = snowflakes
        self.daily_creates = daily_creates
        self._scopes: dict[int, dict[int, dict[str, Any]]] = {}
        self._overrides: dict[tuple[str, int], bool] = {}
        self._created: dict[int, list[float]] = {}

    def all(self, scope: int, *, localizations: bool = True) -> list[dict[str, Any]]:
        """Return the commands of one scope, optionally without their localisations."""
        commands = list(self._scopes.get(scope, {}).values())
        return commands if localizations else [_without_localizations(command) for command in commands]

    def get(self, scope: int, command_id: int) -> dict[str, Any]:
        """Return one command.

        Raises:
            ApiError: 404, code 10063.
        """
        command = self._scopes.get(scope, {}).get(command_id)
        if command is None:
            raise unknown_command()
        return command

    def overwrite(self, scope: int, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Replace all commands of a scope; those with an unchanged type and name keep their ids.

        Raises:
            ApiError: 400, code 30034, for too many new names today.
        """
        known = self._scopes.get(scope, {})
        found = [self._find(scope, command) for command in commands]
        self._count_creates(scope, sum(item is None for item in found))
        pairs = zip(commands, found, strict=True)
        stored = [self._built(scope, command, previous) for command, previous in pairs]
        self._scopes[scope] = {int(command["id"]): command for command in stored}
        if self._scopes[scope] != known:
            self.on_change()
        return stored

    def upsert(self, scope: int, command: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """Create a command, or overwrite the one with that name; return it and whether it is new.

        Raises:
            ApiError: 400, code 30034 or 30032.
        """
        previous = self._find(scope, command)
        if previous is None:
            kinds = [item["type"] for item in self.all(scope)]
            check_counts([*kinds, command.get("type", CHAT_INPUT)])
            self._count_creates(scope, 1)
        stored = self._built(scope, command, previous)
        self._scopes.setdefault(scope, {})[int(stored["id"])] = stored
        self.on_change()
        return stored, previous is None

    def replace(self, scope: int, command_id: int, command: dict[str, Any]) -> dict[str, Any]:
        """Change one command in place.

        Raises:
            ApiError: 404, code 10063.
        """
        stored = self._built(scope, command, self.get(scope, command_id))
        self._scopes[scope][command_id] = stored
        self.on_change()
        return stored

    def remove(self, scope: int, command_id: int) -> None:
        """Delete one command.

        Raises:
            ApiError: 404, code 10063.
        """
        self.get(scope, command_id)
        del self._scopes[scope][command_id]
        self.on_change()

    def offered(self, guild_id: int, permissions: Permission, *targets: int) -> list[dict[str, Any]]:
        """Return the commands that a member is offered in a guild, guild commands first.

        Args:
            guild_id: Where.
            permissions: What the member may do there.
            targets: Whose overrides count: the member, then their roles, @everyone last.
        """
        commands = [*self.all(guild_id), *self.all(GLOBAL)]
        return [
            command
            for command in commands
            if _in_guilds(command) and self._lets(command, permissions, targets)
        ]

    def override(self, command_id: str, target: int, *, allowed: bool) -> None:
        """Allow or deny a member or a role the use of a command, as server admins do under Integrations."""
        self._overrides[command_id, target] = allowed
        self.on_change()

    def clear_overrides(self) -> None:
        """Restore every command's default permissions."""
        self._overrides.clear()
        self.on_change()

    def _lets(self, command: dict[str, Any], permissions: Permission, targets: Sequence[int]) -> bool:
        if permissions & Permission.ADMINISTRATOR:
            return True
        said = {
            target: self._overrides[command["id"], target]
            for target in targets
            if (command["id"], target) in self._overrides
        }
        if not said:
            return allows(command, permissions)
        member, *roles, everyone = targets
        if member in said:
            return said[member]
        by_roles = [said[role] for role in roles if role in said]
        return any(by_roles) if by_roles else said[everyone]

    def clear(self) -> None:
        """Forget all commands, their overrides and today's count."""
        self._overrides.clear()
        self._scopes.clear()
        self._created.clear()
        self.on_change()

    def _find(self, scope: int, command: dict[str, Any]) -> dict[str, Any] | None:
        wanted = command.get("type", CHAT_INPUT), command["name"]
        stored = self._scopes.get(scope, {})
        by_id = stored.get(int(command["id"])) if "id" in command else None
        return by_id or next(
            (item for item in stored.values() if (item["type"], item["name"]) == wanted), None
        )

    def _count_creates(self, scope: int, count: int) -> None:
        now = time.time()
        recent = [moment for moment in self._created.get(scope, ()) if now - moment < DAY]
        if len(recent) + count > self.daily_creates:
            raise too_many_creates()
        self._created[scope] = recent + [now] * count

    def _built(self, scope: int, command: dict[str, Any], previous: dict[str, Any] | None) -> dict[str, Any]:
        """Return the command as Discord returns it; an unchanged one keeps its version."""
        data = {**DEFAULTS, "type": CHAT_INPUT, **command}
        for key in NULL_MEANS_DEFAULT:
            if data[key] is None:
                data[key] = DEFAULTS[key]
        if data["type"] == CHAT_INPUT and data.get("options"):
            data["options"] = [_without_falsehoods(option) for option in data["options"]]
        else:
            data.pop("options", None)
        data["id"] = previous["id"] if previous else str(self._snowflakes.new())
        data["application_id"] = str(APPLICATION)
        if scope != GLOBAL:
            data["guild_id"] = str(scope)
        if previous is not None and {**previous, "version": None} == {**data, "version": None}:
            return previous
        data["version"] = str(self._snowflakes.new())
        return data


def allows(command: dict[str, Any], permissions: Permission) -> bool:
    """Return whether a command's default permissions let a member use it."""
    needed = command["default_member_permissions"]
    if needed is None or permissions & Permission.ADMINISTRATOR:
        return True
    # "0" means administrators only, although every permission set contains the empty set.
    return needed != "0" and permissions & int(needed) == int(needed)


def _in_guilds(command: dict[str, Any]) -> bool:
    return command["contexts"] is None or 0 in command["contexts"]


def _without_falsehoods(option: dict[str, Any]) -> dict[str, Any]:
    """Drop required and autocomplete where they are false, as Discord does in its answers."""
    data = {
        key: value
        for key, value in option.items()
        if not (key in {"required", "autocomplete"} and value is False)
    }
    if "options" in data:
        data["options"] = [_without_falsehoods(inner) for inner in data["options"]]
    return data


def _without_localizations(item: dict[str, Any]) -> dict[str, Any]:
    data = {key: value for key, value in item.items() if not key.endswith("_localizations")}
    for key in ("options", "choices"):
        if key in data:
            data[key] = [_without_localizations(inner) for inner in data[key]]
    return data
