"""The checker itself: what is wrong is found, wherever it stands."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.judging import wrong_in_answers, wrong_in_requests
from tests.contract.specifications import Amendment, Specification
from tests.contract.wiretap import Body, Exchange

if TYPE_CHECKING:
    from tests.contract.conftest import Documents

JSON = {"content-type": "application/json"}
TOKEN = "some-token"
EDIT = f"/api/v10/webhooks/1456100000000000100/{TOKEN}/messages/@original"
DRAW = "/openai/deployments/art/images/generations"

SENT = {
    "content": "done",
    "attachments": [{"id": 0, "filename": "easel-1.png", "description": "a cat"}],
    "allowed_mentions": {"parse": []},
    "tts": False,
}
USER = {
    "id": "1",
    "username": "easel",
    "avatar": None,
    "discriminator": "0",
    "public_flags": 0,
    "flags": 0,
    "global_name": None,
    "primary_guild": None,
}
MESSAGE = {
    "id": "2",
    "type": 20,
    "content": "done",
    "channel_id": "3",
    "author": USER,
    "attachments": [],
    "components": [],
    "embeds": [],
    "mentions": [],
    "mention_roles": [],
    "mention_everyone": False,
    "flags": 0,
    "pinned": False,
    "tts": False,
    "timestamp": "2026-11-22T12:00:00.000000+00:00",
    "edited_timestamp": None,
}
ASKED = {"prompt": "a cat", "n": 2, "size": "1024x1024", "quality": "medium"}
SAFE = {"filtered": False, "severity": "safe"}
DRAWN = {
    "created": 1_790_000_000,
    "data": [{"b64_json": "", "content_filter_results": dict.fromkeys(("sexual", "violence"), SAFE)}],
}
VERSION = {"api-version": "2025-04-01-preview"}


def exchange(
    path: str, sent: Any, got: Any, *, method: str = "POST", query: dict[str, str] | None = None
) -> Exchange:
    def body(value: Any) -> Body:
        return Body(JSON, json.dumps(value).encode())

    return Exchange(method, path, query or {}, body(sent), 200, body(got))


def changed(value: Any, place: str, now: Any) -> Any:
    """A copy with another value at a place, or with none there if that is the ellipsis."""
    result = copy.deepcopy(value)
    *path, last = (int(step) if step.isdigit() else step for step in place.split("/"))
    inner = result
    for step in path:
        inner = inner[step]
    if now is ...:
        del inner[last]
    else:
        inner[last] = now
    return result


def test_good_exchanges_are_good(documents: Documents) -> None:
    edit = exchange(EDIT, SENT, MESSAGE, method="PATCH")
    drawing = exchange(DRAW, ASKED, DRAWN, query=VERSION)
    for document, one in ((documents.discord, edit), (documents.dated, drawing)):
        assert wrong_in_requests(document, [one]) == []
        assert wrong_in_answers(document, [one]) == []


@pytest.mark.parametrize(
    ("place", "now", "found"),
    [
        ("content", "x" * 4001, "content: "),
        ("content", 5, "content: 5 is not of type"),
        ("contents", "misspelt", "'contents' was unexpected"),
        ("tts", True, "tts: False was expected"),
        ("attachments/0/id", "zero", "attachments/0/id: 'zero' does not match"),
        ("attachments/0/id", -1, "attachments/0/id: -1 is less than the minimum"),
        ("attachments/0/id", ..., "attachments/0: 'id' is a required property"),
        ("attachments/0/spoiler", True, "'spoiler' was unexpected"),
        ("attachments/0/description", "x" * 1025, "attachments/0/description: "),
        ("allowed_mentions/parse", ["all"], "allowed_mentions/parse/0: "),
    ],
)
def test_a_wrong_request_to_discord_is_found(documents: Documents, place: str, now: Any, found: str) -> None:
    wrong = exchange(EDIT, changed(SENT, place, now), MESSAGE, method="PATCH")
    (problem,) = wrong_in_requests(documents.discord, [wrong])
    assert problem.startswith("PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original (200): ")
    assert found in problem


@pytest.mark.parametrize(
    ("place", "now", "found"),
    [
        ("id", 2, "id: 2 is not of type 'string'"),
        ("author", ..., "'author' is a required property"),
        ("author/flags", "0", "author/flags: '0' is not"),
        ("timestamp", "2026-11-22T12:00:00", "timestamp: "),
        ("timestamp", "soon", "timestamp: 'soon' is not a 'date-time'"),
        ("flags", 2**40, "flags: "),
        ("state", "loading", "'state' was unexpected"),
    ],
)
def test_a_wrong_answer_of_discord_is_found(documents: Documents, place: str, now: Any, found: str) -> None:
    wrong = exchange(EDIT, SENT, changed(MESSAGE, place, now), method="PATCH")
    (problem,) = wrong_in_answers(documents.discord, [wrong])
    assert found in problem


@pytest.mark.parametrize(
    ("place", "now", "found"),
    [
        ("n", 11, "n: 11 is greater than the maximum"),
        ("n", "2", "n: '2' is not of type 'integer'"),
        ("size", "1024", "size: '1024' does not match"),
        ("quality", "best", "quality: 'best' is not one of"),
        ("prompt", ..., "'prompt' is a required property"),
        ("model", "art", "'model' was unexpected"),
    ],
)
def test_a_wrong_request_to_azure_is_found(documents: Documents, place: str, now: Any, found: str) -> None:
    wrong = exchange(DRAW, changed(ASKED, place, now), DRAWN, query=VERSION)
    (problem,) = wrong_in_requests(documents.dated, [wrong])
    assert found in problem


@pytest.mark.parametrize(
    ("place", "now", "found"),
    [
        ("created", ..., "'created' is a required property"),
        ("created", 1_790_000_000_000, "created: 1790000000000 is not a 'unixtime'"),
        ("data", None, "data: None is not of type 'array'"),
        ("data/0/content_filter_results/sexual/severity", "mild", "'mild' is not one of"),
        ("data/0/content_filter_results/sexual/filtered", ..., "'filtered' is a required property"),
        ("data/0/picture", "", "'picture' was unexpected"),
    ],
)
def test_a_wrong_answer_of_azure_is_found(documents: Documents, place: str, now: Any, found: str) -> None:
    wrong = exchange(DRAW, ASKED, changed(DRAWN, place, now), query=VERSION)
    assert any(found in problem for problem in wrong_in_answers(documents.dated, [wrong]))


def test_a_call_is_judged_by_its_parameters_too(documents: Documents) -> None:
    assert wrong_in_requests(documents.dated, [exchange(DRAW, ASKED, DRAWN)]) == [
        "POST /deployments/{deployment-id}/images/generations (200): the parameter api-version is missing"
    ]
    elsewhere = exchange(EDIT.replace("1456100000000000100", "me"), SENT, MESSAGE, method="PATCH")
    assert "parameter webhook_id: " in wrong_in_requests(documents.discord, [elsewhere])[0]
    curious = exchange(EDIT, SENT, MESSAGE, method="PATCH", query={"with_everything": "true"})
    assert "no parameter with_everything" in wrong_in_requests(documents.discord, [curious])[0]


def test_what_is_not_published_is_wrong(documents: Documents) -> None:
    nowhere = exchange("/api/v10/pictures", SENT, MESSAGE)
    for judge in (wrong_in_requests, wrong_in_answers):
        assert judge(documents.discord, [nowhere]) == ["POST /api/v10/pictures (200): no such operation"]
    html = Exchange("PATCH", EDIT, {}, Body(JSON, b"{}"), 200, Body({"content-type": "text/html"}, b"<p>"))
    assert "a body of type 'text/html'" in wrong_in_answers(documents.discord, [html])[0]
    broken = Exchange("PATCH", EDIT, {}, Body(JSON, b"{}"), 500, Body(JSON, b"{}"))
    assert "no such status" in wrong_in_answers(documents.discord, [broken])[0]


def test_an_amendment_needs_its_place() -> None:
    nowhere = Amendment("/components/schemas/Missing/properties/x", {}, "a mistake")
    with pytest.raises(KeyError):
        Specification({"paths": {}, "components": {"schemas": {}}}, [nowhere], name="empty", base="")
