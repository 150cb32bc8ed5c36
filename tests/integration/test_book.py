"""The policy book on both stores: what changes, what is noted of it, and what is remembered."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.errors import NothingToUndo, RuleChanged
from bot.limits.book import PolicyBook
from bot.limits.policy import Block, GuildPolicy
from bot.limits.rules import EVERYONE, Rule, Target, TargetKind
from bot.storage.schema import changes
from tests.house import build_house
from tests.integration.ledger_site import GUILD, MEMBER, NOON, Clock

if TYPE_CHECKING:
    from bot.storage.database import Database

MODERATOR = 3000
ARTISTS = Target(TargetKind.ROLE, 7)
SOME_MEMBER = Target(TargetKind.MEMBER, MEMBER)
FEW, MANY = Rule(images_per_day=3), Rule(images_per_day=50)
TOMORROW = NOON + dt.timedelta(days=1)

Line = tuple[int, str, str, int, Any, Any]


@pytest.fixture
def book(database: Database) -> PolicyBook:
    return PolicyBook(database, Clock())


async def trail(database: Database) -> list[Line]:
    """Actor, action, target, its id, before and after of every line of the audit trail."""
    found = sa.select(
        changes.c.actor_id,
        changes.c.action,
        changes.c.target,
        changes.c.target_id,
        changes.c.before,
        changes.c.after,
    ).order_by(changes.c.id)
    return await database.run(lambda connection: [tuple(row) for row in connection.execute(found)])


async def set_rule(book: PolicyBook, target: Target, rule: Rule) -> None:
    await book.change_rule(GUILD, MODERATOR, "set", target, lambda _: rule)


# --- imports ----------------------------------------------------------------------------------------


async def test_an_import_notes_every_rule_block_and_setting_that_it_changes(
    book: PolicyBook, database: Database
) -> None:
    await set_rule(book, EVERYONE, FEW)
    await set_rule(book, ARTISTS, MANY)
    await book.set_block(GUILD, MODERATOR, MEMBER, Block(None, "spam"))
    known = len(await trail(database))

    rules = {EVERYONE: MANY, SOME_MEMBER: FEW}
    blocks = {8: Block(TOMORROW, "until tomorrow")}
    await book.replace([GuildPolicy(GUILD, zone="Europe/Berlin", rules=rules, blocks=blocks)])

    settings = {"zone": "UTC", "paused": False, "pause_note": ""}
    few, many = FEW.to_json(), MANY.to_json()
    assert (await trail(database))[known:] == [
        (0, "import", "", 0, settings, settings | {"zone": "Europe/Berlin"}),
        (0, "import", "everyone", 0, few, many),
        (0, "import", "member", MEMBER, {}, few),
        (0, "import", "role", 7, many, {}),
        (0, "block", "member", 8, None, {"until": TOMORROW.isoformat(), "reason": "until tomorrow"}),
        (0, "unblock", "member", MEMBER, {"until": None, "reason": "spam"}, None),
    ]


async def test_an_import_cannot_be_undone_piece_by_piece(book: PolicyBook) -> None:
    await book.replace([GuildPolicy(GUILD, rules={EVERYONE: MANY})])
    with pytest.raises(NothingToUndo):
        await book.undo(GUILD, MODERATOR)

    await set_rule(book, EVERYONE, FEW)
    await book.replace([GuildPolicy(GUILD, rules={EVERYONE: MANY})])
    with pytest.raises(RuleChanged):
        await book.undo(GUILD, MODERATOR)


async def test_an_import_of_what_is_there_changes_nothing(book: PolicyBook, database: Database) -> None:
    await set_rule(book, EVERYONE, FEW)
    await book.set_block(GUILD, MODERATOR, MEMBER, Block(TOMORROW, "spam"))
    policy, noted = await book.policy(GUILD, fresh=True), await trail(database)

    await book.replace([policy, GuildPolicy(GUILD + 1)])

    assert await book.policy(GUILD, fresh=True) == policy
    assert await trail(database) == noted
    assert await book.guild_ids() == (GUILD,)


# --- changes that change nothing ----------------------------------------------------------------------


async def test_what_changes_nothing_is_not_noted_and_raises_no_revision(
    book: PolicyBook, database: Database
) -> None:
    await book.set_paused(GUILD, MODERATOR, paused=True, note="Back at six")
    await book.set_zone(GUILD, MODERATOR, "Europe/Berlin")
    await book.set_block(GUILD, MODERATOR, MEMBER, Block(TOMORROW, "spam"))
    await set_rule(book, EVERYONE, FEW)
    policy, noted = await book.policy(GUILD, fresh=True), await trail(database)

    assert not await book.set_paused(GUILD, MODERATOR, paused=True, note="Back at six")
    assert not await book.set_zone(GUILD, MODERATOR, "Europe/Berlin")
    assert not await book.set_block(GUILD, MODERATOR, MEMBER, Block(TOMORROW, "spam"))
    assert not await book.set_block(GUILD, MODERATOR, MEMBER + 1, None)
    again = await book.change_rule(GUILD, MODERATOR, "set", EVERYONE, lambda rule: rule)
    gone = await book.change_rule(GUILD, MODERATOR, "clear", ARTISTS, lambda _: Rule())

    assert (again.id, again.before, again.after) == (0, FEW, FEW)
    assert (gone.id, gone.before) == (0, Rule())
    assert await book.policy(GUILD, fresh=True) == policy
    assert await trail(database) == noted


async def test_what_changes_nothing_leaves_a_server_without_settings_so(
    book: PolicyBook, database: Database
) -> None:
    assert not await book.set_paused(GUILD, MODERATOR, paused=False)
    assert not await book.set_block(GUILD, MODERATOR, MEMBER, None)
    assert not await book.set_zone(GUILD, MODERATOR, "UTC")

    assert await book.guild_ids() == ()
    assert await trail(database) == []


async def test_what_changes_something_raises_the_revision_by_one(book: PolicyBook) -> None:
    assert await book.set_zone(GUILD, MODERATOR, "Europe/Berlin")
    assert (await book.policy(GUILD)).revision == 1
    await set_rule(book, EVERYONE, FEW)
    await book.undo(GUILD, MODERATOR)
    assert (await book.policy(GUILD)).revision == 3


async def test_of_two_moderators_that_remove_the_same_rules_one_is_told_that_they_did(
    database: Database,
) -> None:
    house = build_house(database)
    await set_rule(house.store.book, ARTISTS, MANY)
    known = len(await trail(database))

    removals = (house.services.moderation.clear_gone(GUILD, MODERATOR, set(), set()) for _ in range(2))
    told = await asyncio.gather(*removals)

    assert sorted(told) == [[], [ARTISTS]]
    assert len(await trail(database)) == known + 1


# --- memory -------------------------------------------------------------------------------------------


async def test_the_policy_nobody_asked_for_longest_is_forgotten_first(database: Database) -> None:
    book = PolicyBook(database, Clock(), remembered=2)
    await book.policy(1)
    await book.policy(2)
    await book.policy(1)
    await book.policy(3)

    assert book.cached(1)
    assert book.cached(2) is None


async def test_the_last_instant_a_block_can_end_at_is_kept(book: PolicyBook) -> None:
    until = dt.datetime.max.replace(tzinfo=dt.UTC)
    await book.set_block(GUILD, MODERATOR, MEMBER, Block(until, "for good"))

    kept = (await book.policy(GUILD, fresh=True)).blocks[MEMBER].until
    assert kept == until.replace(microsecond=999_000)
