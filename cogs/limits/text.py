"""The texts about rules for moderators: all rules, one change, and the resulting limits. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from bot.limits.rules import FIELDS, Rule, Target, TargetKind
from cogs.limits.words import (
    field_names,
    moment,
    origin_text,
    phrases,
    price,
    shown,
    target_text,
)
from cogs.quoting import escape

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bot.limits.moderation import Standing, View
    from bot.limits.policy import Block, GuildPolicy, Limits
    from cogs.limits.words import Labels
    from cogs.locales import Translate

PAGE = 1500
"""Characters on one page of rules, with the lines around them; a message takes 2,000."""

QUOTED = 100
"""Maximum number of characters of a note or a reason that are shown among the rules."""

_ORDER = (TargetKind.EVERYONE, TargetKind.ROLE, TargetKind.CHANNEL, TargetKind.MEMBER)


# --- all rules -------------------------------------------------------------------------------------


def overview(
    view: View, now: dt.datetime, labels: Labels, is_gone: Callable[[Target], bool], _: Translate
) -> list[str]:
    """Write a server's rules as one or more messages.

    Args:
        view: the rules, the defaults and caps, and the last change.
        now: aware; blocks that ended by then are not shown.
        labels: the models' names for people.
        is_gone: whether a role or channel has been deleted.
        _: the reader's language.
    """
    head = "\n".join([_("**Limits in this server**"), *_state(view.policy, _)])
    lines = [*_rule_lines(view, labels, is_gone, _), *_block_lines(view.policy.blocks, now, _)]
    foot = "\n".join(f"-# {line}" for line in _footnotes(view, labels, is_gone, _))
    pages = ["\n".join(page) for page in _packed(lines, PAGE - len(head) - len(foot))]
    if len(pages) == 1:
        return [f"{head}\n{pages[0]}\n{foot}"]
    count = _("Page {page} of {pages}")
    return [
        f"{head}\n{page}\n-# {count.format(page=number, pages=len(pages))}\n{foot}"
        for number, page in enumerate(pages, 1)
    ]


def _state(policy: GuildPolicy, _: Translate) -> Iterator[str]:
    if policy.paused:
        note = _("⏸️ Drawing is paused; `/studio resume` goes on.")
        yield f"{note} {_quoted(policy.pause_note)}".rstrip()


def _rule_lines(view: View, labels: Labels, is_gone: Callable[[Target], bool], _: Translate) -> Iterator[str]:
    if not view.policy.rules:
        yield _("No rules yet. `/limits set` makes one, for everyone, a role, a channel or a member.")
    targets = sorted(view.policy.rules, key=lambda target: (_ORDER.index(target.kind), target.id))
    for target in targets:
        who = _("**Everyone**") if target.kind is TargetKind.EVERYONE else target_text(target, _)
        if is_gone(target):
            who = _("{who} (deleted)").format(who=who)
        yield f"- {who}: {phrases(view.policy.rules[target], labels, _)}"


def _block_lines(blocks: Mapping[int, Block], now: dt.datetime, _: Translate) -> Iterator[str]:
    for member_id, block in sorted(blocks.items()):
        if block.until is not None and block.until <= now:
            continue
        text = _("- 🚫 <@{id}> is blocked")
        if block.until is not None:
            text = _("- 🚫 <@{id}> is blocked until {until}")
        until = moment(block.until, "f") if block.until else ""
        yield f"{text.format(id=member_id, until=until)} {_quoted(block.reason)}".rstrip()


def _quoted(words: str) -> str:
    """Quote the beginning of what a moderator wrote; return an empty text if that is nothing."""
    short = words if len(words) <= QUOTED else words[:QUOTED].rstrip() + "…"
    return f"“{escape(short)}”" if words else ""


def _footnotes(view: View, labels: Labels, is_gone: Callable[[Target], bool], _: Translate) -> Iterator[str]:
    if view.defaults:
        yield _("Where no rule speaks: {limits}.").format(limits=phrases(view.defaults, labels, _))
    yield from _cap_lines(view.caps, labels, _)
    yield _(
        "A member's own rule goes before those of their roles, of which the most generous counts, and those"
        " before everyone's. A channel can only narrow that."
    )
    text = _("Days, weeks and months begin at midnight in {zone}; `/limits timezone` changes that.")
    yield text.format(zone=escape(view.policy.zone))
    if any(is_gone(target) for target in view.policy.rules):
        yield _("`/limits clear gone:True` removes the rules of deleted roles and channels.")
    if view.last is not None and view.last.target is not None:
        text = _("Last change {when} by {who}, of {target}; `/limits undo` takes it back.")
        yield text.format(
            when=moment(view.last.at, "R"),
            who=f"<@{view.last.actor_id}>" if view.last.actor_id else _("the operator"),
            target=target_text(view.last.target, _),
        )


def _cap_lines(caps: Rule, labels: Labels, _: Translate) -> Iterator[str]:
    """Yield what the operator allows at most, and what at least."""
    least = {field: value for field, value in caps.said() if FIELDS[field].at_least}
    most = dataclasses.replace(caps, **dict.fromkeys(least))
    if most:
        text = _("The bot's operator allows no more than: {limits}.")
        yield text.format(limits=phrases(most, labels, _))
    if least:
        text = _("The bot's operator allows no less than: {limits}.")
        yield text.format(limits=phrases(Rule(**least), labels, _))


def _packed(lines: Iterable[str], room: int) -> Iterator[list[str]]:
    """Pack the lines, in order, into pages of ``room`` characters."""
    page: list[str] = []
    for line in lines:
        if page and sum(map(len, page)) + len(page) + len(line) > room:
            yield page
            page = []
        page.append(line)
    yield page


# --- one change ------------------------------------------------------------------------------------


def changed_fields(before: Rule, after: Rule) -> list[str]:
    """List the fields in which two rules differ."""
    return [field for field in FIELDS if getattr(before, field) != getattr(after, field)]


def change_lines(before: Rule, after: Rule, otherwise: Rule, labels: Labels, _: Translate) -> Iterator[str]:
    """Describe a change, field by field.

    Args:
        before: the rule as it was.
        after: the rule as it is, or would be.
        otherwise: the values certain to apply where the rule sets nothing.
        labels: the models' names for people.
        _: the reader's language.
    """
    names = field_names(_)

    def said(rule: Rule, field: str) -> str:
        value, default = getattr(rule, field), getattr(otherwise, field)
        if value is None and default is not None:
            return _("{value} as to begin with").format(value=shown(field, default, labels, _))
        return _("not set") if value is None else shown(field, value, labels, _)

    for field in changed_fields(before, after):
        yield f"- {names[field]}: {said(before, field)} → **{said(after, field)}**"


# --- what it comes down to -------------------------------------------------------------------------


def explanation(
    standing: Standing, member_id: int, channel_id: int, now: dt.datetime, labels: Labels, _: Translate
) -> str:
    """Write every limit of a member in a channel, and which rule it comes from.

    Args:
        standing: the limits, and what is used.
        member_id: the member.
        channel_id: the channel.
        now: aware.
        labels: the models' names for people.
        _: the reader's language.
    """
    policy = standing.policy
    blocked = {key: block for key, block in policy.blocks.items() if key == member_id}
    lines = [_("**What <@{member}> may draw in <#{channel}>**").format(member=member_id, channel=channel_id)]
    lines += [*_state(policy, _), *_block_lines(blocked, now, _)]
    if standing.cooling_until is not None:
        lines.append(_("⏳ Can ask again {when}").format(when=moment(standing.cooling_until, "R")))
    lines += _limit_lines(standing.limits, labels, _)
    free = [name for field, name in field_names(_).items() if standing.limits[field].value is None]
    if free:
        lines.append(_("- Without limit: {names}").format(names=" · ".join(free)))
    lines.append(f"-# {_used(standing, _)}")
    return "\n".join(lines)


def _limit_lines(limits: Limits, labels: Labels, _: Translate) -> Iterator[str]:
    for field, name in field_names(_).items():
        effective = limits[field]
        if effective.value is not None:
            origins = (origin_text(origin, field, _) for origin in (effective.origin, *effective.also))
            yield f"- {name}: **{shown(field, effective.value, labels, _)}** · {', '.join(origins)}"


def _used(standing: Standing, _: Translate) -> str:
    counts = standing.counts
    text = _("Used: {day:,} today · {week:,} this week · {money} this month · {jobs} under way")
    if standing.limits.values.server_concurrent is not None:
        text += " " + _("({all} of all members together)")
    return text.format(
        day=counts.day.taken,
        week=counts.week.taken,
        money=price(counts.charge.taken),
        jobs=counts.jobs.taken,
        all=counts.server_jobs.taken,
    )
