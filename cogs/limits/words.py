"""The words for fields, values, targets and moments that everything about limits is written with."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import TYPE_CHECKING, Any

from bot.limits.policy import OriginKind
from bot.limits.rules import FIELDS, TargetKind
from bot.queue.fair import SHARES
from cogs.quoting import escape

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping

    from bot.limits.policy import Origin
    from bot.limits.rules import Rule, Target
    from cogs.locales import Translate

Labels = dict[str, str]
"""Names of models to what people call them."""

MICRO = 1_000_000
"""Micro-dollars in a dollar."""

AT_LEAST = frozenset({"cooldown"})
"""Fields that narrow by growing: a cap of theirs is the least, where those of the others are the most."""

_CENT, _TENTH = Decimal("0.01"), Decimal("0.001")
"""What amounts are rounded to where a reckoned one would be longer than anybody reads."""


# --- fields and their values -----------------------------------------------------------------------


def field_names(_: Translate) -> Mapping[str, str]:
    """What people call each field of a rule, in the order in which they are shown them."""
    return {
        "images_per_day": _("Pictures a day"),
        "images_per_week": _("Pictures a week"),
        "max_size": _("Largest size"),
        "max_quality": _("Best quality"),
        "max_count": _("Pictures per request"),
        "models": _("Models"),
        "cooldown": _("Wait between requests"),
        "concurrent": _("Requests at once"),
        "priority": _("Turns in the queue"),
        "dollars_per_month": _("Dollars a month"),
        "server_concurrent": _("Requests at once, all members together"),
        "server_dollars_per_month": _("Dollars a month, all members together"),
    }


def shown(field: str, value: Any, labels: Labels, _: Translate) -> str:
    """The value of a field, for people; None is no limit."""
    if value is None:
        return _("no wait") if field == "cooldown" else _("no limit")
    forms: Mapping[str, Callable[[Any], str]] = {
        "max_size": lambda size: size_text(str(size)),
        "models": lambda names: ", ".join(labels.get(name, name) for name in names) or _("none"),
        "cooldown": lambda seconds: duration(seconds, _),
        "priority": lambda priority: f"×{SHARES[priority]}",
        "dollars_per_month": dollars,
        "server_dollars_per_month": dollars,
    }
    if field in forms:
        return forms[field](value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def phrases(rule: Rule, labels: Labels, _: Translate) -> str:
    """A rule on one line: ``20 a day · up to 1024×1024 · 2 at once``."""
    texts = {
        "images_per_day": _("{value} a day"),
        "images_per_week": _("{value} a week"),
        "max_size": _("up to {value}"),
        "max_quality": _("up to {value} quality"),
        "max_count": _("{value} per request"),
        "models": _("only {value}"),
        "cooldown": _("{value} between requests"),
        "concurrent": _("{value} at once"),
        "priority": _("{value} turns in the queue"),
        "dollars_per_month": _("{value} a month"),
        "server_concurrent": _("{value} at once for all together"),
        "server_dollars_per_month": _("{value} a month for all together"),
    }
    if rule.models == ():
        texts["models"] = _("no model at all")
    said = (texts[field].format(value=shown(field, value, labels, _)) for field, value in set_fields(rule))
    return " · ".join(said)


def set_fields(rule: Rule) -> Iterator[tuple[str, Any]]:
    """The fields a rule says something about, with their values."""
    for field in FIELDS:
        value = getattr(rule, field)
        if value is not None:
            yield field, value


def size_text(size: str) -> str:
    """``1024x1024`` with the sign that belongs between two edges."""
    return size.replace("x", "×")


def duration(seconds: int, _: Translate) -> str:
    """Seconds in the largest units that fit: ``45 s``, ``1 h 30 min``, ``2 d``."""
    if not seconds:
        return _("no wait")
    parts = []
    for length, unit in ((86_400, _("d")), (3600, _("h")), (60, _("min")), (1, _("s"))):
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


def dollars(amount: Decimal) -> str:
    """An amount of money exactly as it was set, in cents at least unless it is whole."""
    whole, _point, cents = f"{amount:,f}".partition(".")
    cents = cents.rstrip("0")
    return f"${whole}.{cents:0<2}" if cents else f"${whole}"


def dollars_left(amount: Decimal) -> str:
    """What is left, rounded down: in cents, below a dollar in tenths of one, and the last tenth exactly."""
    return dollars(amount.quantize(_step(amount), ROUND_DOWN) if amount >= _TENTH else amount)


def price(micro: int) -> str:
    """What something costs, in micro-dollars, rounded up: in cents, below a dollar in tenths of one."""
    amount = Decimal(micro) / MICRO
    return dollars(amount.quantize(_step(amount), ROUND_UP))


def _step(amount: Decimal) -> Decimal:
    return _CENT if amount >= 1 else _TENTH


# --- whom, why and when ---------------------------------------------------------------------------------


def target_text(target: Target, _: Translate) -> str:
    """Whom a rule is for: a mention, which in an answer without allowed mentions pings nobody."""
    mentions = {TargetKind.ROLE: "<@&{id}>", TargetKind.CHANNEL: "<#{id}>", TargetKind.MEMBER: "<@{id}>"}
    mention = mentions.get(target.kind)
    return mention.format(id=target.id) if mention else _("everyone")


def origin_text(origin: Origin, field: str, _: Translate) -> str:
    """Which rule the value of a field comes from."""
    texts = {
        OriginKind.DEFAULT: _("what every server starts with"),
        OriginKind.EVERYONE: _("rule for everyone"),
        OriginKind.ROLE: _("rule for <@&{id}>"),
        OriginKind.MEMBER: _("own rule"),
        OriginKind.CHANNEL: _("rule for <#{id}>"),
        OriginKind.CAP: _("the bot's operator allows no more"),
        OriginKind.NONE: _("nobody limits it"),
    }
    if origin.kind is OriginKind.NONE and field == "priority":
        return _("as everybody")
    if origin.kind is OriginKind.CAP and field in AT_LEAST:
        return _("the bot's operator allows no less")
    return texts[origin.kind].format(id=origin.id)


def paused_text(note: str, _: Translate) -> str:
    """That a server takes no requests, and what its moderators want to be read."""
    text = _("The moderators have paused drawing in this server.")
    return f"{text} {_('They say: “{note}”').format(note=escape(note))}" if note else text


def blocked_text(until: dt.datetime | None, reason: str, _: Translate) -> str:
    """That a member may not draw, told to themself."""
    text = _("The moderators do not let you draw in this server.")
    if until is not None:
        text = _("The moderators do not let you draw in this server until {until}.")
        text = text.format(until=moment(until, "f"))
    return f"{text} {_('Their reason: “{reason}”').format(reason=escape(reason))}" if reason else text


def moment(time: dt.datetime, style: str) -> str:
    """A moment that every reader's Discord shows in their own time.

    Args:
        time: aware.
        style: one of Discord's: ``R`` in 2 hours, ``f`` date and time, ``t`` time of day.
    """
    return f"<t:{int(time.timestamp())}:{style}>"
