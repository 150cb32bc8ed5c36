"""Settings: read once at start from the environment and ``easel.toml``, checked, frozen.

Names, defaults and bounds are in ``environment.py`` and ``file.py``. They are a contract with operators,
who read ``.env.example``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from bot.config.environment import Environment, readable
from bot.config.file import read_config_file
from bot.errors import RuleRefused
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.models import load_models
from bot.limits.operator import OperatorLimits
from bot.limits.reading import read_rule
from bot.limits.rules import EVERYONE, Rule
from bot.model import micro_dollars

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.config.file import ConfigFile, DeploymentTable, LimitsTable
    from bot.generation.prices import PriceOverride


class ConfigurationError(Exception):
    """The settings cannot be used; ``problems`` says why, one readable line each, no secret in any."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator decides. Secrets are kept out of ``repr``.

    Attributes:
        fleet: the deployments, the default one first.
        generation_timeout: seconds one generation call may take.
        call_budget: calls of one job that Azure may bill, 1 or 2.
        drain: seconds that running jobs get to finish at shutdown.
        sync: when ``run`` registers the commands by itself: ``auto`` only if none are registered.
        http_port: port of the health server; 0 means off.
        http_required: whether the operator chose that port, so that failing to get it is an error.
        gateway_url: the gateway to use instead of Discord's; empty means Discord's.
        limits: what the operator lets servers use and cost.
        prices: the operator's own prices, by model.
    """

    discord_token: str = field(repr=False)
    fleet: Fleet
    archive_url: str
    database_url: str = field(repr=False)
    limits: OperatorLimits
    prices: Mapping[str, PriceOverride]
    http_host: str
    http_port: int
    http_required: bool
    api_url: str
    gateway_url: str
    download_hosts: tuple[str, ...]
    shard_ids: tuple[int, ...]
    shard_count: int | None
    generation_timeout: float
    call_budget: int
    drain: float
    sync: Literal["auto", "always", "never"]
    log: Literal["text", "json"]

    @property
    def secrets(self) -> frozenset[str]:
        """Every value that must never appear in a log."""
        keys = {deployment.resource.api_key for deployment in self.fleet.deployments}
        password = unquote(urlsplit(self.database_url).password or "")
        return frozenset({self.discord_token, password, *keys} - {""})


def load_settings() -> Settings:
    """Read and check every setting.

    Raises:
        ConfigurationError: with all problems at once.
    """
    problems: list[str] = []
    environment: Environment | None = None
    try:
        environment = Environment()
    except ValidationError as error:
        problems += readable(error)
    file = read_config_file(problems)
    tables = file.deployments
    if not tables:
        problems += _missing()
    problems += _shard_problems(environment)
    fleet = _fleet(environment, tables, problems) if environment else None
    limits = _limits(file.limits, fleet, problems) if fleet and fleet.deployments else None
    if problems or environment is None or fleet is None or limits is None:
        raise ConfigurationError(problems)
    return _settings(environment, fleet, limits, file)


def _settings(environment: Environment, fleet: Fleet, limits: OperatorLimits, file: ConfigFile) -> Settings:
    return Settings(
        discord_token=environment.discord_token.get_secret_value(),
        fleet=fleet,
        archive_url=environment.archive_url,
        database_url=environment.database_url.get_secret_value(),
        limits=limits,
        prices=file.prices,
        http_host=environment.http_host,
        http_port=environment.http_port,
        http_required=bool(os.environ.get("EASEL_HTTP_PORT")),
        api_url=environment.discord_api_url,
        gateway_url=environment.discord_gateway_url,
        download_hosts=environment.download_hosts,
        shard_ids=environment.shard_ids,
        shard_count=environment.shard_count,
        generation_timeout=environment.generation_timeout,
        call_budget=file.generation.call_budget,
        drain=environment.drain,
        sync=environment.sync,
        log=environment.log,
    )


def _limits(table: LimitsTable, fleet: Fleet, problems: list[str]) -> OperatorLimits:
    known = load_models()
    models = [known[name] for name in fleet.models]

    def rule(name: str, values: dict[str, Any]) -> Rule:
        try:
            return read_rule(values, EVERYONE, models) if values else Rule()
        except RuleRefused as refused:
            for field_name, fault, right in refused.faults:
                hint = f"; right would be {right}" if right else ""
                problems.append(f"easel.toml: limits.{name}.{field_name}: {fault.value}{hint}")
            return Rule()

    standard = OperatorLimits()
    caps = rule("operator", table.operator)
    budget = caps.dollars_per_month
    return OperatorLimits(
        defaults=standard.defaults.with_(rule("default", table.default)),
        caps=caps.without("dollars_per_month"),
        budget=standard.budget if budget is None else micro_dollars(budget),
    )


def _shard_problems(environment: Environment | None) -> list[str]:
    if os.environ.get("EASEL_SHARD_IDS", "").strip(" ,") and not os.environ.get("EASEL_SHARD_COUNT"):
        return ["EASEL_SHARD_COUNT: required when EASEL_SHARD_IDS is set"]
    count = environment.shard_count if environment else None
    if environment and count and not all(0 <= shard < count for shard in environment.shard_ids):
        return [f"EASEL_SHARD_IDS: must be from 0 to {count - 1}, below EASEL_SHARD_COUNT"]
    return []


def _missing() -> list[str]:
    """Return a line for each missing variable that is needed when no config file names the deployments."""
    needed = {
        "AZURE_OPENAI_ENDPOINT": (
            ("AZURE_OPENAI_ENDPOINT", "OPENAI_API_BASE"),
            "https://NAME.openai.azure.com",
        ),
        "AZURE_OPENAI_DEPLOYMENTS": (("AZURE_OPENAI_DEPLOYMENTS",), "art=gpt-image-2"),
    }
    return [
        f"{name}: required, such as {example}"
        for name, (names, example) in needed.items()
        if not any(os.environ.get(one, "").strip(" ,") for one in names)
    ]


def _fleet(environment: Environment, tables: list[DeploymentTable], problems: list[str]) -> Fleet:
    def resource(endpoint: str, api_key: str) -> Resource:
        return Resource(
            endpoint=endpoint, api_version=environment.api_version, scope=environment.scope, api_key=api_key
        )

    if tables:
        keys = [_key_of(table, os.environ, problems) for table in tables]
        return Fleet(
            tuple(table.on(resource(table.endpoint, key)) for table, key in zip(tables, keys, strict=True))
        )
    # Azure's DALL·E guide put a token into the key's variable for azure_ad; it would be stale by now.
    key = "" if environment.api_type == "azure_ad" else environment.api_key.get_secret_value()
    shared = resource(environment.endpoint, key)
    deployments = []
    for pair in environment.deployments:
        name, _, model = (part.strip() for part in pair.partition("="))
        if not name or ("=" in pair and not model):
            problems.append(f"AZURE_OPENAI_DEPLOYMENTS: {pair!r} is not of the form deployment=model")
        deployments.append(Deployment(name, model or name, shared))
    return Fleet(tuple(deployments))


def _key_of(table: DeploymentTable, environ: Mapping[str, str], problems: list[str]) -> str:
    if table.api_key_env is None:
        return ""
    key = environ.get(table.api_key_env, "")
    if not key:
        problems.append(f"{table.api_key_env}: required, deployment {table.name!r} takes its key from it")
    return key
