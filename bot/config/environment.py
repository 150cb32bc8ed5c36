"""The variables of ``.env`` and the environment, each checked on its own."""

from __future__ import annotations

import datetime as dt
import os
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.archive.location import parse_archive_url
from bot.generation.links import NamedHost, is_loopback
from bot.storage.location import parse_database_url

OLDEST_API_VERSION = dt.date(2025, 4, 1)
"""The first and last dated version with GPT image models (specification 2025-04-01-preview)."""

DALLE_RETIRED = "2026-03-04"
"""When the last model of the earlier versions, DALL·E 3, was retired (Azure's retirement schedule)."""

_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(-preview)?")
_PATH_SUFFIX = re.compile(r"/openai(/v1)?/?$")

Words = Annotated[tuple[str, ...], NoDecode]
"""A comma-separated list."""


def _checked_url(value: str, *, secure: str, plain: str) -> str:
    """Return the URL without trailing slashes; the plain scheme is allowed for this machine only."""
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


def checked_endpoint(value: str) -> str:
    """Check the address of an Azure OpenAI resource, and strip ``/openai`` or ``/openai/v1`` from its end.

    Raises:
        ValueError: with one sentence for the operator.
    """
    url = _PATH_SUFFIX.sub("", _checked_url(value, secure="https", plain="http"))
    if urlsplit(url).path:
        raise ValueError("must end with the host name, such as https://NAME.openai.azure.com")
    return url


class Environment(BaseSettings):
    """The environment variables, each checked on its own."""

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
        return value and checked_endpoint(value)

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


def _as_written(name: str) -> str:
    """Return the name under which the operator set a variable that has an alias."""
    alias = {
        "AZURE_OPENAI_ENDPOINT": "OPENAI_API_BASE",
        "AZURE_OPENAI_API_KEY": "OPENAI_API_KEY",
        "AZURE_OPENAI_API_VERSION": "OPENAI_API_VERSION",
    }.get(name, name)
    return alias if alias in os.environ and name not in os.environ else name


def readable(error: ValidationError) -> list[str]:
    """Return Pydantic's findings, one line each, without the values."""
    lines = []
    for finding in error.errors(include_url=False, include_input=False, include_context=False):
        name = _as_written(".".join(map(str, finding["loc"])))
        message = finding["msg"].removeprefix("Value error, ")
        lines.append(f"{name}: required" if finding["type"] == "missing" else f"{name}: {message}")
    return lines
