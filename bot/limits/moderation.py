"""The moderators' use cases, and a member's view of their own limits; independent of Discord."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import NothingToUndo
from bot.limits.notes import storable
from bot.limits.policy import Block, resolve
from bot.limits.reading import read_rule
from bot.limits.rules import Rule, Target, TargetKind, canonical
from bot.limits.windows import checked_zone, windows_at

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from bot.generation.models import Capabilities
    from bot.limits.book import Change, PolicyBook
    from bot.limits.counters import Counts
    from bot.limits.ledger import Ledger
    from bot.limits.operator import OperatorLimits
    from bot.limits.policy import Asker, GuildPolicy, Limits
    from bot.limits.windows import Windows


@dataclass(frozen=True, slots=True)
class View:
    """A server's rules, and what applies where they set nothing.

    Attributes:
        defaults: what applies in a server that sets nothing itself.
        caps: what no server can exceed.
        last: the newest change of a rule, the one that ``undo`` would undo.
    """

    policy: GuildPolicy
    defaults: Rule
    caps: Rule
    last: Change | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands in a channel.

    Attributes:
        limits: what applies, and why.
        counts: what is used and held in the windows.
        cooling_until: when the cooldown ends, aware; None if none is running.
    """

    policy: GuildPolicy
    limits: Limits
    counts: Counts
    windows: Windows
    cooling_until: dt.datetime | None


class Moderation:
    """Reads and changes the rules of servers, and explains their effect on a member."""

    def __init__(
        self,
        book: PolicyBook,
        ledger: Ledger,
        models: Sequence[Capabilities],
        operator: OperatorLimits,
        *,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._book = book
        self._ledger = ledger
        self._models = tuple(models)
        self._operator = operator
        self._clock = clock

    @property
    def models(self) -> tuple[Capabilities, ...]:
        """The models on offer, the default first."""
        return self._models

    # --- rules ----------------------------------------------------------------------------------

    async def view(self, guild_id: int) -> View:
        """Return a server's rules as they are now.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        policy = await self._book.policy(guild_id, fresh=True)
        return View(
            policy, self._operator.defaults, self._operator.caps, await self._book.last_change(guild_id)
        )

    def preview(self, view: View, target: Target, values: Mapping[str, object]) -> tuple[Rule, Rule]:
        """Return a rule before and after a change, without making the change.

        Raises:
            RuleRefused: the change makes no sense.
        """
        target = canonical(view.policy.guild_id, target)
        before = view.policy.rules.get(target, Rule())
        return before, before.with_(read_rule(values, target, self._models))

    async def set_rule(
        self,
        guild_id: int,
        actor_id: int,
        target: Target,
        values: Mapping[str, object],
        *,
        expected: Rule | None = None,
    ) -> Change:
        """Set fields of a rule; the others stay as they are.

        Args:
            guild_id: the server.
            actor_id: the moderator.
            target: the people or the channel that the rule is for.
            values: the fields as typed; None counts as not given.
            expected: what the rule must be for the change to be made; None if that does not matter.

        Raises:
            RuleRefused: the values make no sense; with every fault at once.
            RuleChanged: the rule is not ``expected``.
            StoreUnavailable: the database does not answer.
        """
        target = canonical(guild_id, target)
        changes = read_rule(values, target, self._models)
        return await self._book.change_rule(
            guild_id, actor_id, "set", target, lambda rule: rule.with_(changes), expected=expected
        )

    async def clear(self, guild_id: int, actor_id: int, target: Target, field: str | None = None) -> Change:
        """Remove a rule, or one field of it.

        Raises:
            NothingToUndo: it is not set.
            StoreUnavailable: the database does not answer.
        """

        def update(rule: Rule) -> Rule:
            cleared = Rule() if field is None else rule.without(field)
            if cleared == rule:
                raise NothingToUndo("not set")
            return cleared

        return await self._book.change_rule(guild_id, actor_id, "clear", canonical(guild_id, target), update)

    async def clear_gone(
        self, guild_id: int, actor_id: int, role_ids: AbstractSet[int], channel_ids: AbstractSet[int]
    ) -> list[Target]:
        """Remove the rules of roles and channels that are not among those given.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        policy = await self._book.policy(guild_id, fresh=True)
        present = {TargetKind.ROLE: role_ids, TargetKind.CHANNEL: channel_ids}
        gone = [t for t in sorted(policy.rules) if t.kind in present and t.id not in present[t.kind]]
        cleared = [
            await self._book.change_rule(guild_id, actor_id, "clear", target, lambda _rule: Rule())
            for target in gone
        ]
        # Another moderator may have cleared some first.
        return [change.target for change in cleared if change.target and change.before]

    async def undo(self, guild_id: int, actor_id: int, change_id: int | None = None) -> Change:
        """Undo the newest change of a rule, or the given one.

        Raises:
            NothingToUndo: there is none.
            RuleChanged: the rule was changed again since.
            StoreUnavailable: the database does not answer.
        """
        return await self._book.undo(guild_id, actor_id, change_id)

    # --- the server -----------------------------------------------------------------------------

    async def set_zone(self, guild_id: int, actor_id: int, zone: str) -> str:
        """Count days, weeks and months in another time zone, and return its name as properly spelt.

        Raises:
            RuleRefused: there is no such zone.
            StoreUnavailable: the database does not answer.
        """
        zone = checked_zone(zone)
        await self._book.set_zone(guild_id, actor_id, zone)
        return zone

    async def pause(self, guild_id: int, actor_id: int, note: str) -> None:
        """Stop taking prompts in a server; ``note`` is shown to members who try.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        await self._book.set_paused(guild_id, actor_id, paused=True, note=storable(note))

    async def resume(self, guild_id: int, actor_id: int) -> bool:
        """Take prompts again; return False if the server was not paused.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await self._book.set_paused(guild_id, actor_id, paused=False)

    async def block(
        self, guild_id: int, actor_id: int, member_id: int, until: dt.datetime | None, reason: str
    ) -> None:
        """Keep a member from drawing, until an aware time or for good.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        await self._book.set_block(guild_id, actor_id, member_id, Block(until, storable(reason)))

    async def unblock(self, guild_id: int, actor_id: int, member_id: int) -> bool:
        """Let a member draw again; return False if they were not blocked.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await self._book.set_block(guild_id, actor_id, member_id, None)

    # --- where a member stands ------------------------------------------------------------------

    async def explain(self, asker: Asker) -> Standing:
        """Return what applies to a member in a channel, why, and how much of it is used.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        policy = await self._book.policy(asker.guild_id, fresh=True)
        limits = resolve(policy, asker, self._operator.defaults, self._operator.caps)
        now = self._clock()
        windows = windows_at(now, policy.zone)
        counts = await self._ledger.counts(asker.guild_id, asker.member_id, windows)
        cooling = await self._ledger.cooling_until(asker.guild_id, asker.member_id, limits.values.cooldown)
        return Standing(policy, limits, counts, windows, cooling)
