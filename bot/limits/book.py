"""The policy book: every server's rules, blocks and settings, and the audit trail of their changes.

Policies are cached, because every command needs one. A change raises the server's revision in the same
transaction, and a reservation compares revisions, so a cached policy that is out of date is found out
before it can let anything through.
"""

from __future__ import annotations

import collections
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from bot.errors import NothingToUndo, RuleChanged
from bot.limits.policy import Block, GuildPolicy
from bot.limits.rules import Rule, Target, TargetKind
from bot.storage.schema import blocks, changes, guilds, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bot.storage.database import Database

Result = TypeVar("Result")

REMEMBERED = 10_000
"""Policies kept in memory; one without rules takes about a kilobyte."""

RULE_ACTIONS = ("set", "clear", "undo")
"""Actions of the audit trail that can be taken back."""


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the audit trail.

    Attributes:
        id: rises with every change.
        actor_id: the moderator; 0 for the operator, by the command line.
        action: set, clear, undo, pause, resume, block, unblock, zone or import.
        target: whose rule was changed, if it was one.
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


class PolicyBook:
    """Reads and changes the policies of all servers."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._clock = clock
        self._cache: collections.OrderedDict[int, GuildPolicy] = collections.OrderedDict()

    # --- reading --------------------------------------------------------------------------------

    def cached(self, guild_id: int) -> GuildPolicy | None:
        """The policy, if it is in memory; for suggestions, which must be at once rather than exact."""
        return self._cache.get(guild_id)

    async def policy(self, guild_id: int, *, fresh: bool = False) -> GuildPolicy:
        """The policy of a server; one nobody ever changed has no rules.

        Args:
            guild_id: the server.
            fresh: read it from the store even if it is in memory.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        policy = None if fresh else self._cache.get(guild_id)
        if policy is None:
            policy = await self._database.run(lambda connection: read_policy(connection, guild_id))
            self._remember(policy)
        return policy

    async def last_change(self, guild_id: int) -> Change | None:
        """The newest change of a rule in a server.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return await self._database.run(lambda connection: _newest(connection, guild_id))

    def _remember(self, policy: GuildPolicy) -> None:
        known = self._cache.get(policy.guild_id)
        if known is not None and known.revision > policy.revision:
            return  # read before a change that has been remembered since
        self._cache[policy.guild_id] = policy
        self._cache.move_to_end(policy.guild_id)
        if len(self._cache) > REMEMBERED:
            self._cache.popitem(last=False)

    # --- rules ----------------------------------------------------------------------------------

    async def change_rule(
        self,
        guild_id: int,
        actor_id: int,
        action: str,
        target: Target,
        update: Callable[[Rule], Rule],
        *,
        expected: Rule | None = None,
    ) -> Change:
        """Replace one rule by what ``update`` makes of it.

        Args:
            guild_id: the server.
            actor_id: the moderator.
            action: set or clear, for the audit trail.
            target: whose rule.
            update: from the rule as it is (empty if there is none) to what it shall be.
            expected: what the rule has to be for the change to be made.

        Raises:
            RuleChanged: the rule is not ``expected``.
            StoreUnavailable: the store does not answer.
        """

        def work(connection: sa.Connection) -> tuple[Change, GuildPolicy]:
            policy = _open_for_change(connection, guild_id)
            before = policy.rules.get(target, Rule())
            if expected is not None and before != expected:
                raise RuleChanged("the rule is not what it was")
            after = update(before)
            _write_rule(connection, guild_id, target, after)
            change = self._write_change(connection, guild_id, actor_id, action, target, before, after)
            return change, read_policy(connection, guild_id)

        return await self._commit(work)

    async def undo(self, guild_id: int, actor_id: int, change_id: int | None = None) -> Change:
        """Take back the newest change of a rule, or that one if nothing has changed its rule since.

        Raises:
            NothingToUndo: there is no such change.
            RuleChanged: the rule was changed again since.
            StoreUnavailable: the store does not answer.
        """

        def work(connection: sa.Connection) -> tuple[Change, GuildPolicy]:
            policy = _open_for_change(connection, guild_id)
            last = _newest(connection, guild_id, change_id)
            if last is None or last.target is None:
                raise NothingToUndo("no change of a rule")
            if policy.rules.get(last.target, Rule()) != last.after:
                raise RuleChanged("the rule was changed since")
            _write_rule(connection, guild_id, last.target, last.before)
            change = self._write_change(
                connection, guild_id, actor_id, "undo", last.target, last.after, last.before
            )
            return change, read_policy(connection, guild_id)

        return await self._commit(work)

    # --- pausing, blocking, zones ---------------------------------------------------------------

    async def set_paused(self, guild_id: int, actor_id: int, *, paused: bool, note: str = "") -> bool:
        """Stop or resume taking prompts in a server; False if that is how it was.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        values = {"paused": paused, "pause_note": note}
        return await self._set_guild(guild_id, actor_id, "pause" if paused else "resume", values)

    async def set_zone(self, guild_id: int, actor_id: int, zone: str) -> bool:
        """Count days and weeks in another time zone; False if that is how it was.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return await self._set_guild(guild_id, actor_id, "zone", {"zone": zone})

    async def _set_guild(self, guild_id: int, actor_id: int, action: str, values: dict[str, Any]) -> bool:
        def work(connection: sa.Connection) -> tuple[bool, GuildPolicy]:
            policy = _open_for_change(connection, guild_id)
            before = {name: getattr(policy, name) for name in values}
            connection.execute(sa.update(guilds).where(guilds.c.guild_id == guild_id).values(values))
            self._audit(connection, guild_id, actor_id, action, before=before, after=values)
            return before != values, read_policy(connection, guild_id)

        return await self._commit(work)

    async def set_block(self, guild_id: int, actor_id: int, member_id: int, block: Block | None) -> bool:
        """Block a member, or unblock them (None); False if that is how it was.

        Raises:
            StoreUnavailable: the store does not answer.
        """

        def work(connection: sa.Connection) -> tuple[bool, GuildPolicy]:
            before = _open_for_change(connection, guild_id).blocks.get(member_id)
            _write_block(connection, guild_id, member_id, block)
            self._audit(
                connection,
                guild_id,
                actor_id,
                "block" if block else "unblock",
                target=Target(TargetKind.MEMBER, member_id),
                before=_block_json(before),
                after=_block_json(block),
            )
            return before != block, read_policy(connection, guild_id)

        return await self._commit(work)

    # --- all at once ----------------------------------------------------------------------------

    async def guild_ids(self) -> tuple[int, ...]:
        """Every server that has settings of its own, in order.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        found = sa.select(guilds.c.guild_id).order_by(guilds.c.guild_id)
        return await self._database.run(lambda connection: tuple(connection.scalars(found)))

    async def replace(self, policies: Iterable[GuildPolicy]) -> None:
        """Give servers these policies in place of their own, all or none of them; the operator's doing.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        policies = tuple(policies)

        def work(connection: sa.Connection) -> list[GuildPolicy]:
            return [self._replace(connection, policy) for policy in policies]

        for policy in await self._database.run(work):
            self._remember(policy)

    def _replace(self, connection: sa.Connection, policy: GuildPolicy) -> GuildPolicy:
        guild_id = policy.guild_id
        before = _open_for_change(connection, guild_id)
        values = {"zone": policy.zone, "paused": policy.paused, "pause_note": policy.pause_note}
        connection.execute(sa.update(guilds).where(guilds.c.guild_id == guild_id).values(values))
        for target in before.rules.keys() | policy.rules.keys():
            _write_rule(connection, guild_id, target, policy.rules.get(target, Rule()))
        for member_id in before.blocks.keys() | policy.blocks.keys():
            _write_block(connection, guild_id, member_id, policy.blocks.get(member_id))
        self._audit(connection, guild_id, 0, "import", after=values)
        return read_policy(connection, guild_id)

    # --- the audit trail ------------------------------------------------------------------------

    async def _commit(self, work: Callable[[sa.Connection], tuple[Result, GuildPolicy]]) -> Result:
        result, policy = await self._database.run(work)
        self._remember(policy)
        return result

    def _write_change(
        self,
        connection: sa.Connection,
        guild_id: int,
        actor_id: int,
        action: str,
        target: Target,
        before: Rule,
        after: Rule,
    ) -> Change:
        change_id, at = self._audit(
            connection,
            guild_id,
            actor_id,
            action,
            target=target,
            before=before.to_json(),
            after=after.to_json(),
        )
        return Change(change_id, guild_id, at, actor_id, action, target, before, after)

    def _audit(
        self,
        connection: sa.Connection,
        guild_id: int,
        actor_id: int,
        action: str,
        *,
        target: Target | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> tuple[int, dt.datetime]:
        now = self._clock()
        line = sa.insert(changes).values(
            guild_id=guild_id,
            at_ms=_milliseconds(now),
            actor_id=actor_id,
            action=action,
            target=target.kind.value if target else "",
            target_id=target.id if target else 0,
            before=before,
            after=after,
        )
        return connection.execute(line.returning(changes.c.id)).scalar_one(), now


# --- within a transaction -----------------------------------------------------------------------


def read_policy(connection: sa.Connection, guild_id: int) -> GuildPolicy:
    """One server's policy as the store has it."""
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


def _open_for_change(connection: sa.Connection, guild_id: int) -> GuildPolicy:
    """Raise the revision, which also locks the server's row, and read what it had until now."""
    raised = sa.text(
        "INSERT INTO guilds (guild_id, revision) VALUES (:guild_id, 1)"
        " ON CONFLICT (guild_id) DO UPDATE SET revision = guilds.revision + 1"
    )
    connection.execute(raised, {"guild_id": guild_id})
    return read_policy(connection, guild_id)


def _write_rule(connection: sa.Connection, guild_id: int, target: Target, rule: Rule) -> None:
    """Store a rule; an empty one is no rule."""
    key = {"guild_id": guild_id, "target": target.kind.value, "target_id": target.id}
    connection.execute(sa.delete(rules).where(*(rules.c[name] == value for name, value in key.items())))
    if rule:
        connection.execute(sa.insert(rules).values(**key, rule=rule.to_json()))


def _write_block(connection: sa.Connection, guild_id: int, member_id: int, block: Block | None) -> None:
    here = (blocks.c.guild_id == guild_id, blocks.c.member_id == member_id)
    connection.execute(sa.delete(blocks).where(*here))
    if block is not None:
        until = _milliseconds(block.until) if block.until else None
        line = sa.insert(blocks).values(
            guild_id=guild_id, member_id=member_id, until_ms=until, reason=block.reason
        )
        connection.execute(line)


def _newest(connection: sa.Connection, guild_id: int, change_id: int | None = None) -> Change | None:
    """The newest change of a rule, or that very one."""
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


def _block(until_ms: int | None, reason: str) -> Block:
    return Block(None if until_ms is None else _moment(until_ms), reason)


def _block_json(block: Block | None) -> dict[str, Any] | None:
    if block is None:
        return None
    return {"until": block.until.isoformat() if block.until else None, "reason": block.reason}


def _milliseconds(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(milliseconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
