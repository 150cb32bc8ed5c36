"""What the Azure side of the sandbox is, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from sandbox.azure.models import MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.azure.models import ImageModel

DEPLOYMENTS: Mapping[str, str] = MappingProxyType(
    {"studio": "gpt-image-2", "sketch": "gpt-image-1-mini", "flare": "gpt-image-2.5-flare"}
)
"""Deployment name → model. The names differ from the models' on purpose: mixing them up must fail here."""


@dataclass(frozen=True, slots=True)
class AzureOptions:
    """One simulated Azure OpenAI resource and the Entra tenant in front of it.

    Attributes:
        api_key: The resource's key.
        deployments: Deployment name → model name.
        models: Model name → what it takes; a deployment of any other model does not exist.
        latency: Seconds one generation takes, before any fault's delay.
        requests_per_minute: The capacity of each deployment; None for no limit. Like the real service it
            is enforced over slices of 1 s and 10 s as well, so a burst is refused below the minute figure.
        token_lifetime: Seconds an Entra token lives, counted from its issue.
        result: Whether pictures come back inside the answer or as links that die.
        link_lifetime: Seconds a link to a picture lives; the v1 specification says 60 minutes.
        blobs_url: What those links begin with, such as https://name.blob.core.windows.net; None for
            `/blobs` on the host that was asked.
        canned: Serve this PNG for every picture instead of painting one (for benches).
        tenant: Tenant id the token endpoint serves.
        client_id: Application id it knows, also the id of the user-assigned managed identity.
        client_secret: That application's secret.
        identity_header: Secret that App Service's identity endpoint wants in `X-IDENTITY-HEADER`.
    """

    api_key: str = "sandbox-key"
    deployments: Mapping[str, str] = field(default_factory=lambda: DEPLOYMENTS)
    models: Mapping[str, ImageModel] = field(default_factory=lambda: MODELS, repr=False)
    latency: float = 2.0
    requests_per_minute: int | None = None
    token_lifetime: float = 86400.0
    result: Literal["b64_json", "url"] = "b64_json"
    link_lifetime: float = 3600.0
    blobs_url: str | None = None
    canned: bytes | None = field(default=None, repr=False)
    tenant: str = "00000000-0000-4000-8000-00000000ea5e"
    client_id: str = "00000000-0000-4000-8000-0000000000c1"
    client_secret: str = "sandbox-secret"  # noqa: S105 - opens nothing but this sandbox
    identity_header: str = "sandbox-identity"
