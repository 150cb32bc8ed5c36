"""One file tells of models and both ends read it: what the bot asks for, the service takes and bills."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import DeploymentMissing
from bot.generation import models as ours
from bot.generation.prices import load_prices
from bot.model import Quality, Size, Usage
from sandbox.azure import models as theirs
from sandbox.azure.errors import AzureError
from sandbox.azure.images.forms import Body
from sandbox.azure.images.usage import usage
from sandbox.azure.images.validation import ImageRequest, validate
from tests.integration.generation_service import open_generator

if TYPE_CHECKING:
    from tests.integration.azure_site import AzureSite

NEW = """
[models."gpt-image-9"]
label = "GPT Image 9"
version = 2026-11-20
sizes = ["640x384", "384x640"]
qualities = ["low", "max", "auto"]
auto_quality = "max"
max_count = 3
max_prompt = 50

[prices."gpt-image-9"]
text_input = 1.00
image_input = 1.00
output = 7.00
tokens."640x384" = { low = 11, max = 1100 }
tokens."384x640" = { low = 13, max = 1300 }
"""
"""A model like none of the others; to add it, this is all there is to write."""

TEXT = ours.TEXT + NEW
ASKED = ours.load_models(TEXT)
SERVED = theirs.load_models(TEXT)
PRICES = load_prices(text=TEXT)
GPT_IMAGE_9 = {"art": "gpt-image-9"}

every_model = pytest.mark.parametrize("name", SERVED)


def taken(name: str, **fields: Any) -> ImageRequest:
    return validate(Body({"prompt": "a boat", **fields}), "generations", SERVED[name])


def refused(name: str, **fields: Any) -> str:
    with pytest.raises(AzureError) as caught:
        taken(name, **fields)
    return str(caught.value.body["error"]["param"])


def test_all_models_are_served_but_those_that_were_retired() -> None:
    retired = {
        model.name for model in ASKED.models.values() if model.retires and model.retires <= ASKED.checked
    }
    assert retired
    assert set(SERVED) == set(ASKED.models) - retired


@every_model
def test_what_can_be_asked_for_is_taken(name: str) -> None:
    model = ASKED[name]
    for size, quality in product(model.offered_sizes(), model.qualities):
        request = taken(name, size=str(size), quality=quality.value)
        assert request.size == (size.width, size.height)
        assert quality in {request.quality, Quality.AUTO}
    assert taken(name, n=model.max_count).n == model.max_count
    prompt = "x" * model.max_prompt
    assert taken(name, prompt=prompt).prompt == prompt


@every_model
def test_what_cannot_be_asked_for_is_refused(name: str) -> None:
    model = ASKED[name]
    assert refused(name, n=model.max_count + 1) == "n"
    assert refused(name, prompt="x" * (model.max_prompt + 1)) == "prompt"
    for quality in set(Quality) - set(model.qualities):
        assert refused(name, quality=quality.value) == "quality"
    edges = (240, 384, 640, 1000, 1024, 1536, 3840, 3856)
    for size in (Size(width, height) for width, height in product(edges, edges)):
        if model.size_fault(size):
            assert refused(name, size=str(size)) == "size"
        else:
            request = taken(name, size=str(size))
            assert request.size == (size.width, size.height)


@every_model
def test_the_bill_is_the_one_that_was_reckoned_with(name: str) -> None:
    model, price = ASKED[name], PRICES.prices[name]
    for size, quality in product(model.offered_sizes(), model.qualities):
        request = taken(name, size=str(size), quality=quality.value, n=model.max_count)
        bill = usage(request, [], images=request.n)
        each = price.picture_tokens(size, Quality(request.quality))
        assert bill["output_tokens"] == request.n * each
        cost = PRICES.cost(name, Usage(bill["input_tokens"], 0, bill["output_tokens"]))
        assert cost is not None
        assert cost <= PRICES.estimate(
            model, prompt=request.prompt, size=size, quality=quality, count=request.n
        )


async def test_a_model_that_was_added_to_the_file_draws(site: AzureSite) -> None:
    site.change(models=SERVED, deployments=GPT_IMAGE_9)
    asked: dict[str, Any] = {"size": Size(384, 640), "quality": Quality.MAX, "count": 3, "prompt": "x" * 50}
    async with open_generator(site.url, deployments=GPT_IMAGE_9, models=ASKED) as generator:
        generation = await generator.call(**asked)
    assert [image.size for image in generation.images] == [Size(384, 640)] * 3
    assert generation.usage is not None
    assert generation.usage.output == 3 * 1300
    cost = PRICES.cost("gpt-image-9", generation.usage)
    assert cost is not None
    assert cost <= PRICES.estimate(ASKED["gpt-image-9"], **asked)


async def test_a_model_that_is_not_in_the_file_is_not_served(site: AzureSite) -> None:
    site.change(deployments=GPT_IMAGE_9)
    async with open_generator(site.url, deployments=GPT_IMAGE_9) as generator:
        assert isinstance(await generator.failure(), DeploymentMissing)


async def test_the_list_of_models_has_the_new_one_last(site: AzureSite) -> None:
    site.change(models=SERVED)
    async with site.v1() as client:
        listed = [model async for model in client.models.list()]
    assert [model.id for model in listed][-1] == "gpt-image-9-2026-11-20"
    assert len(listed) == len(SERVED)
    assert listed == sorted(listed, key=lambda model: model.created)
