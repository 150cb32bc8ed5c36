from __future__ import annotations

from typing import Any

from bot.client import Services, Store
from bot.config import Settings
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.jobs.underway import JobsUnderway
from bot.limits.budget import BudgetWatch
from bot.limits.operator import OperatorLimits
from bot.telemetry.clock import now
from bot.telemetry.metrics import Metrics
from tests.house import build_house, unasked_database

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
    house, metrics = build_house(database, models=models), Metrics()
    budget = BudgetWatch(house.ledger, 1, metrics, clock=now)
    store = Store(database, house.ledger, budget)
    return Services(
        house.studio, house.moderation, JobsUnderway(), metrics, house.archive.as_archive(), {}, store
    )
