"""What the Azure side refuses, as the real service would: parameter by parameter, at every door."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import openai
import pytest
from PIL import Image

from tests.integration.azure_site import API_VERSION, QUICK, AzureSite

OPEN = {"prompt": "a lighthouse"}


async def post(
    site: AzureSite,
    http: aiohttp.ClientSession,
    deployment: str = "studio",
    operation: str = "generations",
    **request: Any,
) -> tuple[int, dict[str, Any]]:
    url = f"{site.url}/openai/deployments/{deployment}/images/{operation}?api-version={API_VERSION}"
    async with http.post(url, headers={"api-key": QUICK.api_key}, **request) as answer:
        body = await answer.json()
        return answer.status, body.get("error", body)


def form(**fields: Any) -> aiohttp.FormData:
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        if isinstance(value, tuple):
            content, content_type = value
            data.add_field(
                name.replace("images", "image[]"), content, filename="upload.bin", content_type=content_type
            )
        else:
            data.add_field(name, value)
    return data


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB", form: str = "PNG") -> tuple[bytes, str]:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, form)
    return buffer.getvalue(), f"image/{form.lower()}"


# --- parameters ---


@pytest.mark.parametrize(
    ("deployment", "more", "code", "param"),
    [
        ("studio", {"response_format": "b64_json"}, "unknown_parameter", "response_format"),
        ("studio", {"style": "vivid"}, "unknown_parameter", "style"),
        ("studio", {"input_fidelity": "high"}, "unknown_parameter", "input_fidelity"),
        ("studio", {"safety_identifier": "x"}, "unknown_parameter", "safety_identifier"),
        ("studio", {"complexity": "low"}, "unknown_parameter", "complexity"),
        ("studio", {"model": "studio"}, "invalid_value", "model"),
        ("studio", {"prompt": ""}, "empty_string", "prompt"),
        ("studio", {"prompt": None}, "invalid_type", "prompt"),
        ("studio", {"prompt": 7}, "invalid_type", "prompt"),
        ("studio", {"prompt": "x" * 32_001}, "string_above_max_length", "prompt"),
        ("sketch", {"prompt": "x" * 4_001}, "string_above_max_length", "prompt"),
        ("studio", {"n": 0}, "integer_below_min_value", "n"),
        ("studio", {"n": 11}, "integer_above_max_value", "n"),
        ("studio", {"n": "2"}, "invalid_type", "n"),
        ("studio", {"n": True}, "invalid_type", "n"),
        ("studio", {"n": 1.5}, "invalid_type", "n"),
        ("studio", {"size": "512x512"}, "invalid_value", "size"),
        ("studio", {"size": "1000x1000"}, "invalid_value", "size"),
        ("studio", {"size": "3856x1600"}, "invalid_value", "size"),
        ("studio", {"size": "3840x1024"}, "invalid_value", "size"),
        ("studio", {"size": "3840x2176"}, "invalid_value", "size"),
        ("studio", {"size": "huge"}, "invalid_value", "size"),
        ("studio", {"size": 1024}, "invalid_type", "size"),
        ("sketch", {"size": "1024x640"}, "invalid_value", "size"),
        ("studio", {"quality": "hd"}, "invalid_value", "quality"),
        ("studio", {"quality": "xhigh"}, "invalid_value", "quality"),
        ("studio", {"output_format": "webp"}, "invalid_value", "output_format"),
        ("studio", {"output_format": "gif"}, "invalid_value", "output_format"),
        ("studio", {"output_compression": 50}, "invalid_value", "output_compression"),
        (
            "studio",
            {"output_compression": 101, "output_format": "jpeg"},
            "integer_above_max_value",
            "output_compression",
        ),
        ("studio", {"background": "clear"}, "invalid_value", "background"),
        ("studio", {"background": "transparent", "output_format": "jpeg"}, "invalid_value", "background"),
        ("studio", {"moderation": "none"}, "invalid_value", "moderation"),
        ("studio", {"stream": "yes"}, "invalid_type", "stream"),
        ("studio", {"partial_images": 2}, "invalid_value", "partial_images"),
        ("studio", {"partial_images": 4, "stream": True}, "integer_above_max_value", "partial_images"),
        ("studio", {"user": 5}, "invalid_type", "user"),
    ],
)
async def test_parameter_outside_the_table_is_refused(
    site: AzureSite, http: aiohttp.ClientSession, deployment: str, more: dict[str, Any], code: str, param: str
) -> None:
    status, error = await post(site, http, deployment, json=OPEN | more)
    assert (status, error["code"], error["param"]) == (400, code, param)
    assert (site.azure.requests[0].billed, site.azure.requests[0].images) == (False, 0)


@pytest.mark.parametrize(
    ("deployment", "more"),
    [
        ("studio", {"model": "gpt-image-2"}),
        ("studio", {"size": "832x800", "quality": "auto", "background": None, "n": None}),
        ("studio", {"size": "auto", "moderation": "low"}),
        ("sketch", {"size": "1024x1536"}),
        ("flare", {"quality": "max", "size": "1024x640"}),
    ],
)
async def test_parameters_of_the_table_are_taken(
    site: AzureSite, http: aiohttp.ClientSession, deployment: str, more: dict[str, Any]
) -> None:
    status, _ = await post(site, http, deployment, json=OPEN | more)
    assert status == 200


async def test_wrong_size_is_told_in_the_words_of_the_model(
    site: AzureSite, http: aiohttp.ClientSession
) -> None:
    _, small = await post(site, http, "sketch", json=OPEN | {"size": "512x512"})
    assert small["message"] == (
        "Invalid value: '512x512'. Supported values are: '1024x1024', '1536x1024', '1024x1536', and 'auto'."
    )
    _, odd = await post(site, http, json=OPEN | {"size": "1792x936"})
    assert odd["message"] == "Invalid size '1792x936'. Width and height must both be divisible by 16."
    assert odd["type"] == "image_generation_user_error"


async def test_missing_prompt_and_unreadable_bodies_are_refused(
    site: AzureSite, http: aiohttp.ClientSession
) -> None:
    assert (await post(site, http, json={}))[1]["code"] == "missing_required_parameter"
    assert (await post(site, http, json=[]))[0] == 400
    json_type = {"Content-Type": "application/json"}
    url = f"{site.url}/openai/deployments/studio/images/generations?api-version={API_VERSION}"
    async with http.post(url, data=b"{", headers=json_type | {"api-key": QUICK.api_key}) as broken:
        assert broken.status == 400
    assert (await post(site, http, data=form(**OPEN)))[1]["code"] == "unsupported_content_type"
    assert (await post(site, http, operation="edits", json=OPEN))[1]["code"] == "unsupported_content_type"


# --- edits ---


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({}, "missing_required_parameter", "image"),
        ({"image": "not a file"}, "invalid_type", "image"),
        ({"image": picture(), "moderation": "low"}, "unknown_parameter", "moderation"),
        ({"image": picture(), "response_format": "url"}, "unknown_parameter", "response_format"),
        ({"image": picture(), "markup": picture()}, "unknown_parameter", "markup"),
        ({"image": picture(), "input_fidelity": "low"}, "invalid_input_fidelity_model", "input_fidelity"),
        ({"image": picture(), "n": "two"}, "invalid_type", "n"),
        ({"image": picture(), "n": "11"}, "integer_above_max_value", "n"),
        ({"image": picture(), "stream": "maybe"}, "invalid_type", "stream"),
        ({"image": (picture()[0], "application/octet-stream")}, "unsupported_file_mimetype", "image"),
        ({"images": (picture()[0], "image/webp")}, "unsupported_file_mimetype", "image[0]"),
        ({"image": (picture()[0], "image/jpeg")}, "invalid_image_file", "image"),
        ({"image": (b"not a picture", "image/png")}, "invalid_image_file", "image"),
        ({"image": (picture()[0][:60], "image/png")}, "invalid_image_file", "image"),
        ({"image": picture(mode="P")}, "invalid_image_file", "image"),
        ({"image": picture(mode="CMYK", form="JPEG")}, "invalid_image_file", "image"),
        ({"image": picture(), "mask": picture()}, "invalid_mask_image_format", None),
        ({"image": picture(), "mask": picture((64, 64), "RGBA")}, "invalid_mask_image_format", None),
        ({"image": picture(), "mask": picture(form="JPEG")}, "invalid_image_file", "mask"),
    ],
)
async def test_edit_outside_the_rules_is_refused(
    site: AzureSite, http: aiohttp.ClientSession, fields: dict[str, Any], code: str, param: str | None
) -> None:
    status, error = await post(site, http, operation="edits", data=form(prompt="autumn", **fields))
    assert (status, error["code"], error["param"]) == (400, code, param)


async def test_form_that_cannot_be_read_is_refused(site: AzureSite, http: aiohttp.ClientSession) -> None:
    url = f"{site.url}/openai/deployments/studio/images/edits?api-version={API_VERSION}"
    headers = {"api-key": QUICK.api_key, "Content-Type": "multipart/form-data; boundary=line"}
    async with http.post(url, headers=headers, data=b"no boundary in here") as answer:
        assert answer.status == 400
        assert "could not be read" in (await answer.json())["error"]["message"]


async def test_input_fidelity_is_taken_by_the_models_that_have_it(
    site: AzureSite, http: aiohttp.ClientSession
) -> None:
    fields = {"prompt": "autumn", "image": picture(), "size": "1024x1024", "quality": "low"}
    low, _ = await post(site, http, "sketch", "edits", data=form(**fields, input_fidelity="low"))
    high, error = await post(site, http, "sketch", "edits", data=form(**fields, input_fidelity="high"))
    assert (low, high, error["param"]) == (200, 400, "input_fidelity")


async def test_seventeenth_image_is_too_many(site: AzureSite, http: aiohttp.ClientSession) -> None:
    data = form(prompt="autumn")
    for _ in range(17):
        content, content_type = picture()
        data.add_field("image[]", content, filename="in.png", content_type=content_type)
    status, error = await post(site, http, operation="edits", data=data)
    assert (status, error["code"]) == (400, "array_above_max_length")


# --- the front door ---


@pytest.mark.parametrize(
    "version", [None, "", "2023-06-01-preview", "2024-10-21", "2099-01-01", "preview"], ids=repr
)
async def test_dated_route_wants_a_version_that_has_it(
    site: AzureSite, http: aiohttp.ClientSession, version: str | None
) -> None:
    query = {} if version is None else {"api-version": version}
    url = f"{site.url}/openai/deployments/studio/images/generations"
    async with http.post(url, params=query, headers={"api-key": QUICK.api_key}, json=OPEN) as answer:
        assert answer.status == 404
        assert await answer.json() == {"error": {"code": "404", "message": "Resource not found"}}


@pytest.mark.parametrize(
    "path",
    [
        "/openai/images/generations:submit?api-version=2023-06-01-preview",
        "/openai/v1/deployments/studio/images/generations?api-version=preview",
        f"/openai/deployments/studio/images/variations?api-version={API_VERSION}",
        f"/openai/deployments?api-version={API_VERSION}",
    ],
)
async def test_routes_of_other_times_and_places_do_not_exist(
    site: AzureSite, http: aiohttp.ClientSession, path: str
) -> None:
    async with http.post(site.url + path, headers={"api-key": QUICK.api_key}, json=OPEN) as answer:
        assert (answer.status, (await answer.json())["error"]["message"]) == (404, "Resource not found")


async def test_deployment_is_found_by_its_name_not_its_model(
    site: AzureSite, http: aiohttp.ClientSession
) -> None:
    status, error = await post(site, http, "gpt-image-2", json=OPEN)
    assert (status, error["code"]) == (404, "DeploymentNotFound")
    site.change(deployments={"old": "dall-e-3"})
    status, error = await post(site, http, "old", json=OPEN)
    assert (status, error["code"]) == (404, "DeploymentNotFound")


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "Access token is missing"),
        ({"api-key": "wrong"}, "invalid subscription key"),
        ({"Authorization": "Bearer made-up"}, "Access token is missing"),
        ({"Authorization": f"Bearer {QUICK.api_key}"}, "Access token is missing"),
        ({"Authorization": "Basic x"}, "Access token is missing"),
    ],
)
async def test_dated_route_wants_the_key_or_a_token(
    site: AzureSite, http: aiohttp.ClientSession, headers: dict[str, str], text: str
) -> None:
    url = f"{site.url}/openai/deployments/studio/images/generations?api-version={API_VERSION}"
    async with http.post(url, headers=headers, json=OPEN) as answer:
        assert answer.status == 401
        error = (await answer.json())["error"]
    assert error["code"] == "401"
    assert text in error["message"]


async def test_client_that_sends_the_deployment_as_model_meets_the_trap(site: AzureSite) -> None:
    client = openai.AsyncAzureOpenAI(
        azure_endpoint=site.url, api_version=API_VERSION, api_key=QUICK.api_key, max_retries=0
    )
    async with client:
        with pytest.raises(openai.BadRequestError, match="The model 'studio' does not exist") as caught:
            await client.images.generate(model="studio", prompt="a boat")
    assert (caught.value.code, caught.value.param) == ("invalid_value", "model")
    assert caught.value.type == "image_generation_user_error"
