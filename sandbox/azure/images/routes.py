"""The image routes: from a call to its answer, in the order of the real service."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.azure import errors, kinds, wire
from sandbox.azure.access import checks, gateway
from sandbox.azure.errors import AzureError
from sandbox.azure.images import answers, forms, links, spoilt, streaming, uploads
from sandbox.azure.images.studio import Studio
from sandbox.azure.images.validation import validate
from sandbox.azure.records import AzureRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.azure.images.answers import Answer
    from sandbox.azure.images.forms import Body
    from sandbox.azure.images.studio import Picture
    from sandbox.azure.images.validation import ImageRequest
    from sandbox.azure.models import ImageModel, Size
    from sandbox.azure.resource import Resource
    from sandbox.faults import Fault


@dataclass(slots=True)
class Call:
    """One call in progress.

    Attributes:
        request: The HTTP request.
        record: The entry about it in the list of requests.
        body: Its body.
        v1: Whether it came on the v1 surface, where the body names the deployment.
        headers: The rate limit headers for its answer.
        started: When it was admitted, on the monotonic clock; the latency counts from then.
    """

    request: web.Request
    record: AzureRequest
    body: Body
    v1: bool
    headers: dict[str, str] = field(default_factory=dict)
    started: float = 0.0


class Images:
    """`images/generations` and `images/edits` on both surfaces."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._studio = Studio(resource.painter)

    def routes(self) -> list[web.RouteDef]:
        """Return the dated and the v1 routes."""
        operation = "{operation:generations|edits}"
        return [
            web.post(f"/openai/deployments/{{deployment}}/images/{operation}", self.serve),
            web.post(f"/openai/v1/images/{operation}", self.serve),
        ]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one call and record its outcome."""
        call = await self._open(request)
        try:
            response = await self._serve(call)
        except AzureError as error:
            response = await wire.send_refusal(request, error, call.headers)
        if response.prepared:
            call.record.status = response.status
        if call.record.fault not in kinds.CUT:
            call.record.answered_at = time.monotonic()
        return response

    async def _open(self, request: web.Request) -> Call:
        operation = request.match_info["operation"]
        record = AzureRequest(
            at=time.monotonic(),
            route=f"{request.method} {request.path}",
            operation=operation,
            deployment=request.match_info.get("deployment"),
            api_version=request.query.get("api-version"),
            headers={name.lower(): value for name, value in request.headers.items()},
        )
        self._resource.requests.append(record)
        body = await forms.read(request, operation)
        v1 = "deployment" not in request.match_info
        record.body, record.files = body.fields, body.files
        if v1 and isinstance(body.fields.get("model"), str):
            record.deployment = body.fields["model"]
        return Call(request, record, body, v1)

    async def _serve(self, call: Call) -> web.StreamResponse:
        if (fault := self._fault(call, kinds.GATEWAY)) is not None:
            answer = await gateway.act(self._resource, call.request, call.record.operation, fault)
            if answer is not None:
                return answer
        model = self._admit(call)
        asked = validate(call.body, call.record.operation, model)
        inputs: Sequence[Size] = ()
        if asked.operation == "edits":
            inputs = await self._resource.painter.run(uploads.check, asked)
        fault = self._fault(call, kinds.AFTER_GATEWAY)
        if fault is not None and fault.kind in kinds.PROMPT:
            await self._resource.pause(fault.delay)
            raise _prompt_refusal(fault, asked)
        if asked.stream and (fault is None or fault.kind not in {"late_status", "stream_ignored"}):
            return await self._stream(call, asked, inputs, fault)
        return await self._whole(call, asked, inputs, fault)

    def _fault(self, call: Call, group: frozenset[str]) -> Fault | None:
        """Return the fault of a group that hits this call; one requested in the prompt takes precedence."""
        fault = kinds.simulated(call.body.fields.get("prompt"))
        if fault is None or fault.kind not in group:
            fault = self._resource.faults.take(call.request.method, call.request.path, kinds=group)
        if fault is not None:
            call.record.fault = fault.kind
        return fault

    def _admit(self, call: Call) -> ImageModel:
        """Check version, credential, deployment and rate, all before the body is validated."""
        checks.check_version(call.request, None if call.v1 else checks.IMAGE_VERSIONS)
        checks.authorize(self._resource, call.request, v1=call.v1)
        name = call.body.fields.get("model")
        if call.v1 and name is None and call.body.problem is None:
            raise errors.missing_parameter("model")
        model = checks.find_model(self._resource, call.record.deployment)
        self._count(call)
        if not call.v1 and name is not None and name != model.name:
            raise errors.wrong_model(str(name))
        call.started = time.monotonic()
        return model

    def _count(self, call: Call) -> None:
        limit = self._resource.options.requests_per_minute
        if limit is None:
            return
        verdict = self._resource.capacity.take(call.record.deployment or "", limit)
        call.headers = verdict.headers()
        if verdict.retry_after is not None:
            operation = gateway.OPERATIONS[call.record.operation]
            raise errors.rate_limited(operation, call.record.api_version or "v1", verdict.retry_after)

    async def _whole(
        self, call: Call, asked: ImageRequest, inputs: Sequence[Size], fault: Fault | None
    ) -> web.StreamResponse:
        """Answer with one JSON body."""
        answer = await self._drawn(call, asked, inputs, fault)
        await self._resource.pause_until(self._done_at(call))
        self._bill(call, asked)
        content_type = wire.JSON
        if fault is not None:
            await self._delay(fault)
            if fault.kind == "output_filtered":
                raise errors.output_filtered()
            if fault.kind == "late_status":
                raise errors.server_error(fault.status or 500)
            if fault.kind in {"reset_midway", "truncate"}:
                rst = fault.kind == "reset_midway"
                return await wire.send_half(call.request, answer.body(), rst=rst, headers=call.headers)
            if fault.kind == "wrong_content_type":
                content_type = "text/plain"
        return await wire.send(call.request, answer.body(), content_type=content_type, headers=call.headers)

    async def _stream(
        self, call: Call, asked: ImageRequest, inputs: Sequence[Size], fault: Fault | None
    ) -> web.StreamResponse:
        """Answer with events, their stages spread over the latency."""
        kind = fault.kind if fault is not None else ""
        content_type = "text/plain" if kind == "wrong_content_type" else streaming.EVENT_STREAM
        response = await streaming.begin(call.request, call.headers, content_type)
        answer = await self._drawn(call, asked, inputs, fault)
        if kind == "output_filtered":
            answer.error = errors.output_filtered().body["error"]
        flat = fault is not None and bool(fault.data.get("flat"))
        written = list(streaming.events(answer, flat_errors=flat))
        try:
            await self._play(call, response, written[:-1], len(written))
        finally:
            # Even if the client has disconnected: the generation continues without it.
            await self._resource.pause_until(self._done_at(call))
            self._bill(call, asked)
        if fault is not None:
            await self._delay(fault)
        last = written[-1] if written else b""
        if kind in {"reset_midway", "truncate"}:
            await response.write(last[: len(last) // 2])
            await wire.cut(call.request, rst=kind == "reset_midway")
            return response
        await response.write(last)
        await response.write_eof()
        return response

    async def _play(self, call: Call, response: web.StreamResponse, early: list[bytes], steps: int) -> None:
        """Write all events but the last, each at its share of the latency."""
        for number, event in enumerate(early, start=1):
            await self._resource.pause_until(call.started + self._resource.options.latency * number / steps)
            await response.write(event)

    async def _drawn(
        self, call: Call, asked: ImageRequest, inputs: Sequence[Size], fault: Fault | None
    ) -> Answer:
        """Draw the pictures and build the answer, as changed by a fault."""
        pictures = await self._studio.draw(asked, self._resource.options.canned)
        if fault is not None and fault.kind in kinds.PICTURE:
            pictures = await self._spoil(pictures, fault)
        link_fault = fault if fault is not None and fault.kind in kinds.LINKS else None
        if link_fault is not None or self._resource.options.result == "url":
            urls = [
                links.link(self._resource, call.request, asked, picture, link_fault) for picture in pictures
            ]
            answer = answers.from_links(asked, inputs, urls, pictures)
        else:
            answer = answers.from_pictures(asked, inputs, pictures)
        if fault is not None and fault.kind in kinds.ITEMS:
            answers.change(answer, fault)
        return answer

    async def _spoil(self, pictures: list[Picture], fault: Fault) -> list[Picture]:
        spoiler = spoilt.SPOILERS[fault.kind]
        return list(
            await asyncio.gather(
                *(self._studio.spoil(lambda data: spoiler(data, fault.data), picture) for picture in pictures)
            )
        )

    async def _delay(self, fault: Fault) -> None:
        """Wait for the delay of a fault that acts on the answer."""
        if fault.kind not in kinds.LINKS:
            await self._resource.pause(fault.delay or (kinds.LATE if fault.kind == "late_status" else 0.0))

    def _done_at(self, call: Call) -> float:
        return call.started + self._resource.options.latency

    @staticmethod
    def _bill(call: Call, asked: ImageRequest) -> None:
        call.record.images = asked.n
        call.record.billed = True


def _prompt_refusal(fault: Fault, asked: ImageRequest) -> AzureError:
    if fault.kind == "filter_broken":
        return errors.filter_broken(fault.status or 500)
    return errors.prompt_refused(fault.data.get("shape", "content_policy_violation"), asked.prompt)
