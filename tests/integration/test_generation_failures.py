"""Pictures from a resource in trouble: what each trouble is called, what it may have cost, what is saved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from bot.errors import (
    AccessDenied,
    AnswerLost,
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
from bot.model import Size
from sandbox.faults import Fault
from tests.integration.generation_service import (
    OddAzure,
    answered,
    open_generator,
    picture,
    replying,
)
from tests.ports import closed_port
from tests.unit.imaging.pictures import png

if TYPE_CHECKING:
    from bot.model import Generation
    from tests.integration.azure_site import AzureSite


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
    site: AzureSite, fault: Fault, error: type[GenerationError], billed: Billed
) -> None:
    site.azure.faults.add(Fault(fault.kind, status=fault.status, delay=fault.delay, data=fault.data))
    async with open_generator(site.url, max_download=4 * 2**20) as generator:
        failed = await generator.failure()
        assert (type(failed), failed.billed) == (error, billed)
        (request,) = site.azure.requests
        # Whoever takes a billed call for a free one makes somebody pay twice.
        assert not (request.billed and failed.billed is Billed.NO)
        # The trouble passes, and the same client draws again.
        assert (await generator.call()).images


@pytest.mark.parametrize("shape", ["content_policy_violation", "contentFilter", "moderation_blocked"])
async def test_a_refused_prompt_is_one_in_every_shape(site: AzureSite, shape: str) -> None:
    site.azure.faults.add(Fault("prompt_refused", data={"shape": shape}))
    async with open_generator(site.url) as generator:
        with pytest.raises(PromptRefused):
            await generator.call()


async def test_a_picture_held_back_is_not_a_refused_prompt(site: AzureSite) -> None:
    site.azure.faults.add(Fault("output_filtered"))
    async with open_generator(site.url) as generator:
        with pytest.raises(OutputFiltered):
            await generator.call()


async def test_a_429_tells_when_to_come_back(site: AzureSite) -> None:
    site.azure.faults.add(Fault("rate_limited", retry_after=26))
    async with open_generator(site.url) as generator:
        failed = await generator.failure()
    assert isinstance(failed, DeploymentBusy)
    assert failed.retry_after == 26


async def test_a_size_the_model_does_not_draw_is_our_mistake(site: AzureSite) -> None:
    async with open_generator(site.url) as generator:
        with pytest.raises(RequestRejected, match="param=size"):
            await generator.call(size=Size(16, 16))


async def test_a_closed_port_and_an_unknown_host_mean_that_nothing_was_sent() -> None:
    for url in (f"http://127.0.0.1:{closed_port()}", "http://nowhere.invalid"):
        async with open_generator(url) as generator:
            assert isinstance(await generator.failure(), ServiceUnreachable)


# --- what is saved ------------------------------------------------------------------------------


async def test_a_wrong_content_type_does_not_matter(site: AzureSite) -> None:
    site.azure.faults.add(Fault("wrong_content_type"))
    async with open_generator(site.url) as generator:
        assert (await generator.call()).images


async def test_a_picture_of_another_size_is_what_it_is(site: AzureSite) -> None:
    site.azure.faults.add(Fault("wrong_size_image"))
    async with open_generator(site.url) as generator:
        assert (await generator.call()).images[0].size == Size(512, 320)


async def test_fewer_pictures_than_asked_for_are_handed_on(site: AzureSite) -> None:
    site.azure.faults.add(Fault("fewer_images", data={"missing": 3}))
    async with open_generator(site.url) as generator:
        generation = await generator.call(count=4)
    assert (len(generation.images), generation.filtered) == (1, 0)


async def test_pictures_held_back_are_counted_and_the_others_handed_on(site: AzureSite) -> None:
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
    generation = await with_links(odd, *links, timeout=2.0)
    assert [image.size.width for image in generation.images] == [41, 42]


async def test_when_no_link_brings_a_picture_the_call_has_failed(odd: OddAzure) -> None:
    with pytest.raises(ImageUnusable) as raised:
        await with_links(odd, "{here}/blobs/gone.png", "https://10.0.0.1/private.png")
    assert (raised.value.billed, raised.value.deployment) == (Billed.YES, "studio")


async def test_pictures_inside_and_behind_links_may_come_together_and_the_log_tells_of_those_lost(
    odd: OddAzure, caplog: pytest.LogCaptureFixture
) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            items = (
                {"url": f"{odd.url}/41.png"},
                picture(png()),
                {"b64_json": "@"},
                {"url": "http://10.0.0.1/"},
            )
            return await replying(answered(*items), headers={"apim-request-id": "abc"})(request)
        return web.Response(body=png(41, 30))

    odd.reply = reply
    async with open_generator(odd.url) as generator:
        generation = await generator.call(count=4)
    assert [image.size.width for image in generation.images] == [41, 40]
    lost = "deployment studio, request abc: a picture of several was lost: "
    told = [line.removeprefix(lost) for line in caplog.messages if line.startswith(lost)]
    assert [line.split(":")[0] for line in told] == ["ImageUnusable", "DownloadRefused"]
