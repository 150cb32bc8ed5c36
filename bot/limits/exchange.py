"""Policies as TOML or JSON, for operators who keep them in a file or move them to another machine."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from typing import TYPE_CHECKING, Any, Literal

import tomli_w

from bot.errors import ExchangeRefused, RuleFault, RuleRefused
from bot.limits.notes import storable
from bot.limits.policy import Block, GuildPolicy
from bot.limits.reading import read_rule
from bot.limits.rules import EVERYONE, Rule, Target, TargetKind, canonical
from bot.limits.windows import checked_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.generation.models import Capabilities

Format = Literal["toml", "json"]

_A_MOMENT = "2026-12-31T23:59:00+00:00"
"""An example of a date with its time."""

_LONGEST_ID = 20
"""Most digits of a Discord id, which is a 64-bit number."""


def dump(policies: Iterable[GuildPolicy], form: Format) -> str:
    """Return the policies as text that ``load`` reads."""
    document = {"guilds": [_guild_table(policy) for policy in policies]}
    if form == "json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return tomli_w.dumps(document)


def load(text: str, form: Format, models: Sequence[Capabilities]) -> tuple[GuildPolicy, ...]:
    """Read policies, checking all of them.

    Args:
        text: written by ``dump`` or by a person.
        form: its format.
        models: the models on offer, which rules may name.

    Raises:
        ExchangeRefused: with every problem at once.
    """
    try:
        document = json.loads(text, object_pairs_hook=_table) if form == "json" else tomllib.loads(text)
    except ValueError as error:
        raise ExchangeRefused([f"not valid {form.upper()}: {storable(str(error))}"]) from error
    reader = _Reader(models)
    policies = reader.policies(document)
    if reader.problems:
        # They quote the file, which may contain what a terminal cannot show.
        raise ExchangeRefused([storable(problem) for problem in reader.problems])
    return policies


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON table, refusing duplicate names: unlike TOML, JSON would let the last one win."""
    table = dict(pairs)
    if len(table) < len(pairs):
        twice = next(name for name, _ in pairs if [known for known, _ in pairs].count(name) > 1)
        raise ValueError(f"a table has {twice} twice")
    return table


def _guild_table(policy: GuildPolicy) -> dict[str, Any]:
    """Return one server's policy as plain values; ids are text, as in Discord's own JSON."""
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
    """Turns a document into policies, and collects everything that is wrong with it."""

    def __init__(self, models: Sequence[Capabilities]) -> None:
        self._models = models
        self.problems: list[str] = []

    def policies(self, document: object) -> tuple[GuildPolicy, ...]:
        if isinstance(document, dict):
            self._know(document, {"guilds"}, "the file")
        tables = self._tables(document, "guilds", "the file")
        policies = tuple(self._policy(number, table) for number, table in enumerate(tables, 1))
        if len({policy.guild_id for policy in policies}) < len(policies) and not self.problems:
            self.problems.append("the same server stands in the file twice")
        return policies

    def _policy(self, number: int, table: dict[str, Any]) -> GuildPolicy:
        where = f"guilds[{number}]"
        self._know(table, {"id", "zone", "paused", "pause_note", "rules", "blocks"}, where)
        guild_id = self._id(table.get("id"), f"{where}.id")
        return GuildPolicy(
            guild_id=guild_id,
            zone=self._zone(table.get("zone"), f"{where}.zone"),
            paused=self._yes_or_no(table.get("paused"), f"{where}.paused"),
            pause_note=self._note(table.get("pause_note"), f"{where}.pause_note"),
            rules=self._rules(guild_id, self._tables(table, "rules", where), where),
            blocks=self._blocks(self._tables(table, "blocks", where), where),
        )

    # --- rules ----------------------------------------------------------------------------------

    def _rules(self, guild_id: int, tables: list[dict[str, Any]], where: str) -> dict[Target, Rule]:
        rules: dict[Target, Rule] = {}
        for number, table in enumerate(tables, 1):
            here = f"{where}.rules[{number}]"
            known = len(self.problems)
            target = self._target(guild_id, table, here)
            # With an invalid id, the rule's target is not known.
            if target in rules and len(self.problems) == known:
                self.problems.append(f"{here}: a second rule for the same target; put both in one")
            rules[target] = self._rule(target, table, here)
        return rules

    def _target(self, guild_id: int, table: dict[str, Any], where: str) -> Target:
        kinds = [kind for kind in (TargetKind.CHANNEL, TargetKind.ROLE, TargetKind.MEMBER) if kind in table]
        if len(kinds) > 1:
            self.problems.append(f"{where}: names more than one of channel, role and member")
        if not kinds:
            return EVERYONE
        return canonical(guild_id, Target(kinds[0], self._id(table[kinds[0]], f"{where}.{kinds[0]}")))

    def _rule(self, target: Target, table: dict[str, Any], where: str) -> Rule:
        whose = {TargetKind.CHANNEL, TargetKind.ROLE, TargetKind.MEMBER}
        values = {name: value for name, value in table.items() if name not in whose}
        try:
            return read_rule(values, target, self._models)
        except RuleRefused as refused:
            self.problems += [f"{where}{_problem(*fault)}" for fault in refused.faults]
            return Rule()

    # --- blocks ---------------------------------------------------------------------------------

    def _blocks(self, tables: list[dict[str, Any]], where: str) -> dict[int, Block]:
        blocks: dict[int, Block] = {}
        for number, table in enumerate(tables, 1):
            here = f"{where}.blocks[{number}]"
            self._know(table, {"member", "until", "reason"}, here)
            known = len(self.problems)
            member_id = self._id(table.get("member"), f"{here}.member")
            if member_id in blocks and len(self.problems) == known:
                self.problems.append(f"{here}: a second block of the same member")
            until = self._until(table.get("until"), f"{here}.until")
            blocks[member_id] = Block(until, self._note(table.get("reason"), f"{here}.reason"))
        return blocks

    def _until(self, value: object, where: str) -> dt.datetime | None:
        if value is None:
            return None
        moment = _moment(value)
        if moment is None:
            self.problems.append(f"{where}: not a date and time such as {_A_MOMENT}")
        return moment

    # --- single values --------------------------------------------------------------------------

    def _zone(self, value: object, where: str) -> str:
        if value is None:
            return "UTC"
        try:
            return checked_zone(value if isinstance(value, str) else "")
        except RuleRefused:
            self.problems.append(f"{where}: no such time zone: {value}")
            return "UTC"

    def _yes_or_no(self, value: object, where: str) -> bool:
        if value is not None and not isinstance(value, bool):
            self.problems.append(f"{where}: must be true or false")
        return value is True

    def _note(self, value: object, where: str) -> str:
        if value is not None and not isinstance(value, str):
            self.problems.append(f"{where}: must be text")
        return storable(value) if isinstance(value, str) else ""

    def _id(self, value: object, where: str) -> int:
        """Return a Discord id that was written as text or as a number; 0 for anything else."""
        text = str(value) if isinstance(value, str | int) else ""
        if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID and 0 < int(text) < 2**63:
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


def _problem(field: str, fault: RuleFault, right: str) -> str:
    """Return what is wrong with a rule, to be appended to the place where it stands."""
    if fault is RuleFault.EMPTY:
        return f": sets nothing; remove it, or give it one of: {right}"
    if fault is RuleFault.UNKNOWN_MODEL:
        way_out = "deploy it (AZURE_OPENAI_DEPLOYMENTS), or take it out of the list"
        return f".{field}: names a model that no deployment draws with; {way_out}; on offer: {right}"
    return f".{field}: {fault.value}" + (f" (right: {right})" if right else "")


def _moment(value: object) -> dt.datetime | None:
    """Return an aware moment; None for anything else, including a date without a time of day."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value) if "T" in value.upper() or " " in value else None
        except ValueError:
            return None
    if not isinstance(value, dt.datetime):
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except OverflowError:  # outside the years of datetime, once in UTC
        return None
