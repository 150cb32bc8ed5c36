"""A wire tap: a server between a client and the sandbox that passes everything on and writes it down."""

from __future__ import annotations

import io
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from functools import cached_property
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

_OWN = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"}
)
"""Headers that belong to one connection, or that the tap's own server writes."""

EVENTS = "text/event-stream"


@dataclass(frozen=True)
class Body:
    """What one side said.

    Attributes:
        headers: With lower-case names.
        data: The bytes.
    """

    headers: Mapping[str, str]
    data: bytes

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters; empty if there is no body."""
        return self.headers.get("content-type", "").partition(";")[0].strip() if self.data else ""

    @cached_property
    def json(self) -> Any:
        """The decoded JSON: the whole body, or the payload_json of a form."""
        if self.media_type == "multipart/form-data":
            return json.loads(dict(self.parts)["payload_json"] or "null")
        return json.loads(self.data)

    @cached_property
    def parts(self) -> list[tuple[str, str | None]]:
        """Each part of a form with its text, or None for a file."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.data)
        return [
            (
                str(part.get_param("name", header="content-disposition")),
                None if part.get_filename() is not None else str(part.get_content()),
            )
            for part in message.iter_parts()
        ]

    def events(self) -> Iterator[Any]:
        """The data of each server-sent event."""
        for event in self.data.decode().split("\n\n"):
            if lines := [
                line.removeprefix("data: ") for line in event.splitlines() if line.startswith("data: ")
            ]:
                yield json.loads("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call and its answer."""

    method: str
    path: str
    query: Mapping[str, str]
    sent: Body
    status: int
    got: Body


class Tap:
    """Everything that went by.

    Attributes:
        url: Where clients call it.
        exchanges: Every call with its answer, in the order of the answers.
    """

    def __init__(self, target: str, session: aiohttp.ClientSession) -> None:
        self.url = ""
        self.exchanges: list[Exchange] = []
        self._target = target
        self._session = session

    async def pass_on(self, request: web.Request) -> web.Response:
        """Hand a call to the target and its answer back."""
        sent = Body({name.lower(): value for name, value in request.headers.items()}, await request.read())
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OWN}
        url = URL(self._target + request.raw_path, encoded=True)
        # As a file, because aiohttp warns of large bytes.
        data = io.BytesIO(sent.data) if sent.data else None
        async with self._session.request(
            request.method, url, data=data, headers=headers, allow_redirects=False
        ) as answer:
            got = Body({name.lower(): value for name, value in answer.headers.items()}, await answer.read())
        self.exchanges.append(
            Exchange(request.method, request.path, dict(request.query), sent, answer.status, got)
        )
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _OWN}
        return web.Response(status=answer.status, body=got.data or None, headers=kept)


@asynccontextmanager
async def tapping(target: str) -> AsyncIterator[Tap]:
    """Stand before ``target``, scheme and host and port, for as long as the context lasts."""
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=60),
        auto_decompress=False,
        skip_auto_headers=("Content-Type", "User-Agent", "Accept", "Accept-Encoding"),
    ) as session:
        tap = Tap(target, session)
        app = web.Application(client_max_size=0)
        app.add_routes([web.route("*", "/{path:.*}", tap.pass_on)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            tap.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield tap
        finally:
            await runner.cleanup()
