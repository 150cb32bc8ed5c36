"""What autocompletion offers, within Discord's bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CHOICES = 25
"""Most autocompletion choices (Discord)."""

MAX_CHOICE = 100
"""Most characters of a choice's name and value (Discord)."""


def choices(found: Iterable[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    """Suggestions of a name and a value, as many and as long as Discord takes."""
    fitting = [(name, value) for name, value in found if len(name) <= MAX_CHOICE]
    return [app_commands.Choice(name=name, value=value) for name, value in fitting[:MAX_CHOICES]]
