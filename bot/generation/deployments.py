"""The deployments an operator offers, and which of them draw with a given model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.errors import ModelNotOffered

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Resource:
    """One Azure OpenAI resource and how to call it.

    Attributes:
        endpoint: ``https://{name}.openai.azure.com``, no path, no trailing slash.
        api_key: the key; empty means Entra ID.
        api_version: a dated version for the deployments route, or ``v1`` or ``preview`` for the v1 route.
        scope: the scope of its Entra ID tokens.
    """

    endpoint: str
    api_version: str
    scope: str
    api_key: str = field(default="", repr=False)

    @property
    def uses_v1(self) -> bool:
        """Whether the resource is called on the v1 route."""
        return self.api_version in {"v1", "preview"}


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a model on a resource.

    Attributes:
        name: the deployment's name on Azure.
        model: the name of the model it serves.
        priority: the lowest number is called first.
        requests_per_minute: how many it takes; None to learn it from Azure.
        weight: its share of the calls among deployments of equal priority.
        slots: most calls at once; None if the requests per minute are limit enough.
    """

    name: str
    model: str
    resource: Resource
    priority: int = 1
    requests_per_minute: int | None = None
    weight: int = 1
    slots: int | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every deployment the operator configured, as written; the first one's model is the default."""

    deployments: Sequence[Deployment]

    @property
    def models(self) -> tuple[str, ...]:
        """The models on offer, the default first."""
        return tuple(dict.fromkeys(deployment.model for deployment in self.deployments))

    @property
    def default_model(self) -> str:
        """The model used when a member names none."""
        return self.deployments[0].model

    def label(self, deployment: Deployment) -> str:
        """Return a deployment's name for log and metrics, with its host if another host has that name."""
        homes = {other.resource.endpoint for other in self.deployments if other.name == deployment.name}
        if len(homes) == 1:
            return deployment.name
        return f"{deployment.name}@{urlsplit(deployment.resource.endpoint).hostname}"

    def serving(self, model: str) -> tuple[Deployment, ...]:
        """Return the deployments of ``model`` in the order to try them.

        Raises:
            ModelNotOffered: no deployment has that model.
        """
        serving = [deployment for deployment in self.deployments if deployment.model == model]
        if not serving:
            raise ModelNotOffered(model, self.models)
        return tuple(sorted(serving, key=lambda deployment: deployment.priority))
