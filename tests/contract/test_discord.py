"""The bot and the simulated Discord against Discord's published OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.rest.api import PREFIX
from sandbox.discord.rest.routes import ROUTES, find_route
from sandbox.discord.world.ids import APPLICATION, STUDIO
from tests.contract.amendments import DISCORD
from tests.contract.events import wrong_in_events
from tests.contract.judging import JSON, is_wrong, wrong_in_answers, wrong_in_requests
from tests.contract.wiretap import tapping
from tests.integration.discord_site import open_site, png

if TYPE_CHECKING:
    from tests.contract.conftest import Documents, Traffic
    from tests.contract.specifications import Amendment

pytestmark = pytest.mark.timeout(300)

LIMITS = {f"x-ratelimit-{name}" for name in ("limit", "remaining", "reset", "reset-after", "bucket")}


def test_all_that_the_bot_asks_is_as_published(documents: Documents, traffic: Traffic) -> None:
    assert len(traffic.discord_by_bot) > 80
    assert wrong_in_requests(documents.discord, traffic.discord_by_bot) == []


def test_all_that_is_let_through_is_as_published(documents: Documents, traffic: Traffic) -> None:
    taken = [exchange for exchange in traffic.discord if exchange.status < 300]
    assert wrong_in_requests(documents.discord, taken) == []


def test_all_that_is_answered_is_as_published(documents: Documents, traffic: Traffic) -> None:
    assert wrong_in_answers(documents.discord, traffic.discord) == []


def test_every_route_was_used_with_success(traffic: Traffic) -> None:
    used = set()
    for exchange in traffic.discord:
        route, _, _ = find_route(exchange.method, exchange.path.removeprefix(PREFIX))
        if route is not None and exchange.status < 300:
            used.add((route.method, route.template))
    assert {(route.method, route.template) for route in ROUTES} - used == set()


def test_every_kind_of_refusal_was_seen(traffic: Traffic) -> None:
    assert {exchange.status for exchange in traffic.discord} >= {200, 201, 204, 400, 401, 404, 413, 429}


def test_json_is_announced_without_a_charset(traffic: Traffic) -> None:
    announced = {
        exchange.got.headers.get("content-type") for exchange in traffic.discord if exchange.got.data
    }
    assert announced == {JSON}


def test_every_answer_says_where_its_limit_stands(traffic: Traffic) -> None:
    for exchange in traffic.discord_by_hand:
        if exchange.status not in {401, 404}:
            assert set(exchange.got.headers) >= LIMITS, exchange.path
    (refused,) = (exchange for exchange in traffic.discord_by_hand if exchange.status == 429)
    assert refused.got.headers["x-ratelimit-remaining"] == "0"
    assert refused.got.headers["x-ratelimit-scope"] == "user"
    assert float(refused.got.headers["retry-after"]) >= refused.got.json["retry_after"] - 0.001


@pytest.mark.parametrize("amendment", DISCORD, ids=lambda amendment: amendment.at.removeprefix("/components"))
def test_every_amendment_is_needed(documents: Documents, traffic: Traffic, amendment: Amendment) -> None:
    unamended = documents.discord.without(amendment)
    wrong = any(is_wrong(unamended, exchange) for exchange in traffic.discord)
    assert wrong or wrong_in_events(unamended, traffic.events)


# --- what the document forbids, the sandbox refuses ---

LONG = {"content": "x" * 4001}
COMMAND = {"name": "draw", "description": "Draw"}
MESSAGES, COMMANDS = f"/channels/{STUDIO}/messages", f"/applications/{APPLICATION}/commands"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", MESSAGES, LONG),
        ("POST", MESSAGES, {"content": ["x"]}),
        ("POST", MESSAGES, {"content": "x", "nonce": "x" * 26}),
        ("POST", MESSAGES, {"content": "x", "embeds": [{"title": "x"}] * 11}),
        ("POST", MESSAGES, {"content": "x", "embeds": [{"title": "x" * 257}]}),
        ("POST", MESSAGES, {"content": "x", "attachments": [{"filename": "a.png"}]}),
        ("POST", MESSAGES, {"content": "x", "attachments": [{"id": "0", "description": "x" * 1025}]}),
        ("POST", MESSAGES, {"content": "x", "allowed_mentions": {"parse": ["all"]}}),
        ("POST", MESSAGES, {"content": "x", "components": [{"type": 99}]}),
        ("PUT", COMMANDS, [{"name": "draw", "description": "x" * 101}]),
        ("PUT", COMMANDS, [{"description": "no name"}]),
        ("PUT", COMMANDS, [{**COMMAND, "options": [{"type": 99, "name": "x", "description": "x"}]}]),
        ("PUT", COMMANDS, [{**COMMAND, "options": [{"type": 3, "name": "x"}]}]),
    ],
)
async def test_what_the_document_forbids_is_refused(
    documents: Documents, method: str, path: str, body: Any
) -> None:
    async with open_site() as site, tapping(site.sandbox.url) as tap:
        site.sandbox.url = tap.url
        files = {"files[0]": ("a.png", png())} if path == MESSAGES and "attachments" in body else None
        reply = await site.call(method, path, body, files=files)
        assert wrong_in_requests(documents.discord, tap.exchanges)
    assert reply.status == 400
    assert reply.code == 50035
