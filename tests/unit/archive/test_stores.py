"""The archive against small stand-ins for Azure Blob Storage and S3, over real HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from bot.archive.store import Archive, open_archive
from bot.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY = "2026/11/22/1-1.png"
_HEADERS = {"ETag": '"1"', "Last-Modified": "Sun, 22 Nov 2026 12:00:00 GMT"}


class ObjectServer:
    """Objects by path, for both services; ``status`` and ``code`` make it refuse everything."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.authorizations: list[str] = []
        self.status = 200
        self.code = ""
        self.calls = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.calls += 1
        self.authorizations.append(request.headers.get("Authorization", ""))
        if self.status != 200:
            return web.Response(status=self.status, text=f"<Error><Code>{self.code}</Code></Error>")
        if request.method == "PUT":
            self.objects[request.path] = body
            return web.Response(status=201, headers=_HEADERS)
        if request.method == "POST":
            return self._delete_many(request, body.decode())
        if request.path not in self.objects:
            return web.Response(status=404, text="<Error><Code>NotThere</Code></Error>")
        return web.Response(body=self.objects[request.path], headers=_HEADERS)

    def _delete_many(self, request: web.Request, body: str) -> web.Response:
        if "delete" in request.query:  # S3: an XML list of keys
            keys = re.findall(r"<Key>.*?</Key>", body)
            for key in keys:
                self.objects.pop(f"{request.path}/{key[5:-6]}", None)
            deleted = "".join(f"<Deleted>{key}</Deleted>" for key in keys)
            return web.Response(
                text=f"<DeleteResult>{deleted}</DeleteResult>", content_type="application/xml"
            )
        # Azure: a multipart batch of requests, answered by a multipart batch of answers
        found = [self.objects.pop(path, None) for path in re.findall(r"DELETE (\S+) HTTP", body)]
        statuses = [
            "202 Accepted" if one is not None else "404 The specified blob does not exist." for one in found
        ]
        parts = (
            f"--batch\r\nContent-Type: application/http\r\nContent-ID: {n}\r\n\r\nHTTP/1.1 {status}\r\n"
            + ("" if status.startswith("202") else "x-ms-error-code: BlobNotFound\r\n")
            + "\r\n"
            for n, status in enumerate(statuses)
        )
        return web.Response(
            status=202,
            body=("".join(parts) + "--batch--\r\n").encode(),
            headers={"Content-Type": "multipart/mixed; boundary=batch"},
        )


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ObjectServer]:
    server = ObjectServer()
    application = web.Application(client_max_size=2**26)
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    for name, value in {
        "AZURE_STORAGE_ACCOUNT_NAME": "account",
        "AZURE_STORAGE_ACCOUNT_KEY": "c2VjcmV0",
        "AZURE_STORAGE_ENDPOINT": url,
        "AWS_ACCESS_KEY_ID": "access",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": url,
    }.items():
        monkeypatch.setenv(name, value)
    yield server
    await runner.cleanup()


@pytest.fixture(params=["az://originals/easel", "s3://originals/easel"])
async def archive(server: ObjectServer, request: pytest.FixtureRequest) -> AsyncIterator[Archive]:
    async with open_archive(request.param) as archive:
        yield archive


async def test_what_is_kept_is_read_back_and_can_be_removed(archive: Archive, server: ObjectServer) -> None:
    await archive.keep(KEY, b"data")
    assert server.objects == {f"/originals/easel/{KEY}": b"data"}
    assert await archive.exists(KEY)
    assert await archive.read(KEY) == b"data"
    await archive.remove(KEY)
    assert not await archive.exists(KEY)
    assert all(
        value.startswith(("SharedKey account:", "AWS4-HMAC-SHA256 ")) for value in server.authorizations
    )


async def test_an_original_goes_up_in_one_request_however_large(
    archive: Archive, server: ObjectServer
) -> None:
    await archive.keep(KEY, bytes(12_000_000))
    assert server.calls == 1


async def test_removing_what_is_not_there_is_no_error(archive: Archive) -> None:
    await archive.remove(KEY)
    assert not await archive.exists(KEY)


async def test_a_probe_leaves_nothing(archive: Archive, server: ObjectServer) -> None:
    await archive.probe()
    assert server.objects == {}


async def test_a_store_has_no_end_of_room(archive: Archive) -> None:
    assert await archive.free_bytes() is None


async def test_reading_what_is_not_there(archive: Archive) -> None:
    with pytest.raises(
        ArchiveError, match=rf"cannot read {KEY} in \w+://originals/easel: not found \(NotThere\)"
    ):
        await archive.read(KEY)


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (404, "ContainerNotFound", r"not found \(ContainerNotFound\)"),
        (401, "NoAuthenticationInformation", "does not accept the credentials"),
        (403, "AuthorizationFailure", r"may not do this \(AuthorizationFailure\)"),
        (409, "AccountBeingCreated", "the store answers AccountBeingCreated"),
        (500, "", "the store answers 500 Internal Server Error"),
    ],
)
async def test_a_refusal_is_told_in_words(
    archive: Archive, server: ObjectServer, status: int, code: str, reason: str
) -> None:
    server.status, server.code = status, code
    with pytest.raises(ArchiveError, match=reason) as caught:
        await archive.keep(KEY, b"x")
    assert "http://" not in str(caught.value)


async def test_a_store_that_is_not_there(monkeypatch: pytest.MonkeyPatch, server: ObjectServer) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", "http://127.0.0.1:1")
    async with open_archive("az://originals") as archive:
        with pytest.raises(ArchiveError, match="cannot be reached"):
            await archive.keep(KEY, b"x")


async def test_an_answer_nobody_expects_is_quoted_without_its_url(
    archive: Archive, server: ObjectServer
) -> None:
    server.status = 302
    with pytest.raises(ArchiveError, match="redirect") as caught:
        await archive.keep(KEY, b"x")
    assert "127.0.0.1" not in str(caught.value)


async def test_a_missing_account_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(ArchiveError, match="AZURE_STORAGE_ACCOUNT_NAME is not set"):
        async with open_archive("az://originals"):
            pass
