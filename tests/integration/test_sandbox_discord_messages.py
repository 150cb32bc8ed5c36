"""Messages in the sandbox: what a body may hold, what becomes of files, who is pinged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.world.ids import (
    ARTISTS,
    EVERYONE,
    GALLERY,
    MEMBER_ONE,
    MEMBER_TWO,
    MODERATOR,
    MODERATORS,
    STUDIO,
)
from sandbox.discord.world.permissions import Overwrite, Permission
from tests.integration.discord_site import DiscordSite, open_site, png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

V2 = 1 << 15
BUCKETS = ("message-send", "message-edit", "message-read")
BUTTON = {"type": 2, "style": 1, "label": "b", "custom_id": "b"}
ROW = {"type": 1, "components": [BUTTON]}
TEXT = {"type": 10, "content": "hello"}
GALLERY_OF_A = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}


@pytest.fixture
async def site() -> AsyncIterator[DiscordSite]:
    async with open_site(rate_limits=dict.fromkeys(BUCKETS, (99, 1.0))) as running:
        yield running


def row(*items: dict[str, Any]) -> dict[str, Any]:
    return {"components": [{"type": 1, "components": list(items)}]}


def select(**keys: Any) -> dict[str, Any]:
    options = [{"label": "a", "value": "a"}, {"label": "b", "value": "b"}]
    return {"type": 3, "custom_id": "s", "options": options, **keys}


# --- what a body may hold ---

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    ({"content": ["x"]}, "content", "STRING_TYPE_CONVERT"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds", "BASE_TYPE_BAD_LENGTH"),
    ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"description": "x" * 4096}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    ({"embeds": [{"color": 1}]}, "embeds.0.description", "BASE_TYPE_REQUIRED"),
    ({"embeds": [{"title": "x", "url": "ftp://x/y"}]}, "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
    (
        {"embeds": [{"fields": [{"name": "", "value": "v"}]}]},
        "embeds.0.fields.0.name",
        "BASE_TYPE_BAD_LENGTH",
    ),
    ({"embeds": [{"title": "t", "timestamp": "soon"}]}, "embeds.0.timestamp", "DATE_TIME_TYPE_PARSE"),
    ({"embeds": ["x"]}, "embeds.0", "MODEL_TYPE_CONVERT"),
    ({"components": [TEXT]}, "components.0.type", "UNION_TYPE_CHOICES"),
    ({"components": [ROW] * 6}, "components", "BASE_TYPE_BAD_LENGTH"),
    (row(), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    (
        row(*[{**BUTTON, "custom_id": str(n)} for n in range(6)]),
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (row(BUTTON, BUTTON), "components.0.components.1.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    (row(BUTTON, select()), "components.0.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    (row({**BUTTON, "custom_id": "x" * 101}), "components.0.components.0.custom_id", "BASE_TYPE_BAD_LENGTH"),
    (row({**BUTTON, "label": "x" * 81}), "components.0.components.0.label", "BASE_TYPE_MAX_LENGTH"),
    (row({**BUTTON, "label": ""}), "components.0.components.0", "BUTTON_COMPONENT_LABEL_REQUIRED"),
    (
        row({"type": 2, "style": 5, "label": "x"}),
        "components.0.components.0.url",
        "BUTTON_COMPONENT_URL_REQUIRED",
    ),
    (
        row({"type": 2, "style": 2, "label": "x"}),
        "components.0.components.0.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
    ),
    (row(select(max_values=3)), "components.0.components.0.max_values", "NUMBER_TYPE_MAX"),
    (row(select(options=[])), "components.0.components.0.options", "BASE_TYPE_BAD_LENGTH"),
    (
        row(select(options=[{"label": "a", "value": "a"}] * 2)),
        "components.0.components.0.options.1.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    (
        {"content": "x", "allowed_mentions": {"parse": ["all"]}},
        "allowed_mentions.parse.0",
        "BASE_TYPE_CHOICES",
    ),
    (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    ({"content": "x", "attachments": [{"id": 0}]}, "attachments.0", "ATTACHMENT_NOT_FOUND"),
    ({"content": "x", "nonce": "x" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
    (
        {"content": "x", "message_reference": {"message_id": "5"}},
        "message_reference",
        "REPLIES_UNKNOWN_MESSAGE",
    ),
    (
        {"flags": V2, "components": [TEXT], "content": "x"},
        "content",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    (
        {"flags": V2, "components": [TEXT], "embeds": [{"title": "x"}]},
        "embeds",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    ({"flags": V2, "components": [{**TEXT, "content": ""}]}, "components.0.content", "BASE_TYPE_BAD_LENGTH"),
    (
        {"flags": V2, "components": [{**TEXT, "content": "x" * 2001}] * 2},
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    ({"flags": V2, "components": [TEXT] * 41}, "components", "BASE_TYPE_BAD_LENGTH"),
    (
        {"flags": V2, "components": [{"type": 17, "components": [TEXT] * 40}]},
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    (
        {"flags": V2, "components": [GALLERY_OF_A]},
        "components.0.items.0.media.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    ({"flags": V2, "components": [{"type": 12, "items": []}]}, "components.0.items", "BASE_TYPE_BAD_LENGTH"),
    ({"flags": V2, "components": [{"type": 99}]}, "components.0.type", "UNION_TYPE_CHOICES"),
    (
        {"flags": V2, "components": [{"type": 17, "components": [{"type": 17, "components": [TEXT]}]}]},
        "components.0.components.0.type",
        "UNION_TYPE_CHOICES",
    ),
]


@pytest.mark.parametrize(("body", "path", "code"), REFUSED)
async def test_bad_body_is_refused_with_the_place(
    site: DiscordSite, body: dict[str, Any], path: str, code: str
) -> None:
    reply = await site.messages("POST", body=body)
    assert (reply.status, reply.code, reply.problems) == (400, 50035, {path: code})
    assert site.member.messages() == []


async def test_all_problems_are_named_at_once_under_data_for_a_callback(site: DiscordSite) -> None:
    body = {"content": "x" * 2001, "embeds": [{"title": "x" * 257}, {"description": "x" * 4097}]}
    reply = await site.callback(await site.imagine(), 4, body)
    assert set(reply.problems) == {"data.content", "data.embeds.0.title", "data.embeds.1.description"}


@pytest.mark.parametrize("body", [{}, {"content": None}, {"content": " \n "}, {"embeds": []}])
async def test_nothing_to_show_is_refused(site: DiscordSite, body: dict[str, Any]) -> None:
    reply = await site.messages("POST", body=body)
    assert (reply.status, reply.code) == (400, 50006)


async def test_stickers_that_do_not_exist(site: DiscordSite) -> None:
    assert (await site.messages("POST", body={"content": "x", "sticker_ids": ["1"]})).code == 10060


# --- files ---


async def test_upload_is_measured_named_and_served(site: DiscordSite) -> None:
    data = png(31, 17)
    reply = await site.messages(
        "POST",
        body={"attachments": [{"id": 0, "description": "a teal field"}]},
        files={"files[0]": ("my picture!.png", data)},
    )
    (attachment,) = reply.data["attachments"]
    assert attachment | {"url": "", "proxy_url": "", "id": ""} == {
        "id": "",
        "url": "",
        "proxy_url": "",
        "filename": "my_picture.png",
        "size": len(data),
        "content_type": "image/png",
        "content_scan_version": 0,
        "width": 31,
        "height": 17,
        "description": "a teal field",
    }
    async with site.session.get(attachment["url"]) as response:
        assert (response.status, response.content_type, await response.read()) == (200, "image/png", data)


@pytest.mark.parametrize("name", ["notes.txt", "broken.png"])
async def test_what_is_no_picture_has_no_size_in_pixels(site: DiscordSite, name: str) -> None:
    reply = await site.messages("POST", body={}, files={"files[0]": (name, b"not a picture")})
    assert "width" not in reply.data["attachments"][0]


async def test_spoilers_by_name_and_by_flag(site: DiscordSite) -> None:
    files = {"files[0]": ("SPOILER_a.png", png()), "files[1]": ("b.png", png())}
    body = {"attachments": [{"id": 0}, {"id": 1, "is_spoiler": True}]}
    reply = await site.messages("POST", body=body, files=files)
    assert [item["flags"] for item in reply.data["attachments"]] == [8, 8]


@pytest.mark.parametrize(("limit", "size"), [("attachment_size_limit", 2_000), ("request_size_limit", 9_000)])
async def test_too_large_an_upload_is_refused(limit: str, size: int) -> None:
    async with open_site(**{limit: 4_000}) as site:
        invocation = await site.deferred()
        files = {"files[0]": ("a.png", png()), "files[1]": ("b.png", bytes(size + 2_100))}
        for reply in (
            await site.webhook(invocation, "PATCH", body={}, files=files),
            await site.messages("POST", body={}, files=files),
        ):
            assert (reply.status, reply.code) == (413, 40005)
        assert invocation.state == "thinking"


async def test_eleven_files_are_too_many(site: DiscordSite) -> None:
    files = {f"files[{n}]": (f"{n}.png", png()) for n in range(11)}
    reply = await site.messages("POST", body={}, files=files)
    assert reply.problems == {"attachments": "BASE_TYPE_BAD_LENGTH"}


async def with_two_files(site: DiscordSite) -> tuple[Any, list[str]]:
    invocation = await site.deferred()
    files = {"files[0]": ("a.png", png()), "files[1]": ("b.png", png())}
    body = {"attachments": [{"id": "0"}, {"id": "1", "description": "second"}]}
    reply = await site.webhook(invocation, "PATCH", body=body, files=files)
    return invocation, [item["id"] for item in reply.data["attachments"]]


def names(reply: Any) -> list[str]:
    return [item["filename"] for item in reply.data["attachments"]]


async def test_edit_without_a_list_keeps_the_files_and_adds_new_ones(site: DiscordSite) -> None:
    invocation, _ = await with_two_files(site)
    assert names(await site.webhook(invocation, "PATCH", body={"content": "x"})) == ["a.png", "b.png"]
    more = await site.webhook(invocation, "PATCH", body={}, files={"files[0]": ("c.png", png())})
    assert names(more) == ["a.png", "b.png", "c.png"]


async def test_edit_with_a_list_keeps_exactly_what_it_names(site: DiscordSite) -> None:
    invocation, (_, second) = await with_two_files(site)
    body = {"attachments": [{"id": second, "description": "kept"}, {"id": 0}]}
    reply = await site.webhook(invocation, "PATCH", body=body, files={"files[0]": ("c.png", png())})
    assert names(reply) == ["b.png", "c.png"]
    assert reply.data["attachments"][0]["id"] == second
    assert reply.data["attachments"][0]["description"] == "kept"
    assert (await site.webhook(invocation, "PATCH", body={"attachments": []})).code == 50006
    assert names(await site.webhook(invocation, "PATCH", body={"attachments": [], "content": "x"})) == []


async def test_edit_cannot_bring_back_a_removed_file(site: DiscordSite) -> None:
    invocation, (first, second) = await with_two_files(site)
    await site.webhook(invocation, "PATCH", body={"attachments": [{"id": second}]})
    reply = await site.webhook(invocation, "PATCH", body={"attachments": [{"id": first}]})
    assert reply.problems == {"attachments.0": "ATTACHMENT_NOT_FOUND"}


async def test_file_shown_by_an_embed_is_not_listed_again(site: DiscordSite) -> None:
    body = {"embeds": [{"title": "t", "image": {"url": "attachment://a.png"}}]}
    reply = await site.messages("POST", body=body, files={"files[0]": ("a.png", png(9, 9))})
    assert reply.data["attachments"] == []
    assert reply.data["embeds"][0]["image"]["width"] == 9
    assert "/attachments/" in reply.data["embeds"][0]["image"]["url"]


# --- Components V2 ---


async def test_v2_message_stays_v2_and_hides_what_its_components_show(site: DiscordSite) -> None:
    files = {"files[0]": ("a.png", png(9, 9)), "files[1]": ("unseen.png", png())}
    body = {"flags": V2, "components": [TEXT, {"type": 17, "components": [GALLERY_OF_A]}]}
    made = (await site.messages("POST", body=body, files=files)).data
    assert [item["filename"] for item in made["attachments"]] == ["unseen.png"]
    assert [item["id"] for item in made["components"]] == [1, 2]
    media = made["components"][1]["components"][0]["items"][0]["media"]
    assert (media["width"], media["content_type"]) == (9, "image/png")
    edit = {"flags": 0, "components": [{**TEXT, "content": "other"}]}
    edited = await site.messages("PATCH", f"/{made['id']}", edit)
    assert edited.data["flags"] == V2
    # No component shows it any more, but it is still attached.
    assert names(edited) == ["a.png", "unseen.png"]
    refused = await site.messages("PATCH", f"/{made['id']}", {"content": "x"})
    assert refused.problems == {"content": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"}


async def test_switching_to_v2_needs_the_old_content_cleared(site: DiscordSite) -> None:
    made = (await site.messages("POST", body={"content": "old"})).data
    edit = {"flags": V2, "components": [TEXT]}
    refused = await site.messages("PATCH", f"/{made['id']}", edit)
    assert refused.problems == {"content": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"}
    assert (await site.messages("PATCH", f"/{made['id']}", {**edit, "content": None})).status == 200


# --- mentions ---

PROMPT = f"@everyone <@{MEMBER_ONE}> <@{MEMBER_TWO}> <@&{ARTISTS}> <@&{MODERATORS}> <@5>"


def pinged(data: Any) -> tuple[list[int], list[int], bool]:
    users, roles = (
        [int(user["id"]) for user in data["mentions"]],
        [int(role) for role in data["mention_roles"]],
    )
    return users, roles, data["mention_everyone"]


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (None, ([MEMBER_ONE, MEMBER_TWO], [ARTISTS, MODERATORS], True)),
        ({"parse": []}, ([], [], False)),
        ({}, ([], [], False)),
        ({"parse": ["everyone"]}, ([], [], True)),
        ({"parse": [], "users": [str(MEMBER_TWO)]}, ([MEMBER_TWO], [], False)),
        ({"parse": ["users"], "roles": [str(ARTISTS)]}, ([MEMBER_ONE, MEMBER_TWO], [ARTISTS], False)),
    ],
)
async def test_only_allowed_mentions_ping(site: DiscordSite, allowed: Any, expected: Any) -> None:
    body: dict[str, Any] = {"content": PROMPT} | ({} if allowed is None else {"allowed_mentions": allowed})
    assert pinged((await site.messages("POST", body=body)).data) == expected


async def test_interaction_answers_ping_users_only_unless_told_otherwise(site: DiscordSite) -> None:
    invocation = await site.deferred()
    by_default = await site.webhook(invocation, "PATCH", body={"content": PROMPT})
    assert pinged(by_default.data) == ([MEMBER_ONE, MEMBER_TWO], [], False)
    none = {"content": PROMPT, "allowed_mentions": {"parse": []}}
    assert pinged((await site.webhook(invocation, "PATCH", body=none)).data) == ([], [], False)


async def test_mentions_in_v2_text_ping_too(site: DiscordSite) -> None:
    components = [{"type": 17, "components": [{**TEXT, "content": PROMPT}]}]
    reply = await site.messages("POST", body={"flags": V2, "components": components})
    assert pinged(reply.data) == ([MEMBER_ONE, MEMBER_TWO], [ARTISTS, MODERATORS], True)


# --- the bot's token ---


async def test_nonce_makes_a_repeated_send_harmless(site: DiscordSite) -> None:
    body = {"content": "once", "nonce": "job-1", "enforce_nonce": True}
    first, second = await site.messages("POST", body=body), await site.messages("POST", body=body)
    assert first.data["id"] == second.data["id"]
    other = await site.messages("POST", body={**body, "nonce": "job-2"})
    loose = await site.messages("POST", body={**body, "enforce_nonce": False})
    assert len({first.data["id"], other.data["id"], loose.data["id"]}) == 3
    assert first.data["nonce"] == "job-1"


async def test_other_peoples_messages(site: DiscordSite) -> None:
    theirs = await site.member.say("hello there")
    addressed = await site.member.say("hello <@1456100000000000100>")
    read = await site.messages("GET", f"/{theirs['id']}")
    assert read.data["content"] == "", "no message-content intent"
    assert (await site.messages("GET", f"/{addressed['id']}")).data["content"] != ""
    assert (await site.messages("PATCH", f"/{theirs['id']}", {"content": "x"})).code == 50005
    deleted = await site.messages("DELETE", f"/{theirs['id']}")
    assert (deleted.status, deleted.code) == (403, 50013)


async def test_pages_of_a_channel(site: DiscordSite) -> None:
    made = [(await site.messages("POST", body={"content": str(n)})).data["id"] for n in range(6)]

    async def page(**params: Any) -> list[str]:
        reply = await site.messages("GET", params={key: str(value) for key, value in params.items()})
        return [item["content"] for item in reply.data]

    assert await page() == list("543210")
    assert await page(limit=2) == list("54")
    assert await page(before=made[3], limit=2) == list("21")
    assert await page(after=made[3]) == list("54")
    assert await page(around=made[3], limit=3) == list("432")
    assert (await site.messages("GET", params={"limit": "101"})).problems == {"limit": "NUMBER_TYPE_MAX"}


@pytest.mark.parametrize(
    ("denied", "code"),
    [(Permission.VIEW_CHANNEL, 50001), (Permission.SEND_MESSAGES, 50013), (Permission.ATTACH_FILES, 50013)],
)
async def test_channel_permissions_hold_for_the_bots_token(
    site: DiscordSite, denied: Permission, code: int
) -> None:
    guild = site.discord.world.guild
    overwrites = (Overwrite(EVERYONE, deny=denied), Overwrite(guild.bot.roles[0], deny=denied))
    guild.set_overwrites(GALLERY, *overwrites)
    reply = await site.call("POST", f"/channels/{GALLERY}/messages", {}, files={"files[0]": ("a.png", png())})
    assert (reply.status, reply.code) == (403, code)
    invocation = await site.member.slash("imagine", GALLERY, prompt="x")
    # Answers to interactions do not need them.
    files = {"files[0]": ("a.png", png())}
    assert (await site.callback(invocation, 4, {}, files=files)).status == 200


async def test_unknown_places(site: DiscordSite) -> None:
    assert (await site.call("GET", "/channels/5")).code == 10003
    assert (await site.messages("GET", "/5")).code == 10008
    assert (await site.messages("GET", "/five")).problems == {"message_id": "NUMBER_TYPE_COERCE"}
    assert (await site.call("GET", "/guilds/5")).code == 10004
    assert (await site.call("GET", f"/channels/{STUDIO}")).data["name"] == "studio"


async def test_members_delete_what_they_may(site: DiscordSite) -> None:
    made = (await site.messages("POST", body={"content": "x"})).data
    await site.discord.member(MODERATOR).delete_message(made["id"])
    assert (await site.messages("PATCH", f"/{made['id']}", {"content": "y"})).code == 10008
