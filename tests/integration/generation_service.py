"""What the composition root builds of ``bot.generation``, and an Azure odder than the sandbox."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from bot.errors import GenerationError
from bot.generation.azure import AzureImages, open_azure
from bot.generation.credentials import TokenSource
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.downloads import Downloader
from bot.generation.models import load_models
from bot.generation.prices import load_prices
from bot.generation.router import Router
from bot.generation.service import GenerationService
from bot.imaging.workers import ImagingPool
from bot.model import ImageRequest, Quality, Size
from bot.telemetry.metrics import Metrics
from tests.integration.azure_site import API_VERSION, QUICK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from bot.generation.credentials import Credential
    from bot.generation.models import ModelTable
    from bot.model import Generation

    Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]

SCOPE = "https://cognitiveservices.azure.com/.default"
STUDIO = {"studio": "gpt-image-2"}
SMALL = Size(1024, 640)
REQUEST = ImageRequest("a quiet lake", "gpt-image-2", size=SMALL, quality=Quality.LOW, user="somebody")
TIMEOUT = 20.0
"""Seconds one call may take; tests of time-outs set less."""

DOWNLOAD_PAUSES = (0.01, 0.02)
"""Seconds between a download's tries, so that three of them are quick."""


@dataclass(frozen=True, slots=True)
class Options:
    """How an operator set Easel up; an empty key means Entra ID, ``terms`` are what else deployments say."""

    deployments: Mapping[str, str] = dataclasses.field(default_factory=lambda: STUDIO)
    terms: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)
    api_key: str = QUICK.api_key
    api_version: str = API_VERSION
    credential: Callable[[], Credential] | None = None
    scope: str = SCOPE
    timeout: float = TIMEOUT
    max_download: int = 48 * 2**20
    models: ModelTable = dataclasses.field(default_factory=load_models)


@dataclass(frozen=True, slots=True)
class _Watch:
    """Somebody with money enough, who keeps what they are told."""

    waits: list[float]

    async def calling(self) -> None:
        pass

    async def free(self) -> None:
        pass

    async def waiting(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def unclear(self) -> bool:
        return True

    def abandoned(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Generator:
    """Easel's way to pictures, without the bot around it.

    Attributes:
        images: the adapter of the one resource.
        deployments: the operator's deployments, in order.
        router: what chooses among them.
        service: what jobs go through.
        waits: the seconds of waiting that the service told of.
    """

    images: AzureImages
    deployments: tuple[Deployment, ...]
    router: Router
    service: GenerationService
    waits: list[float]

    async def call(self, **changes: Any) -> Generation:
        """One call to the first deployment."""
        (deployment, *_) = self.deployments
        request = dataclasses.replace(REQUEST, model=deployment.model)
        return await self.images.generate(deployment, dataclasses.replace(request, **changes))

    async def failure(self) -> GenerationError:
        """How one call that has to fail fails."""
        with pytest.raises(GenerationError) as raised:
            await self.call()
        assert raised.value.deployment == self.deployments[0].name
        return raised.value

    async def job(self, *, time_left: float = 60.0, **changes: Any) -> Generation:
        """All the calls that the service makes for one request."""
        request = dataclasses.replace(REQUEST, **changes)
        return await self.service.generate(request, time_left=time_left, watch=_Watch(self.waits))

    async def probe(self) -> None:
        """What the doctor does to the first deployment."""
        await self.images.probe(self.deployments[0])


@asynccontextmanager
async def open_generator(
    url: str, options: Options | None = None, **changes: Any
) -> AsyncIterator[Generator]:
    """Open everything between a job and the resource at ``url``, in the composition root's order."""
    options = dataclasses.replace(options or Options(), **changes)
    resource = Resource(
        url, options.api_version, options.scope, "" if options.credential else options.api_key
    )
    deployments = tuple(
        Deployment(name, model, resource, **options.terms.get(name, {}))
        for name, model in options.deployments.items()
    )
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(ImagingPool())
        downloader = await stack.enter_async_context(
            Downloader(["127.0.0.1"], pauses=DOWNLOAD_PAUSES, max_bytes=options.max_download)
        )
        tokens = None
        if options.credential:
            tokens = await stack.enter_async_context(TokenSource(options.credential, options.scope))
        client = open_azure(resource, tokens, options.models, pool, downloader, timeout=options.timeout)
        images = await stack.enter_async_context(client)
        router = Router(Fleet(deployments), asyncio.get_running_loop().time)
        service = GenerationService(router, {resource: images}, load_prices(), Metrics())
        yield Generator(images, deployments, router, service, [])


class OddAzure:
    """Answers every request with what ``reply`` makes of it: for answers the sandbox has no fault for.

    Attributes:
        url: where it listens.
        requests: what it was asked, in order.
        connections: the connections they came on, one for each request.
        cut_off: how many answers the client did not read to their end.
    """

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[web.Request] = []
        self.connections: list[asyncio.Transport] = []
        self.cut_off = 0
        self.reply: Reply = no_content
        self._under_way = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Note the request and reply."""
        self.requests.append(request)
        # Noted apart, as a request forgets its connection when it is done.
        assert request.transport is not None
        self.connections.append(request.transport)
        await request.read()
        self._under_way += 1
        try:
            return await self.reply(request)
        except ConnectionError:
            self.cut_off += 1
            raise
        finally:
            self._under_way -= 1

    async def answered_or_cut_off(self) -> None:
        """Wait until no answer is under way any more."""
        while self._under_way:
            await asyncio.sleep(0.01)


async def no_content(_: web.Request) -> web.StreamResponse:
    """A 204."""
    return web.Response(status=204)


@asynccontextmanager
async def odd_azure() -> AsyncIterator[OddAzure]:
    """Serve on any free port of loopback for as long as the context lasts."""
    azure = OddAzure()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", azure.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        azure.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield azure
    finally:
        await runner.cleanup()


def picture(data: bytes) -> dict[str, str]:
    """An item of ``data`` with a picture inside."""
    return {"b64_json": base64.b64encode(data).decode()}


def answered(*items: Mapping[str, str]) -> bytes:
    """The body of a 200."""
    return json.dumps({"created": 1, "data": items}).encode()


def replying(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Always the same answer."""

    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, content_type="application/json", headers=headers)

    return reply
