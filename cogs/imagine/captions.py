"""The texts of a job's message, in which prompts are escaped, short and harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model import Quality
from cogs.quoting import escape, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.imaging.fit import Attachment
    from bot.jobs.drawing import Painting
    from bot.planning.plan import Plan
    from bot.queue.estimates import Place
    from cogs.locales import Translate

ALT_TEXT = 1024
"""Maximum length of an attachment's description (Discord, resources/message)."""

SHOWN_PROMPT = 300
"""Maximum number of characters of a prompt shown above its pictures; the alt text has more of it."""

_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
"""Keep a right-to-left prompt from reversing the text that follows it (Unicode UAX #9)."""


def shown_prompt(prompt: str) -> str:
    """Return a prompt as a message shows it."""
    short = prompt if len(prompt) <= SHOWN_PROMPT else prompt[: SHOWN_PROMPT - 1].rstrip() + "…"
    return f"{_ISOLATE}{escape(short)}{_END_ISOLATE}"


def alt_text(prompt: str, index: int, count: int, _: Translate) -> str:
    """Write an attachment's description: the prompt, and which picture of several it is."""
    suffix = " " + _("({index} of {count})").format(index=index, count=count) if count > 1 else ""
    text = " ".join(prompt.split())
    room = ALT_TEXT - len(suffix)
    return (text if len(text) <= room else text[: room - 1] + "…") + suffix


def caption(
    plan: Plan, painting: Painting, attachments: Sequence[Attachment], _: Translate, *, spoiler: bool
) -> str:
    """Write the text above finished pictures: the prompt, how they were made, and what to know about them.

    Under a spoiler the prompt is hidden too, because it describes the pictures.
    """
    facts = [plan.model.label, str(painting.shown[0].size).replace("x", "×")]
    if plan.request.quality in plan.model.qualities and plan.request.quality is not Quality.AUTO:
        facts.append(plan.request.quality.value)
    facts.append(_("{seconds:.0f} s").format(seconds=max(1.0, painting.record.seconds)))
    lines = [" · ".join(facts), *_remarks(plan.request.count, painting, attachments, _)]
    prompt = shown_prompt(plan.request.prompt)
    return "\n".join([f"||{prompt}||" if spoiler else prompt, *(f"-# {line}" for line in lines)])


def _remarks(count: int, painting: Painting, attachments: Sequence[Attachment], _: Translate) -> list[str]:
    remarks = []
    if filtered := painting.record.filtered:
        text = _("{n} of {count} held back by the content filter, and not charged")
        remarks.append(text.format(n=filtered, count=count))
    if (missing := count - filtered - len(painting.originals)) > 0:
        text = _("{n} of {count} did not arrive, and are not charged")
        remarks.append(text.format(n=missing, count=count))
    if painting.shown != painting.originals:
        text = _("drawn at {size} and scaled down")
        remarks.append(text.format(size=str(painting.originals[0].size).replace("x", "×")))
    if derived := [attachment for attachment in attachments if attachment.derived]:
        text = _("too large for an upload here, so attached as {format}")
        if len(attachments) > 1:
            text = _("{n} of {count} too large for an upload here, so attached as {format}")
        formats = listed(sorted({attachment.format.upper() for attachment in derived}), _("or"))
        remarks.append(text.format(n=len(derived), count=len(attachments), format=formats))
    if not painting.record.archived:
        remarks.append(_("no copy could be kept here, so save what you like"))
    elif derived:
        remarks.append(_("the bot's operator keeps what Azure drew"))
    return remarks


def place_note(place: Place, now: float, _: Translate) -> str:
    """Write the note for a job that waits in the queue; ``now`` is Unix time in seconds.

    Discord counts the times down by itself, so they stay true until the next note.
    """
    text = _("{n:,} requests are before yours.").format(n=place.position)
    if place.position <= 1:
        text = _("1 request is before yours.") if place.position else _("You are next.")
    if place.wait is None or place.wait.at_most <= 0:
        return text
    until = _("As things stand, your turn comes <t:{latest}:R> at the latest.")
    if 0 < place.wait.at_least < place.wait.at_most:
        until = _(
            "As things stand, your turn comes <t:{earliest}:R> at the earliest and <t:{latest}:R> at the"
            " latest."
        )
    earliest, latest = int(now + place.wait.at_least), int(now + place.wait.at_most)
    return f"{text} {until.format(earliest=earliest, latest=latest)}"


def drawing_note(since: float, _: Translate) -> str:
    """Write the note for a job that is being drawn; ``since`` is Unix time in seconds."""
    return _("Drawing, begun <t:{since}:R>…").format(since=int(since))


def interrupted_note(_: Translate) -> str:
    """Write the note for a job that has not ended when the bot stops."""
    return _("The bot is restarting. Your request is kept, and goes on as soon as the bot is back.")


def left_note(asked_at: int, text: str, _: Translate) -> str:
    """Write what a member could not be told at the time; ``asked_at`` is Unix time in seconds."""
    return _("About what you asked for <t:{asked_at}:R>: {text}").format(asked_at=asked_at, text=text)


def waiting_note(until: float, _: Translate) -> str:
    """Write the note for a job that Azure makes wait; ``until`` is Unix time in seconds.

    The note may stay until the job ends, so it has to stay true while the next try is under way, and names no
    cause, which may be a different one by then.
    """
    text = _(
        "The image service cannot take it just yet. It is tried again from <t:{until}:T> on; please wait."
    )
    return text.format(until=int(until))


def deleted_note(_: Translate) -> str:
    """Write the private note to a member whose waiting message was deleted."""
    return _(
        "The message with your picture was deleted before it was finished, so it was not posted or charged."
    )
