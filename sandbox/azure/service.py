"""The Azure side of the sandbox, as the server composes it and tests hold it."""

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

    What it is (`options`), what it does wrong (`faults`) and what it was asked (`requests`, `token_requests`,
    `downloads`) are the attributes of `Resource`; all may be read and changed while it serves.
    """

    def __init__(self, options: AzureOptions) -> None:
        super().__init__(options)
        self._routed = (Images(self), Entra(self), Blobs(self), Catalog(self))

    def routes(self) -> list[web.RouteDef]:
        """Everything this side answers; the last route takes whatever else begins with `/openai/`."""
        routes = [route for part in self._routed for route in part.routes()]
        return [web.route(route.method, route.path, wire.unbothered(route.handler)) for route in routes]

    @property
    def billed_images(self) -> int:
        """Pictures drawn so far, whether or not anybody received them: what Azure would bill."""
        return sum(request.images for request in self.requests if request.billed)

    def revoke_tokens(self) -> None:
        """Make every Entra token issued so far worthless, as if the identity's sessions had been revoked."""
        self.tokens.revoke_all()

    def reset(self) -> None:
        """Forget faults and records, keep options and tokens: between two tests on one sandbox."""
        self.faults.clear()
        self.requests.clear()
        self.token_requests.clear()
        self.downloads.clear()

    async def start(self) -> None:
        """Nothing to open: the painter's threads start with their first picture."""

    async def close(self) -> None:
        """End every stalled call and let go of the threads."""
        self.release()
