"""Downloads over real connections: what a storage account, a broken one and a hostile one would answer."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from aiohttp import ThreadedResolver, web
from aiohttp.abc import AbstractResolver

from bot.errors import DownloadFailed, DownloadRefused
from bot.generation.downloads import Downloader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from aiohttp.abc import ResolveResult

BLOB_HOST = "account.blob.core.windows.net"
PICTURE = bytes(range(256)) * 4000


class BlobServer:
    """Answers with ``reply`` (or one after the other), and remembers the requests."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.replies: list[Callable[[web.Request], web.StreamResponse]] = []
        self.url = ""
        self.port = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(request)


def picture(_: web.Request) -> web.Response:
    return web.Response(body=PICTURE, headers={"Set-Cookie": "tracked=1"})


def status(code: int) -> Callable[[web.Request], web.Response]:
    return lambda _: web.Response(status=code)


def redirect(location: str, code: int = 302) -> Callable[[web.Request], web.Response]:
    return lambda _: web.Response(status=code, headers={"Location": location})


def reset(request: web.Request) -> web.Response:
    assert request.transport is not None
    sock = request.transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    request.transport.abort()
    return web.Response()


class CutOff(web.StreamResponse):
    """Promises more than it sends."""

    async def prepare(self, request: web.BaseRequest) -> None:
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + bytes(1000))
        request.transport.close()


class Endless(web.StreamResponse):
    """Sends for ever, and announces no length."""

    async def write_eof(self, _: bytes = b"") -> None:
        try:
            while True:
                await self.write(bytes(2**20))
        except ConnectionError:
            return


class Stalled(web.StreamResponse):
    """Sends half, and then nothing."""

    async def write_eof(self, _: bytes = b"") -> None:
        await self.write(b"half")
        await asyncio.sleep(30)


@pytest.fixture
async def server() -> AsyncIterator[BlobServer]:
    async with running(None) as server:
        yield server


class running:  # noqa: N801 - reads as a verb: async with running(...)
    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.tls = tls

    async def __aenter__(self) -> BlobServer:
        server = BlobServer()
        application = web.Application()
        application.router.add_get("/{path:.*}", server.answer)
        self.runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0, ssl_context=self.tls).start()
        server.port = self.runner.addresses[0][1]
        server.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{server.port}/a.png?sig=signature"
        return server

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()


@pytest.fixture
async def downloader() -> AsyncIterator[Downloader]:
    async with Downloader(["127.0.0.1"], pauses=(0.01, 0.02)) as downloader:
        yield downloader


async def test_a_picture_comes_back_as_it_was_stored(server: BlobServer, downloader: Downloader) -> None:
    server.replies = [picture]
    assert await downloader.fetch(server.url, timeout=5) == PICTURE
    assert server.requests[0].path_qs == "/a.png?sig=signature"


async def test_nothing_about_us_is_sent_along(server: BlobServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.replies = [picture]
    async with Downloader(["127.0.0.1"]) as downloader:
        await downloader.fetch(server.url, timeout=5)
        await downloader.fetch(server.url, timeout=5)
    for request in server.requests:
        assert set(request.headers) == {"Host", "Accept", "Accept-Encoding", "User-Agent"}


async def test_an_empty_answer_is_handed_on(server: BlobServer, downloader: Downloader) -> None:
    server.replies = [status(200)]
    assert await downloader.fetch(server.url, timeout=5) == b""


@pytest.mark.parametrize(
    "failure", [status(500), status(503), status(429), status(408), reset, lambda _: CutOff()]
)
async def test_what_may_pass_is_tried_again(
    server: BlobServer, downloader: Downloader, failure: Callable[[web.Request], web.StreamResponse]
) -> None:
    server.replies = [failure, failure, picture]
    assert await downloader.fetch(server.url, timeout=5) == PICTURE
    server.replies = [failure]
    with pytest.raises(DownloadFailed, match="3 times") as caught:
        await downloader.fetch(server.url, timeout=5)
    # aiohttp may ask once more by itself where it had kept a connection.
    assert len(server.requests) >= 6
    assert "signature" not in str(caught.value)


@pytest.mark.parametrize("code", [204, 304, 400, 403, 404, 410])
async def test_what_will_not_pass_is_not_tried_again(
    server: BlobServer, downloader: Downloader, code: int
) -> None:
    server.replies = [status(code)]
    with pytest.raises(DownloadFailed, match=f"HTTP {code}"):
        await downloader.fetch(server.url, timeout=5)
    assert len(server.requests) == 1


async def test_a_closed_port_is_tried_again_and_then_told(downloader: Downloader) -> None:
    with pytest.raises(DownloadFailed, match="ClientConnectorError on the way, 3 times"):
        await downloader.fetch("http://127.0.0.1:1/a.png", timeout=5)


async def test_a_stalled_download_is_begun_anew(server: BlobServer, downloader: Downloader) -> None:
    server.replies = [lambda _: Stalled(), picture]
    assert await downloader.fetch(server.url, timeout=0.9) == PICTURE


async def test_the_time_out_holds_over_all_tries(server: BlobServer, downloader: Downloader) -> None:
    server.replies = [lambda _: Stalled()]
    started = asyncio.get_running_loop().time()
    with pytest.raises(DownloadFailed, match=r"within 0\.3 s|3 times"):
        await downloader.fetch(server.url, timeout=0.3)
    assert asyncio.get_running_loop().time() - started < 1


async def test_an_announced_size_over_the_cap_is_not_read(
    server: BlobServer,
) -> None:
    server.replies = [picture]
    async with Downloader(["127.0.0.1"], max_bytes=len(PICTURE) - 1) as downloader:
        with pytest.raises(DownloadFailed, match="over the cap"):
            await downloader.fetch(server.url, timeout=5)
    assert len(server.requests) == 1


async def test_an_endless_body_stops_at_the_cap(server: BlobServer) -> None:
    server.replies = [lambda _: Endless()]
    async with Downloader(["127.0.0.1"], max_bytes=5 * 2**20) as downloader:
        with pytest.raises(DownloadFailed, match="over the cap"):
            await downloader.fetch(server.url, timeout=5)


async def test_a_compressed_body_is_not_unpacked(server: BlobServer, downloader: Downloader) -> None:
    server.replies = [
        lambda _: web.Response(body=gzip.compress(PICTURE), headers={"Content-Encoding": "gzip"})
    ]
    with pytest.raises(DownloadFailed, match="compressed"):
        await downloader.fetch(server.url, timeout=5)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_redirects_are_followed_three_times(
    server: BlobServer, downloader: Downloader, code: int
) -> None:
    server.replies = [
        redirect("/b.png?sig=b%2Bc", code),
        redirect(server.url.replace("a.png", "c.png"), code),
        redirect("d.png", code),
        picture,
    ]
    assert await downloader.fetch(server.url, timeout=5) == PICTURE
    paths = [request.path_qs for request in server.requests]
    assert paths == ["/a.png?sig=signature", "/b.png?sig=b%2Bc", "/c.png?sig=signature", "/d.png"]


async def test_more_redirects_are_not(server: BlobServer, downloader: Downloader) -> None:
    server.replies = [redirect("/again")]
    with pytest.raises(DownloadFailed, match="redirects"):
        await downloader.fetch(server.url, timeout=5)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/a.png",
        "https://192.168.0.1/a.png",
        "http://169.254.169.254/metadata/identity",
        "http://localhost/a.png",
        "https://example.com/a.png",
        f"http://{BLOB_HOST}/a.png",
        "file:///etc/passwd",
        "//example.com/a.png",
    ],
)
async def test_every_redirect_is_judged_anew(
    server: BlobServer, downloader: Downloader, location: str
) -> None:
    server.replies = [redirect(location)]
    with pytest.raises(DownloadRefused):
        await downloader.fetch(server.url, timeout=5)
    assert len(server.requests) == 1


@pytest.mark.parametrize("location", ["http://[::1", "http://a:b:c/"])
async def test_a_redirect_to_nowhere(server: BlobServer, downloader: Downloader, location: str) -> None:
    server.replies = [redirect(location)]
    with pytest.raises(DownloadFailed, match="nowhere"):
        await downloader.fetch(server.url, timeout=5)
    server.replies = [status(302)]
    with pytest.raises(DownloadFailed, match="nowhere"):
        await downloader.fetch(server.url, timeout=5)


async def test_a_link_that_breaks_a_rule_is_never_requested(downloader: Downloader) -> None:
    with pytest.raises(DownloadRefused):
        await downloader.fetch("https://example.com/a.png?sig=signature", timeout=5)


class Names(AbstractResolver):
    """Answers each question for a name with the next of its addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await ThreadedResolver().resolve(self.addresses.pop(0), port, family)
        return [{**one, "hostname": host} for one in found]

    async def close(self) -> None:
        return


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
async def test_a_name_with_a_private_address_is_not_reached(address: str) -> None:
    async with Downloader(resolver=Names(address)) as downloader:
        with pytest.raises(DownloadRefused, match="not public"):
            await downloader.fetch(f"https://{BLOB_HOST}/a.png", timeout=5)


async def test_a_private_address_behind_a_name_is_found_by_all_who_wait_for_it() -> None:
    async with Downloader(resolver=Names("10.0.0.1")) as downloader:
        results = await asyncio.gather(
            *(downloader.fetch(f"https://{BLOB_HOST}/{n}.png", timeout=5) for n in range(3)),
            return_exceptions=True,
        )
    assert [type(result) for result in results] == [DownloadRefused] * 3


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def blob_storage(authority: trustme.CA) -> AsyncIterator[BlobServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(BLOB_HOST).configure_cert(context)
    async with running(context) as server:
        server.replies = [picture]
        server.url = f"https://{BLOB_HOST}:{server.port}/a.png"
        yield server


async def test_a_named_host_may_be_inside_and_have_a_private_authority(
    blob_storage: BlobServer, authority: trustme.CA
) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    named = [f"{BLOB_HOST}:{blob_storage.port}"]
    async with Downloader(named, ssl=trust, resolver=Names("127.0.0.1")) as downloader:
        assert await downloader.fetch(blob_storage.url, timeout=5) == PICTURE


async def test_an_authority_nobody_trusts_is_told_at_once(blob_storage: BlobServer) -> None:
    named = [f"{BLOB_HOST}:{blob_storage.port}"]
    async with Downloader(named, resolver=Names("127.0.0.1")) as downloader:
        with pytest.raises(DownloadFailed, match="no trusted connection"):
            await downloader.fetch(blob_storage.url, timeout=5)
