"""The bot and the simulated Azure against Microsoft's published documents, and OpenAI's for streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest

from tests.contract.amendments import AZURE_DATED, AZURE_V1, OPENAI
from tests.contract.conftest import quick_sandbox
from tests.contract.judging import is_wrong, wrong_in_answers, wrong_in_requests
from tests.contract.wiretap import EVENTS, Exchange, tapping
from tests.integration.azure_site import AzureSite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.contract.conftest import Documents, Traffic
    from tests.contract.specifications import Amendment, Specification

pytestmark = pytest.mark.timeout(300)

PROBE = {"prompt": "", "n": 0, "size": "1x1"}
"""What the doctor asks in order to be refused: it wants to know how far it gets, not to pay for a picture."""


def is_probe(exchange: Exchange) -> bool:
    return bool(PROBE.items() <= exchange.sent.json.items())


def judged(
    documents: Documents,
    exchanges: Iterable[Exchange],
    judge: Callable[[Specification, list[Exchange]], list[str]],
) -> list[str]:
    """What is wrong, each exchange being judged by its own document."""
    listed = list(exchanges)
    return [
        problem
        for document in (documents.dated, documents.v1, documents.openai)
        for problem in judge(document, [one for one in listed if documents.of(one) is document])
    ]


def test_all_that_the_bot_asks_is_as_published(documents: Documents, traffic: Traffic) -> None:
    asked = [exchange for exchange in traffic.azure_by_bot if not is_probe(exchange)]
    assert len(asked) > 25
    assert judged(documents, asked, wrong_in_requests) == []


def test_the_bot_asks_on_every_route(traffic: Traffic) -> None:
    versions = {
        (exchange.path.startswith("/openai/v1/"), exchange.query.get("api-version"))
        for exchange in traffic.azure_by_bot
    }
    assert versions == {(False, "2025-04-01-preview"), (True, None), (True, "preview")}


def test_the_doctor_is_refused_for_its_body_alone(documents: Documents, traffic: Traffic) -> None:
    probes = [exchange for exchange in traffic.azure_by_bot if is_probe(exchange)]
    assert len(probes) == 3  # one for each deployment
    assert {probe.status for probe in probes} == {400}
    assert all(
        "prompt:" in problem or "n:" in problem or "size:" in problem
        for problem in judged(documents, probes, wrong_in_requests)
    )


def test_all_that_is_let_through_is_as_published(documents: Documents, traffic: Traffic) -> None:
    taken = [exchange for exchange in traffic.azure if exchange.status < 300]
    assert judged(documents, taken, wrong_in_requests) == []


def test_all_that_is_answered_is_as_published(documents: Documents, traffic: Traffic) -> None:
    assert judged(documents, traffic.azure, wrong_in_answers) == []


def test_every_kind_of_answer_was_seen(traffic: Traffic) -> None:
    assert {exchange.status for exchange in traffic.azure} == {200, 400, 401, 403, 404, 429, 500, 503}
    assert {exchange.path.rpartition("/")[2] for exchange in traffic.azure} == {"generations", "edits"}
    streams = [exchange for exchange in traffic.azure if exchange.got.media_type == EVENTS]
    assert {event["type"] for stream in streams for event in stream.got.events()} == {
        f"{name}.{moment}"
        for name in ("image_generation", "image_edit")
        for moment in ("partial_image", "completed")
    }


@pytest.mark.parametrize(
    "amendment",
    [*AZURE_DATED, *AZURE_V1, *OPENAI],
    ids=lambda amendment: amendment.at.rpartition("components")[2],
)
def test_every_amendment_is_needed(documents: Documents, traffic: Traffic, amendment: Amendment) -> None:
    (document,) = (
        document
        for document in (documents.dated, documents.v1, documents.openai)
        if amendment in document.amendments
    )
    unamended = document.without(amendment)
    theirs = (exchange for exchange in traffic.azure if documents.of(exchange) is document)
    assert any(is_wrong(unamended, exchange) for exchange in theirs)


# --- what the documents forbid, the sandbox refuses ---


@pytest.mark.parametrize("v1", [False, True], ids=["dated", "v1"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"n": 0},
        {"n": 11},
        {"n": "two"},
        {"size": "huge"},
        {"quality": "best"},
        {"background": "blue"},
        {"output_format": "bmp"},
        {"prompt": 5},
        {"prompt": None},
        {"colour": "red"},
    ],
    ids=str,
)
async def test_what_the_documents_forbid_is_refused(
    documents: Documents, wrong: dict[str, Any], *, v1: bool
) -> None:
    async with quick_sandbox() as sandbox, tapping(sandbox.url) as tap:
        site = AzureSite(sandbox.azure, tap.url)
        body = {"prompt": "a boat", **({"model": "studio"} if v1 else {}), **wrong}
        async with site.v1() if v1 else site.dated() as client:
            with pytest.raises(openai.BadRequestError):
                await client.post("/images/generations", body=body, cast_to=object)
    assert judged(documents, tap.exchanges, wrong_in_requests)
    assert judged(documents, tap.exchanges, wrong_in_answers) == []
