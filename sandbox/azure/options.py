"""The options of the Azure side of the sandbox."""

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
"""Deployment name → model. The names differ from the models' on purpose, so that confusing the two fails."""


@dataclass(frozen=True, slots=True)
class AzureOptions:
    """One simulated Azure OpenAI resource and the Entra tenant in front of it.

    Attributes:
        api_key: The resource's key.
        deployments: Deployment name → model name.
        models: Model name → model; a deployment of any other model does not exist.
        latency: Seconds a generation takes, not counting the delay of a fault.
        requests_per_minute: The capacity of each deployment; None for no limit. As on the real
            service, it is also enforced over 1 s and 10 s, so a burst is refused below the per-minute figure.
        token_lifetime: Seconds an Entra token is valid after it is issued.
        result: Whether pictures come inside the answer or as links that expire.
        link_lifetime: Seconds a link to a picture is valid; the v1 specification says 60 minutes.
        blobs_url: The base of those links, such as https://name.blob.core.windows.net; None for
            `/blobs` on the host of the request.
        canned: Serve this PNG for every picture instead of painting one (for benches).
        tenant: Tenant id that the token endpoint serves.
        client_id: Application id it knows; also that of the user-assigned managed identity.
        client_secret: That application's secret.
        identity_header: Secret that App Service's identity endpoint requires in `X-IDENTITY-HEADER`.
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
