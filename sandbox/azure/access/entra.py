"""The sources of tokens: Entra's token endpoint and the two managed-identity endpoints.

The error codes are Entra's own (learn.microsoft.com, "Microsoft Entra authentication and authorization error
codes"); the answers of the identity endpoints follow Microsoft's pages on App Service and IMDS.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from aiohttp import web

from sandbox import sockets
from sandbox.azure import kinds, wire
from sandbox.azure.access.tokens import KNOWN_AUDIENCES
from sandbox.azure.errors import AzureError
from sandbox.azure.records import TokenRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.azure.access.tokens import Token
    from sandbox.azure.resource import Resource

    Issue = Callable[[web.Request, TokenRequest], Awaitable[dict[str, Any]]]

_SUFFIX = "/.default"
_APP_SERVICE_VERSIONS = frozenset({"2017-09-01", "2019-08-01"})


class Entra:
    """The token endpoints of one tenant."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of all three endpoints."""
        return [
            web.post("/{tenant}/oauth2/v2.0/token", self.entra),
            web.get("/msi/token", self.app_service),
            web.get("/metadata/identity/oauth2/token", self.imds),
        ]

    async def entra(self, request: web.Request) -> web.StreamResponse:
        """Answer the OAuth 2.0 client credentials flow, with a secret only."""
        return await self._answer(request, "entra", self._client_credentials)

    async def app_service(self, request: web.Request) -> web.StreamResponse:
        """Answer like the IDENTITY_ENDPOINT of App Service and Container Apps."""
        return await self._answer(request, "app_service", self._app_service)

    async def imds(self, request: web.Request) -> web.StreamResponse:
        """Answer like the service at 169.254.169.254 in a virtual machine."""
        return await self._answer(request, "imds", self._imds)

    async def _answer(self, request: web.Request, source: str, issue: Issue) -> web.StreamResponse:
        record = TokenRequest(time.monotonic(), source)
        self._resource.token_requests.append(record)
        fault = self._resource.faults.take(request.method, request.path, kinds=kinds.TOKENS)
        if fault is not None:
            record.fault = fault.kind
            how = fault.data.get("how", "500")
            await self._resource.pause(fault.delay or (kinds.FOREVER_STALL if how == "stall" else 0.0))
            if how == "reset":
                sockets.cut(request.transport, reset=True)
                return web.Response()
            if how != "stall":
                return _reply(record, _down(fault.status or 500))
        try:
            return _reply(record, await issue(request, record))
        except AzureError as error:
            return _reply(record, error)

    async def _client_credentials(self, request: web.Request, record: TokenRequest) -> dict[str, Any]:
        options, form = self._resource.options, await request.post()
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        if request.match_info["tenant"] != options.tenant:
            raise _entra(90002, "invalid_request", f"Tenant '{request.match_info['tenant']}' not found.")
        if fields.get("grant_type") != "client_credentials":
            message = "The app requested an unsupported grant type."
            raise _entra(70003, "unsupported_grant_type", message)
        for name in ("client_id", "scope"):
            if not fields.get(name):
                message = f"The request body must contain the following parameter: '{name}'."
                raise _entra(900144, "invalid_request", message)
        self._check_secret(fields)
        record.audience = _audience(fields["scope"])
        token = self._issue(record.audience)
        return {
            "token_type": "Bearer",
            "expires_in": int(token.lifetime),
            "ext_expires_in": int(token.lifetime),
            "access_token": token.text,
        }

    def _check_secret(self, fields: dict[str, str]) -> None:
        options = self._resource.options
        if fields["client_id"] != options.client_id:
            message = f"Application with identifier '{fields['client_id']}' was not found in the directory."
            raise _entra(700016, "unauthorized_client", message)
        if "client_assertion" in fields:
            raise _entra(
                700027, "invalid_client", "The certificate used to sign the assertion is not registered.", 401
            )
        if "client_secret" not in fields:
            message = "The request body must contain: 'client_assertion' or 'client_secret'."
            raise _entra(7000218, "invalid_client", message, 401)
        if fields["client_secret"] != options.client_secret:
            message = "Invalid client secret provided."
            raise _entra(7000215, "invalid_client", message, 401)

    async def _app_service(self, request: web.Request, record: TokenRequest) -> dict[str, Any]:
        if request.headers.get("X-IDENTITY-HEADER") != self._resource.options.identity_header:
            raise _identity_error(401, "invalid_request", "The X-IDENTITY-HEADER header is missing or wrong.")
        if request.query.get("api-version") not in _APP_SERVICE_VERSIONS:
            raise _identity_error(400, "invalid_request", "The api-version is missing or not supported.")
        return self._managed(request, record)

    async def _imds(self, request: web.Request, record: TokenRequest) -> dict[str, Any]:
        if request.headers.get("Metadata", "").lower() != "true":
            raise _identity_error(400, "invalid_request", "Required metadata header not specified")
        if not request.query.get("api-version"):
            raise _identity_error(400, "invalid_request", "Required query variable 'api-version' is missing")
        return self._managed(request, record)

    def _managed(self, request: web.Request, record: TokenRequest) -> dict[str, Any]:
        audience = request.query.get("resource", "")
        if not audience:
            raise _identity_error(400, "invalid_request", "Required query variable 'resource' is missing")
        record.audience = audience.rstrip("/")
        client = request.query.get("client_id")
        if client not in {None, self._resource.options.client_id}:
            raise _identity_error(400, "invalid_request", "Identity not found")
        if record.audience not in KNOWN_AUDIENCES:
            message = f"AADSTS500011: The resource principal named {audience} was not found in the tenant."
            raise _identity_error(400, "invalid_resource", message)
        token = self._issue(record.audience)
        # Here all numbers are strings, unlike in Entra's own answer.
        return {
            "access_token": token.text,
            "client_id": self._resource.options.client_id,
            "expires_in": str(int(token.lifetime)),
            "expires_on": str(token.expires_on),
            "not_before": str(int(token.expires_on - token.lifetime)),
            "resource": audience,
            "token_type": "Bearer",
        }

    def _issue(self, audience: str) -> Token:
        options = self._resource.options
        return self._resource.tokens.issue(
            audience, options.token_lifetime, tenant=options.tenant, client=options.client_id
        )


def _audience(scope: str) -> str:
    """Return the resource that a scope names.

    Raises:
        AzureError: If the scope is not a resource's `/.default`, or the resource is unknown.
    """
    if not scope.endswith(_SUFFIX):
        message = (
            f"The provided value for scope {scope} is not valid. Client credential flows must have a scope "
            "value with /.default suffixed to the resource identifier (application ID URI)."
        )
        raise _entra(1002012, "invalid_scope", message)
    audience = scope.removesuffix(_SUFFIX).rstrip("/")
    if audience not in KNOWN_AUDIENCES:
        message = f"The resource principal named {audience} was not found in the tenant."
        raise _entra(500011, "invalid_resource", message)
    return audience


def _entra(number: int, code: str, message: str, status: int = 400) -> AzureError:
    stamp = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
    trace, correlation = str(uuid4()), str(uuid4())
    description = (
        f"AADSTS{number}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
    )
    body = {
        "error": code,
        "error_description": description,
        "error_codes": [number],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={number}",
    }
    return AzureError(status, body)


def _identity_error(status: int, code: str, message: str) -> AzureError:
    return AzureError(status, {"error": code, "error_description": message})


def _down(status: int) -> AzureError:
    message = "AADSTS90033: A transient error has occurred. Please try again."
    return AzureError(status, {"error": "temporarily_unavailable", "error_description": message})


def _reply(record: TokenRequest, result: dict[str, Any] | AzureError) -> web.Response:
    if isinstance(result, AzureError):
        record.status = result.status
        return wire.refusal(result)
    record.status = 200
    return web.json_response(result, headers={"Cache-Control": "no-store, no-cache"})
