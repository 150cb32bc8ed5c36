"""``easel.toml``, each table checked on its own."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.config.environment import checked_endpoint, readable
from bot.generation.deployments import Deployment
from bot.generation.prices import PriceOverride  # noqa: TC001 - pydantic reads the annotations
from bot.generation.retries import CALL_BUDGET

if TYPE_CHECKING:
    from bot.generation.deployments import Resource


class DeploymentTable(BaseModel):
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
        return checked_endpoint(value)

    def on(self, resource: Resource) -> Deployment:
        """Return the deployment that the table describes."""
        return Deployment(
            self.name,
            self.model,
            resource,
            self.priority,
            self.requests_per_minute,
            self.weight,
            self.slots,
        )


class GenerationTable(BaseModel):
    """The ``[generation]`` table of ``easel.toml``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    call_budget: int = Field(CALL_BUDGET, ge=1, le=CALL_BUDGET)


class LimitsTable(BaseModel):
    """The ``[limits]`` tables of ``easel.toml``; their fields are checked like those of ``/limits set``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    default: dict[str, Any] = {}
    operator: dict[str, Any] = {}


class ConfigFile(BaseModel):
    """``easel.toml``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    deployments: list[DeploymentTable] = []
    generation: GenerationTable = GenerationTable()
    limits: LimitsTable = LimitsTable()
    prices: dict[str, PriceOverride] = {}


def read_config_file(problems: list[str]) -> ConfigFile:
    """Read ``easel.toml`` or ``EASEL_CONFIG``'s file; if that fails, note why and return an empty one."""
    named = os.environ.get("EASEL_CONFIG")
    path = Path(named or "easel.toml")
    if not named and not path.exists():
        return ConfigFile()
    try:
        return ConfigFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        problems.append(f"EASEL_CONFIG: cannot read {path}: {error.strerror or error}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path}: not valid TOML: {error}")
    except ValidationError as error:
        problems += [f"{path}: {line}" for line in readable(error)]
    return ConfigFile()
