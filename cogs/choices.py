"""What autocompletion offers, within Discord's bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CHOICES = 25
"""Maximum number of autocompletion choices (Discord)."""

MAX_CHOICE = 100
"""Maximum length of a choice's name and of its value (Discord)."""


def choices(found: Iterable[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    """Return suggestions of a name and a value each, within Discord's bounds on number and length."""
    fitting = [(name, value) for name, value in found if len(name) <= MAX_CHOICE]
    return [app_commands.Choice(name=name, value=value) for name, value in fitting[:MAX_CHOICES]]
