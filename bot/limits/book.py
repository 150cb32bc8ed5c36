"""The policy book: every server's rules, blocks and settings, and the audit trail of their changes.

Policies are cached, because every command needs one. A change raises the server's revision in the same
transaction, and a reservation compares revisions, so an outdated cached policy is noticed before it can let
anything through.
"""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from bot.errors import NothingToUndo, RuleChanged
from bot.limits.policy_rows import (
    Change,
    block_json,
    close_change,
    milliseconds,
    newest_change,
    open_for_change,
    read_policy,
    write_block,
    write_rule,
    write_settings,
)
from bot.limits.rules import Rule, Target, TargetKind
from bot.storage.schema import changes, guilds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from bot.limits.policy import Block, GuildPolicy
    from bot.storage.database import Database

__all__ = ["Change", "PolicyBook"]

Result = TypeVar("Result")

OPERATOR = 0
"""The actor in the audit trail when a policy is changed from the command line."""

REMEMBERED = 10_000
"""Policies kept in memory; one without rules takes about a kilobyte."""


class PolicyBook:
    """Reads and changes the policies of all servers."""

    def __init__(
        self, database: Database, clock: Callable[[], dt.datetime], *, remembered: int = REMEMBERED
    ) -> None:
        """Make a book.

        Args:
            database: where the policies are kept.
            clock: tells the time, aware.
            remembered: how many policies are kept in memory.
        """
        self._database = database
        self._clock = clock
        self._remembered = remembered
        self._cache: collections.OrderedDict[int, GuildPolicy] = collections.OrderedDict()

    # --- reading --------------------------------------------------------------------------------

    def cached(self, guild_id: int) -> GuildPolicy | None:
        """Return the policy if it is in memory; for suggestions, which must be quick rather than exact."""
        policy = self._cache.get(guild_id)
        if policy is not None:
            self._cache.move_to_end(guild_id)
        return policy

    async def policy(self, guild_id: int, *, fresh: bool = False) -> GuildPolicy:
        """Return the policy of a server; one that nobody ever changed has no rules.

        Args:
            guild_id: the server.
            fresh: read it from the database even if it is in memory.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        policy = None if fresh else self.cached(guild_id)
        if policy is None:
            policy = await self._database.run(lambda connection: read_policy(connection, guild_id))
            self._remember(policy)
        return policy

    async def last_change(self, guild_id: int) -> Change | None:
        """Return the newest change of a rule in a server that can be undone.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await self._database.run(lambda connection: newest_change(connection, guild_id))

    def _remember(self, policy: GuildPolicy) -> None:
        known = self._cache.get(policy.guild_id)
        if known is not None and known.revision > policy.revision:
            return  # read before a change that has been remembered since
        self._cache[policy.guild_id] = policy
        self._cache.move_to_end(policy.guild_id)
        if len(self._cache) > self._remembered:
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
        """Replace a rule with what ``update`` returns for it.

        Args:
            guild_id: the server.
            actor_id: the moderator.
            action: set or clear, for the audit trail.
            target: whose rule.
            update: takes the present rule (empty if there is none) and returns the new one.
            expected: what the rule must be for the change to be made.

        Returns:
            The line of the audit trail; its id is 0 if the rule stayed the same and no line was written.

        Raises:
            RuleChanged: the rule is not ``expected``.
            StoreUnavailable: the database does not answer.
        """

        def work(connection: sa.Connection) -> tuple[Change, GuildPolicy]:
            policy = open_for_change(connection, guild_id)
            before = policy.rules.get(target, Rule())
            if expected is not None and before != expected:
                raise RuleChanged("the rule is not what it was")
            change = self._put_rule(connection, guild_id, actor_id, action, target, before, update(before))
            return change, close_change(connection, guild_id, changed=change.id > 0)

        return await self._commit(work)

    async def undo(self, guild_id: int, actor_id: int, change_id: int | None = None) -> Change:
        """Undo the newest change of a rule, or the given one, if the rule is still as that change left it.

        Raises:
            NothingToUndo: there is no such change.
            RuleChanged: the rule was changed again since.
            StoreUnavailable: the database does not answer.
        """

        def work(connection: sa.Connection) -> tuple[Change, GuildPolicy]:
            policy = open_for_change(connection, guild_id)
            last = newest_change(connection, guild_id, change_id)
            if last is None or last.target is None:
                raise NothingToUndo("no change of a rule")
            if policy.rules.get(last.target, Rule()) != last.after:
                raise RuleChanged("the rule was changed since")
            change = self._put_rule(
                connection, guild_id, actor_id, "undo", last.target, last.after, last.before
            )
            return change, close_change(connection, guild_id, changed=change.id > 0)

        return await self._commit(work)

    # --- pausing, blocking, zones ---------------------------------------------------------------

    async def set_paused(self, guild_id: int, actor_id: int, *, paused: bool, note: str = "") -> bool:
        """Stop or resume taking prompts in a server; return False if that changes nothing.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        values = {"paused": paused, "pause_note": note}
        return await self._set_guild(guild_id, actor_id, "pause" if paused else "resume", values)

    async def set_zone(self, guild_id: int, actor_id: int, zone: str) -> bool:
        """Count days, weeks and months in another time zone; return False if that changes nothing.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await self._set_guild(guild_id, actor_id, "zone", {"zone": zone})

    async def _set_guild(self, guild_id: int, actor_id: int, action: str, values: dict[str, Any]) -> bool:
        def work(connection: sa.Connection) -> tuple[bool, GuildPolicy]:
            policy = open_for_change(connection, guild_id)
            before = {name: getattr(policy, name) for name in values}
            changed = before != values
            if changed:
                write_settings(connection, guild_id, values)
                self._audit(connection, guild_id, actor_id, action, before=before, after=values)
            return changed, close_change(connection, guild_id, changed=changed)

        return await self._commit(work)

    async def set_block(self, guild_id: int, actor_id: int, member_id: int, block: Block | None) -> bool:
        """Block a member, or unblock them (None); return False if that changes nothing.

        Raises:
            StoreUnavailable: the database does not answer.
        """

        def work(connection: sa.Connection) -> tuple[bool, GuildPolicy]:
            before = open_for_change(connection, guild_id).blocks.get(member_id)
            changed = self._put_block(connection, guild_id, actor_id, member_id, before, block)
            return changed, close_change(connection, guild_id, changed=changed)

        return await self._commit(work)

    # --- all at once ----------------------------------------------------------------------------

    async def guild_ids(self) -> tuple[int, ...]:
        """Return the ids of all servers that have settings of their own, sorted.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        found = sa.select(guilds.c.guild_id).order_by(guilds.c.guild_id)
        return await self._database.run(lambda connection: tuple(connection.scalars(found)))

    async def replace(self, policies: Iterable[GuildPolicy]) -> None:
        """Replace the policies of servers by these, all or none of them, in the operator's name.

        The audit trail gets a line for each rule and each block that changed, and one for the settings.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        policies = tuple(policies)

        def work(connection: sa.Connection) -> list[GuildPolicy]:
            return [self._replace(connection, policy) for policy in policies]

        for policy in await self._database.run(work):
            self._remember(policy)

    def _replace(self, connection: sa.Connection, policy: GuildPolicy) -> GuildPolicy:
        guild_id = policy.guild_id
        known = open_for_change(connection, guild_id)
        before, after = _settings(known), _settings(policy)
        changed = (before, known.rules, known.blocks) != (after, policy.rules, policy.blocks)
        if changed:
            write_settings(connection, guild_id, after)
            self._audit(connection, guild_id, OPERATOR, "import", before=before, after=after)
        for target in sorted(known.rules.keys() | policy.rules.keys()):
            was, shall_be = (rules.get(target, Rule()) for rules in (known.rules, policy.rules))
            self._put_rule(connection, guild_id, OPERATOR, "import", target, was, shall_be)
        for member_id in sorted(known.blocks.keys() | policy.blocks.keys()):
            block = policy.blocks.get(member_id)
            self._put_block(connection, guild_id, OPERATOR, member_id, known.blocks.get(member_id), block)
        return close_change(connection, guild_id, changed=changed)

    # --- the audit trail ------------------------------------------------------------------------

    async def _commit(self, work: Callable[[sa.Connection], tuple[Result, GuildPolicy]]) -> Result:
        result, policy = await self._database.run(work)
        self._remember(policy)
        return result

    def _put_rule(
        self,
        connection: sa.Connection,
        guild_id: int,
        actor_id: int,
        action: str,
        target: Target,
        before: Rule,
        after: Rule,
    ) -> Change:
        """Store a rule and its line in the audit trail, if it differs from the one before."""
        if before == after:
            return Change(0, guild_id, self._clock(), actor_id, action, target, before, after)
        write_rule(connection, guild_id, target, after)
        kept = {"before": before.to_json(), "after": after.to_json()}
        change_id, at = self._audit(connection, guild_id, actor_id, action, target=target, **kept)
        return Change(change_id, guild_id, at, actor_id, action, target, before, after)

    def _put_block(
        self,
        connection: sa.Connection,
        guild_id: int,
        actor_id: int,
        member_id: int,
        before: Block | None,
        after: Block | None,
    ) -> bool:
        """Store or remove a block and write its line in the audit trail; return False if nothing changes."""
        if before == after:
            return False
        write_block(connection, guild_id, member_id, after)
        self._audit(
            connection,
            guild_id,
            actor_id,
            "block" if after else "unblock",
            target=Target(TargetKind.MEMBER, member_id),
            before=block_json(before),
            after=block_json(after),
        )
        return True

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
            at_ms=milliseconds(now),
            actor_id=actor_id,
            action=action,
            target=target.kind.value if target else "",
            target_id=target.id if target else 0,
            before=before,
            after=after,
        )
        return connection.execute(line.returning(changes.c.id)).scalar_one(), now


def _settings(policy: GuildPolicy) -> dict[str, Any]:
    """Return a server's settings other than rules and blocks, by column name."""
    return {name: getattr(policy, name) for name in ("zone", "paused", "pause_note")}
