"""Faults of the gateway: how `kinds.GATEWAY` answer a call instead of admitting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox import sockets
from sandbox.azure import errors, kinds, wire

if TYPE_CHECKING:
    from sandbox.azure.errors import AzureError
    from sandbox.azure.resource import Resource
    from sandbox.faults import Fault

OPERATIONS = {"generations": "ImageGenerations_Create", "edits": "ImageGenerations_Edit"}
"""The specification's names of the operations, as they appear in the body of a 429."""

_NOT_JSON = b"upstream connect error or disconnect/reset before headers"


async def act(
    resource: Resource, request: web.Request, operation: str, fault: Fault
) -> web.StreamResponse | None:
    """Carry out a fault of `kinds.GATEWAY`.

    Returns:
        The answer, or None if the call proceeds as usual.

    Raises:
        AzureError: If the answer is an error.
    """
    if fault.kind == "stall":
        await resource.pause(fault.delay or kinds.FOREVER_STALL)
        return None
    await resource.pause(fault.delay)
    if fault.kind == "reset":
        sockets.cut(request.transport, reset=True)
        return web.Response()
    if fault.kind == "not_json":
        return await wire.send(request, _NOT_JSON)
    if fault.kind == "html":
        return await wire.send(request, wire.HTML, content_type="text/html")
    raise refusal(request, operation, fault)


def refusal(request: web.Request, operation: str, fault: Fault) -> AzureError:
    """Return the error that a fault stands for."""
    match fault.kind:
        case "unauthorized":
            return errors.wrong_key() if "api-key" in request.headers else errors.wrong_token()
        case "forbidden_role":
            return errors.missing_role(operation, fault.status or 401)
        case "deployment_missing":
            return errors.deployment_missing()
        case "resource_blocked":
            return errors.resource_blocked()
        case "rate_limited":
            version = request.query.get("api-version", "v1")
            return errors.rate_limited(OPERATIONS.get(operation, operation), version, fault.retry_after)
        case _:
            return errors.server_error(fault.status or 500)
