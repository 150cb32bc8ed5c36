"""Settings: read once at start from the environment and ``easel.toml``, checked, frozen.

Names and meanings are a contract with operators; every one is explained in ``.env.example``.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.archive.location import parse_archive_url
from bot.errors import RuleRefused
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.links import NamedHost, is_loopback
from bot.generation.models import load_models
from bot.generation.prices import PriceOverride, micro_dollars
from bot.generation.retries import CALL_BUDGET
from bot.limits.operator import OperatorLimits
from bot.limits.reading import read_rule
from bot.limits.rules import EVERYONE, Rule
from bot.storage.location import parse_database_url

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST_API_VERSION = dt.date(2025, 4, 1)
"""The first, and last, dated version with GPT image models (specification 2025-04-01-preview)."""

DALLE_RETIRED = "2026-03-04"
"""When the last model of the earlier versions, DALL·E 3, was retired (Azure's retirement schedule)."""

_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(-preview)?")
_PATH_SUFFIX = re.compile(r"/openai(/v1)?/?$")

Words = Annotated[tuple[str, ...], NoDecode]
"""A comma-separated list."""


class ConfigurationError(Exception):
    """The settings cannot be used; ``problems`` says why, one readable line each, no secret in any."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def _checked_url(value: str, *, secure: str, plain: str) -> str:
    """A URL without trailing slash; the plain scheme only towards this machine."""
    parts = urlsplit(value)
    if parts.scheme not in {secure, plain} or not parts.hostname:
        raise ValueError(f"must be a URL that starts with {secure}://")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must hold neither a user name nor anything after a ? or #")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("has a port that is not a number from 0 to 65535") from None
    if parts.scheme == plain and not is_loopback(parts.hostname):
        raise ValueError(f"must start with {secure}:// (only this machine may be reached by {plain}://)")
    return value.rstrip("/")


def _checked_endpoint(value: str) -> str:
    url = _PATH_SUFFIX.sub("", _checked_url(value, secure="https", plain="http"))
    if urlsplit(url).path:
        raise ValueError("must end with the host name, such as https://NAME.openai.azure.com")
    return url


class _Environment(BaseSettings):
    """The variables as they stand, each checked by itself."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )

    discord_token: SecretStr = Field(validation_alias="DISCORD_TOKEN")
    endpoint: str = Field("", validation_alias=AliasChoices("AZURE_OPENAI_ENDPOINT", "OPENAI_API_BASE"))
    api_key: SecretStr = Field(
        SecretStr(""), validation_alias=AliasChoices("AZURE_OPENAI_API_KEY", "OPENAI_API_KEY")
    )
    api_type: Literal["azure", "azure_ad"] = Field("azure", validation_alias="OPENAI_API_TYPE")
    scope: str = Field("https://cognitiveservices.azure.com/.default", validation_alias="AZURE_OPENAI_SCOPE")
    api_version: str = Field(
        "2025-04-01-preview", validation_alias=AliasChoices("AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION")
    )
    deployments: Words = Field((), validation_alias="AZURE_OPENAI_DEPLOYMENTS")
    archive_url: str = Field("file:images", validation_alias="ARCHIVE_URL")
    database_url: SecretStr = Field(SecretStr("sqlite:///data/easel.db"), validation_alias="DATABASE_URL")
    http_port: int = Field(8080, validation_alias="EASEL_HTTP_PORT", ge=0, le=65535)
    http_host: str = Field("127.0.0.1", validation_alias="EASEL_HTTP_HOST")
    discord_api_url: str = Field("https://discord.com/api/v10", validation_alias="DISCORD_API_URL")
    discord_gateway_url: str = Field("", validation_alias="DISCORD_GATEWAY_URL")
    download_hosts: Words = Field((), validation_alias="EASEL_DOWNLOAD_HOSTS")
    shard_ids: Annotated[tuple[int, ...], NoDecode] = Field((), validation_alias="EASEL_SHARD_IDS")
    shard_count: int | None = Field(None, validation_alias="EASEL_SHARD_COUNT", ge=1)
    generation_timeout: float = Field(180.0, validation_alias="EASEL_GENERATION_TIMEOUT", gt=0, le=600)
    drain: float = Field(25.0, validation_alias="EASEL_DRAIN", ge=0, le=600)
    sync: Literal["auto", "always", "never"] = Field("auto", validation_alias="EASEL_SYNC")
    log: Literal["text", "json"] = Field("text", validation_alias="EASEL_LOG")

    @field_validator("discord_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip().removeprefix("Bot ").strip()
        if not token:
            raise ValueError("required")
        return SecretStr(token)

    @field_validator("deployments", "download_hosts", "shard_ids", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("endpoint")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        return value and _checked_endpoint(value)

    @field_validator("discord_api_url")
    @classmethod
    def _api_url(cls, value: str) -> str:
        return _checked_url(value, secure="https", plain="http")

    @field_validator("discord_gateway_url")
    @classmethod
    def _gateway_url(cls, value: str) -> str:
        return value and _checked_url(value, secure="wss", plain="ws")

    @field_validator("archive_url")
    @classmethod
    def _archive(cls, value: str) -> str:
        parse_archive_url(value)
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        parse_database_url(value.get_secret_value())
        return value

    @field_validator("download_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            NamedHost.parse(host)
        return value

    @field_validator("api_version")
    @classmethod
    def _version(cls, value: str) -> str:
        dated = _DATED.fullmatch(value)
        if value in {"v1", "preview"}:
            return value
        if dated is None:
            raise ValueError("must be a dated version such as 2025-04-01-preview, or v1, or preview")
        if dt.date.fromisoformat(dated[1]) < OLDEST_API_VERSION:
            since = "2025-01-27" if dated[1] < "2024" else DALLE_RETIRED
            raise ValueError(
                f"{value} only serves DALL·E, which Azure retired on {since};"
                " use 2025-04-01-preview and a deployment of gpt-image-2"
            )
        return value


class _DeploymentTable(BaseModel):
    """One ``[[deployments]]`` table of ``easel.toml``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(min_length=1)
    model: str = Field(min_length=1)
    endpoint: Annotated[str, Field(min_length=1)]
    api_key_env: str | None = None
    requests_per_minute: int | None = Field(None, ge=1)
    priority: int = Field(1, ge=1)
    weight: int = Field(1, ge=1)
    slots: int | None = Field(None, ge=1)

    @field_validator("endpoint")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        return _checked_endpoint(value)

    def on(self, resource: Resource) -> Deployment:
        """The deployment that the table describes."""
        return Deployment(
            self.name,
            self.model,
            resource,
            self.priority,
            self.requests_per_minute,
            self.weight,
            self.slots,
        )


class _GenerationTable(BaseModel):
    """The ``[generation]`` table of ``easel.toml``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    call_budget: int = Field(CALL_BUDGET, ge=1, le=CALL_BUDGET)


class _LimitsTable(BaseModel):
    """The ``[limits]`` tables of ``easel.toml``; their fields are checked as those of ``/limits set`` are."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    default: dict[str, Any] = {}
    operator: dict[str, Any] = {}


class _ConfigFile(BaseModel):
    """``easel.toml``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    deployments: list[_DeploymentTable] = []
    generation: _GenerationTable = _GenerationTable()
    limits: _LimitsTable = _LimitsTable()
    prices: dict[str, PriceOverride] = {}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator decides. Secrets are kept out of ``repr``.

    Attributes:
        fleet: the deployments, the default one first.
        generation_timeout: seconds one generation call may take.
        call_budget: calls of one job that Azure may bill, 1 or 2.
        drain: seconds that jobs under way get to finish at shutdown.
        sync: when ``run`` registers the commands by itself: ``auto`` only if none are registered.
        http_port: port of the health server; 0 means off.
        http_required: whether that port was asked for, so that not getting it is a fault.
        gateway_url: another gateway than Discord's; empty means Discord's.
        limits: the operator's word on what servers may use and cost.
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
    environment: _Environment | None = None
    try:
        environment = _Environment()
    except ValidationError as error:
        problems += _lines(error)
    file = _read_config_file(problems)
    tables = file.deployments
    if not tables:
        problems += _missing()
    problems += _shard_problems(environment)
    fleet = _fleet(environment, tables, problems) if environment else None
    limits = _limits(file.limits, fleet, problems) if fleet and fleet.deployments else None
    if problems or environment is None or fleet is None or limits is None:
        raise ConfigurationError(problems)
    return _settings(environment, fleet, limits, file)


def _settings(environment: _Environment, fleet: Fleet, limits: OperatorLimits, file: _ConfigFile) -> Settings:
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


def _limits(table: _LimitsTable, fleet: Fleet, problems: list[str]) -> OperatorLimits:
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


def _shard_problems(environment: _Environment | None) -> list[str]:
    if os.environ.get("EASEL_SHARD_IDS", "").strip(" ,") and not os.environ.get("EASEL_SHARD_COUNT"):
        return ["EASEL_SHARD_COUNT: required when EASEL_SHARD_IDS is set"]
    count = environment.shard_count if environment else None
    if environment and count and not all(0 <= shard < count for shard in environment.shard_ids):
        return [f"EASEL_SHARD_IDS: must be from 0 to {count - 1}, below EASEL_SHARD_COUNT"]
    return []


def _missing() -> list[str]:
    """What ``.env`` must hold when no config file names the deployments."""
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


def _fleet(environment: _Environment, tables: list[_DeploymentTable], problems: list[str]) -> Fleet:
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


def _key_of(table: _DeploymentTable, environ: Mapping[str, str], problems: list[str]) -> str:
    if table.api_key_env is None:
        return ""
    key = environ.get(table.api_key_env, "")
    if not key:
        problems.append(f"{table.api_key_env}: required, deployment {table.name!r} takes its key from it")
    return key


def _read_config_file(problems: list[str]) -> _ConfigFile:
    named = os.environ.get("EASEL_CONFIG")
    path = Path(named or "easel.toml")
    if not named and not path.exists():
        return _ConfigFile()
    try:
        return _ConfigFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        problems.append(f"EASEL_CONFIG: cannot read {path}: {error.strerror or error}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path}: not valid TOML: {error}")
    except ValidationError as error:
        problems += [f"{path}: {line}" for line in _lines(error)]
    return _ConfigFile()


def _as_written(name: str) -> str:
    """The name under which the operator set a variable that has an alias."""
    alias = {
        "AZURE_OPENAI_ENDPOINT": "OPENAI_API_BASE",
        "AZURE_OPENAI_API_KEY": "OPENAI_API_KEY",
        "AZURE_OPENAI_API_VERSION": "OPENAI_API_VERSION",
    }.get(name, name)
    return alias if alias in os.environ and name not in os.environ else name


def _lines(error: ValidationError) -> list[str]:
    """Pydantic's findings as one line each, without the values."""
    lines = []
    for finding in error.errors(include_url=False, include_input=False, include_context=False):
        name = _as_written(".".join(map(str, finding["loc"])))
        message = finding["msg"].removeprefix("Value error, ")
        lines.append(f"{name}: required" if finding["type"] == "missing" else f"{name}: {message}")
    return lines
