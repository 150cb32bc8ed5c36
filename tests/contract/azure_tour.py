"""Both image routes of the simulated Azure, called by the SDK: what the bot does not ask, and refusals."""

from __future__ import annotations

import contextlib
import io
import random
from typing import TYPE_CHECKING, Any

import openai
from PIL import Image

from sandbox.faults import Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openai import AsyncOpenAI

    from tests.integration.azure_site import AzureSite

STUDIO, SKETCH, FLARE = "studio", "sketch", "flare"

FAULTS = (
    Fault("unauthorized"),
    Fault("forbidden_role"),
    Fault("forbidden_role", status=403),
    Fault("resource_blocked"),
    Fault("deployment_missing"),
    Fault("rate_limited"),
    Fault("rate_limited", retry_after=2.0),
    Fault("status", status=500),
    Fault("status", status=503),
    Fault("filter_broken"),
    Fault("filter_broken", status=400),
    Fault("output_filtered"),
    Fault("partly_filtered"),
    Fault("prompt_refused"),
    Fault("prompt_refused", data={"shape": "contentFilter"}),
    Fault("prompt_refused", data={"shape": "moderation_blocked"}),
)

WRONG: tuple[dict[str, Any], ...] = (
    {"n": 11},
    {"size": "7x7"},
    {"quality": "best"},
    {"response_format": "url"},
    {"background": "transparent", "output_format": "jpeg"},
    {"prompt": ""},
)


async def tour(site: AzureSite) -> None:
    """Draw, edit and stream on both routes, and be refused on both."""
    for deployment in (STUDIO, SKETCH, FLARE):
        async with site.dated(deployment) as client:
            await _draw(client, {})
            await _be_refused(client, site, {})
        async with site.v1(default_query={"api-version": "preview"}) as client:
            await _draw(client, {"model": deployment})
            await _stream(client, {"model": deployment})
            await _be_refused(client, site, {"model": deployment})
    site.change(result="url")
    async with site.dated() as client:
        await client.images.generate(prompt="a link")
    site.change(result="b64_json")


async def _draw(client: AsyncOpenAI, model: dict[str, Any]) -> None:
    images = client.images
    await images.generate(prompt="a boat", **model)
    await images.generate(prompt="boats", n=2, quality="low", size="1536x1024", user="somebody", **model)
    await images.generate(
        prompt="a boat", output_format="jpeg", output_compression=80, background="opaque", **model
    )
    await images.generate(prompt="a boat", background="transparent", quality="medium", size="auto", **model)
    for pictures in (_picture("a.png"), [_picture("a.png"), _picture("b.png")]):
        await images.edit(
            image=pictures, mask=_picture("mask.png", "RGBA"), prompt="in autumn", n=2, quality="low", **model
        )


async def _stream(client: AsyncOpenAI, model: dict[str, Any]) -> None:
    options = {"prompt": "a valley", "quality": "low", "size": "1024x1024", "partial_images": 2, **model}
    await _drain(await client.images.generate(stream=True, **options))
    await _drain(await client.images.edit(stream=True, image=_picture("a.png"), **options))


async def _drain(stream: AsyncIterator[object]) -> None:
    async for _ in stream:
        pass


async def _be_refused(client: AsyncOpenAI, site: AzureSite, model: dict[str, Any]) -> None:
    for wrong in WRONG:
        with contextlib.suppress(openai.APIStatusError):
            await client.images.generate(**{"prompt": "a boat", **model, **wrong})
    for fault in FAULTS:
        site.azure.faults.add(
            Fault(fault.kind, status=fault.status, retry_after=fault.retry_after, data=fault.data)
        )
        with contextlib.suppress(openai.APIStatusError):
            await client.images.generate(prompt="a boat", n=2, **model)


def _picture(name: str, mode: str = "RGB") -> tuple[str, bytes, str]:
    """A PNG of about a megabyte and a half, which noise makes of any size: like a photograph's."""
    buffer = io.BytesIO()
    noise = random.Random(name).randbytes(700 * 700 * len(mode))
    Image.frombytes(mode, (700, 700), noise).save(buffer, "PNG", compress_level=1)
    return name, buffer.getvalue(), "image/png"
