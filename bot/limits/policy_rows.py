"""The rows of a policy and of its audit trail, read and written within the caller's transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.limits.policy import Block, GuildPolicy
from bot.limits.rules import Rule, Target, TargetKind
from bot.storage.schema import blocks, changes, guilds, rules

if TYPE_CHECKING:
    from collections.abc import Mapping

RULE_ACTIONS = ("set", "clear", "undo")
"""Actions of the audit trail that can be undone. An import cannot: it is one change of many lines."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)

# A missing row is inserted first, as there would be nothing to lock.
_LOCK = sa.text(
    "INSERT INTO guilds (guild_id, revision) VALUES (:guild_id, 0)"
    " ON CONFLICT (guild_id) DO UPDATE SET revision = guilds.revision"
)


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the audit trail about a rule.

    Attributes:
        id: rises with every change; 0 if there was nothing to change, so that no line was written.
        actor_id: the moderator; 0 for the operator, from the command line.
        action: set, clear, undo or import.
        target: whose rule was changed.
        before: the rule until then; empty if there was none.
        after: the rule from then on; empty if there is none.
    """

    id: int
    guild_id: int
    at: dt.datetime
    actor_id: int
    action: str
    target: Target | None
    before: Rule
    after: Rule


def read_policy(connection: sa.Connection, guild_id: int) -> GuildPolicy:
    """Return a server's policy as it is in the database."""
    row = connection.execute(sa.select(guilds).where(guilds.c.guild_id == guild_id)).one_or_none()
    if row is None:
        return GuildPolicy(guild_id)
    found_rules = connection.execute(sa.select(rules).where(rules.c.guild_id == guild_id))
    found_blocks = connection.execute(sa.select(blocks).where(blocks.c.guild_id == guild_id))
    return GuildPolicy(
        guild_id=guild_id,
        revision=row.revision,
        zone=row.zone,
        paused=row.paused,
        pause_note=row.pause_note,
        rules={Target(TargetKind(r.target), r.target_id): Rule.from_json(r.rule) for r in found_rules},
        blocks={b.member_id: _block(b.until_ms, b.reason) for b in found_blocks},
    )


def open_for_change(connection: sa.Connection, guild_id: int) -> GuildPolicy:
    """Lock a server's policy, and read it. ``close_change`` must follow."""
    connection.execute(_LOCK, {"guild_id": guild_id})
    return read_policy(connection, guild_id)


def close_change(connection: sa.Connection, guild_id: int, *, changed: bool) -> GuildPolicy:
    """Raise the revision if anything was changed, else leave all as it was; return the policy."""
    here = guilds.c.guild_id == guild_id
    if changed:
        connection.execute(sa.update(guilds).where(here).values(revision=guilds.c.revision + 1))
    else:
        # A row at revision 0 was only inserted to be locked.
        connection.execute(sa.delete(guilds).where(here, guilds.c.revision == 0))
    return read_policy(connection, guild_id)


def write_settings(connection: sa.Connection, guild_id: int, values: Mapping[str, Any]) -> None:
    """Store settings of a server, such as its zone."""
    connection.execute(sa.update(guilds).where(guilds.c.guild_id == guild_id).values(**values))


def write_rule(connection: sa.Connection, guild_id: int, target: Target, rule: Rule) -> None:
    """Store a rule; an empty one removes it."""
    key = {"guild_id": guild_id, "target": target.kind.value, "target_id": target.id}
    connection.execute(sa.delete(rules).where(*(rules.c[name] == value for name, value in key.items())))
    if rule:
        connection.execute(sa.insert(rules).values(**key, rule=rule.to_json()))


def write_block(connection: sa.Connection, guild_id: int, member_id: int, block: Block | None) -> None:
    """Store a block; None removes it."""
    here = (blocks.c.guild_id == guild_id, blocks.c.member_id == member_id)
    connection.execute(sa.delete(blocks).where(*here))
    if block is not None:
        until = milliseconds(block.until) if block.until else None
        line = sa.insert(blocks).values(
            guild_id=guild_id, member_id=member_id, until_ms=until, reason=block.reason
        )
        connection.execute(line)


def newest_change(connection: sa.Connection, guild_id: int, change_id: int | None = None) -> Change | None:
    """Return the newest change of a rule that can be undone, or the one with that id."""
    found = sa.select(changes).where(changes.c.guild_id == guild_id, changes.c.action.in_(RULE_ACTIONS))
    if change_id is not None:
        found = found.where(changes.c.id == change_id)
    row = connection.execute(found.order_by(changes.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    return Change(
        id=row.id,
        guild_id=row.guild_id,
        at=_moment(row.at_ms),
        actor_id=row.actor_id,
        action=row.action,
        target=Target(TargetKind(row.target), row.target_id),
        before=Rule.from_json(row.before),
        after=Rule.from_json(row.after),
    )


def block_json(block: Block | None) -> dict[str, Any] | None:
    """Return a block as the audit trail keeps it."""
    if block is None:
        return None
    return {"until": block.until.isoformat() if block.until else None, "reason": block.reason}


def milliseconds(moment: dt.datetime) -> int:
    """Return an aware time as the tables keep it: milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def _moment(passed: int) -> dt.datetime:
    return _EPOCH + passed * _MILLISECOND


def _block(until_ms: int | None, reason: str) -> Block:
    return Block(None if until_ms is None else _moment(until_ms), reason)
