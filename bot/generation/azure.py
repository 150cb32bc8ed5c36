"""The call to Azure: one request out, one checked generation or one of our errors back.

The SDK builds and sends the request; its retries are off, because each could be billed again
(``openai/_base_client.py`` retries time-outs and cut bodies, and sends no idempotency key). The
answer is read as a stream of bytes and decoded off the event loop: the SDK's own parsing would hold
the loop for tens of milliseconds per picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore2
import httpx2
import openai

from bot.errors import (
    AccessDenied,
    AnswerLost,
    AnswerTimedOut,
    AnswerUnusable,
    EaselError,
    GenerationError,
    ImageUnusable,
    PromptRefused,
    RequestRejected,
    ServiceUnreachable,
)
from bot.generation.answers import Answer, body_limit, read_answer
from bot.generation.refusals import error_for
from bot.imaging.inspect import inspect
from bot.model import GeneratedImage, Generation, ImageRequest, Size

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from openai import AsyncOpenAI

    from bot.generation.credentials import TokenSource
    from bot.generation.deployments import Deployment, Resource
    from bot.generation.downloads import Downloader
    from bot.generation.models import ModelTable
    from bot.imaging.workers import ImagingPool

    Hear = Callable[[Mapping[str, str]], None]

_log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 10.0
"""Seconds allowed to connect to Azure; after a time-out nothing was sent, so nothing was billed."""

READ_BYTES = 2**18
"""Bytes read from a connection at once; see decision 0024."""

_STRAY_VARIABLES = (
    "AZURE_OPENAI_AD_TOKEN",
    "OPENAI_ADMIN_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_CUSTOM_HEADERS",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
)
"""Variables the SDK reads silently; any of them could redirect requests or replace the key.

Source: ``openai/lib/azure.py`` for the first, ``openai/lib/_client_auth.py`` for the others.
"""


@dataclass(frozen=True, slots=True)
class _Body:
    """A complete 200 answer, not yet decoded; in the pieces it came in, because joining them takes time."""

    chunks: list[bytes]
    request_id: str


def _deaf(_headers: Mapping[str, str]) -> None:
    """Ignore the headers, for callers with nothing to learn from them."""


class AzureImages:
    """Draws pictures on one resource. Open with ``open_azure``; safe for any number of callers."""

    def __init__(
        self,
        resource: Resource,
        http: httpx2.AsyncClient,
        tokens: TokenSource | None,
        models: ModelTable,
        pool: ImagingPool,
        downloader: Downloader,
        *,
        timeout: float,
    ) -> None:
        self._resource = resource
        self._http = http
        self._tokens = tokens
        self._models = models
        self._pool = pool
        self._downloader = downloader
        self._timeout = timeout
        self._clients: dict[str, AsyncOpenAI] = {}

    async def generate(self, deployment: Deployment, request: ImageRequest, hear: Hear = _deaf) -> Generation:
        """Make one call, or two if the first was refused because its token had gone bad.

        Args:
            deployment: what to call; it must be on this resource.
            request: what to draw.
            hear: called with the headers of each answer, as soon as they arrive.

        Raises:
            GenerationError: no usable picture; ``billed`` says what it may have cost.
            PromptRefused: the content filter refused the prompt.
            OutputFiltered: the content filter held back every picture.
        """
        try:
            body = await self._call_with_fresh_token(deployment, request, hear)
            answer = await self._pool.run(read_answer, body.chunks)
            # The message has no room for more pictures than were asked for.
            images, lost = await self._fetched(answer.images[: request.count])
        except GenerationError as error:
            error.deployment = deployment.name
            raise
        for flaw in (*answer.flaws, *lost):
            _log.warning(
                "deployment %s, request %s: a picture of several was lost: %s: %s",
                deployment.name,
                body.request_id or "-",
                type(flaw).__name__,
                flaw,
            )
        return _generation(images, answer, deployment, body.request_id)

    async def probe(self, deployment: Deployment, hear: Hear = _deaf) -> None:
        """Check route, credential, role and deployment without drawing, and so without paying.

        The request is illegal on purpose (no pictures, one pixel, no prompt): a 400 means that
        everything before the model's own validation works, if it comes from Azure and not from some web page.
        ``hear`` is as for ``generate``.

        Raises:
            GenerationError: what does not work.
        """
        nothing = ImageRequest(prompt="", model=deployment.model, count=0, size=Size(1, 1))
        try:
            await self._call_with_fresh_token(deployment, nothing, hear)
        except PromptRefused:
            return
        except RequestRejected as rejected:
            if rejected.explained:
                return
            raise
        raise AnswerUnusable("a request that no image model takes was not refused")

    async def _call_with_fresh_token(
        self, deployment: Deployment, request: ImageRequest, hear: Hear
    ) -> _Body:
        if self._tokens is None:
            return await self._call(deployment, request, hear)
        token = await self._tokens.token()
        try:
            body = await self._call(deployment, request, hear)
        except AccessDenied as denied:
            # A 403 is about a network rule or a role: the token was read, and a new one would not help.
            if denied.status != 401 or not self._tokens.discard(token):
                raise
            token = await self._tokens.token()
            body = await self._call(deployment, request, hear)
        self._tokens.confirm(token)
        return body

    async def _call(self, deployment: Deployment, request: ImageRequest, hear: Hear) -> _Body:
        """Send the request, collect the whole answer, and translate every failure."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            async with asyncio.timeout(self._timeout):
                return await self._collect(deployment, request, hear)
        except openai.APIStatusError as error:
            hear(error.response.headers)
            raise _status_error(error, elapsed=loop.time() - started) from error
        except openai.APIConnectionError as error:
            raise _transport_error(error.__cause__ or error, self._timeout) from error
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise _transport_error(error, self._timeout) from error
        except TimeoutError as error:
            raise AnswerTimedOut(self._timeout) from error

    async def _collect(self, deployment: Deployment, request: ImageRequest, hear: Hear) -> _Body:
        client = self._client_for(deployment)
        images = client.images.with_streaming_response
        async with images.generate(**self._parameters(deployment, request)) as response:
            hear(response.headers)
            left = body_limit(request.count)
            chunks: list[bytes] = []
            async for chunk in response.iter_bytes():
                chunks.append(chunk)
                left -= len(chunk)
                if left < 0:
                    raise ImageUnusable(f"answer of more than {body_limit(request.count)} bytes")
            headers = response.headers
            return _Body(chunks, headers.get("apim-request-id") or headers.get("x-request-id") or "")

    def _parameters(self, deployment: Deployment, request: ImageRequest) -> dict[str, Any]:
        """Return the parameters to send: all that the model takes, and none that it refuses."""
        capabilities = self._models[request.model]
        parameters: dict[str, Any] = {
            "prompt": request.prompt,
            "n": request.count,
            "size": str(request.size) if request.size else "auto",
            # Base64 of a PNG does not compress; asking for plain bytes saves both sides the work.
            "extra_headers": {"Accept-Encoding": "identity"},
        }
        if self._resource.uses_v1:
            parameters["model"] = deployment.name
        if request.quality in capabilities.qualities:
            parameters["quality"] = request.quality.value
        if capabilities.known and request.user:
            parameters["user"] = request.user
        return parameters

    def _client_for(self, deployment: Deployment) -> AsyncOpenAI:
        """Return the SDK client of a deployment; all clients of a resource share one connection pool."""
        client = self._clients.get(deployment.name)
        if client is None:
            client = self._clients[deployment.name] = self._new_client(deployment)
        return client

    def _new_client(self, deployment: Deployment) -> AsyncOpenAI:
        resource = self._resource
        key: str | Callable[[], Awaitable[str]] | None = resource.api_key or None
        if resource.uses_v1:
            query = {"api-version": "preview"} if resource.api_version == "preview" else {}
            return openai.AsyncOpenAI(
                base_url=f"{resource.endpoint}/openai/v1/",
                api_key=key or (self._tokens.token if self._tokens else None),
                default_query=query,
                max_retries=0,
                http_client=self._http,
            )
        # The deployment goes into the URL, and no model into the body: gpt-image-2 answers 400 if the
        # body names a model other than its own (BerriAI/litellm#26316).
        return openai.AsyncAzureOpenAI(
            azure_endpoint=resource.endpoint,
            azure_deployment=deployment.name,
            api_version=resource.api_version,
            api_key=key,
            azure_ad_token_provider=self._tokens.token if self._tokens else None,
            max_retries=0,
            http_client=self._http,
        )

    async def _fetched(
        self, images: Sequence[GeneratedImage | str]
    ) -> tuple[list[GeneratedImage], list[ImageUnusable]]:
        """Return the pictures, following all links at once, and the errors of those that are missing.

        Raises:
            ImageUnusable: not one picture could be had; otherwise a bad link costs only its own picture.
        """
        results = await asyncio.gather(*map(self._fetch, images), return_exceptions=True)
        fetched = [result for result in results if isinstance(result, GeneratedImage)]
        lost = [result for result in results if isinstance(result, ImageUnusable)]
        for result in results:
            if isinstance(result, BaseException) and not (fetched and isinstance(result, ImageUnusable)):
                raise result
        return fetched, lost

    async def _fetch(self, image: GeneratedImage | str) -> GeneratedImage:
        if isinstance(image, GeneratedImage):
            return image
        data = await self._downloader.fetch(image, timeout=self._timeout)
        return await self._pool.run(inspect, data)


def _generation(
    images: list[GeneratedImage], answer: Answer, deployment: Deployment, request_id: str
) -> Generation:
    return Generation(
        images=tuple(images),
        filtered=answer.filtered,
        usage=answer.usage,
        deployment=deployment.name,
        request_id=request_id,
    )


def _status_error(error: openai.APIStatusError, *, elapsed: float) -> EaselError:
    body: object = None
    with contextlib.suppress(ValueError, RecursionError):
        body = error.response.json()
    headers: Mapping[str, str] = {name.lower(): value for name, value in error.response.headers.items()}
    return error_for(error.status_code, body, headers, elapsed=elapsed)


def _transport_error(error: BaseException, timeout: float) -> GenerationError:
    """Return the error of a failed connection: the request was never sent, or its answer is missing."""
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
        # The operator needs the reason, such as a certificate that is not trusted here.
        return ServiceUnreachable(f"{type(error).__name__}: {error}")
    if isinstance(error, httpx2.TimeoutException):
        return AnswerTimedOut(timeout)
    return AnswerLost(type(error).__name__)


def ignore_stray_variables() -> None:
    """Remove the SDK's silent settings from this process's environment, so that only Easel's own count."""
    for name in _STRAY_VARIABLES:
        os.environ.pop(name, None)


def _read_in_large_pieces() -> None:
    """Let httpcore2 read ``READ_BYTES`` at once; it has no argument for this, only an attribute."""
    httpcore2.AsyncHTTP11Connection.READ_NUM_BYTES = READ_BYTES


@contextlib.asynccontextmanager
async def open_azure(
    resource: Resource,
    tokens: TokenSource | None,
    models: ModelTable,
    pool: ImagingPool,
    downloader: Downloader,
    *,
    timeout: float,
) -> AsyncIterator[AzureImages]:
    """Open the connection pool of one resource; it must close before the token source it is given.

    ``timeout`` is how many seconds one generation call may take, from sending it to the last byte.
    """
    _read_in_large_pieces()
    async with AsyncExitStack() as stack:
        patience = httpx2.Timeout(timeout, connect=min(CONNECT_TIMEOUT, timeout))
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=60)
        http = await stack.enter_async_context(
            httpx2.AsyncClient(timeout=patience, limits=limits, follow_redirects=False)
        )
        yield AzureImages(resource, http, tokens, models, pool, downloader, timeout=timeout)
