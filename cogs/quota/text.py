"""The text of ``/quota``: what is left, when it renews, and what pictures cost. Pure."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.errors import GuildPaused, MemberBlocked
from bot.limits.policy import standing_of
from bot.model import Quality
from cogs.limits.words import (
    MICRO,
    blocked_text,
    dollars,
    dollars_left,
    moment,
    paused_text,
    price,
    request_bounds,
    shown,
    size_text,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from bot.limits.counters import Count
    from bot.limits.moderation import Standing
    from bot.limits.policy import Asker
    from bot.planning.planner import PriceExample
    from cogs.limits.words import Labels
    from cogs.locales import Translate

SHOWN_MODELS = 5
"""Maximum number of models whose prices are shown, one line each."""


def quota_text(
    standing: Standing,
    asker: Asker,
    prices: Sequence[PriceExample],
    now: dt.datetime,
    labels: Labels,
    _: Translate,
) -> str:
    """Write the text of ``/quota``.

    Args:
        standing: the limits in force, and what is used.
        asker: the member, and the channel they ask in.
        prices: what a picture costs.
        now: aware.
        labels: the models' names for people.
        _: the reader's language.
    """
    lines = [
        _("**Your pictures in this server**"),
        *_obstacles(standing, asker, now, _),
        *_pictures(standing, _),
        *_money(standing, _),
        *_bounds(standing, labels, _),
        *_turns(standing, labels, _),
        *_prices(prices, _),
    ]
    return "\n".join(lines)


def _obstacles(standing: Standing, asker: Asker, now: dt.datetime, _: Translate) -> Iterator[str]:
    """Yield why the member may not draw just now, whatever is left."""
    try:
        standing_of(standing.policy, asker, now)
    except GuildPaused as error:
        yield f"⏸️ {paused_text(error.note, _)}"
    except MemberBlocked as error:
        yield f"🚫 {blocked_text(error.until, error.reason, _)}"
    if standing.cooling_until is not None and standing.cooling_until > now:
        yield _("⏳ You can ask again {when}.").format(when=moment(standing.cooling_until, "R"))


def _pictures(standing: Standing, _: Translate) -> Iterator[str]:
    limits, counts, windows = standing.limits, standing.counts, standing.windows
    of_day = _("- Today: **{left:,} of {limit:,}** left, renews {when}")
    of_week = _("- This week: **{left:,} of {limit:,}** left, renews {when}")
    for limit, count, text, ends in (
        (limits.values.images_per_day, counts.day, of_day, windows.day_ends),
        (limits.values.images_per_week, counts.week, of_week, windows.week_ends),
    ):
        if limit is not None:
            left = max(0, limit - count.taken)
            yield text.format(left=left, limit=limit, when=moment(ends, "R")) + _held(count, _)
    if limits.values.images_per_day is None and limits.values.images_per_week is None:
        text = _("- As many as you like; {day:,} today, {week:,} this week so far")
        yield text.format(day=counts.day.taken, week=counts.week.taken)


def _held(count: Count, _: Translate) -> str:
    return _(" ({held} still being drawn)").format(held=count.held) if count.held else ""


def _money(standing: Standing, _: Translate) -> Iterator[str]:
    limits, counts, when = standing.limits, standing.counts, moment(standing.windows.month_ends, "R")
    own = _("- This month: **{left} of {limit}** left, renews {when}")
    shared = _("- All members together this month: **{left} of {limit}** left, renews {when}")
    for limit, count, text in (
        (limits.values.dollars_per_month, counts.charge, own),
        (limits.values.server_dollars_per_month, counts.server, shared),
    ):
        if limit is not None:
            left = max(Decimal(0), limit - Decimal(count.taken) / MICRO)
            yield text.format(left=dollars_left(left), limit=dollars(limit), when=when)


def _bounds(standing: Standing, labels: Labels, _: Translate) -> Iterator[str]:
    """Yield the bounds of a single request, if there are any."""
    said = request_bounds(standing.limits.values, labels, _)
    if said:
        yield _("- Each request here: {bounds}").format(bounds=" · ".join(said))


def _turns(standing: Standing, labels: Labels, _: Translate) -> Iterator[str]:
    """Yield how often the member's turn comes, if they have priority."""
    priority = standing.limits.values.priority
    if priority:
        value = shown("priority", priority, labels, _)
        yield _("- In the queue: **{value} turns**, beside a member without priority").format(value=value)


def _prices(prices: Sequence[PriceExample], _: Translate) -> Iterator[str]:
    """Yield what a picture costs with each model, in each quality that the member may choose."""
    chosen = [example for example in prices if example.quality is not Quality.AUTO]
    by_model = itertools.groupby(chosen, key=lambda example: (example.model, example.size))
    lines = [
        f"-# {model}, {size_text(str(size))}: "
        + " · ".join(f"{example.quality.value} {price(example.price)}" for example in examples)
        for (model, size), examples in by_model
    ]
    if lines:
        yield _("A picture costs at most:")
        yield from lines[:SHOWN_MODELS]
