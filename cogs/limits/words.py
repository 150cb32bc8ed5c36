"""The words for limits, values, targets and times in every text about limits.

``WORDS`` has an entry for each field of ``bot.limits.rules.Rule``, with all that people read about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import TYPE_CHECKING, Any

from bot.limits.policy import OriginKind
from bot.limits.rules import FIELDS, TargetKind
from bot.queue.fair import SHARES
from cogs.locales import N_
from cogs.quoting import escape

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from bot.limits.policy import Origin
    from bot.limits.rules import Rule, Target
    from cogs.locales import Translate

Labels = dict[str, str]
"""Display names of models, by model name."""

MICRO = 1_000_000
"""Micro-dollars in a dollar."""

_CENT, _TENTH = Decimal("0.01"), Decimal("0.001")
"""The steps to which calculated amounts are rounded, which would otherwise be too long to read."""


# --- values ------------------------------------------------------------------------------------------


def size_text(size: str) -> str:
    """Write ``1024x1024`` with a multiplication sign between the edges."""
    return size.replace("x", "×")


def duration(seconds: int, _: Translate) -> str:
    """Write seconds in the largest units that fit: ``45 s``, ``1 h 30 min``, ``2 d``."""
    if not seconds:
        return _("no wait")
    parts = []
    for length, unit in ((86_400, _("d")), (3600, _("h")), (60, _("min")), (1, _("s"))):
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


def dollars(amount: Decimal) -> str:
    """Write an amount of money exactly as it was set, with cents unless it is whole."""
    whole, _point, cents = f"{amount:,f}".partition(".")
    cents = cents.rstrip("0")
    return f"${whole}.{cents:0<2}" if cents else f"${whole}"


def dollars_left(amount: Decimal) -> str:
    """Write what is left, rounded down to cents, below $1 to tenths of a cent, below those exactly."""
    return dollars(amount.quantize(_step(amount), ROUND_DOWN) if amount >= _TENTH else amount)


def price(micro: int) -> str:
    """Write a price given in micro-dollars, rounded up to cents, below a dollar to tenths of a cent."""
    amount = Decimal(micro) / MICRO
    return dollars(amount.quantize(_step(amount), ROUND_UP))


def _step(amount: Decimal) -> Decimal:
    return _CENT if amount >= 1 else _TENTH


def _plain(value: Any, _labels: Labels, _: Translate) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _size(size: Any, _labels: Labels, _: Translate) -> str:
    return size_text(str(size))


def _models(names: Any, labels: Labels, _: Translate) -> str:
    return ", ".join(labels.get(name, name) for name in names) or _("none")


def _duration(seconds: Any, _labels: Labels, _: Translate) -> str:
    return duration(seconds, _)


def _turns(priority: Any, _labels: Labels, _: Translate) -> str:
    return f"×{SHARES[priority]}"


def _dollars(amount: Any, _labels: Labels, _: Translate) -> str:
    return dollars(amount)


# --- limits ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """What people read of one limit, in English.

    Attributes:
        name: what it is called.
        option: describes the option of ``/limits set``.
        phrase: shows its value among those of a rule.
        request: shows its value among the bounds of a request in ``/quota``; empty if it bounds no request,
            or is shown elsewhere there.
        show: writes a value.
        phrase_of: phrases for values that have their own.
        request_of: likewise, for ``request``.
        no_value: shown instead of a value if there is no limit.
        no_origin: shown as the reason why there is none.
    """

    name: str
    option: str
    phrase: str
    request: str = ""
    show: Callable[[Any, Labels, Translate], str] = _plain
    phrase_of: Mapping[object, str] = field(default_factory=dict)
    request_of: Mapping[object, str] = field(default_factory=dict)
    no_value: str = N_("no limit")
    no_origin: str = N_("nobody limits it")


WORDS: Mapping[str, Words] = {
    "images_per_day": Words(
        name=N_("Pictures a day"),
        option="Most pictures of a member in a day",
        phrase=N_("{value} a day"),
    ),
    "images_per_week": Words(
        name=N_("Pictures a week"),
        option="Most pictures of a member in a week, Monday to Sunday",
        phrase=N_("{value} a week"),
    ),
    "max_size": Words(
        name=N_("Largest size"),
        option="Largest size, by its pixels",
        phrase=N_("up to {value}"),
        request=N_("up to {value}"),
        show=_size,
    ),
    "max_quality": Words(
        name=N_("Best quality"),
        option="Best quality",
        phrase=N_("up to {value} quality"),
        request=N_("up to {value} quality"),
    ),
    "max_count": Words(
        name=N_("Pictures per request"),
        option="Most pictures per request",
        phrase=N_("{value} per request"),
        request=N_("up to {value} pictures"),
        request_of={1: N_("one picture")},
    ),
    "max_prompt_length": Words(
        name=N_("Characters per prompt"),
        option="Most characters of a prompt",
        phrase=N_("prompts up to {value} characters"),
        request=N_("prompts up to {value} characters"),
    ),
    "models": Words(
        name=N_("Models"),
        option="The only models that may be used, separated by commas",
        phrase=N_("only {value}"),
        request=N_("drawn by {value}"),
        show=_models,
        phrase_of={(): N_("no model at all")},
    ),
    "cooldown": Words(
        name=N_("Wait between requests"),
        option="Least seconds from one request of a member to the next",
        phrase=N_("{value} between requests"),
        request=N_("{value} after the one before"),
        show=_duration,
        no_value=N_("no wait"),
    ),
    "concurrent": Words(
        name=N_("Requests at once"),
        option="Most requests of a member at once",
        phrase=N_("{value} at once"),
        request=N_("{value} at once"),
    ),
    "priority": Words(
        name=N_("Turns in the queue"),
        option="Turns in the queue when others wait too: 0 as everybody, 3 eight times as many",
        phrase=N_("{value} turns in the queue"),
        show=_turns,
        no_origin=N_("as everybody"),
    ),
    "dollars_per_month": Words(
        name=N_("Dollars a month"),
        option="Most dollars of a member in a month",
        phrase=N_("{value} a month"),
        show=_dollars,
    ),
    "server_concurrent": Words(
        name=N_("Requests at once, all members together"),
        option="Most requests of all members together at once; for everyone only",
        phrase=N_("{value} at once for all together"),
        request=N_("{value} at once of all members together"),
    ),
    "server_dollars_per_month": Words(
        name=N_("Dollars a month, all members together"),
        option="Most dollars of all members together in a month; for everyone only",
        phrase=N_("{value} a month for all together"),
        show=_dollars,
    ),
}
"""In display order, which is that of ``FIELDS``."""


def field_names(_: Translate) -> Mapping[str, str]:
    """Return the display name of each limit, in display order."""
    return {name: _(words.name) for name, words in WORDS.items()}


def shown(name: str, value: Any, labels: Labels, _: Translate) -> str:
    """Write the value of a limit for people; None means no limit."""
    words = WORDS[name]
    return _(words.no_value) if value is None else words.show(value, labels, _)


def phrases(rule: Rule, labels: Labels, _: Translate) -> str:
    """Write a rule on one line: ``20 a day · up to 1024×1024 · 2 at once``."""
    said = []
    for name, value in rule.said():
        phrase = _(WORDS[name].phrase_of.get(value, WORDS[name].phrase))
        said.append(phrase.format(value=shown(name, value, labels, _)))
    return " · ".join(said)


def request_bounds(rule: Rule, labels: Labels, _: Translate) -> list[str]:
    """List a rule's bounds on a single request."""
    said = []
    for name, value in rule.said():
        if bound := WORDS[name].request_of.get(value, WORDS[name].request):
            said.append(_(bound).format(value=shown(name, value, labels, _)))
    return said


# --- whom, why and when ---------------------------------------------------------------------------------


def target_text(target: Target, _: Translate) -> str:
    """Mention whom a rule is for, which pings nobody in an answer without allowed mentions."""
    mentions = {TargetKind.ROLE: "<@&{id}>", TargetKind.CHANNEL: "<#{id}>", TargetKind.MEMBER: "<@{id}>"}
    mention = mentions.get(target.kind)
    return mention.format(id=target.id) if mention else _("everyone")


def origin_text(origin: Origin, name: str, _: Translate) -> str:
    """Say which rule the value of a limit comes from."""
    texts = {
        OriginKind.DEFAULT: _("what every server starts with"),
        OriginKind.EVERYONE: _("rule for everyone"),
        OriginKind.ROLE: _("rule for <@&{id}>"),
        OriginKind.MEMBER: _("own rule"),
        OriginKind.CHANNEL: _("rule for <#{id}>"),
        OriginKind.CAP: _("the bot's operator allows no more"),
        OriginKind.NONE: _(WORDS[name].no_origin),
    }
    if origin.kind is OriginKind.CAP and FIELDS[name].at_least:
        return _("the bot's operator allows no less")
    return texts[origin.kind].format(id=origin.id)


def paused_text(note: str, _: Translate) -> str:
    """Say that a server takes no requests, and add its moderators' note."""
    text = _("The moderators have paused drawing in this server.")
    return f"{text} {_('They say: “{note}”').format(note=escape(note))}" if note else text


def blocked_text(until: dt.datetime | None, reason: str, _: Translate) -> str:
    """Tell a member that they may not draw, until when and why."""
    text = _("The moderators do not let you draw in this server.")
    if until is not None:
        text = _("The moderators do not let you draw in this server until {until}.")
        text = text.format(until=moment(until, "f"))
    return f"{text} {_('Their reason: “{reason}”').format(reason=escape(reason))}" if reason else text


def moment(time: dt.datetime, style: str) -> str:
    """Write a time so that Discord shows it to each reader in their own time zone.

    Args:
        time: aware.
        style: one of Discord's: ``R`` in 2 hours, ``f`` date and time, ``t`` time of day.
    """
    return f"<t:{int(time.timestamp())}:{style}>"
