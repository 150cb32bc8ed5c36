"""Every route of the simulated Discord, called by hand: what the bot does not say yet, and refusals."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

from sandbox.discord.rest.limits import LIMITS
from sandbox.discord.world.ids import APPLICATION, ARTISTS, GUILD, MEMBER_ONE, MEMBER_TWO, STUDIO
from tests.integration.discord_site import COMMANDS, png

if TYPE_CHECKING:
    from sandbox.discord.client.member import Invocation
    from tests.integration.discord_site import DiscordSite, Reply

EPHEMERAL, V2 = 1 << 6, 1 << 15
DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL, MESSAGE, SUGGESTIONS = 5, 6, 7, 9, 4, 8

EMBED = {
    "title": "A cat",
    "description": "Drawn",
    "url": "https://example.com/a",
    "color": 0x5865F2,
    "timestamp": "2026-11-22T12:00:00+00:00",
    "footer": {"text": "Easel"},
    "author": {"name": "Member One", "url": "https://example.com/b"},
    "image": {"url": "attachment://a.png"},
    "thumbnail": {"url": "https://example.com/c.png"},
    "fields": [{"name": "Size", "value": "8×6", "inline": True}],
}
SELECT = {
    "type": 3,
    "custom_id": "style",
    "placeholder": "Style",
    "options": [
        {"label": "Oil", "value": "oil", "description": "Thick", "default": True},
        {"label": "Ink", "value": "ink", "emoji": {"name": "🖋"}},
    ],
}
BUTTONS = [
    {"type": 2, "style": 1, "label": "Again", "custom_id": "again:1"},
    {"type": 2, "style": 2, "emoji": {"name": "🎲"}, "custom_id": "vary:1", "disabled": True},
    {"type": 2, "style": 5, "label": "Original", "url": "https://example.com/a.png"},
]
ROWS = [
    {"type": 1, "components": BUTTONS},
    {"type": 1, "components": [SELECT]},
    *(
        {"type": 1, "components": [{"type": kind, "custom_id": f"pick:{kind}", "max_values": 2}]}
        for kind in (5, 6, 8)
    ),
]
MEDIA = {"url": "attachment://a.png"}
PANEL = {
    "type": 17,
    "accent_color": 0x5865F2,
    "components": [
        {"type": 10, "content": "**A cat**"},
        {
            "type": 9,
            "components": [{"type": 10, "content": "beside"}],
            "accessory": {"type": 11, "media": MEDIA},
        },
        {"type": 9, "components": [{"type": 10, "content": "press"}], "accessory": BUTTONS[0]},
        {"type": 14, "divider": True, "spacing": 2},
        {"type": 12, "items": [{"media": MEDIA, "description": "a cat", "spoiler": True}]},
        {"type": 13, "file": {"url": "attachment://notes.txt"}},
    ],
}
FORM = {
    "custom_id": "ask",
    "title": "Another prompt",
    "components": [
        {"type": 10, "content": "Fill in"},
        {
            "type": 18,
            "label": "New prompt",
            "description": "In words",
            "component": {"type": 4, "custom_id": "p", "style": 2, "min_length": 1, "max_length": 4000},
        },
        {"type": 18, "label": "Style", "component": {**SELECT, "required": False}},
        {"type": 18, "label": "From", "component": {"type": 19, "custom_id": "f", "required": False}},
        {
            "type": 18,
            "label": "Mood",
            "component": {
                "type": 21,
                "custom_id": "m",
                "required": False,
                "options": [{"label": "Calm", "value": "calm"}, {"label": "Wild", "value": "wild"}],
            },
        },
    ],
}
NO_LIMITS = dict.fromkeys(LIMITS, (1000, 10.0))
FILES = {"files[0]": ("a.png", png()), "files[1]": ("notes.txt", b"words")}
LISTED = [{"id": "0", "filename": "a.png", "description": "a cat"}, {"id": "1", "filename": "notes.txt"}]


async def tour(site: DiscordSite) -> None:
    """Call everything."""
    await _about(site)
    await _commands(site)
    await _messages(site)
    await _answers(site)
    await _presses(site)
    await _refusals(site)


async def _about(site: DiscordSite) -> None:
    for path in (
        "/users/@me",
        f"/users/{MEMBER_ONE}",
        "/oauth2/applications/@me",
        "/applications/@me",
        "/gateway",
        "/gateway/bot",
        f"/guilds/{GUILD}",
        f"/guilds/{GUILD}/members/{MEMBER_TWO}",
        f"/guilds/{GUILD}/roles/member-counts",
        f"/channels/{STUDIO}",
    ):
        _good(await site.call("GET", path))
    _good(await site.call("GET", f"/guilds/{GUILD}", params={"with_counts": "true"}))


async def _commands(site: DiscordSite) -> None:
    for scope in (f"/applications/{APPLICATION}", f"/applications/{APPLICATION}/guilds/{GUILD}"):
        _good(await site.call("PUT", f"{scope}/commands", COMMANDS))
        _good(await site.call("GET", f"{scope}/commands", params={"with_localizations": "true"}))
        text = {
            "type": 3,
            "name": "words",
            "description": "Which",
            "description_localizations": {"de": "Was"},
        }
        made = _good(
            await site.call(
                "POST", f"{scope}/commands", {"name": "show", "description": "Show", "options": [text]}
            )
        )
        path = f"{scope}/commands/{made.data['id']}"
        _good(await site.call("GET", path))
        _good(await site.call("PATCH", path, {"description": "Show again", "contexts": [0]}))
        _good(await site.call("DELETE", path))


async def _messages(site: DiscordSite) -> None:
    body = {"content": f"<@{MEMBER_ONE}> <@&{ARTISTS}>", "embeds": [EMBED], "attachments": LISTED}
    allowed = {"parse": [], "users": [str(MEMBER_ONE)], "roles": [str(ARTISTS)]}
    once = {"nonce": "1", "enforce_nonce": True, "allowed_mentions": allowed, "components": ROWS}
    made = _good(await site.messages("POST", body={**body, **once}, files=FILES))
    path = f"/{made.data['id']}"
    reference = {"message_id": made.data["id"]}
    _good(await site.messages("POST", body={"content": "see there", "message_reference": reference}))
    _good(await site.messages("GET", path))
    kept = [{"id": made.data["attachments"][0]["id"]}]
    _good(await site.messages("PATCH", path, {"content": "less", "attachments": kept, "embeds": []}))
    await site.member.say("an ordinary message", reply_to=int(made.data["id"]))
    _good(await site.messages("GET"))
    _good(await site.messages("DELETE", path))
    panel = {"flags": V2, "components": [PANEL], "attachments": LISTED}
    _good(await site.messages("POST", body=panel, files=FILES))


async def _answers(site: DiscordSite) -> None:
    """First answers and what may follow them."""
    now = await site.imagine()
    _good(await site.callback(now, MESSAGE, {"content": "at once", "attachments": LISTED}, files=FILES))
    quiet = await site.imagine()
    _good(await site.callback(quiet, MESSAGE, {"content": "at once", "flags": EPHEMERAL}, full=False))
    later = await site.deferred(flags=EPHEMERAL)
    _good(await site.webhook(later, "GET"))
    body = {"content": "done", "embeds": [EMBED], "components": ROWS, "attachments": LISTED}
    _good(await site.webhook(later, "PATCH", body=body, files=FILES))
    waiting = {"params": {"wait": "true"}}
    more = _good(await site.webhook(later, "POST", "", {"content": "and", "flags": EPHEMERAL}, **waiting))
    path = f"/messages/{more.data['id']}"
    for method, change in (("GET", None), ("PATCH", {"content": "or"}), ("DELETE", None)):
        _good(await site.webhook(later, method, path, change))
    _good(
        await site.webhook(
            later, "POST", "", {"flags": V2, "components": [PANEL], "attachments": LISTED}, files=FILES
        )
    )
    _good(await site.webhook(later, "DELETE"))
    typing = asyncio.create_task(site.member.autocomplete("imagine", "size", prompt="a cat"))
    await asyncio.sleep(0.05)
    interaction = next(reversed(site.discord.world.interactions.recent()))
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    choices = [{"name": "square", "value": "1024x1024", "name_localizations": {"de": "Quadrat"}}]
    _good(await site.call("POST", path, {"type": SUGGESTIONS, "data": {"choices": choices}}))
    await typing


async def _presses(site: DiscordSite) -> None:
    """Buttons, selects and modals."""
    first = await site.imagine()
    body = {"content": "one", "components": ROWS}
    made = _good(await site.callback(first, MESSAGE, body))
    message_id = made.data["resource"]["message"]["id"]
    for custom_id, values in (
        ("again:1", None),
        ("style", ["ink"]),
        ("pick:5", [MEMBER_TWO]),
        ("pick:6", [ARTISTS]),
    ):
        used = await _use(site, message_id, custom_id, values)
        _good(await site.callback(used, UPDATE, {"content": custom_id}))
    used = await _use(site, message_id, "pick:8", [STUDIO])
    _good(await site.callback(used, DEFERRED_UPDATE))
    _good(await site.callback(await _use(site, message_id, "again:1", None), MESSAGE, {"content": "beside"}))
    press = await _use(site, message_id, "again:1", None)
    _good(await site.callback(press, MODAL, FORM))
    submitted = await site.member.submit(press, p="a dog", m="calm")
    _good(await site.callback(submitted, DEFERRED))
    _good(await site.webhook(submitted, "PATCH", body={"content": "redrawn"}))


async def _use(site: DiscordSite, message_id: str, custom_id: str, values: list[Any] | None) -> Invocation:
    member = site.member
    return await (
        member.press(message_id, custom_id)
        if values is None
        else member.select(message_id, custom_id, values)
    )


async def _refusals(site: DiscordSite) -> None:
    """What is refused, with every status and kind of body there is."""
    bad = {"content": "x" * 4001, "embeds": [{"fields": [{"name": "", "value": ""}]}], "nonce": "x" * 26}
    invocation = await site.imagine()
    fresh = await site.imagine()
    refused = [
        await site.call("GET", "/users/@me", token="wrong"),
        await site.call("GET", "/channels/1"),
        await site.call("GET", f"/guilds/{GUILD}/members/1"),
        await site.messages("GET", "/1"),
        await site.messages("POST", body=bad),
        await site.messages("POST", body={}),
        await site.call("PUT", f"/applications/{APPLICATION}/commands", [{"name": "Not Legal"}]),
        await site.callback(invocation, MESSAGE, {"content": ""}),
        await site.callback(invocation, 99),
        await site.webhook(fresh, "GET"),
        await site.call("POST", f"/interactions/{fresh.id}/wrong/callback", {"type": DEFERRED}, token=None),
    ]
    _good(await site.callback(invocation, DEFERRED))
    refused.append(await site.callback(invocation, DEFERRED))
    refused.append(await site.webhook(invocation, "GET", "/messages/1"))
    site.discord.options = dataclasses.replace(site.discord.options, attachment_size_limit=1000)
    large = {"files[0]": ("a.png", bytes(1001))}
    refused.append(await site.messages("POST", body={"content": "large"}, files=large))
    assert all(400 <= reply.status < 500 for reply in refused), [reply.status for reply in refused]
    await _over_the_limit(site)


async def _over_the_limit(site: DiscordSite) -> None:
    """A bucket is emptied; until here none had a bottom."""
    await asyncio.sleep(1.0)  # the limit over all routes counts by the second
    site.discord.options = dataclasses.replace(site.discord.options, rate_limits={})
    for _ in range(40):
        reply = await site.call("GET", f"/users/{MEMBER_TWO}")
        if reply.status == 429:
            return
    raise AssertionError("no limit")


def _good(reply: Reply) -> Reply:
    assert reply.status in (200, 201, 204), (reply.status, reply.data)
    return reply
