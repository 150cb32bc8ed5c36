"""The lists of models, which a bot can request to check its key."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.azure import errors, kinds, wire
from sandbox.azure.access import checks, gateway
from sandbox.azure.errors import AzureError

if TYPE_CHECKING:
    from sandbox.azure.models import ImageModel
    from sandbox.azure.resource import Resource


class Catalog:
    """`GET /openai/models` and `GET /openai/v1/models`; every other path under `/openai/` is a 404."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the two lists and of any other path, which must come last."""
        return [
            web.get("/openai/models", self.dated),
            web.get("/openai/v1/models", self.v1),
            web.route("*", "/openai/{rest:.*}", self.nowhere),
        ]

    async def dated(self, request: web.Request) -> web.StreamResponse:
        """List the models the resource could deploy, in Azure's format."""
        return await self._list(request, checks.MODEL_VERSIONS, _azure_entry)

    async def v1(self, request: web.Request) -> web.StreamResponse:
        """List the same models in OpenAI's format."""
        return await self._list(request, None, _openai_entry)

    async def nowhere(self, _request: web.Request) -> web.StreamResponse:
        """Answer 404, as for any path the service does not know."""
        return wire.refusal(errors.not_found())

    async def _list(
        self, request: web.Request, dated: frozenset[str] | None, entry: Any
    ) -> web.StreamResponse:
        try:
            fault = self._resource.faults.take(request.method, request.path, kinds=kinds.GATEWAY)
            if fault is not None:
                answer = await gateway.act(self._resource, request, "models", fault)
                if answer is not None:
                    return answer
            checks.check_version(request, dated)
            checks.authorize(self._resource, request, v1=dated is None)
        except AzureError as error:
            return wire.refusal(error)
        entries = [entry(model) for model in self._resource.options.models.values()]
        return web.json_response({"object": "list", "data": entries}, headers=wire.identity())


def _openai_entry(model: ImageModel) -> dict[str, Any]:
    created = _midnight(model.version)
    return {
        "id": f"{model.name}-{model.version}",
        "object": "model",
        "created": created,
        "owned_by": "system",
    }


def _azure_entry(model: ImageModel) -> dict[str, Any]:
    created = _midnight(model.version)
    return {
        "id": f"{model.name}-{model.version}",
        "object": "model",
        "status": "succeeded",
        "created_at": created,
        "updated_at": created,
        "lifecycle_status": "generally-available",
        "capabilities": {
            "fine_tune": False,
            "inference": True,
            "completion": False,
            "chat_completion": False,
            "embeddings": False,
        },
    }


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
