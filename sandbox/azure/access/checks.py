"""Checks of the gateway: the api-version, the credential and the deployment."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from sandbox.azure import errors

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.azure.models import ImageModel
    from sandbox.azure.resource import Resource

IMAGE_VERSIONS = frozenset({"2025-04-01-preview"})
"""Dated api-versions with gpt-image routes: the one that introduced them, also the last dated one."""

MODEL_VERSIONS = frozenset({"2024-02-01", "2024-06-01", "2024-10-21", "2025-04-01-preview"})
"""Dated api-versions with a list of models."""

V1_VERSIONS = frozenset({"v1", "preview"})


def check_version(request: web.Request, dated: frozenset[str] | None) -> None:
    """Check the api-version of a call.

    Args:
        request: The call.
        dated: The dated versions that have the route, or None on the v1 surface.

    Raises:
        AzureError: 404 on dated routes, where the version selects the route; 400 on v1.
    """
    version = request.query.get("api-version")
    if dated is not None:
        if version not in dated:
            raise errors.not_found()
    elif version is not None and version not in V1_VERSIONS:
        raise errors.unsupported_version()


def authorize(resource: Resource, request: web.Request, *, v1: bool) -> None:
    """Check the key or the token; if there is a key, the token is ignored.

    Raises:
        AzureError: 401, if the credential is missing or not accepted.
    """
    key = request.headers.get("api-key")
    if key is not None:
        if not _same(key, resource.options.api_key):
            raise errors.wrong_key()
        return
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise errors.wrong_token()
    if v1 and _same(text, resource.options.api_key):
        return
    if not resource.tokens.accepts(text):
        raise errors.wrong_token()


def find_model(resource: Resource, deployment: str | None) -> ImageModel:
    """Return the model behind a deployment.

    Raises:
        AzureError: 404, if there is no such deployment or its model is not served.
    """
    options = resource.options
    model = options.models.get(options.deployments.get(deployment or "", ""))
    if model is None:
        raise errors.deployment_missing()
    return model


def _same(text: str, secret: str) -> bool:
    return hmac.compare_digest(text.encode(), secret.encode())
