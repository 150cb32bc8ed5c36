"""The moderators' use cases, and a member's look at where they stand; free of Discord."""

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
    """A server's rules, and what holds where they say nothing.

    Attributes:
        defaults: what a server has that says nothing itself.
        caps: what no server can exceed.
        last: the newest change of a rule, which ``undo`` takes back.
    """

    policy: GuildPolicy
    defaults: Rule
    caps: Rule
    last: Change | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands in a channel.

    Attributes:
        limits: what holds, and why.
        counts: what is used and held in the windows.
        cooling_until: when the cooldown ends, aware; None if it does not run.
    """

    policy: GuildPolicy
    limits: Limits
    counts: Counts
    windows: Windows
    cooling_until: dt.datetime | None


class Moderation:
    """Reads and changes the rules of servers, and says what they come down to."""

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
        """A server's rules as they stand.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        policy = await self._book.policy(guild_id, fresh=True)
        return View(
            policy, self._operator.defaults, self._operator.caps, await self._book.last_change(guild_id)
        )

    def preview(self, view: View, target: Target, values: Mapping[str, object]) -> tuple[Rule, Rule]:
        """The rule before and after a change that is not made.

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
            target: whom or where the rule is for.
            values: the fields as typed; None counts as not given.
            expected: what the rule has to be for the change to be made; None: whatever it is.

        Raises:
            RuleRefused: the values make no sense; with every fault at once.
            RuleChanged: the rule is not ``expected``.
            StoreUnavailable: the store does not answer.
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
            StoreUnavailable: the store does not answer.
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
        """Remove the rules of roles and channels that are no longer among those given.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        policy = await self._book.policy(guild_id, fresh=True)
        present = {TargetKind.ROLE: role_ids, TargetKind.CHANNEL: channel_ids}
        gone = [t for t in sorted(policy.rules) if t.kind in present and t.id not in present[t.kind]]
        cleared = [
            await self._book.change_rule(guild_id, actor_id, "clear", target, lambda _rule: Rule())
            for target in gone
        ]
        # Another moderator may have been first.
        return [change.target for change in cleared if change.target and change.before]

    async def undo(self, guild_id: int, actor_id: int, change_id: int | None = None) -> Change:
        """Take back the newest change of a rule, or that one.

        Raises:
            NothingToUndo: there is none.
            RuleChanged: the rule was changed again since.
            StoreUnavailable: the store does not answer.
        """
        return await self._book.undo(guild_id, actor_id, change_id)

    # --- the server -----------------------------------------------------------------------------

    async def set_zone(self, guild_id: int, actor_id: int, zone: str) -> str:
        """Count days and weeks in another time zone, and return its name as it is spelt.

        Raises:
            RuleRefused: there is no such zone.
            StoreUnavailable: the store does not answer.
        """
        zone = checked_zone(zone)
        await self._book.set_zone(guild_id, actor_id, zone)
        return zone

    async def pause(self, guild_id: int, actor_id: int, note: str) -> None:
        """Take no more prompts in a server; ``note`` is shown to members who try.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        await self._book.set_paused(guild_id, actor_id, paused=True, note=storable(note))

    async def resume(self, guild_id: int, actor_id: int) -> bool:
        """Take prompts again; False if the server was not paused.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return await self._book.set_paused(guild_id, actor_id, paused=False)

    async def block(
        self, guild_id: int, actor_id: int, member_id: int, until: dt.datetime | None, reason: str
    ) -> None:
        """Let a member draw no more, until an aware time or for good.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        await self._book.set_block(guild_id, actor_id, member_id, Block(until, storable(reason)))

    async def unblock(self, guild_id: int, actor_id: int, member_id: int) -> bool:
        """Let a member draw again; False if they were not blocked.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return await self._book.set_block(guild_id, actor_id, member_id, None)

    # --- where a member stands ------------------------------------------------------------------

    async def explain(self, asker: Asker) -> Standing:
        """What holds for a member in a channel, why, and what of it is used.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        policy = await self._book.policy(asker.guild_id, fresh=True)
        limits = resolve(policy, asker, self._operator.defaults, self._operator.caps)
        now = self._clock()
        windows = windows_at(now, policy.zone)
        counts = await self._ledger.counts(asker.guild_id, asker.member_id, windows)
        cooling = await self._ledger.cooling_until(asker.guild_id, asker.member_id, limits.values.cooldown)
        return Standing(policy, limits, counts, windows, cooling)
