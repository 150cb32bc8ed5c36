"""The texts for requests that rules or counts forbid, and for invalid rules; part of ``cogs/errors.py``.

Importing this module registers them with ``explain``.
"""

from __future__ import annotations

# singledispatch reads the annotations, so their types have to be imported at run time.
from bot import errors
from bot.errors import RuleFault
from cogs.explain import explain
from cogs.limits.words import blocked_text, moment, paused_text, size_text
from cogs.locales import Translate  # noqa: TC001
from cogs.quoting import as_typed, escape, listed
from cogs.studio.durations import UntilFault, UntilRefused

AUTO = "auto"


# --- what moderators decided -----------------------------------------------------------------------


@explain.register
def _size_not_allowed(error: errors.SizeNotAllowed, _: Translate) -> str:
    text = _("The size {asked} is more than you may have here: up to {largest}. Nothing was charged.")
    if error.asked == AUTO:
        text = _(
            "You may have up to {largest} here, so the model cannot choose a size by itself. Name one."
            " Nothing was charged."
        )
    return text.format(asked=as_typed(size_text(error.asked)), largest=size_text(error.largest))


@explain.register
def _quality_not_allowed(error: errors.QualityNotAllowed, _: Translate) -> str:
    text = _("The quality {asked} is more than you may have here: choose {best} or a lower one.")
    if error.asked == AUTO:
        text = _(
            "You may have up to {best} quality here, so the model cannot choose one by itself. Name one."
        )
    return text.format(asked=as_typed(error.asked), best=error.best) + " " + _not_charged(_)


@explain.register
def _count_not_allowed(error: errors.CountNotAllowed, _: Translate) -> str:
    text = _("You may ask for up to {most} pictures at once here, not {asked}. Nothing was charged.")
    if error.most == 1:
        text = _("You may ask for one picture at a time here, not {asked}. Nothing was charged.")
    return text.format(asked=error.asked, most=error.most)


@explain.register
def _prompt_not_allowed(error: errors.PromptNotAllowed, _: Translate) -> str:
    text = _(
        "Your prompt has {length:,} characters; the limit here is {most:,}. Shorten it and ask again."
        " Nothing was charged."
    )
    return text.format(length=error.length, most=error.most)


@explain.register
def _model_not_allowed(error: errors.ModelNotAllowed, _: Translate) -> str:
    text = _("You may not use {asked} here. Choose {allowed}. Nothing was charged.")
    if not error.allowed:
        text = _(
            "The moderators leave you no model to draw with here. Try another channel, or ask them."
            " Nothing was charged."
        )
    return text.format(asked=as_typed(error.asked), allowed=listed(error.allowed, _("or")))


@explain.register
def _guild_paused(error: errors.GuildPaused, _: Translate) -> str:
    return f"{paused_text(error.note, _)} {_not_charged(_)}"


@explain.register
def _member_blocked(error: errors.MemberBlocked, _: Translate) -> str:
    return f"{blocked_text(error.until, error.reason, _)} {_not_charged(_)}"


# --- what is used up -------------------------------------------------------------------------------


@explain.register
def _images_used_up(error: errors.ImagesUsedUp, _: Translate) -> str:
    one, several = (
        _images_left_texts(error.period, _) if error.left > 0 else _images_gone_texts(error.period, _)
    )
    if error.limit == 0:
        sentences = [_("The moderators leave you no pictures here. Try another channel, or ask them.")]
    else:
        sentences = [one if error.limit == 1 else several]
    if error.held == 1:
        sentences.append(_("One belongs to a request under way and comes back if that fails."))
    elif error.held:
        sentences.append(_("{held} belong to requests under way and come back if those fail."))
    values = {"left": error.left, "limit": error.limit, "held": error.held}
    return " ".join([*sentences, _not_charged(_)]).format(renews=moment(error.renews, "R"), **values)


def _images_gone_texts(period: str, _: Translate) -> tuple[str, str]:
    """Say that no picture is left: once for a limit of one, once for more."""
    if period == "day":
        return (
            _("You have used today's one picture here. It renews {renews}."),
            _("You have used today's {limit} pictures here. They renew {renews}."),
        )
    return (
        _("You have used this week's one picture here. It renews {renews}."),
        _("You have used this week's {limit} pictures here. They renew {renews}."),
    )


def _images_left_texts(period: str, _: Translate) -> tuple[str, str]:
    """Say that fewer pictures are left than asked for: once for a limit of one, once for more."""
    if period == "day":
        return (
            _("You may have one picture a day here. Ask for one; it renews {renews}."),
            _("You have {left} of today's {limit} pictures left here. Ask for fewer; they renew {renews}."),
        )
    return (
        _("You may have one picture a week here. Ask for one; it renews {renews}."),
        _("You have {left} of this week's {limit} pictures left here. Ask for fewer; they renew {renews}."),
    )


@explain.register
def _budget_used_up(error: errors.BudgetUsedUp, _: Translate) -> str:
    """Advise a smaller request, which may still fit, whosever the budget is."""
    texts = {
        "member": _("What you may spend this month does not last for that."),
        "server": _("What this server may spend this month does not last for that."),
        "operator": _("What the bot may spend this month, in all servers, does not last for that."),
    }
    advice = _("Ask for something smaller or in a lower quality, or wait: it renews {renews}.")
    return " ".join([texts[error.whose], advice.format(renews=moment(error.renews, "R")), _not_charged(_)])


@explain.register
def _cooling_down(error: errors.CoolingDown, _: Translate) -> str:
    text = _("There is a pause between two requests here: you can ask again {until}. Nothing was charged.")
    return text.format(until=moment(error.until, "R"))


@explain.register
def _too_many_jobs(error: errors.TooManyJobs, _: Translate) -> str:
    text = _(
        "You have {limit} requests under way, which is the most at once here. Wait for one of them."
        " Nothing was charged."
    )
    if error.limit == 1:
        text = _("Your last request is still under way. Wait for it, then ask again. Nothing was charged.")
    return text.format(limit=error.limit)


@explain.register
def _server_busy(error: errors.ServerBusy, _: Translate) -> str:
    text = _(
        "This server already has {limit} requests under way, which is the most at once here."
        " Try again in a moment. Nothing was charged."
    )
    if error.limit == 1:
        text = _(
            "This server already has a request under way, and takes one at a time."
            " Try again in a moment. Nothing was charged."
        )
    return text.format(limit=error.limit)


@explain.register
def _store_unavailable(error: errors.StoreUnavailable, _: Translate) -> str:
    del error
    return _(
        "The bot cannot get at its records just now, so nothing was started. Nothing was charged."
        " Please try again in a minute."
    )


class ChangeUnclear(errors.StoreUnavailable):
    """The database failed during a moderator's change, which may or may not have been made."""


@explain.register
def _change_unclear(error: ChangeUnclear, _: Translate) -> str:
    del error
    return _(
        "The bot cannot get at its records just now, and the change may not have been made."
        " Look with `/limits view` in a minute, before you repeat it."
    )


# --- moderators ------------------------------------------------------------------------------------


@explain.register
def _not_moderator(error: errors.NotModerator, _: Translate) -> str:
    del error
    return _("That is for moderators: it takes the permission “Manage Server”. Nothing was changed.")


@explain.register
def _rule_changed(error: errors.RuleChanged, _: Translate) -> str:
    del error
    return _(
        "The rule was changed again in the meantime, so this changed nothing."
        " Look with `/limits view`, and decide anew."
    )


@explain.register
def _nothing_to_undo(error: errors.NothingToUndo, _: Translate) -> str:
    del error
    return _("There is no change of a rule to take back. Nothing was changed.")


@explain.register
def _rule_refused(error: errors.RuleRefused, _: Translate) -> str:
    """Explain every fault in a sentence of its own."""
    texts = {
        RuleFault.EMPTY: _("Say what to set, such as `images_per_day:20`."),
        RuleFault.OUT_OF_RANGE: _("`{field}` is out of range; right is {right}."),
        RuleFault.NOT_A_NUMBER: _("`{field}` is not a number that fits; right is {right}."),
        RuleFault.UNKNOWN_FIELD: _("There is no limit called `{field}`; there are {right}."),
        RuleFault.UNKNOWN_MODEL: _("`{field}` names a model that is not on offer; there are {right}."),
        RuleFault.UNKNOWN_QUALITY: _("`{field}` is not a quality; there are {right}."),
        RuleFault.UNKNOWN_ZONE: _("There is no such time zone; a name is such as `Europe/Berlin`."),
        RuleFault.MALFORMED_SIZE: _("`{field}` is written as width×height in pixels, such as 1024x1024."),
        RuleFault.SIZE_NOT_DRAWABLE: _(
            "`{field}` is a size that no model here can draw; near it is {right}."
        ),
        RuleFault.NOT_FOR_TARGET: _("`{field}` can be set for everyone only."),
        RuleFault.SEVERAL_TARGETS: _("Name one role, one member or one channel, not several of them."),
    }
    sentences = [
        texts[fault].format(field=escape(field).replace("\\_", "_"), right=escape(right))
        for field, fault, right in error.faults
    ]
    return " ".join([*sentences, _("Nothing was changed.")])


@explain.register
def _until_refused(error: UntilRefused, _: Translate) -> str:
    texts = {
        UntilFault.NOT_UNDERSTOOD: _(
            "“{asked}” is no end of a block. Write how long, such as `30m`, `12h`, `7d` or `2w`, or a date,"
            " such as `2027-01-31` or `2027-01-31 18:00`."
        ),
        UntilFault.PAST: _("“{asked}” is not in the future."),
        UntilFault.TOO_FAR: _(
            "“{asked}” is more than five years ahead. Leave `until` out to block for good."
        ),
    }
    return texts[error.fault].format(asked=as_typed(error.asked)) + " " + _("Nothing was changed.")


def _not_charged(_: Translate) -> str:
    return _("Nothing was charged.")
