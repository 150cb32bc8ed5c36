from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.config import Settings
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.limits.budget import BudgetWatch
from bot.limits.operator import OperatorLimits
from bot.services import Services, Store, Work
from bot.telemetry.clock import now
from bot.underway import CommandsUnderway
from tests.house import build_house, unasked_database

if TYPE_CHECKING:
    from bot.client import EaselBot

RESOURCE = Resource("https://example.openai.azure.com", "v1", "scope")
MODELS = ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare")


def settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "discord_token": "made-up-token",
        "fleet": Fleet(tuple(Deployment(model, model, RESOURCE) for model in MODELS)),
        "archive_url": "file:images",
        "database_url": "sqlite:///never.db",
        "limits": OperatorLimits(),
        "prices": {},
        "http_host": "127.0.0.1",
        "http_required": False,
        "http_port": 0,
        "api_url": "https://discord.com/api/v10",
        "gateway_url": "",
        "download_hosts": (),
        "shard_ids": (),
        "shard_count": None,
        "generation_timeout": 180.0,
        "call_budget": 2,
        "drain": 25.0,
        "sync": "auto",
        "log": "text",
    }
    return Settings(**{**values, **changes})


def services(models: tuple[str, ...] = MODELS) -> Services:
    """Services over a database that is never contacted."""
    database = unasked_database()
    house = build_house(database, models=models)
    budget = BudgetWatch(house.ledger, 1, house.metrics, clock=now)
    return Services(
        studio=house.studio,
        moderation=house.moderation,
        commands=CommandsUnderway(),
        work=Work(house.line, house.running, house.engine, house.recovery, house.presenter, house.notices),
        metrics=house.metrics,
        archive=house.archive.as_archive(),
        resources={},
        store=Store(database, house.ledger, budget),
    )


def served(client: EaselBot) -> Services:
    """What a bot under test serves with."""
    del client
    return services()
