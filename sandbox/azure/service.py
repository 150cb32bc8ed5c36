"""The Azure side of the sandbox, as used by the server and by tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.azure import wire
from sandbox.azure.access.entra import Entra
from sandbox.azure.blobs.routes import Blobs
from sandbox.azure.catalog import Catalog
from sandbox.azure.images.routes import Images
from sandbox.azure.resource import Resource

if TYPE_CHECKING:
    from sandbox.azure.options import AzureOptions


class AzureSandbox(Resource):
    """One Azure OpenAI resource, its Entra tenant and its blob storage.

    Its options, faults and lists of requests (`requests`, `token_requests`, `downloads`) are attributes of
    `Resource`; all may be read and changed while it serves.
    """

    def __init__(self, options: AzureOptions) -> None:
        super().__init__(options)
        self._routed = (Images(self), Entra(self), Blobs(self), Catalog(self))

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this side; the last one catches every other path under `/openai/`."""
        routes = [route for part in self._routed for route in part.routes()]
        return [web.route(route.method, route.path, wire.unbothered(route.handler)) for route in routes]

    @property
    def billed_images(self) -> int:
        """Pictures drawn so far, received or not: what Azure would bill."""
        return sum(request.images for request in self.requests if request.billed)

    def revoke_tokens(self) -> None:
        """Invalidate every Entra token issued so far, as if the identity's sessions had been revoked."""
        self.tokens.revoke_all()

    def reset(self) -> None:
        """Clear faults and requests but keep options and tokens, between two tests on one sandbox."""
        self.faults.clear()
        self.requests.clear()
        self.token_requests.clear()
        self.downloads.clear()

    async def start(self) -> None:
        """Do nothing: the painter's threads start with their first picture."""

    async def close(self) -> None:
        """End every stalled call and close the painter's threads."""
        self.release()
