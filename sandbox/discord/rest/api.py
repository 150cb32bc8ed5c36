"""The entry point of the REST API: it decodes, logs, rate-limits, serves and answers every call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.rest.body import Body, decode, read_raw
from sandbox.discord.rest.calls import Answer, Call
from sandbox.discord.rest.failing import EFFECT_KINDS, VIA, faulty_answer, json_response, rate_limited
from sandbox.discord.rest.limits import RateLimiter
from sandbox.discord.rest.records import DiscordRequest, RequestLog
from sandbox.discord.rest.routes import find_route
from sandbox.discord.rules.errors import ApiError, method_not_allowed, not_found, unauthorized
from sandbox.sockets import cut

if TYPE_CHECKING:
    from sandbox.discord.rest.routes import Route
    from sandbox.discord.world.world import World
    from sandbox.faults import Fault, FaultList

PREFIX = "/api/v10"


class RestApi:
    """Serves ``/api/v10``.

    Attributes:
        log: Every call so far.
    """

    def __init__(self, world: World, faults: FaultList) -> None:
        self.log = RequestLog()
        self._world = world
        self._faults = faults
        self._limiter = RateLimiter()

    def reset(self) -> None:
        """Clear the log and reset every rate limit."""
        self.log.clear()
        self._limiter = RateLimiter()

    async def handle(self, request: web.Request) -> web.Response:
        """Serve one call, or apply the fault injected into it."""
        path = request.path.removeprefix(PREFIX)
        try:
            raw = await read_raw(request, self._world.options.request_size_limit)
        except ConnectionError:
            # The bot hung up before its request was complete; there is nobody to answer.
            return web.Response(status=400)
        record = DiscordRequest(
            request.method,
            path,
            dict(request.query),
            {name.lower(): value for name, value in request.headers.items()},
        )
        self.log.note(record)
        body = self._decoded(raw, record)
        fault = self._faults.take(request.method, path)
        response = await self._served(request, record, body, fault)
        record.status = None if response is None else response.status
        # The server discards a response on a connection that is already closed.
        return response or web.Response(status=500)

    def _decoded(self, raw: bytes | None, record: DiscordRequest) -> Body | ApiError:
        """Decode a body into its log entry, or return the error, to be raised after the rate limit."""
        try:
            body = decode(raw, record.headers.get("content-type", ""))
        except ApiError as error:
            return error
        record.body = body.data
        record.files = {
            f"files[{number}]": (upload.filename, len(upload.data)) for number, upload in body.uploads.items()
        }
        return body

    async def _served(
        self, request: web.Request, record: DiscordRequest, body: Body | ApiError, fault: Fault | None
    ) -> web.Response | None:
        if fault is None:
            return await self._answer(record, body)
        if fault.kind not in EFFECT_KINDS:
            await asyncio.sleep(fault.delay)
            if fault.kind == "slow":
                return await self._answer(record, body)
            if fault.kind in {"reset", "stall"}:
                cut(request.transport, reset=fault.kind == "reset")
                return None
            return faulty_answer(fault)
        response = await self._answer(record, body)
        await asyncio.sleep(fault.delay)
        if fault.kind == "effect_reset":
            cut(request.transport, reset=True)
            return None
        return response if fault.kind == "effect_slow" else faulty_answer(fault)

    async def _answer(self, record: DiscordRequest, body: Body | ApiError) -> web.Response:
        headers: dict[str, str] = {}
        try:
            route, params = self._route(record)
            if not route.open and record.headers.get("authorization") != f"Bot {self._world.options.token}":
                raise unauthorized()
            major = params.get(route.major, "") if route.major else ""
            limits = self._world.options.rate_limits
            verdict = self._limiter.count(route.bucket, major, exempt=route.open, overrides=limits)
            headers = dict(verdict.headers)
            if verdict.retry_after is not None:
                return rate_limited(
                    round(verdict.retry_after, 3), is_global=verdict.is_global, headers=headers
                )
            if isinstance(body, ApiError):
                raise body
            call = Call(params, record.query, body.data, body.uploads)
            answer = await route.handler(self._world, call)
        except ApiError as error:
            answer = Answer(error.status, error.body)
        record.answer = answer.data
        if answer.data is None:
            return web.Response(status=answer.status, headers={"Via": VIA, **headers})
        return json_response(answer.status, answer.data, headers)

    def _route(self, record: DiscordRequest) -> tuple[Route, dict[str, str]]:
        route, params, exists = find_route(record.method, record.path)
        if route is None:
            raise method_not_allowed() if exists else not_found()
        return route, params
