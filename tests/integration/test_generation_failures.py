"""Pictures from a resource in trouble: what each trouble is called, what it may have cost, what is saved."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import socket
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from bot.errors import (
    AccessDenied,
    AnswerLost,
    AnswerTimedOut,
    AnswerUnusable,
    Billed,
    DeploymentBusy,
    DeploymentMissing,
    DownloadFailed,
    DownloadRefused,
    FilterBroken,
    GenerationError,
    ImageUnusable,
    OutputFiltered,
    PromptRefused,
    RequestRejected,
    ResourceBlocked,
    ServiceFailed,
    ServiceUnreachable,
)
from bot.generation.answers import body_limit
from bot.model import Size
from sandbox.faults import Fault
from tests.integration.azure_site import API_VERSION, Site, open_site
from tests.integration.generation_service import OddAzure, odd_azure, open_generator
from tests.unit.imaging.pictures import png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.model import Generation
    from tests.integration.generation_service import Generator, Reply

PICTURE = png()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as running:
        yield running


@pytest.fixture
async def odd() -> AsyncIterator[OddAzure]:
    async with odd_azure() as running:
        yield running


async def failure(generator: Generator) -> GenerationError:
    with pytest.raises(GenerationError) as raised:
        await generator.call()
    assert raised.value.deployment == "studio"
    return raised.value


def answered(*items: dict[str, object]) -> bytes:
    return json.dumps({"created": 1, "data": items}).encode()


def picture(data: bytes = PICTURE) -> dict[str, object]:
    return {"b64_json": base64.b64encode(data).decode()}


def replying(body: bytes, status: int = 200, **headers: str) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, content_type="application/json", headers=headers)

    return reply


# --- what each trouble is called, and what it may have cost -------------------------------------

TROUBLES = [
    (Fault("unauthorized"), AccessDenied, Billed.NO),
    (Fault("forbidden_role", status=401), AccessDenied, Billed.NO),
    (Fault("forbidden_role", status=403), AccessDenied, Billed.NO),
    (Fault("deployment_missing"), DeploymentMissing, Billed.NO),
    (Fault("resource_blocked"), ResourceBlocked, Billed.NO),
    (Fault("rate_limited"), DeploymentBusy, Billed.NO),
    *((Fault("status", status=n), ServiceFailed, Billed.NO) for n in (408, 500, 502, 503, 504, 529)),
    (Fault("late_status", status=504, delay=3.2), ServiceFailed, Billed.UNKNOWN),
    (Fault("filter_broken", status=400), FilterBroken, Billed.UNKNOWN),
    (Fault("filter_broken", status=500), FilterBroken, Billed.UNKNOWN),
    (Fault("reset"), AnswerLost, Billed.UNKNOWN),
    (Fault("reset_midway"), AnswerLost, Billed.UNKNOWN),
    (Fault("truncate"), AnswerLost, Billed.UNKNOWN),
    (Fault("not_json"), AnswerUnusable, Billed.YES),
    (Fault("html"), AnswerUnusable, Billed.YES),
    (Fault("error_in_200"), AnswerUnusable, Billed.YES),
    (Fault("empty_data"), AnswerUnusable, Billed.YES),
    (Fault("empty_data", data={"null": True}), AnswerUnusable, Billed.YES),
    (Fault("null_image"), ImageUnusable, Billed.YES),
    (Fault("bad_base64"), ImageUnusable, Billed.YES),
    (Fault("html_image"), ImageUnusable, Billed.YES),
    (Fault("corrupt_image"), ImageUnusable, Billed.YES),
    (Fault("truncated_image"), ImageUnusable, Billed.YES),
    *(
        (Fault("wrong_type_image", data={"format": form}), ImageUnusable, Billed.YES)
        for form in ("GIF", "BMP")
    ),
    (Fault("bomb"), ImageUnusable, Billed.YES),
    (Fault("oversized_image", data={"bytes": 49 * 2**20}), ImageUnusable, Billed.YES),
    (Fault("url_private"), DownloadRefused, Billed.YES),
    (Fault("url_http"), DownloadRefused, Billed.YES),
    (Fault("url_foreign"), DownloadRefused, Billed.YES),
    (Fault("url_redirect_private"), DownloadRefused, Billed.YES),
    (Fault("url_redirect_http"), DownloadRefused, Billed.YES),
    (Fault("url_html"), ImageUnusable, Billed.YES),
    (Fault("url_404"), DownloadFailed, Billed.YES),
    (Fault("url_oversized"), DownloadFailed, Billed.YES),
]


def named(value: object) -> str | None:
    return "-".join(map(str, filter(None, (value.kind, value.status)))) if isinstance(value, Fault) else None


@pytest.mark.parametrize(("fault", "error", "billed"), TROUBLES, ids=named)
async def test_each_trouble_has_a_name_and_a_price(
    site: Site, fault: Fault, error: type[GenerationError], billed: Billed
) -> None:
    site.azure.faults.add(Fault(fault.kind, status=fault.status, delay=fault.delay, data=fault.data))
    async with open_generator(site.url, max_download=4 * 2**20) as generator:
        failed = await failure(generator)
        assert (type(failed), failed.billed) == (error, billed)
        (request,) = site.azure.requests
        # Whoever takes a billed call for a free one makes somebody pay twice.
        assert not (request.billed and failed.billed is Billed.NO)
        # The trouble passes, and the same client draws again.
        assert (await generator.call()).images


@pytest.mark.parametrize("shape", ["content_policy_violation", "contentFilter", "moderation_blocked"])
async def test_a_refused_prompt_is_one_in_every_shape(site: Site, shape: str) -> None:
    site.azure.faults.add(Fault("prompt_refused", data={"shape": shape}))
    async with open_generator(site.url) as generator:
        with pytest.raises(PromptRefused):
            await generator.call()


async def test_a_picture_held_back_is_not_a_refused_prompt(site: Site) -> None:
    site.azure.faults.add(Fault("output_filtered"))
    async with open_generator(site.url) as generator:
        with pytest.raises(OutputFiltered):
            await generator.call()


async def test_a_429_tells_when_to_come_back(site: Site) -> None:
    site.azure.faults.add(Fault("rate_limited", retry_after=26))
    async with open_generator(site.url) as generator:
        failed = await failure(generator)
    assert isinstance(failed, DeploymentBusy)
    assert failed.retry_after == 26


async def test_a_size_the_model_does_not_draw_is_our_mistake(site: Site) -> None:
    async with open_generator(site.url) as generator:
        with pytest.raises(RequestRejected, match="param=size"):
            await generator.call(size=Size(16, 16))


async def test_a_closed_port_and_an_unknown_host_mean_that_nothing_was_sent() -> None:
    for url in (f"http://127.0.0.1:{free_port()}", "http://nowhere.invalid"):
        async with open_generator(url) as generator:
            assert isinstance(await failure(generator), ServiceUnreachable)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


# --- what is saved ------------------------------------------------------------------------------


async def test_a_wrong_content_type_does_not_matter(site: Site) -> None:
    site.azure.faults.add(Fault("wrong_content_type"))
    async with open_generator(site.url) as generator:
        assert (await generator.call()).images


async def test_a_picture_of_another_size_is_what_it_is(site: Site) -> None:
    site.azure.faults.add(Fault("wrong_size_image"))
    async with open_generator(site.url) as generator:
        assert (await generator.call()).images[0].size == Size(512, 320)


async def test_fewer_pictures_than_asked_for_are_handed_on(site: Site) -> None:
    site.azure.faults.add(Fault("fewer_images", data={"missing": 3}))
    async with open_generator(site.url) as generator:
        generation = await generator.call(count=4)
    assert (len(generation.images), generation.filtered) == (1, 0)


async def test_pictures_held_back_are_counted_and_the_others_handed_on(site: Site) -> None:
    site.azure.faults.add(Fault("partly_filtered", data={"filtered": 2}))
    async with open_generator(site.url) as generator:
        generation = await generator.call(count=3)
    assert (len(generation.images), generation.filtered) == (1, 2)


async def with_links(odd: OddAzure, *links: str, timeout: float = 20.0) -> Generation:
    """One call, answered with these links; a path of a good one leads to a picture of that size."""

    async def reply(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            return await replying(answered(*({"url": link.format(here=odd.url)} for link in links)))(request)
        if request.path.endswith("stall.png"):
            await asyncio.sleep(60)
        width = request.path.removeprefix("/blobs/").removesuffix(".png")
        return web.Response(body=png(int(width), 30)) if width.isdecimal() else web.Response(status=404)

    odd.reply = reply
    async with open_generator(odd.url, timeout=timeout) as generator:
        return await generator.call(count=len(links))


@pytest.mark.parametrize(
    "bad",
    [
        "{here}/blobs/gone.png",
        "https://10.0.0.1/private.png",
        "https://example.com/x.png",
        "http://easel.blob.core.windows.net/x.png",
        "no link at all",
    ],
)
async def test_a_bad_link_costs_only_its_own_picture(odd: OddAzure, bad: str) -> None:
    generation = await with_links(odd, "{here}/blobs/41.png", bad, "{here}/blobs/42.png", bad)
    assert [image.size.width for image in generation.images] == [41, 42]


async def test_a_stalled_link_costs_only_its_own_picture(odd: OddAzure) -> None:
    links = ("{here}/blobs/stall.png", "{here}/blobs/41.png", "{here}/blobs/42.png")
    generation = await with_links(odd, *links, timeout=1.0)
    assert [image.size.width for image in generation.images] == [41, 42]


async def test_when_no_link_brings_a_picture_the_call_has_failed(odd: OddAzure) -> None:
    with pytest.raises(ImageUnusable) as raised:
        await with_links(odd, "{here}/blobs/gone.png", "https://10.0.0.1/private.png")
    assert (raised.value.billed, raised.value.deployment) == (Billed.YES, "studio")


async def test_pictures_inside_and_behind_links_may_come_together(odd: OddAzure) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            items = ({"url": f"{odd.url}/41.png"}, picture(), {"b64_json": "@"}, {"url": "http://10.0.0.1/"})
            return await replying(answered(*items))(request)
        return web.Response(body=png(41, 30))

    odd.reply = reply
    async with open_generator(odd.url) as generator:
        generation = await generator.call(count=4)
    assert [image.size.width for image in generation.images] == [41, 40]


# --- odd ways to send an answer -----------------------------------------------------------------


async def test_an_answer_of_unannounced_length_is_read(odd: OddAzure) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"apim-request-id": "chunked"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        body = answered(picture())
        for start in range(0, len(body), 100):
            await response.write(body[start : start + 100])
        return response

    odd.reply = reply
    async with open_generator(odd.url) as generator:
        generation = await generator.call()
    assert ([image.data for image in generation.images], generation.request_id) == ([PICTURE], "chunked")
    assert odd.requests[0].headers["Accept-Encoding"] == "identity"


async def test_an_answer_compressed_unasked_is_read(odd: OddAzure) -> None:
    headers = {"Content-Encoding": "gzip", "x-request-id": "compressed"}
    odd.reply = replying(gzip.compress(answered(picture())), **headers)
    async with open_generator(odd.url) as generator:
        generation = await generator.call()
    assert ([image.data for image in generation.images], generation.request_id) == ([PICTURE], "compressed")


async def test_compression_that_is_none_is_a_lost_answer(odd: OddAzure) -> None:
    odd.reply = replying(answered(picture()), **{"Content-Encoding": "gzip"})
    async with open_generator(odd.url) as generator:
        assert isinstance(await failure(generator), AnswerLost)


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    while True:
        await response.write(bytes(2**20))


async def test_an_answer_that_does_not_end_is_cut_off(odd: OddAzure) -> None:
    odd.reply = endless
    async with open_generator(odd.url) as generator:
        failed = await failure(generator)
        while not odd.cut_off:
            await asyncio.sleep(0.01)
    assert (type(failed), failed.billed) == (ImageUnusable, Billed.YES)
    assert f"more than {body_limit(1)} bytes" in str(failed)


async def test_an_answer_that_unpacks_to_too_much_is_cut_off(odd: OddAzure) -> None:
    packed = gzip.compress(bytes(body_limit(1) + 1), 1)
    odd.reply = replying(packed, **{"Content-Encoding": "gzip"})
    async with open_generator(odd.url) as generator:
        assert "more than" in str(await failure(generator))


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b'"text"', b"\xff\xfe", b'{"error": 5}'])
async def test_a_5xx_without_azures_error_body_is_one_all_the_same(odd: OddAzure, body: bytes) -> None:
    odd.reply = replying(body, 502)
    async with open_generator(odd.url) as generator:
        assert isinstance(await failure(generator), ServiceFailed)


async def test_a_redirect_is_not_followed_with_the_key(odd: OddAzure) -> None:
    async with odd_azure() as elsewhere:
        odd.reply = replying(b"", 307, Location=f"{elsewhere.url}/openai/v1/images/generations")
        for version in (API_VERSION, "v1"):
            async with open_generator(odd.url, api_version=version) as generator:
                await failure(generator)
        assert not elsewhere.requests
    assert len(odd.requests) == 2


async def test_a_kept_connection_that_azure_closed_is_replaced_unnoticed(odd: OddAzure) -> None:
    odd.reply = replying(answered(picture()))
    async with open_generator(odd.url) as generator:
        await generator.call()
        await generator.call()
        first, second = odd.connections
        assert first is second
        first.close()
        # One turn of the loop closes the socket; what follows is on its way at once on loopback.
        await asyncio.sleep(0.05)
        assert (await generator.call()).images
    assert len(odd.requests) == 3
    assert odd.connections[2] is not first


# --- time-outs ----------------------------------------------------------------------------------


async def test_no_answer_in_time(site: Site) -> None:
    site.azure.faults.add(Fault("stall"))
    async with open_generator(site.url, timeout=0.3) as generator:
        failed = await failure(generator)
        assert (type(failed), failed.billed) == (AnswerTimedOut, Billed.UNKNOWN)
    async with open_generator(site.url) as generator:
        assert (await generator.call()).images


@pytest.mark.parametrize("pause", [0.05, 60.0], ids=["trickle", "silence"])
async def test_an_answer_that_began_must_be_whole_in_time_too(odd: OddAzure, pause: float) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(pause)

    odd.reply = reply
    async with open_generator(odd.url, timeout=0.5) as generator:
        failed = await failure(generator)
    assert (type(failed), failed.billed) == (AnswerTimedOut, Billed.UNKNOWN)


async def test_a_link_that_stalls_has_been_paid_for(site: Site) -> None:
    site.azure.faults.add(Fault("url_stall"))
    async with open_generator(site.url, timeout=0.9) as generator:
        failed = await failure(generator)
    assert (type(failed), failed.billed) == (DownloadFailed, Billed.YES)
