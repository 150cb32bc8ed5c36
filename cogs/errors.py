"""Every word the bot says when something goes wrong, in one place.

Each text tells what happened, whether it cost the member anything, and what to do next. What the operator has
to fix stays in the log.

"Nothing was charged" is the text if Azure was never asked, so that nobody pays. If it may have been asked,
the text is "You were not charged": Azure may bill the operator for a picture that no member got.
"""

from __future__ import annotations

import logging
import math

from discord import Locale, app_commands  # noqa: TC002 - singledispatch reads the annotations

from bot import errors
from bot.errors import SizeFault
from bot.generation.models import EDGE_STEP, FEWEST_PIXELS, LONGEST_EDGE, MOST_PIXELS, STEEPEST_RATIO
from cogs.explain import explain
from cogs.limits import errors as _limit_errors  # noqa: F401 - teaches ``explain`` its words
from cogs.limits.words import duration
from cogs.locales import Translate, translator_for
from cogs.quoting import as_typed, escape, listed

__all__ = ["explain", "log_failure", "words_for"]

_log = logging.getLogger(__name__)


def log_failure(job_id: int, error: BaseException) -> None:
    """Log a failed job for the operator, at INFO if the member can do something about it."""
    if not isinstance(error, errors.EaselError):
        _log.error("job %d failed", job_id, exc_info=error)
        return
    level = logging.INFO if isinstance(error, errors.MemberError) else logging.WARNING
    _log.log(level, "job %d failed: %s: %s", job_id, type(error).__name__, error)


def words_for(error: BaseException, locale: Locale | str) -> str:
    """Explain an error in a member's language."""
    return explain(error, translator_for(locale))


@explain.register
def _prompt_missing(error: errors.PromptMissing, _: Translate) -> str:
    del error
    return _("There is nothing to draw in that prompt. Describe a picture in words. Nothing was charged.")


@explain.register
def _prompt_too_long(error: errors.PromptTooLong, _: Translate) -> str:
    text = _(
        "That prompt has {length:,} characters and this model takes {limit:,}."
        " Please shorten it. Nothing was charged."
    )
    return text.format(length=error.length, limit=error.limit)


@explain.register
def _model_not_offered(error: errors.ModelNotOffered, _: Translate) -> str:
    text = _("There is no model “{asked}” here. Choose from {offered}. Nothing was charged.")
    return text.format(asked=as_typed(error.asked), offered=listed(error.offered, _("or")))


@explain.register
def _quality_not_offered(error: errors.QualityNotOffered, _: Translate) -> str:
    if not error.offered:
        text = _("{model} has no choice of quality. Leave it out. Nothing was charged.")
        return text.format(model=error.model)
    text = _("{model} has no quality “{asked}”. Choose from {offered}. Nothing was charged.")
    return text.format(model=error.model, asked=as_typed(error.asked), offered=listed(error.offered, _("or")))


@explain.register
def _count_not_offered(error: errors.CountNotOffered, _: Translate) -> str:
    text = _("{model} draws 1 to {limit} pictures at once, not {asked}. Ask for fewer. Nothing was charged.")
    if error.limit == 1:
        text = _("{model} draws one picture at a time, not {asked}. Ask for one. Nothing was charged.")
    return text.format(model=error.model, limit=error.limit, asked=error.asked)


@explain.register
def _size_not_drawable(error: errors.SizeNotDrawable, _: Translate) -> str:
    reasons = {
        SizeFault.MALFORMED: _("a size is written WIDTHxHEIGHT, in pixels"),
        SizeFault.NOT_LISTED: _("it knows only a few sizes"),
        SizeFault.NOT_MULTIPLE: _("both edges must be multiples of {step}"),
        SizeFault.EDGE_TOO_LONG: _("no edge may be longer than {edge:,} pixels"),
        SizeFault.TOO_ELONGATED: _("one edge may be at most {ratio} times the other"),
        SizeFault.TOO_FEW_PIXELS: _("a picture has at least {fewest:,} pixels in all"),
        SizeFault.TOO_MANY_PIXELS: _("a picture has at most {most:,} pixels in all"),
    }
    reason = reasons[error.fault].format(
        step=EDGE_STEP, edge=LONGEST_EDGE, ratio=STEEPEST_RATIO, fewest=FEWEST_PIXELS, most=MOST_PIXELS
    )
    text = _("{model} cannot draw “{asked}”: {reason}. Try {nearest}. Nothing was charged.")
    if not error.nearest:
        text = _("{model} cannot draw “{asked}”: {reason}. Nothing was charged.")
    return text.format(
        model=error.model, asked=as_typed(error.asked), reason=reason, nearest=listed(error.nearest, _("or"))
    )


@explain.register
def _prompt_refused(error: errors.PromptRefused, _: Translate) -> str:
    if error.categories:
        text = _(
            "The content filter refused this prompt ({categories})."
            " Please describe something else. You were not charged."
        )
        names = [escape(category.replace("_", " ")) for category in error.categories]
        return text.format(categories=", ".join(names))
    return _("The content filter refused this prompt. Please describe something else. You were not charged.")


@explain.register
def _output_filtered(error: errors.OutputFiltered, _: Translate) -> str:
    del error
    return _(
        "The picture was drawn, but the content filter held it back."
        " Try other words, or the same once more. You were not charged."
    )


@explain.register
def _queue_too_long(error: errors.QueueTooLong, _: Translate) -> str:
    if error.wait is None or error.excess is None:
        return _(
            "Your turn did not come in time: more is being asked for than the image service can draw."
            " Nothing was charged. Please try again later."
        )
    text = _(
        "Too many are waiting: your turn could take {wait} to come, which is longer than Discord lets an"
        " answer take. Nothing was charged. Please try again in {again}."
    )
    return text.format(wait=_minutes(error.wait, _), again=_minutes(error.excess, _))


@explain.register
def _busy(error: errors.DeploymentBusy, _: Translate) -> str:
    del error
    return _(
        "The image service is busy and had no room in time. You were not charged. Please try again later."
    )


@explain.register
def _set_up_wrong(
    error: errors.DeploymentMissing | errors.AccessDenied | errors.TokenUnavailable | errors.RequestRejected,
    _: Translate,
) -> str:
    del error
    return _(
        "The bot's connection to the image service is not set up right, which its operator has to mend."
        " It has been logged. You were not charged. Please try again later."
    )


@explain.register
def _blocked(error: errors.ResourceBlocked, _: Translate) -> str:
    del error
    return _(
        "The image service has suspended this bot for now. This is not about your prompt; the operator has to"
        " clear it up. You were not charged. Please try again another day."
    )


@explain.register
def _unreachable(error: errors.ServiceUnreachable, _: Translate) -> str:
    del error
    return _("The image service cannot be reached. You were not charged. Please try again in a few minutes.")


@explain.register
def _service_failed(error: errors.ServiceFailed | errors.FilterBroken, _: Translate) -> str:
    del error
    return _(
        "The image service has trouble of its own. You were not charged. Please try again in a few minutes."
    )


@explain.register
def _timed_out(error: errors.AnswerTimedOut, _: Translate) -> str:
    del error
    return _(
        "No picture came in time. You were not charged."
        " Please try again, perhaps smaller or in a lower quality."
    )


@explain.register
def _answer_broken(error: errors.AnswerLost | errors.AnswerUnusable, _: Translate) -> str:
    del error
    return _("The image service's answer did not arrive whole. You were not charged. Please try again.")


@explain.register
def _image_unusable(error: errors.ImageUnusable, _: Translate) -> str:
    del error
    return _("The image service sent no sound picture. You were not charged. Please try again.")


@explain.register
def _download_refused(error: errors.DownloadRefused, _: Translate) -> str:
    del error
    return _(
        "The picture was drawn, but the bot may not fetch it from where it lies; its operator has to mend"
        " that. You were not charged. Please try again later."
    )


@explain.register
def _job_cancelled(error: errors.JobCancelled, _: Translate) -> str:
    if error.drawing:
        text = _("Cancelled while it was being drawn. You were not charged.")
        if error.by_moderator:
            text = _("A moderator cancelled this while it was being drawn. You were not charged.")
        return text
    if error.by_moderator:
        return _("A moderator cancelled this. Nothing was charged.")
    return _("Cancelled. Nothing was charged.")


@explain.register
def _job_cut_off(error: errors.JobCutOff, _: Translate) -> str:
    del error
    return _(
        "The bot was interrupted while it worked on your picture, and could not go on. You were not charged."
        " Please try again."
    )


@explain.register
def _shutting_down(error: errors.ShuttingDown, _: Translate) -> str:
    del error
    return _("The bot is restarting. You were not charged. Please try again in a minute.")


@explain.register
def _undeliverable(error: errors.DeliveryFailed, _: Translate) -> str:
    del error
    return _("Your picture was drawn, but Discord would not take it. You were not charged. Please try again.")


@explain.register
def _too_large(error: errors.UploadTooLarge, _: Translate) -> str:
    del error
    return _(
        "Your picture was drawn, but it is too large for an upload here, however it is packed."
        " You were not charged. Ask for a smaller size or fewer pictures."
    )


@explain.register
def _not_in_servers(error: app_commands.NoPrivateMessage, _: Translate) -> str:
    del error
    return _("This command works in servers only. Nothing was charged.")


@explain.register
def _out_of_date(
    error: app_commands.CommandSignatureMismatch
    | app_commands.CommandNotFound
    | app_commands.TransformerError,
    _: Translate,
) -> str:
    del error
    return _(
        "Your Discord has an older form of this command. Reload Discord and try again."
        " If that does not help, tell whoever runs the bot. Nothing was charged."
    )


def _minutes(seconds: float, _: Translate) -> str:
    """Write an estimated time, in minutes and rounded up."""
    return duration(max(1, math.ceil(seconds / 60)) * 60, _)
