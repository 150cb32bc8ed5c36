"""The error family: what can go wrong, told apart by what somebody can do about it.

EaselError
├── MemberError                the member can act: said to them in full, quiet in the log
│   ├── PromptMissing          nothing to draw
│   ├── PromptTooLong          longer than the model takes
│   ├── ModelNotOffered        no deployment draws with that model
│   ├── SizeNotDrawable        the model cannot draw that size
│   ├── QualityNotOffered      the model does not know that quality
│   ├── CountNotOffered        more pictures at once than the model draws
│   ├── PromptRefused          the content filter refused the words
│   ├── OutputFiltered         the content filter held back the picture
│   ├── NotAllowed             drawable, but this member may not have it here
│   │   ├── SizeNotAllowed     larger than allowed
│   │   ├── QualityNotAllowed  better than allowed
│   │   ├── CountNotAllowed    more pictures at once than allowed
│   │   ├── PromptNotAllowed   longer than allowed
│   │   ├── ModelNotAllowed    another model than the allowed ones
│   │   ├── GuildPaused        the moderators paused the bot in this server
│   │   └── MemberBlocked      the moderators blocked this member
│   ├── LimitReached           allowed in general, but not now
│   │   ├── ImagesUsedUp       this day's or week's pictures are used
│   │   ├── BudgetUsedUp       this month's dollars are used
│   │   ├── CoolingDown        too soon after the last request
│   │   ├── TooManyJobs        too many requests at once
│   │   └── ServerBusy         too many requests at once of all members together
│   ├── QueueTooLong           the turn to draw would come too late, or did not come in time
│   ├── JobCancelled           the member, or a moderator, pressed Cancel
│   ├── RuleRefused            a moderator's rule that makes no sense; ``faults`` says why
│   ├── RuleChanged            another moderator changed the same rule meanwhile
│   ├── NothingToUndo          there is no change to take back
│   └── NotModerator           a moderator's command or button, used by somebody who is none
└── ServiceError               we must act: an apology to the member, a line in the log
    ├── GenerationError        Azure gave no usable picture; ``billed`` says what that may have cost
    │   ├── DeploymentBusy     429: out of capacity for a while
    │   ├── DeploymentMissing  404: no such deployment on the resource
    │   ├── AccessDenied       401 or 403: wrong key, missing role, network rule
    │   ├── ResourceBlocked    403: the whole resource is blocked for abuse
    │   ├── TokenUnavailable   Entra ID gave no token
    │   ├── ServiceUnreachable the request was never sent
    │   ├── ServiceFailed      5xx
    │   ├── FilterBroken       the content filter itself failed
    │   ├── AnswerTimedOut     sent, and no full answer in time
    │   ├── AnswerLost         sent, and the connection broke before the full answer
    │   ├── AnswerUnusable     answered, with something that is not an answer
    │   ├── ImageUnusable      answered, with something that is not the picture
    │   │   ├── DownloadRefused    the link to it breaks a rule
    │   │   └── DownloadFailed     the link to it brought nothing
    │   └── RequestRejected    400 for a parameter: our mistake
    ├── DeliveryFailed         Discord would not take the finished picture
    │   └── UploadTooLarge     for its size
    ├── LoginRefused           Discord refuses the bot's token
    ├── GatewayRefused         Discord does not want the connection
    ├── RegistrationRefused    Discord did not register the slash commands
    ├── ExchangeRefused        a file of limits that cannot be imported; ``problems`` says why
    ├── ArchiveError           an original could not be kept or read
    ├── AlreadyTaken           the same interaction was taken before, perhaps by another process
    ├── JobCutOff              a crash left nothing of the job to go on with
    ├── StoreUnavailable       the database does not answer, or not soundly
    │   └── SchemaMismatch     the database belongs to another version of Easel
    └── ShuttingDown           the bot is restarting

Errors carry data; the words a member reads are all in ``cogs/errors.py``. The text given to the
constructor is for the operator's log and never holds a prompt, a token or a key.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence


class Billed(enum.Enum):
    """Whether Azure charges for a call, as far as can be known from here."""

    NO = "no"
    UNKNOWN = "unknown"
    YES = "yes"


class EaselError(Exception):
    """Anything Easel raises on purpose."""


# --- the member can act -------------------------------------------------------------------------


class MemberError(EaselError):
    """The request cannot be met as asked; the member can change it."""


class PromptMissing(MemberError):
    """The prompt is empty, or has no visible character."""


class PromptTooLong(MemberError):
    """The prompt has ``length`` characters where the model takes ``limit``."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"prompt of {length} characters, limit {limit}")
        self.length = length
        self.limit = limit


class ModelNotOffered(MemberError):
    """No deployment draws with the model ``asked``; ``offered`` are the names that work."""

    def __init__(self, asked: str, offered: Sequence[str]) -> None:
        super().__init__("model not offered")
        self.asked = asked
        self.offered = tuple(offered)


class SizeFault(enum.Enum):
    """Why a size cannot be drawn."""

    MALFORMED = "malformed"
    NOT_LISTED = "not listed"
    NOT_MULTIPLE = "not a multiple"
    EDGE_TOO_LONG = "edge too long"
    TOO_ELONGATED = "too elongated"
    TOO_FEW_PIXELS = "too few pixels"
    TOO_MANY_PIXELS = "too many pixels"


class SizeNotDrawable(MemberError):
    """``model`` cannot draw the size ``asked`` (as typed); ``nearest`` are some sizes it can draw."""

    def __init__(self, asked: str, model: str, fault: SizeFault, nearest: Sequence[str]) -> None:
        super().__init__(f"size not drawable: {fault.value}")
        self.asked = asked
        self.model = model
        self.fault = fault
        self.nearest = tuple(nearest)


class QualityNotOffered(MemberError):
    """``model`` does not know the quality ``asked``; ``offered`` are the ones it knows."""

    def __init__(self, asked: str, model: str, offered: Sequence[str]) -> None:
        super().__init__("quality not offered")
        self.asked = asked
        self.model = model
        self.offered = tuple(offered)


class CountNotOffered(MemberError):
    """``model`` draws 1 to ``limit`` pictures at once, not ``asked``."""

    def __init__(self, asked: int, model: str, limit: int) -> None:
        super().__init__(f"count {asked} not offered")
        self.asked = asked
        self.model = model
        self.limit = limit


class PromptRefused(MemberError):
    """The content filter refused the prompt; ``categories`` names why, if it said (may be empty)."""

    def __init__(self, categories: Sequence[str] = ()) -> None:
        super().__init__(f"prompt refused by the content filter: {', '.join(categories) or 'no category'}")
        self.categories = tuple(categories)


class OutputFiltered(MemberError):
    """The picture was drawn and then held back by the content filter. Azure may bill it."""


# --- what moderators decided ---------------------------------------------------------------------


class NotAllowed(MemberError):
    """The model could draw it, but a rule says that this member may not have it here."""


class SizeNotAllowed(NotAllowed):
    """``asked`` is larger than ``largest`` (both as ``WIDTHxHEIGHT``; ``asked`` may be ``auto``)."""

    def __init__(self, asked: str, largest: str) -> None:
        super().__init__("size not allowed")
        self.asked = asked
        self.largest = largest


class QualityNotAllowed(NotAllowed):
    """The quality ``asked`` is better than the ``best`` one allowed."""

    def __init__(self, asked: str, best: str) -> None:
        super().__init__("quality not allowed")
        self.asked = asked
        self.best = best


class CountNotAllowed(NotAllowed):
    """``asked`` pictures at once where ``most`` are allowed."""

    def __init__(self, asked: int, most: int) -> None:
        super().__init__("count not allowed")
        self.asked = asked
        self.most = most


class PromptNotAllowed(NotAllowed):
    """The prompt has ``length`` characters where ``most`` are allowed."""

    def __init__(self, length: int, most: int) -> None:
        super().__init__(f"prompt of {length} characters, {most} allowed")
        self.length = length
        self.most = most


class ModelNotAllowed(NotAllowed):
    """The model ``asked`` (its label) is not among the ``allowed`` labels, which may be none."""

    def __init__(self, asked: str, allowed: Sequence[str]) -> None:
        super().__init__("model not allowed")
        self.asked = asked
        self.allowed = tuple(allowed)


class GuildPaused(NotAllowed):
    """The moderators paused the bot in this server; ``note`` is what they want members to read."""

    def __init__(self, note: str) -> None:
        super().__init__("server paused")
        self.note = note


class MemberBlocked(NotAllowed):
    """The moderators blocked this member, ``until`` an aware time or for good, for a ``reason`` or none."""

    def __init__(self, until: dt.datetime | None, reason: str) -> None:
        super().__init__("member blocked")
        self.until = until
        self.reason = reason


class LimitReached(MemberError):
    """The request is allowed in general, but not now."""


class ImagesUsedUp(LimitReached):
    """``left`` of ``limit`` pictures are left in this ``period`` (``day`` or ``week``), until ``renews``.

    ``held`` of the others belong to requests still under way, and may become free again.
    """

    def __init__(self, period: str, limit: int, left: int, held: int, renews: dt.datetime) -> None:
        super().__init__(f"images per {period} used up")
        self.period = period
        self.limit = limit
        self.left = left
        self.held = held
        self.renews = renews


class BudgetUsedUp(LimitReached):
    """The monthly budget of ``whose`` (``member``, ``server`` or ``operator``) cannot cover this request.

    ``renews`` is when the next month begins, aware.
    """

    def __init__(self, whose: str, renews: dt.datetime) -> None:
        super().__init__(f"budget of {whose} used up")
        self.whose = whose
        self.renews = renews


class CoolingDown(LimitReached):
    """The member's cooldown runs until ``until``, aware."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__("cooling down")
        self.until = until


class TooManyJobs(LimitReached):
    """The member already has the ``limit`` of requests under way."""

    def __init__(self, limit: int) -> None:
        super().__init__("too many jobs at once")
        self.limit = limit


class ServerBusy(LimitReached):
    """The members of the server together already have the ``limit`` of requests under way."""

    def __init__(self, limit: int) -> None:
        super().__init__("too many jobs of the server at once")
        self.limit = limit


class QueueTooLong(MemberError):
    """The image deployments have more work queued than they can draw while Discord still takes the answer.

    ``wait`` is the longest that the turn may take to come, in seconds, and ``excess`` how many of those are
    too many: asking again is worth while after that. Both are None if the job waited and got no turn.
    """

    def __init__(self, wait: float | None = None, excess: float | None = None) -> None:
        super().__init__("no turn in time" if wait is None else f"a turn may take {wait:.0f} s")
        self.wait = wait
        self.excess = excess


class JobCancelled(MemberError):
    """Somebody pressed Cancel: a moderator (``by_moderator``), or the member.

    ``drawing`` says whether Azure may have been at work already, and so may bill the operator.
    """

    def __init__(self, *, by_moderator: bool = False, drawing: bool = False) -> None:
        super().__init__("cancelled")
        self.by_moderator = by_moderator
        self.drawing = drawing


class RuleFault(enum.Enum):
    """What is wrong with a rule."""

    EMPTY = "empty"
    OUT_OF_RANGE = "out of range"
    NOT_A_NUMBER = "not a number"
    UNKNOWN_FIELD = "unknown field"
    UNKNOWN_MODEL = "unknown model"
    UNKNOWN_QUALITY = "unknown quality"
    UNKNOWN_ZONE = "unknown zone"
    MALFORMED_SIZE = "malformed size"
    SIZE_NOT_DRAWABLE = "size not drawable"
    NOT_FOR_TARGET = "not for this target"
    SEVERAL_TARGETS = "several targets"


class RuleRefused(MemberError):
    """A rule makes no sense.

    Attributes:
        faults: for each fault, the field, what is wrong with it, and what would be right (a range, or names).
    """

    def __init__(self, faults: Sequence[tuple[str, RuleFault, str]]) -> None:
        super().__init__("; ".join(f"{field}: {fault.value}" for field, fault, _ in faults))
        self.faults = tuple(faults)


class RuleChanged(MemberError):
    """Another moderator changed the same rule in the meantime, so this change was not made."""


class NothingToUndo(MemberError):
    """There is no change to take back."""


class NotModerator(MemberError):
    """A moderator's command or button was used by somebody without the permission Manage Server."""


# --- we must act --------------------------------------------------------------------------------


class ServiceError(EaselError):
    """Something failed on our side, or in a service that we use."""


class GenerationError(ServiceError):
    """Azure gave no usable picture.

    Attributes:
        billed: what the failed call may have cost. Only ``Billed.NO`` may be retried freely.
        deployment: the deployment's name, for the log; set by the adapter.
    """

    billed: Billed = Billed.NO
    deployment: str = ""
    alarming: ClassVar[bool] = False
    """Whether an operator has to do something before the next request can work."""


class DeploymentBusy(GenerationError):
    """429: the deployment has no capacity for ``retry_after`` seconds (None: it did not say)."""

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeploymentMissing(GenerationError):
    """404: the resource has no such deployment, or not on this route and api-version."""

    alarming = True


class AccessDenied(GenerationError):
    """401 or 403 (``status``): the key, token, role or a network rule is wrong."""

    alarming = True

    def __init__(self, message: str = "", *, status: int = 401) -> None:
        super().__init__(message)
        self.status = status


class ResourceBlocked(GenerationError):
    """403: Azure blocked the whole resource for images because of what its users asked for."""

    alarming = True


class TokenUnavailable(GenerationError):
    """Entra ID gave no token, and there is no earlier one still valid."""

    alarming = True


class ServiceUnreachable(GenerationError):
    """The request was certainly not sent: refused connection, unknown host, no TLS."""


class ServiceFailed(GenerationError):
    """5xx. One that comes back at once was not drawn; a late one may have been (``billed``)."""

    def __init__(self, message: str, *, billed: Billed, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.billed = billed
        self.retry_after = retry_after


class FilterBroken(GenerationError):
    """The content filter itself failed, so Azure withheld the answer."""

    billed = Billed.UNKNOWN


class AnswerTimedOut(GenerationError):
    """The request was sent and no complete answer came in time."""

    billed = Billed.UNKNOWN

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no complete answer within {seconds:g} s")


class AnswerLost(GenerationError):
    """The request was sent and the connection broke before the answer was complete."""

    billed = Billed.UNKNOWN


class AnswerUnusable(GenerationError):
    """Azure answered 200 with something that holds no picture: not JSON, or no data."""

    billed = Billed.YES


class ImageUnusable(GenerationError):
    """Azure answered with image data that is not a valid image within the caps."""

    billed = Billed.YES


class DownloadRefused(ImageUnusable):
    """The link to the picture breaks a rule: foreign host, http, private address."""

    alarming = True


class DownloadFailed(ImageUnusable):
    """The link to the picture is allowed, but the download failed."""


class RequestRejected(GenerationError):
    """400 for a parameter: Easel sent something this model does not take. Our mistake.

    ``explained`` tells whether the answer had Azure's form, with a code or a message.
    """

    alarming = True

    def __init__(self, message: str = "", *, explained: bool = False) -> None:
        super().__init__(message)
        self.explained = explained


class ArchiveError(ServiceError):
    """An original could not be written to or read from the archive: disk full, no access, gone."""


class ExchangeRefused(ServiceError):
    """A file of limits cannot be imported; ``problems`` says why, one readable line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class AlreadyTaken(ServiceError):
    """The interaction was taken before: its event came twice, or another process of the bot took it."""


class JobCutOff(ServiceError):
    """Crashes cut the job off, and it cannot be finished: no call or time is left, or its drawing is lost."""


class StoreUnavailable(ServiceError):
    """The database is locked, full, read-only, damaged, gone or slow; whether it changed is unknown."""


class SchemaMismatch(StoreUnavailable):
    """The database's tables belong to a newer version of Easel, or to none."""


class DeliveryFailed(ServiceError):
    """Discord would not take the finished picture in any form."""


class UploadTooLarge(DeliveryFailed):
    """Discord refuses the files as too large, or no form of them fits; it may take smaller ones."""


class LoginRefused(ServiceError):
    """Discord refuses the bot's token."""


class GatewayRefused(ServiceError):
    """Discord closed the gateway connection and refuses a new one."""


class RegistrationRefused(ServiceError):
    """Discord did not register the slash commands."""


class ShuttingDown(ServiceError):
    """The bot is restarting and did not start, or could not finish, the job."""
