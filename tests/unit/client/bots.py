from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.house import build_house, settings_of, unasked_database

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.discord.client import EaselBot
    from bot.services import Services

MODELS = ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare")


def settings(**changes: Any) -> Settings:
    return settings_of(MODELS, **changes)


def services(models: tuple[str, ...] = MODELS) -> Services:
    """Services over a database that is never contacted."""
    return build_house(unasked_database(), settings=settings_of(models)).services


def served(client: EaselBot) -> Services:
    """What a bot under test serves with."""
    del client
    return services()
