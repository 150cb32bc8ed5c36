"""Policies as TOML or JSON, for operators who keep them in a file or move them to another machine."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from typing import TYPE_CHECKING, Any, Literal

import tomli_w

from bot.errors import ExchangeRefused, RuleRefused
from bot.limits.policy import Block, GuildPolicy
from bot.limits.reading import read_rule
from bot.limits.rules import EVERYONE, Rule, Target, TargetKind
from bot.limits.windows import checked_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.generation.models import Capabilities

Format = Literal["toml", "json"]

MOST_CHARACTERS = 500
"""Most characters of a reason or a pause's note (the columns' width)."""


def dump(policies: Iterable[GuildPolicy], form: Format) -> str:
    """The policies as text that ``load`` reads."""
    document = {"guilds": [_guild_table(policy) for policy in policies]}
    if form == "json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return tomli_w.dumps(document)


def load(text: str, form: Format, models: Sequence[Capabilities]) -> tuple[GuildPolicy, ...]:
    """Read policies, checking all of them.

    Args:
        text: what ``dump`` wrote, or a person.
        form: its format.
        models: the models on offer, which rules may name.

    Raises:
        ExchangeRefused: with every problem at once.
    """
    try:
        document = json.loads(text) if form == "json" else tomllib.loads(text)
    except ValueError as error:
        raise ExchangeRefused([f"not valid {form.upper()}: {error}"]) from error
    reader = _Reader(models)
    policies = reader.policies(document)
    if reader.problems:
        raise ExchangeRefused(reader.problems)
    return policies


def _guild_table(policy: GuildPolicy) -> dict[str, Any]:
    """One server as plain values; ids are text, as in Discord's own JSON."""
    table: dict[str, Any] = {"id": str(policy.guild_id), "zone": policy.zone}
    if policy.paused:
        table |= {"paused": True, "pause_note": policy.pause_note}
    table["rules"] = [_rule_table(target, rule) for target, rule in sorted(policy.rules.items())]
    table["blocks"] = [
        {"member": str(member_id), "reason": block.reason}
        | ({"until": block.until.isoformat()} if block.until else {})
        for member_id, block in sorted(policy.blocks.items())
    ]
    return table


def _rule_table(target: Target, rule: Rule) -> dict[str, Any]:
    whose = {} if target == EVERYONE else {target.kind.value: str(target.id)}
    return whose | rule.to_json()


class _Reader:
    """Turns a document into policies, collecting what is wrong with it."""

    def __init__(self, models: Sequence[Capabilities]) -> None:
        self._models = models
        self.problems: list[str] = []

    def policies(self, document: object) -> tuple[GuildPolicy, ...]:
        tables = self._tables(document, "guilds", "the file")
        policies = tuple(self._policy(number, table) for number, table in enumerate(tables, 1))
        if len({policy.guild_id for policy in policies}) < len(policies) and not self.problems:
            self.problems.append("the same server stands in the file twice")
        return policies

    def _policy(self, number: int, table: dict[str, Any]) -> GuildPolicy:
        where = f"guilds[{number}]"
        self._know(table, {"id", "zone", "paused", "pause_note", "rules", "blocks"}, where)
        zone = "UTC"
        try:
            zone = checked_zone(str(table.get("zone", zone)))
        except RuleRefused:
            self.problems.append(f"{where}: no such time zone: {table['zone']}")
        guild_id = self._id(table.get("id"), f"{where}.id")
        return GuildPolicy(
            guild_id=guild_id,
            zone=zone,
            paused=table.get("paused") is True,
            pause_note=str(table.get("pause_note", ""))[:MOST_CHARACTERS],
            rules=dict(
                self._rule(guild_id, rule, f"{where}.rules[{i}]")
                for i, rule in enumerate(self._tables(table, "rules", where), 1)
            ),
            blocks=dict(
                self._block(block, f"{where}.blocks[{i}]")
                for i, block in enumerate(self._tables(table, "blocks", where), 1)
            ),
        )

    def _rule(self, guild_id: int, table: dict[str, Any], where: str) -> tuple[Target, Rule]:
        kinds = [kind for kind in TargetKind if kind.value in table]
        if len(kinds) > 1:
            self.problems.append(f"{where}: names more than one of channel, role and member")
        target = EVERYONE
        if kinds and kinds[0] is not TargetKind.EVERYONE:
            target = Target(kinds[0], self._id(table[kinds[0].value], where))
            # The role @everyone has the server's own id.
            target = EVERYONE if target == Target(TargetKind.ROLE, guild_id) else target
        values = {name: value for name, value in table.items() if name not in set(TargetKind)}
        try:
            return target, read_rule(values, target, self._models)
        except RuleRefused as refused:
            self.problems += [
                f"{where}.{field}: {fault.value}" + (f" (right: {right})" if right else "")
                for field, fault, right in refused.faults
            ]
            return target, Rule()

    def _block(self, table: dict[str, Any], where: str) -> tuple[int, Block]:
        self._know(table, {"member", "until", "reason"}, where)
        until = table.get("until")
        if isinstance(until, str):
            try:
                until = dt.datetime.fromisoformat(until)
            except ValueError:
                self.problems.append(f"{where}.until: not a date and time such as 2026-12-31T23:59:00+00:00")
                until = None
        if isinstance(until, dt.datetime) and until.tzinfo is None:
            until = until.replace(tzinfo=dt.UTC)
        reason = str(table.get("reason", ""))[:MOST_CHARACTERS]
        block = Block(until if isinstance(until, dt.datetime) else None, reason)
        return self._id(table.get("member"), f"{where}.member"), block

    def _id(self, value: object, where: str) -> int:
        """A Discord id, written as text or as a number."""
        text = str(value)
        if isinstance(value, str | int) and text.isascii() and text.isdigit() and 0 < int(text) < 2**63:
            return int(text)
        self.problems.append(f"{where}: not a Discord id")
        return 0

    def _tables(self, document: object, name: str, where: str) -> list[dict[str, Any]]:
        found = document.get(name, []) if isinstance(document, dict) else None
        if isinstance(found, list) and all(isinstance(table, dict) for table in found):
            return found
        self.problems.append(f"{where}: {name} must be a list of tables")
        return []

    def _know(self, table: dict[str, Any], names: set[str], where: str) -> None:
        self.problems += [f"{where}: unknown: {name}" for name in table.keys() - names]
