"""The front door of the sandbox's REST API: tokens, routes, bodies, rate limits, faults and links."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.discord.world.ids import ARTISTS, BOT_ROLE, GUILD, MEMBER_ONE, MODERATORS
from sandbox.faults import Fault
from tests.integration.discord_site import DiscordSite, open_site, png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ORIGINAL = "PATCH /webhooks/*/messages/@original"


@pytest.fixture
async def site() -> AsyncIterator[DiscordSite]:
    async with open_site() as running:
        yield running


@pytest.mark.parametrize("token", [None, "", "wrong"])
async def test_only_the_bots_token_opens(site: DiscordSite, token: str | None) -> None:
    reply = await site.call("GET", "/users/@me", token=token)
    assert (reply.status, reply.data) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_unknown_routes_and_methods(site: DiscordSite) -> None:
    assert (await site.call("GET", "/nowhere")).data == {"message": "404: Not Found", "code": 0}
    assert (await site.call("DELETE", "/users/@me")).status == 405


async def test_who_the_bot_is(site: DiscordSite) -> None:
    me = (await site.call("GET", "/users/@me")).data
    application = (await site.call("GET", "/oauth2/applications/@me")).data
    assert me["bot"] is True
    assert application["bot"]["id"] == me["id"] == application["id"]
    gateway = (await site.call("GET", "/gateway/bot")).data
    assert (gateway["shards"], gateway["session_start_limit"]["remaining"]) == (1, 1000)
    guild = (await site.call("GET", "/guilds/1456100000000000200", params={"with_counts": "1"})).data
    assert guild["approximate_member_count"] == 5
    member = await site.call("GET", f"/guilds/{guild['id']}/members/{MEMBER_ONE}")
    assert member.data["user"]["global_name"] == "Member One"
    assert (await site.call("GET", f"/guilds/{guild['id']}/members/5")).code == 10007
    assert (await site.call("GET", "/users/5")).code == 10013


async def test_how_many_members_have_each_role(site: DiscordSite) -> None:
    reply = await site.call("GET", f"/guilds/{GUILD}/roles/member-counts")
    assert reply.data == {str(ARTISTS): 1, str(MODERATORS): 1, str(BOT_ROLE): 1}
    site.discord.world.add_member("Member Three", ARTISTS)
    reply = await site.call("GET", f"/guilds/{GUILD}/roles/member-counts")
    assert reply.data[str(ARTISTS)] == 2
    assert (await site.call("GET", "/guilds/5/roles/member-counts")).code == 10004
    assert (await site.call("GET", f"/guilds/{GUILD}/roles/member-counts", token=None)).status == 401


async def test_content_type_is_bare_and_via_is_there(site: DiscordSite) -> None:
    for path in ("/users/@me", "/nowhere"):
        headers = (await site.call("GET", path)).headers
        assert headers["Content-Type"] == "application/json"
        assert headers["Via"] == "1.1 google"


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json", b"{", 50109),
        ("application/json", b'{"content": "\xff"}', 50109),
        ("text/plain", b"{}", 50035),
        ("multipart/form-data", b"--x", 50035),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{\r\n--x--',
            50109,
        ),
    ],
)
async def test_unreadable_bodies(site: DiscordSite, content_type: str, body: bytes, code: int) -> None:
    url = f"{site.sandbox.url}/api/v10/channels/1456100000000000401/messages"
    headers = {"Authorization": "Bot sandbox-token", "Content-Type": content_type}
    async with site.session.post(url, data=body, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, code)


async def test_calls_are_recorded(site: DiscordSite) -> None:
    invocation = await site.deferred()
    await site.webhook(invocation, "PATCH", body={"content": "x"}, files={"files[0]": ("a.png", png())})
    first, second = site.discord.requests
    assert (first.method, first.body, first.status) == ("POST", {"type": 5, "data": {}}, 200)
    assert first.query == {"with_response": "true"}
    assert second.path.endswith("/messages/@original")
    assert second.files == {"files[0]": ("a.png", len(png()))}
    assert second.answer["content"] == "x"
    assert first.at <= second.at <= time.monotonic()


# --- rate limits ---


async def test_bucket_empties_refuses_and_fills_again() -> None:
    async with open_site(rate_limits={"message-send": (2, 0.3)}) as site:
        replies = [await site.messages("POST", body={"content": str(n)}) for n in range(3)]
        assert [reply.status for reply in replies] == [200, 200, 429]
        assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == ["1", "0", "0"]
        refused = replies[-1]
        assert 0 < refused.data["retry_after"] <= 0.3
        assert refused.data["global"] is False
        assert float(refused.headers["Retry-After"]) == pytest.approx(refused.data["retry_after"], abs=0.001)
        assert (refused.headers["X-RateLimit-Scope"], refused.headers["Via"]) == ("user", "1.1 google")
        await asyncio.sleep(refused.data["retry_after"])
        assert (await site.messages("POST", body={"content": "again"})).status == 200


async def test_global_limit_spares_interactions(site: DiscordSite) -> None:
    site.discord.options = type(site.discord.options)(rate_limits={"self": (999, 1.0)})
    replies = [await site.call("GET", "/users/@me") for _ in range(60)]
    refused = [reply for reply in replies if reply.status == 429]
    assert refused
    assert refused[0].data["global"] is True
    assert refused[0].headers["X-RateLimit-Global"] == "true"
    assert (await site.callback(await site.imagine(), 5)).status == 200


# --- faults ---


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault("status", ORIGINAL), 500, 0),
        (
            Fault("status", ORIGINAL, status=403, data={"code": 50013, "message": "Missing Permissions"}),
            403,
            50013,
        ),
        (Fault("too_large", ORIGINAL), 413, 40005),
        (Fault("unknown_interaction", ORIGINAL), 404, 10062),
        (Fault("already_acknowledged", ORIGINAL), 400, 40060),
    ],
)
async def test_fault_answers_instead(site: DiscordSite, fault: Fault, status: int, code: int) -> None:
    invocation = await site.deferred()
    site.discord.faults.add(fault)
    reply = await site.webhook(invocation, "PATCH", body={"content": "x"})
    assert (reply.status, reply.code) == (status, code)
    assert invocation.state == "thinking"
    assert (await site.webhook(invocation, "PATCH", body={"content": "x"})).status == 200


async def test_gateway_errors_come_from_proxies_without_json(site: DiscordSite) -> None:
    site.discord.faults.add(Fault("status", status=502))
    reply = await site.call("GET", "/users/@me")
    assert (reply.status, reply.headers["Content-Type"]) == (502, "text/html; charset=utf-8")


async def test_injected_rate_limit_with_and_without_via(site: DiscordSite) -> None:
    site.discord.faults.add(Fault("rate_limited", retry_after=0.25))
    site.discord.faults.add(Fault("rate_limited", data={"via": False}))
    first, second = [await site.call("GET", "/users/@me") for _ in range(2)]
    assert (first.status, first.data["retry_after"], first.headers["Via"]) == (429, 0.25, "1.1 google")
    assert second.status == 429
    assert "Via" not in second.headers


@pytest.mark.parametrize(
    ("kind", "done"),
    [("reset", False), ("stall", False), ("effect_reset", True)],
)
async def test_connection_cut_before_or_after_the_effect(site: DiscordSite, kind: str, done: bool) -> None:
    invocation = await site.deferred()
    site.discord.faults.add(Fault(kind, ORIGINAL, delay=0.05))
    with pytest.raises((aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)):
        await site.webhook(invocation, "PATCH", body={"content": "x"}, files={"files[0]": ("a.png", png())})
    assert (invocation.state == "answered") is done
    assert site.discord.requests[-1].status is None


async def test_effect_and_yet_an_error(site: DiscordSite) -> None:
    invocation = await site.imagine()
    site.discord.faults.add(Fault("effect_status", "POST */callback", status=500))
    assert (await site.callback(invocation, 5)).status == 500
    assert invocation.state == "thinking"
    assert (await site.callback(invocation, 5)).code == 40060


@pytest.mark.parametrize(("kind", "at_once"), [("slow", False), ("effect_slow", True)])
async def test_slow_calls(site: DiscordSite, kind: str, at_once: bool) -> None:
    invocation = await site.imagine()
    site.discord.faults.add(Fault(kind, "POST */callback", delay=0.2))
    calling = asyncio.create_task(site.callback(invocation, 5))
    await asyncio.sleep(0.1)
    assert (invocation.state == "thinking") is at_once
    assert (await calling).status == 200


async def test_unknown_kind_of_fault(site: DiscordSite) -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        site.discord.faults.add(Fault("bad_hair_day"))


# --- links ---


async def link_to_a_file(site: DiscordSite) -> str:
    reply = await site.messages("POST", body={}, files={"files[0]": ("a.png", png())})
    return str(reply.data["attachments"][0]["url"])


async def get(site: DiscordSite, url: str) -> int:
    async with site.session.get(url) as response:
        return response.status


async def test_links_are_signed(site: DiscordSite) -> None:
    url = await link_to_a_file(site)
    assert await get(site, url) == 200
    assert await get(site, url.partition("?")[0]) == 403
    assert await get(site, url.replace("&hm=", "&hm=0")) == 403
    assert await get(site, url.replace("ex=", "ex=f")) == 403
    assert await get(site, url.replace("a.png", "b.png")) == 404
    assert await get(site, url.replace("/attachments/", "/cdn/attachments/")) == 200


async def test_links_expire_and_a_fresh_read_renews_them() -> None:
    async with open_site(link_lifetime=1.0) as site:
        invocation = await site.deferred()
        reply = await site.webhook(invocation, "PATCH", body={}, files={"files[0]": ("a.png", png())})
        await asyncio.sleep(1.1)
        assert await get(site, reply.data["attachments"][0]["url"]) == 403
        fresh = await site.webhook(invocation, "GET")
        assert await get(site, fresh.data["attachments"][0]["url"]) == 200


async def test_oldest_files_are_forgotten_when_memory_is_full() -> None:
    async with open_site(file_memory=3 * len(png()) - 1) as site:
        urls = [await link_to_a_file(site) for _ in range(3)]
        assert [await get(site, url) for url in urls] == [404, 200, 200]


async def test_faults_hit_links_too(site: DiscordSite) -> None:
    url = await link_to_a_file(site)
    site.discord.faults.add(Fault("status", "GET /attachments/*", status=404, data={"code": 0}))
    assert [await get(site, url), await get(site, url)] == [404, 200]


async def test_client_that_hangs_up_mid_upload_leaves_no_trace(
    site: DiscordSite, caplog: pytest.LogCaptureFixture
) -> None:
    invocation = await site.deferred()

    async def endless() -> AsyncIterator[bytes]:
        yield b"--x\r\n"
        await asyncio.sleep(60)

    options: dict[str, Any] = {"data": endless(), "timeout": aiohttp.ClientTimeout(0.1)}
    with pytest.raises(TimeoutError):
        await site.webhook(invocation, "PATCH", **options)
    assert invocation.state == "thinking"
    assert (await site.webhook(invocation, "PATCH", body={"content": "x"})).status == 200
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
