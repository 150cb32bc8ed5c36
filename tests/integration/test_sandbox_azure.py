"""The Azure side as a well-behaved client meets it: the real SDK, real sockets, nothing going wrong."""

from __future__ import annotations

import asyncio
import base64
import io
import time
from typing import Any

import aiohttp
import openai
import pytest
from PIL import Image

from sandbox.azure.painting.provenance import PLACEHOLDER
from tests.integration.azure_site import API_VERSION, QUICK, AzureSite

SMALL = "1024x640"


def decoded(item: Any) -> Image.Image:
    picture = Image.open(io.BytesIO(base64.b64decode(item.b64_json)))
    picture.load()
    return picture


def photograph(size: tuple[int, int] = (320, 200), mode: str = "RGB", form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, 128 if mode == "L" else None).save(buffer, form)
    return buffer.getvalue()


# --- generations ---


async def test_sdk_gets_a_picture_of_the_size_asked(site: AzureSite) -> None:
    async with site.dated() as client:
        answer = await client.images.generate(prompt="a quiet lake", size=SMALL, quality="low")
    assert answer.data is not None
    assert decoded(answer.data[0]).size == (1024, 640)
    assert (answer.size, answer.quality, answer.output_format) == (SMALL, "low", "png")
    assert answer.background == "opaque"
    assert answer.data[0].model_extra is not None
    assert answer.data[0].model_extra["content_filter_results"]["hate"] == {
        "filtered": False,
        "severity": "safe",
    }
    assert set(answer.data[0].model_extra) >= {"prompt_filter_results"}


async def test_answer_carries_usage_and_ids(site: AzureSite) -> None:
    async with site.dated() as client:
        raw = await client.images.with_raw_response.generate(
            prompt="a fox", size="1024x1024", quality="medium", n=2
        )
    answer = raw.parse()
    assert answer.usage is not None
    assert answer.usage.output_tokens == 2 * 1756
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    assert answer.data is not None
    assert len(answer.data) == 2
    assert raw.headers["apim-request-id"]
    assert raw.headers["x-request-id"]
    assert "x-ratelimit-limit-requests" not in raw.headers


async def test_same_prompt_gives_the_same_bytes_and_each_index_its_own(site: AzureSite) -> None:
    async with site.dated() as client:
        first = await client.images.generate(prompt="a harbour", size=SMALL, n=2)
        again = await client.images.generate(prompt="a harbour", size=SMALL, n=2)
    assert first.data is not None
    assert again.data is not None
    assert [item.b64_json for item in first.data] == [item.b64_json for item in again.data]
    assert first.data[0].b64_json != first.data[1].b64_json


async def test_jpeg_transparency_and_content_credentials(site: AzureSite) -> None:
    async with site.dated() as client:
        jpeg = await client.images.generate(
            prompt="a hill", size=SMALL, output_format="jpeg", output_compression=60
        )
        png = await client.images.generate(prompt="a hill", size=SMALL, background="transparent")
    assert jpeg.data is not None
    assert png.data is not None
    assert decoded(jpeg.data[0]).format == "JPEG"
    assert decoded(png.data[0]).mode == "RGBA"
    assert png.background == "transparent"
    for answer in (jpeg.data[0].b64_json, png.data[0].b64_json):
        assert PLACEHOLDER in base64.b64decode(answer or "")


async def test_record_tells_what_was_asked_and_when_it_was_answered(site: AzureSite) -> None:
    before = time.monotonic()
    async with site.dated() as client:
        await client.images.generate(prompt="a mill", size=SMALL, n=2, user="somebody")
    (record,) = site.azure.requests
    assert record.route == "POST /openai/deployments/studio/images/generations"
    assert (record.deployment, record.api_version, record.operation) == ("studio", API_VERSION, "generations")
    assert record.headers["api-key"] == QUICK.api_key
    assert record.body == {"prompt": "a mill", "size": SMALL, "n": 2, "user": "somebody"}
    assert (record.status, record.images, record.billed, record.fault) == (200, 2, True, None)
    assert record.answered_at is not None
    assert before <= record.at <= record.answered_at <= time.monotonic()
    assert site.azure.billed_images == 2


async def test_latency_is_what_a_generation_takes(site: AzureSite) -> None:
    site.change(latency=0.3)
    async with site.dated() as client:
        await client.images.generate(prompt="a tower", size=SMALL)
    (record,) = site.azure.requests
    assert record.answered_at is not None
    assert record.answered_at - record.at >= 0.3


async def test_abandoned_request_is_billed_all_the_same(site: AzureSite) -> None:
    site.change(latency=0.3)
    async with site.dated(timeout=0.1) as client:
        with pytest.raises(openai.APITimeoutError):
            await client.images.generate(prompt="a tower", size=SMALL)
    await asyncio.sleep(0.6)
    (record,) = site.azure.requests
    assert (record.billed, record.answered_at) == (True, None)


# --- the v1 surface ---


@pytest.mark.parametrize("query", [{}, {"api-version": "preview"}, {"api-version": "v1"}])
async def test_v1_takes_the_deployment_from_the_body_and_the_key_as_bearer(
    site: AzureSite, query: dict[str, str]
) -> None:
    async with site.v1(default_query=query) as client:
        answer = await client.images.generate(
            model="sketch", prompt="a boat", size="1024x1024", quality="low"
        )
    assert answer.usage is not None
    assert answer.usage.output_tokens == 272
    assert site.azure.requests[0].deployment == "sketch"


async def test_v1_refuses_dated_versions_and_wants_a_model(site: AzureSite) -> None:
    async with site.v1(default_query={"api-version": API_VERSION}) as client:
        with pytest.raises(openai.BadRequestError, match="API version not supported"):
            await client.images.generate(model="studio", prompt="a boat")
    async with site.v1() as client:
        with pytest.raises(openai.BadRequestError, match="Missing required parameter: 'model'"):
            await client.images.generate(prompt="a boat")
        with pytest.raises(openai.NotFoundError) as caught:
            await client.images.generate(model="gpt-image-2", prompt="a boat")
    assert caught.value.code == "DeploymentNotFound"


async def test_azure_client_on_the_v1_base_url_finds_nothing(site: AzureSite) -> None:
    client = openai.AsyncAzureOpenAI(
        base_url=f"{site.url}/openai/v1/", api_key=QUICK.api_key, api_version="preview", max_retries=0
    )
    async with client:
        with pytest.raises(openai.NotFoundError, match="Resource not found"):
            await client.images.generate(model="studio", prompt="a boat")


# --- streams ---


@pytest.mark.parametrize("partials", [0, 1, 3])
async def test_stream_ends_with_the_picture_after_its_stages(site: AzureSite, partials: int) -> None:
    async with site.dated() as client:
        stream = await client.images.generate(
            prompt="a valley", size=SMALL, quality="low", stream=True, partial_images=partials
        )
        events = [event async for event in stream]
        whole = await client.images.generate(prompt="a valley", size=SMALL, quality="low")
    kinds = [event.type for event in events]
    assert kinds == ["image_generation.partial_image"] * partials + ["image_generation.completed"]
    assert all(decoded(event).size == (1024, 640) for event in events)
    assert [event.partial_image_index for event in events[:-1]] == list(range(partials))  # type: ignore[union-attr]
    assert whole.data is not None
    assert whole.usage is not None
    assert events[-1].b64_json == whole.data[0].b64_json
    assert events[-1].usage.output_tokens == whole.usage.output_tokens + 100 * partials  # type: ignore[union-attr]


async def test_stages_are_spread_over_the_latency(site: AzureSite) -> None:
    site.change(latency=0.8)
    began = time.monotonic()
    async with site.dated() as client:
        stream = await client.images.generate(prompt="a valley", size=SMALL, stream=True, partial_images=1)
        answered, times = [], []
        async for _ in stream:
            answered.append(site.azure.requests[0].answered_at)
            times.append(time.monotonic() - began)
    assert answered[0] is None  # the first stage came while the picture was being drawn
    assert [times[0] >= 0.4, times[1] >= 0.8] == [True, True]


async def test_stream_of_several_pictures_has_one_completed_event_each(site: AzureSite) -> None:
    async with site.dated() as client:
        stream = await client.images.generate(prompt="a valley", size=SMALL, stream=True, n=2)
        kinds = [event.type async for event in stream]
    assert kinds == ["image_generation.completed"] * 2


# --- edits ---


async def test_edit_takes_images_and_a_mask(site: AzureSite) -> None:
    mask = photograph(mode="RGBA")
    async with site.dated() as client:
        answer = await client.images.edit(
            image=[
                ("one.png", photograph(), "image/png"),
                ("two.jpg", photograph(form="JPEG"), "image/jpeg"),
            ],
            mask=("mask.png", mask, "image/png"),
            prompt="make it autumn",
            size=SMALL,
            n=2,
        )
    assert answer.data is not None
    assert [decoded(item).size for item in answer.data] == [(1024, 640)] * 2
    assert answer.usage is not None
    assert answer.usage.input_tokens_details.image_tokens == 2 * 63
    (record,) = site.azure.requests
    assert [(file.name, file.content_type) for file in record.files] == [
        ("image[]", "image/png"),
        ("image[]", "image/jpeg"),
        ("mask", "image/png"),
    ]
    assert record.body == {"prompt": "make it autumn", "size": SMALL, "n": "2"}


async def test_edit_keeps_the_picture_recognisable(site: AzureSite) -> None:
    half = Image.new("RGB", (400, 250), "black")
    half.paste("white", (200, 0, 400, 250))
    buffer = io.BytesIO()
    half.save(buffer, "PNG")
    async with site.dated() as client:
        answer = await client.images.edit(
            image=("in.png", buffer.getvalue(), "image/png"), prompt="autumn", size=SMALL
        )
    assert answer.data is not None
    edited = decoded(answer.data[0]).convert("L")
    left, right = edited.crop((0, 0, 400, 600)), edited.crop((600, 0, 1000, 600))
    assert sum(left.resize((1, 1)).tobytes()) + 60 < sum(right.resize((1, 1)).tobytes())


async def test_edit_streams_events_of_its_own_name(site: AzureSite) -> None:
    async with site.dated() as client:
        stream = await client.images.edit(
            image=("in.png", photograph(), "image/png"),
            prompt="autumn",
            size=SMALL,
            stream=True,
            partial_images=1,
        )
        kinds = [event.type async for event in stream]
    assert kinds == ["image_edit.partial_image", "image_edit.completed"]


# --- links ---


async def test_link_leads_to_the_picture_until_it_dies(site: AzureSite) -> None:
    site.change(result="url", link_lifetime=0.4)
    async with site.dated() as client:
        answer = await client.images.generate(prompt="a bridge", size=SMALL)
    assert answer.data is not None
    item = answer.data[0]
    assert item.b64_json is None
    assert item.url is not None
    async with aiohttp.ClientSession() as http:
        async with http.get(item.url) as fetched:
            assert fetched.content_type == "image/png"
            assert Image.open(io.BytesIO(await fetched.read())).size == (1024, 640)
        async with http.get(item.url.replace("sig=", "sig=0")) as forged:
            assert forged.status == 403
        async with http.get(item.url, headers={"Authorization": "Bearer x"}) as with_credentials:
            assert with_credentials.status == 400
        await asyncio.sleep(0.5)
        async with http.get(item.url) as late:
            assert late.status == 403
            assert late.headers["x-ms-error-code"] == "AuthenticationFailed"
    assert [download.status for download in site.azure.downloads] == [200, 403, 400, 403]


async def test_link_can_name_another_host(site: AzureSite) -> None:
    site.change(result="url", blobs_url="https://easel.blob.core.windows.net")
    async with site.dated() as client:
        answer = await client.images.generate(prompt="a bridge", size=SMALL)
    assert answer.data is not None
    url = answer.data[0].url
    assert url is not None
    assert url.startswith("https://easel.blob.core.windows.net/")
    async with aiohttp.ClientSession() as http:
        here = url.replace("https://easel.blob.core.windows.net", site.url)
        async with http.get(here) as fetched:
            assert fetched.status == 200


# --- capacity ---


async def test_burst_over_the_slice_is_refused_with_the_real_headers(site: AzureSite) -> None:
    site.change(requests_per_minute=60)
    async with site.dated() as client:
        first = await client.images.with_raw_response.generate(prompt="a", size=SMALL)
        with pytest.raises(openai.RateLimitError) as caught:
            await client.images.generate(prompt="b", size=SMALL)
    assert first.headers["x-ratelimit-limit-requests"] == "60"
    assert first.headers["x-ratelimit-remaining-requests"] == "59"
    refusal = caught.value
    assert refusal.code == "429"
    assert "ImageGenerations_Create" in refusal.message
    assert 0 < int(refusal.response.headers["retry-after-ms"]) <= 1000
    assert refusal.response.headers["retry-after"] == "1"
    assert refusal.response.headers["x-ratelimit-remaining-requests"] == "59"


async def test_failed_calls_count_and_each_deployment_has_its_own_capacity(site: AzureSite) -> None:
    site.change(requests_per_minute=6)
    async with site.dated() as client:
        with pytest.raises(openai.BadRequestError):
            await client.images.generate(prompt="", size=SMALL)
        with pytest.raises(openai.RateLimitError) as caught:
            await client.images.generate(prompt="b", size=SMALL)
    assert 9000 < int(caught.value.response.headers["retry-after-ms"]) <= 10000
    async with site.dated("sketch") as client:
        await client.images.generate(prompt="b")


# --- canned, and the list of models ---


async def test_canned_picture_is_served_byte_for_byte_whatever_is_asked(site: AzureSite) -> None:
    canned = photograph((640, 640))
    site.change(canned=canned)
    async with site.dated() as client:
        whole = await client.images.generate(prompt="a", size=SMALL, n=3)
        stream = await client.images.generate(prompt="a", size=SMALL, stream=True, partial_images=2)
        events = [event async for event in stream]
    assert whole.data is not None
    assert [base64.b64decode(item.b64_json or "") for item in whole.data] == [canned] * 3
    assert len(events) == 3
    assert base64.b64decode(events[-1].b64_json) == canned


@pytest.mark.parametrize("path", ["/openai/models?api-version=2024-10-21", "/openai/v1/models"])
async def test_models_are_listed_for_whoever_has_the_key(site: AzureSite, path: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(site.url + path, headers={"api-key": QUICK.api_key}) as good:
            assert {entry["id"] for entry in (await good.json())["data"]} >= {"gpt-image-2-2026-04-21"}
        async with http.get(site.url + path, headers={"api-key": "wrong"}) as bad:
            assert bad.status == 401
