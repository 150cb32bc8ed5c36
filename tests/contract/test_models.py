"""What ``models.toml`` says of each model against what the published documents, and the SDK, let one ask for.

The documents are older than gpt-image-2.5; for what came with it the SDK's parameter types stand in, as
they are generated from OpenAI's own document.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

import pytest
from openai.types.image_generate_params import ImageGenerateParamsBase

from bot.generation.models import STANDARD_SIZES, load_models
from tests.contract.specifications import read

if TYPE_CHECKING:
    from bot.generation.models import Capabilities
    from tests.contract.conftest import Documents

GPT_IMAGE = [model for model in load_models().models.values() if model.name.startswith("gpt-image")]
NEWER = "gpt-image-2.5"


@pytest.fixture(scope="session")
def dated(documents: Documents) -> dict[str, Any]:
    """The schemas of the dated document as published; its notes say which value is for which model."""
    del documents
    schemas: dict[str, Any] = read("azure-openai-2025-04-01-preview.images.yaml")["components"]["schemas"]
    return schemas


def for_gpt_image(schema: dict[str, Any]) -> set[str]:
    """The values that are not for DALL·E only."""
    return {
        entry["value"]
        for entry in schema["x-ms-enum"]["values"]
        if "upported for dall-e-3" not in entry["description"]
    }


def in_the_sdk(name: str) -> set[str]:
    """Every text that the SDK's type of a parameter lists."""

    def listed(kind: Any) -> set[str]:
        if typing.get_origin(kind) is typing.Literal:
            return set(typing.get_args(kind))
        return set().union(*map(listed, typing.get_args(kind)))

    return listed(typing.get_type_hints(ImageGenerateParamsBase)[name])


@pytest.mark.parametrize("model", GPT_IMAGE, ids=lambda model: model.name)
def test_qualities(dated: dict[str, Any], model: Capabilities) -> None:
    ours = {quality.value for quality in model.qualities}
    published = for_gpt_image(dated["imageQuality"])
    newer = in_the_sdk("quality") - set(dated["imageQuality"]["enum"])
    assert newer == {"xhigh", "max"}
    assert ours == (published | newer if model.name.startswith(NEWER) else published)


@pytest.mark.parametrize("model", GPT_IMAGE, ids=lambda model: model.name)
def test_sizes(dated: dict[str, Any], model: Capabilities) -> None:
    published = for_gpt_image(dated["imageSize"]) - {"auto"}
    assert {str(size) for size in STANDARD_SIZES} == published
    assert {str(size) for size in model.offered_sizes()} >= published
    if model.sizes is not None:
        assert {str(size) for size in model.sizes} == published


@pytest.mark.parametrize("model", GPT_IMAGE, ids=lambda model: model.name)
def test_how_many_at_once(documents: Documents, dated: dict[str, Any], model: Capabilities) -> None:
    assert model.max_count == dated["imageGenerationsRequest"]["properties"]["n"]["maximum"]
    v1 = documents.v1.resolved(documents.v1.schema("AzureCreateImageRequest"))
    assert model.max_count == v1["properties"]["n"]["maximum"]


@pytest.mark.parametrize("model", GPT_IMAGE, ids=lambda model: model.name)
def test_prompts_are_never_longer_than_published(dated: dict[str, Any], model: Capabilities) -> None:
    # It is only in the words: "The maximum length is 32000 characters for gpt-image-1 and …".
    assert (
        "32000 characters for gpt-image-1"
        in dated["imageGenerationsRequest"]["properties"]["prompt"]["description"]
    )
    assert model.max_prompt <= 32_000


def test_every_model_is_one_that_azure_or_the_sdk_names(documents: Documents) -> None:
    del documents
    published = read("openai-2.3.0.images.yaml")["components"]["schemas"]["CreateImageRequest"]
    known = {*published["properties"]["model"]["anyOf"][1]["enum"], *in_the_sdk("model")}
    assert set(load_models().models) <= known | {"dall-e-2", "dall-e-3", "gpt-image-1"}
