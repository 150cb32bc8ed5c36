from __future__ import annotations

from typing import Any

from bot.client import Services
from bot.config import Settings
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.models import load_models
from bot.imaging.workers import ImagingPool
from bot.jobs.underway import JobsUnderway
from bot.studio import Studio
from bot.telemetry.metrics import Metrics
from tests.fakes import FakeArchive, FakeGeneration, generation

RESOURCE = Resource("https://example.openai.azure.com", "v1", "scope")
MODELS = ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare")


def settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "discord_token": "made-up-token",
        "fleet": Fleet(tuple(Deployment(model, model, RESOURCE) for model in MODELS)),
        "archive_url": "file:images",
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
    archive = FakeArchive().as_archive()
    fleet = Fleet(tuple(Deployment(model, model, RESOURCE) for model in models))
    studio = Studio(
        fleet, load_models(), FakeGeneration(generation()).as_service(), archive, ImagingPool(), salt=b""
    )
    return Services(studio, JobsUnderway(), Metrics(), archive, {})
