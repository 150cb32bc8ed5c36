"""What a moderator should know about a change before its effects show. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from bot.limits.policy import Asker, GuildPolicy, OriginKind, resolve
from bot.limits.rules import FIELDS, Rule, Target, TargetKind
from cogs.limits.text import changed_fields
from cogs.limits.words import field_names, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.limits.moderation import View
    from bot.limits.policy import Limits
    from cogs.limits.words import Labels
    from cogs.locales import Translate


@dataclasses.dataclass(frozen=True, slots=True)
class Edit:
    """A change of one rule, made or not.

    Attributes:
        target: whose rule.
        before: the rule as it was.
        after: the rule as it is, or would be.
    """

    target: Target
    before: Rule
    after: Rule


def reach_text(target: Target, members: int | None, _: Translate) -> str:
    """Say in a sentence whom a change affects; return an empty text if that goes without saying.

    Args:
        target: whose rule is changed.
        members: how many members that is; None if unknown.
        _: the reader's language.
    """
    if target.kind is TargetKind.MEMBER:
        return ""
    if target.kind is TargetKind.CHANNEL:
        return _("It matters for everyone who draws there.")
    if members is None:
        return _("It matters for everyone with that role.") if target.kind is TargetKind.ROLE else ""
    if members == 1:
        return _("It matters for one member.")
    return _("It matters for {members:,} members.").format(members=members)


def remarks(view: View, edit: Edit, moderator: Asker, labels: Labels, _: Translate) -> Iterator[str]:
    """Yield what to know about a change, most urgent first.

    Args:
        view: the server's rules, before or after the change.
        edit: the change.
        moderator: who makes it, and where.
        labels: the models' names for people.
        _: the reader's language.
    """
    if _locks_out(view, edit, moderator):
        yield _("⚠️ With this you cannot draw there yourself. You can always change it back.")
    yield from _caps(view, edit, labels, _)
    if edit.target.kind is TargetKind.CHANNEL and edit.after:
        yield _("A channel can only narrow what members have elsewhere.")
    if edit.target.kind is TargetKind.ROLE and _other_roles_speak(view, edit):
        yield _("Of several roles, a member has the most generous value of each.")


def _locks_out(view: View, edit: Edit, moderator: Asker) -> bool:
    """Return whether the moderator could draw before the change but not after it."""
    if edit.target.kind is TargetKind.CHANNEL:
        moderator = dataclasses.replace(moderator, channel_ids=(edit.target.id,))

    def draws(rule: Rule) -> bool:
        policy = dataclasses.replace(view.policy, rules={**view.policy.rules, edit.target: rule})
        return not _draws_nothing(resolve(policy, moderator, view.defaults, view.caps))

    return draws(edit.before) and not draws(edit.after)


def _draws_nothing(limits: Limits) -> bool:
    bounds = ((field.nothing, getattr(limits.values, name)) for name, field in FIELDS.items())
    return any(nothing is not None and value == nothing for nothing, value in bounds)


def _caps(view: View, edit: Edit, labels: Labels, _: Translate) -> Iterator[str]:
    """Yield the fields just set beyond the operator's caps, and the values that apply instead."""
    policy = GuildPolicy(view.policy.guild_id, rules={edit.target: edit.after})
    limits = resolve(policy, _somebody(policy.guild_id, edit.target), Rule(), view.caps)
    names = field_names(_)
    for field in changed_fields(edit.before, edit.after):
        effective = limits[field]
        if getattr(edit.after, field) is not None and effective.origin.kind is OriginKind.CAP:
            text = _("{name}: the bot's operator allows no more than {value}, and that is what holds.")
            if FIELDS[field].at_least:
                text = _("{name}: the bot's operator allows no less than {value}, and that is what holds.")
            yield text.format(name=names[field], value=shown(field, effective.value, labels, _))


def _somebody(guild_id: int, target: Target) -> Asker:
    """Return a member to whom the target's rule applies."""
    number = target.id
    return Asker(
        guild_id=guild_id,
        member_id=number if target.kind is TargetKind.MEMBER else 0,
        role_ids=frozenset({number} if target.kind is TargetKind.ROLE else ()),
        channel_ids=(number,) if target.kind is TargetKind.CHANNEL else (),
    )


def _other_roles_speak(view: View, edit: Edit) -> bool:
    """Return whether another role's rule sets a field that was changed."""
    fields = changed_fields(edit.before, edit.after)
    others = (
        rule
        for target, rule in view.policy.rules.items()
        if target.kind is TargetKind.ROLE and target != edit.target
    )
    return any(getattr(rule, field) is not None for rule in others for field in fields)
