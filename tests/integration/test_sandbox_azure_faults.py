"""Every kind of fault, as a client meets it over a real socket, with and without a stream."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import openai
import pytest
from PIL import Image, UnidentifiedImageError

from sandbox.azure import kinds
from sandbox.faults import Fault
from tests.integration.azure_site import API_VERSION, QUICK, AzureSite, open_site

if TYPE_CHECKING:
    from openai.types import ImagesResponse

ASKED: dict[str, Any] = {"prompt": "a lighthouse", "size": "1024x640", "quality": "low"}


async def draw(site: AzureSite, **more: Any) -> ImagesResponse:
    async with site.dated() as client:
        answer: ImagesResponse = await client.images.generate(**ASKED | more)
        return answer


async def events(site: AzureSite, **more: Any) -> list[Any]:
    async with site.dated() as client:
        stream = await client.images.generate(**ASKED | {"stream": True, "partial_images": 1} | more)
        return [event async for event in stream]


async def raw(site: AzureSite, **more: Any) -> tuple[aiohttp.ClientResponse, bytes]:
    url = f"{site.url}/openai/deployments/studio/images/generations?api-version={API_VERSION}"
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, headers={"api-key": QUICK.api_key}, json=ASKED | more) as answer,
    ):
        return answer, await answer.read()


def first(answer: ImagesResponse) -> Any:
    assert answer.data
    return answer.data[0]


def image_bytes(answer: ImagesResponse) -> bytes:
    return base64.b64decode(first(answer).b64_json)


def last(site: AzureSite) -> tuple[int | None, bool, int, bool]:
    """Status, billed, images and whether an answer was finished, of the last request."""
    record = site.azure.requests[-1]
    return record.status, record.billed, record.images, record.answered_at is not None


# --- refusals ---


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        (Fault("prompt_refused"), openai.BadRequestError, "content_policy_violation"),
        (Fault("prompt_refused", data={"shape": "contentFilter"}), openai.BadRequestError, "contentFilter"),
        (
            Fault("prompt_refused", data={"shape": "moderation_blocked"}),
            openai.BadRequestError,
            "moderation_blocked",
        ),
        (Fault("filter_broken"), openai.InternalServerError, "content_filter_error"),
        (Fault("filter_broken", status=400), openai.BadRequestError, "content_filter_error"),
        (Fault("resource_blocked"), openai.PermissionDeniedError, "Forbidden"),
        (Fault("deployment_missing"), openai.NotFoundError, "DeploymentNotFound"),
        (Fault("unauthorized"), openai.AuthenticationError, "401"),
        (Fault("forbidden_role"), openai.AuthenticationError, "PermissionDenied"),
        (Fault("forbidden_role", status=403), openai.PermissionDeniedError, "PermissionDenied"),
        (Fault("rate_limited"), openai.RateLimitError, "429"),
        (Fault("status"), openai.InternalServerError, "InternalServerError"),
        (Fault("status", status=503), openai.InternalServerError, "ServiceUnavailable"),
        (Fault("status", status=529), openai.InternalServerError, "529"),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_refusal_before_drawing_costs_nothing(
    site: AzureSite, fault: Fault, error: type[openai.APIStatusError], code: str, stream: bool
) -> None:
    site.azure.faults.add(Fault(fault.kind, status=fault.status, data=fault.data))
    with pytest.raises(error) as caught:
        await (events(site) if stream else draw(site))
    assert caught.value.code == code
    assert caught.value.request_id
    assert last(site) == (caught.value.status_code, False, 0, True)
    assert site.azure.requests[-1].fault == fault.kind


async def test_refusal_by_azures_filter_has_the_documented_inner_error(site: AzureSite) -> None:
    site.azure.faults.add(Fault("prompt_refused"))
    with pytest.raises(openai.BadRequestError) as caught:
        await draw(site)
    assert isinstance(caught.value.body, dict)
    inner = caught.value.body["inner_error"]
    assert inner["code"] == "ResponsibleAIPolicyViolation"
    assert inner["content_filter_results"]["violence"] == {"filtered": True, "severity": "medium"}


async def test_rate_limit_announces_a_wait_only_if_told_to(site: AzureSite) -> None:
    site.azure.faults.add(Fault("rate_limited"))
    site.azure.faults.add(Fault("rate_limited", retry_after=26))
    with pytest.raises(openai.RateLimitError) as silent:
        await draw(site)
    with pytest.raises(openai.RateLimitError, match="retry after 26 seconds") as told:
        await draw(site)
    assert "retry-after" not in silent.value.response.headers
    assert (told.value.response.headers["retry-after"], told.value.response.headers["retry-after-ms"]) == (
        "26",
        "26000",
    )


async def test_output_filtered_was_drawn_and_billed(site: AzureSite) -> None:
    site.azure.faults.add(Fault("output_filtered", times=2))
    with pytest.raises(openai.BadRequestError, match="Generated image was filtered") as caught:
        await draw(site)
    assert caught.value.code == "contentFilter"
    assert last(site) == (400, True, 1, True)
    with pytest.raises(openai.APIError, match="Generated image was filtered"):
        await events(site)
    assert last(site) == (200, True, 1, True)


async def test_late_status_was_billed(site: AzureSite) -> None:
    site.azure.faults.add(Fault("late_status", delay=0.3, status=504))
    began = time.monotonic()
    with pytest.raises(openai.InternalServerError) as caught:
        await draw(site)
    assert (caught.value.status_code, time.monotonic() - began >= 0.3) == (504, True)
    assert last(site) == (504, True, 1, True)


# --- connections ---


async def test_stall_keeps_the_connection_and_then_answers(site: AzureSite) -> None:
    site.azure.faults.add(Fault("stall", delay=0.3))
    began = time.monotonic()
    await draw(site)
    assert time.monotonic() - began >= 0.3


async def test_stall_outlasts_the_client_and_not_the_sandbox(caplog: pytest.LogCaptureFixture) -> None:
    async with open_site() as site:
        site.azure.faults.add(Fault("stall"))
        async with site.dated(timeout=0.2) as client:
            with pytest.raises(openai.APITimeoutError):
                await client.images.generate(**ASKED)
        assert last(site) == (None, False, 0, False)
    assert site.azure.requests[0].answered_at is None
    assert not [record for record in caplog.records if record.name.startswith("aiohttp")]


async def test_reset_comes_before_any_answer(site: AzureSite) -> None:
    site.azure.faults.add(Fault("reset"))
    with pytest.raises(aiohttp.ClientOSError):
        await raw(site)
    assert last(site) == (None, False, 0, False)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("kind", ["reset_midway", "truncate"])
async def test_cut_answer_is_lost_and_billed(site: AzureSite, kind: str, stream: bool) -> None:
    site.azure.faults.add(Fault(kind))
    with pytest.raises(openai.APIConnectionError):
        await (events(site) if stream else draw(site))
    assert last(site) == (200, True, 1, False)


async def test_cut_is_a_reset_or_a_clean_close_as_asked(site: AzureSite) -> None:
    site.azure.faults.add(Fault("reset_midway"))
    with pytest.raises(ConnectionResetError):
        await half_of_an_answer(site)
    site.azure.faults.add(Fault("truncate"))
    head, body = await half_of_an_answer(site)
    announced = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert len(body) == announced // 2


async def half_of_an_answer(site: AzureSite) -> tuple[bytes, bytes]:
    """Read head and body off a bare socket, where a reset is an error and a clean close is not."""
    body = json.dumps(ASKED).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(site.url.rpartition(":")[2]))
    writer.write(
        f"POST /openai/deployments/studio/images/generations?api-version={API_VERSION} HTTP/1.1\r\n"
        f"Host: sandbox\r\napi-key: {QUICK.api_key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    try:
        head, _, rest = (await reader.read(-1)).partition(b"\r\n\r\n")
        return head, rest
    finally:
        writer.close()


# --- bodies ---


async def test_body_that_is_no_json(site: AzureSite) -> None:
    site.azure.faults.add(Fault("not_json"))
    with pytest.raises(json.JSONDecodeError):
        await draw(site)
    site.azure.faults.add(Fault("html"))
    answer, body = await raw(site)
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert body.startswith(b"<!doctype html>")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_right_body_of_the_wrong_type(site: AzureSite, stream: bool) -> None:
    site.azure.faults.add(Fault("wrong_content_type"))
    answer, body = await raw(site, stream=stream)
    assert answer.content_type == "text/plain"
    assert b"b64_json" in body


async def test_error_under_status_200(site: AzureSite) -> None:
    site.azure.faults.add(Fault("error_in_200"))
    answer = await draw(site)
    assert answer.data is None
    assert answer.model_extra is not None
    assert answer.model_extra["error"]["code"] == "InternalServerError"


async def test_error_event_in_a_stream_nested_and_flat(site: AzureSite) -> None:
    site.azure.faults.add(Fault("error_in_200"))
    with pytest.raises(openai.APIError, match="server had an error"):
        await events(site)
    site.azure.faults.add(Fault("error_in_200", data={"flat": True}))
    assert [event.type for event in await events(site)] == ["image_generation.partial_image", "error"]


async def test_lists_that_are_empty_null_or_short(site: AzureSite) -> None:
    site.azure.faults.add(Fault("empty_data"))
    assert (await draw(site)).data == []
    site.azure.faults.add(Fault("empty_data", data={"null": True}))
    assert (await draw(site)).data is None
    site.azure.faults.add(Fault("fewer_images"))
    assert len((await draw(site, n=3)).data or []) == 2
    assert last(site) == (200, True, 3, True)


async def test_stream_that_just_ends(site: AzureSite) -> None:
    site.azure.faults.add(Fault("empty_data"))
    assert [event.type for event in await events(site)] == ["image_generation.partial_image"]


async def test_partly_filtered(site: AzureSite) -> None:
    site.azure.faults.add(Fault("partly_filtered"))
    answer = await draw(site, n=2)
    assert answer.data is not None
    assert answer.data[0].b64_json is None
    assert answer.data[0].model_extra is not None
    assert answer.data[0].model_extra["error"]["code"] == "contentFilter"
    assert answer.data[1].b64_json


async def test_stream_request_answered_as_if_it_were_none(site: AzureSite) -> None:
    site.azure.faults.add(Fault("stream_ignored"))
    answer, body = await raw(site, stream=True)
    assert answer.content_type == "application/json"
    assert len(json.loads(body)["data"]) == 1


# --- pictures ---


async def test_null_and_bad_base64(site: AzureSite) -> None:
    site.azure.faults.add(Fault("null_image", times=2))
    assert first(await draw(site)).b64_json is None
    assert (await events(site))[-1].b64_json is None
    site.azure.faults.add(Fault("bad_base64"))
    with pytest.raises(ValueError, match="base64"):
        base64.b64decode(first(await draw(site)).b64_json, validate=True)


@pytest.mark.parametrize("kind", ["html_image", "corrupt_image", "truncated_image"])
@pytest.mark.parametrize("form", ["png", "jpeg"])
async def test_spoilt_picture_does_not_decode(site: AzureSite, kind: str, form: str) -> None:
    site.azure.faults.add(Fault(kind))
    data = image_bytes(await draw(site, output_format=form))
    if kind == "corrupt_image" and form == "jpeg":
        # A JPEG has no checksum: some decoders show a broken picture.
        return
    with pytest.raises((UnidentifiedImageError, OSError, SyntaxError)):
        Image.open(io.BytesIO(data)).load()


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF"])
async def test_picture_of_another_type(site: AzureSite, form: str) -> None:
    site.azure.faults.add(Fault("wrong_type_image", data={"format": form}))
    assert Image.open(io.BytesIO(image_bytes(await draw(site)))).format == form


async def test_picture_of_another_size(site: AzureSite) -> None:
    site.azure.faults.add(Fault("wrong_size_image"))
    assert Image.open(io.BytesIO(image_bytes(await draw(site)))).size == (512, 320)


async def test_oversized_picture_is_valid(site: AzureSite) -> None:
    # As large as the fault says, 61 MB if it says nothing; a test of its own makes one of that size.
    site.azure.faults.add(Fault("oversized_image", data={"bytes": 3_000_000}))
    data = image_bytes(await draw(site))
    assert len(data) > 3_000_000
    picture = Image.open(io.BytesIO(data))
    picture.load()
    assert picture.size == (1024, 640)


async def test_bomb_is_small_and_declares_a_giant(site: AzureSite) -> None:
    site.azure.faults.add(Fault("bomb"))
    data = image_bytes(await draw(site))
    assert len(data) < 100_000
    with pytest.raises(Image.DecompressionBombError, match="3600000000 pixels"):
        Image.open(io.BytesIO(data))


async def test_only_the_last_event_of_a_stream_is_spoilt(site: AzureSite) -> None:
    site.azure.faults.add(Fault("wrong_type_image"))
    partial, completed = await events(site)
    forms = [
        Image.open(io.BytesIO(base64.b64decode(event.b64_json))).format for event in (partial, completed)
    ]
    assert forms == ["PNG", "GIF"]


# --- links ---


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("url_private", "https://10.0.0.1/"),
        ("url_http", "http://easelsandbox.blob.core.windows.net/"),
        ("url_foreign", "https://example.com/"),
    ],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_link_that_leads_away(site: AzureSite, kind: str, start: str, stream: bool) -> None:
    site.azure.faults.add(Fault(kind))
    item = (await events(site))[-1] if stream else first(await draw(site))
    url = item.model_extra["url"] if stream else item.url
    assert url.startswith(start)


async def test_link_can_be_named(site: AzureSite) -> None:
    site.azure.faults.add(Fault("url_private", data={"url": "https://192.168.0.1/x.png"}))
    assert first(await draw(site)).url == "https://192.168.0.1/x.png"


@pytest.mark.parametrize(
    ("kind", "status", "shown"),
    [
        ("url_redirect_private", 302, "https://10.0.0.1/private.png"),
        ("url_redirect_http", 302, "http://easelsandbox.blob.core.windows.net/images/picture.png"),
        ("url_html", 200, "text/html"),
        ("url_404", 404, "BlobNotFound"),
    ],
)
async def test_link_that_answers_badly(site: AzureSite, kind: str, status: int, shown: str) -> None:
    site.azure.faults.add(Fault(kind))
    url = first(await draw(site)).url
    async with aiohttp.ClientSession() as http, http.get(url, allow_redirects=False) as answer:
        assert answer.status == status
        told = (answer.headers.get("Location"), answer.content_type, answer.headers.get("x-ms-error-code"))
    assert shown in told


async def test_link_that_stalls(site: AzureSite) -> None:
    site.azure.faults.add(Fault("url_stall", delay=0.5))
    url = first(await draw(site)).url
    began = time.monotonic()
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        await answer.read()
    assert time.monotonic() - began >= 0.5


async def test_link_that_does_not_stop(site: AzureSite, caplog: pytest.LogCaptureFixture) -> None:
    site.azure.faults.add(Fault("url_oversized"))
    url = first(await draw(site)).url
    received = 0
    async with aiohttp.ClientSession() as http, http.get(url) as given_up:
        await given_up.content.readexactly(1000)
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.content_length is None
        async for piece in answer.content.iter_any():
            received += len(piece)
    assert received > 60 * 10**6
    assert not [record for record in caplog.records if record.name.startswith("aiohttp")]


# --- aiming ---


async def test_prompt_can_ask_for_a_fault(site: AzureSite) -> None:
    with pytest.raises(openai.BadRequestError):
        await draw(site, prompt="a cat simulate:prompt_refused")
    with pytest.raises(openai.NotFoundError):
        await draw(site, prompt="simulate:deployment_missing, please")
    assert (await draw(site, prompt="a cat simulate:nothing_known")).data
    assert (await draw(site, prompt="a cat simulate:token_down")).data
    assert len(site.azure.faults) == 0


async def test_fault_can_be_aimed_counted_and_delayed(site: AzureSite) -> None:
    fault = site.azure.faults.add(
        Fault("status", status=503, route="POST /openai/deployments/studio/*", after=1, delay=0.2)
    )
    async with site.dated("sketch") as client:
        await client.images.generate(prompt="a mill", quality="low")
    await draw(site)
    began = time.monotonic()
    with pytest.raises(openai.InternalServerError):
        await draw(site)
    assert time.monotonic() - began >= 0.2
    await draw(site)
    assert (fault.seen, fault.hits) == (2, 1)


async def test_bad_request_does_not_use_up_a_fault_of_the_drawing(site: AzureSite) -> None:
    fault = site.azure.faults.add(Fault("prompt_refused"))
    with pytest.raises(openai.BadRequestError) as caught:
        await draw(site, size="512x512")
    assert (caught.value.param, fault.seen) == ("size", 0)


async def test_fault_of_the_front_door_hits_the_list_of_models(site: AzureSite) -> None:
    site.azure.faults.add(Fault("html", route="GET /openai/models"))
    site.azure.faults.add(Fault("unauthorized", route="GET *"))
    async with aiohttp.ClientSession(headers={"api-key": QUICK.api_key}) as http:
        for status in (401, 200):
            async with http.get(f"{site.url}/openai/v1/models") as answer:
                assert answer.status == status
        async with http.get(f"{site.url}/openai/models?api-version=2024-10-21") as page:
            assert page.content_type == "text/html"


async def test_reset_forgets_faults_and_records(site: AzureSite) -> None:
    site.azure.faults.add(Fault("url_404", times=-1))
    url = first(await draw(site)).url
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 404
    site.azure.reset()
    assert (len(site.azure.faults), site.azure.requests, site.azure.downloads) == (0, [], [])
    assert first(await draw(site)).b64_json


async def test_every_kind_can_be_asked_for_in_a_prompt_and_ends(site: AzureSite) -> None:
    site.change(canned=image_bytes(await draw(site)))
    slow = {"stall", "late_status", "oversized_image"}
    for kind in sorted(kinds.IMAGES - slow):
        async with asyncio.timeout(10):
            with contextlib.suppress(openai.OpenAIError, json.JSONDecodeError):
                await draw(site, prompt=f"a cat simulate:{kind}", n=2)
        assert site.azure.requests[-1].fault == kind
