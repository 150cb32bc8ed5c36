"""Azure's error answers, told apart by meaning: one error class for each.

Decided by status, ``code``, ``inner_error.code`` and message text, because Azure uses one
status for many meanings and several spellings for one.

Sources: dated specification 2025-04-01-preview (``dalleErrorResponse``), Microsoft's image how-to
(azure-ai-docs, articles/foundry/openai/how-to/dall-e.md, 2026-04-17) and Foundry error page
(troubleshoot-errors.md, 2026-09-20); the 403 block is described in pollinations/pollinations#12446.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.errors import (
    AccessDenied,
    Billed,
    DeploymentBusy,
    DeploymentMissing,
    EaselError,
    FilterBroken,
    OutputFiltered,
    PromptRefused,
    RequestRejected,
    ResourceBlocked,
    ServiceFailed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

REFUSAL_CODES = frozenset(
    {
        "content_policy_violation",
        "content_filter",
        "contentfilter",
        "moderation_blocked",
        "responsibleaipolicyviolation",
    }
)
_RESULTS = ("content_filter_results", "content_filter_result")
FILTER_BROKEN_CODE = "content_filter_error"
SURELY_UNBILLED = 3.0
"""Seconds: a request that fails with a 5xx this fast was not drawn (no model draws in less than 10 s)."""

_OUTPUT_TEXT = re.compile(r"image.*was (filtered|blocked)", re.IGNORECASE)
_REFUSAL_TEXT = re.compile(r"safety system|content (filter|policy|management)", re.IGNORECASE)
_BLOCKED_TEXT = re.compile(r"temporar\w+ blocked|blocked .*(content policy|behaviou?r)", re.IGNORECASE)
_RETRY_TEXT = re.compile(r"retry after (\d+(?:\.\d+)?) (milli)?seconds?", re.IGNORECASE)
_VIOLATIONS_TEXT = re.compile(r"safety_violations=\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The parts of an error answer that carry meaning, whatever its spelling."""

    code: str = ""
    inner_code: str = ""
    message: str = ""
    param: str = ""
    type: str = ""
    categories: tuple[str, ...] = field(default=())

    @classmethod
    def read(cls, body: object) -> ErrorBody:
        """Find the error in a decoded JSON answer, whether nested, flat or missing."""
        error = body.get("error", body) if isinstance(body, dict) else None
        if not isinstance(error, dict):
            return cls(message=error if isinstance(error, str) else "")
        inner = _table(error, "inner_error", "innererror")
        results = _table(inner, *_RESULTS) or _table(error, *_RESULTS)
        message = _text(error, "message")
        named = _VIOLATIONS_TEXT.search(message)
        return cls(
            code=_text(error, "code").lower(),
            inner_code=_text(inner, "code").lower(),
            message=message,
            param=_text(error, "param"),
            type=_text(error, "type").lower(),
            categories=_filtered(results)
            or tuple(filter(None, re.split(r"[,\s]+", named[1] if named else ""))),
        )

    @property
    def is_refusal(self) -> bool:
        """Whether the content filter refused the prompt or the picture."""
        return not REFUSAL_CODES.isdisjoint({self.code, self.inner_code, self.type})


def error_for(status: int, body: object, headers: Mapping[str, str], *, elapsed: float) -> EaselError:
    """Return the error that an answer with ``status`` (400 or above) means.

    Args:
        status: the HTTP status.
        body: the decoded JSON, or anything else if it was not JSON.
        headers: the answer's headers, looked up in lower case.
        elapsed: seconds from sending the request to the answer.
    """
    read = ErrorBody.read(body)
    if read.code == FILTER_BROKEN_CODE:
        return FilterBroken("the content filter failed")
    wait = retry_after(headers, read.message)
    what = f"{status} {read.code}".strip()
    if status == 403 and _BLOCKED_TEXT.search(read.message):
        return ResourceBlocked("403: the resource is blocked for images by Azure")
    if status in {408, 409} or (status >= 500 and not read.is_refusal):
        billed = Billed.NO if elapsed <= SURELY_UNBILLED else Billed.UNKNOWN
        return ServiceFailed(what, billed=billed, retry_after=wait)
    if status == 429:
        return DeploymentBusy(what, retry_after=wait)
    if status in {401, 403, 404}:
        return DeploymentMissing(what) if status == 404 else AccessDenied(what, status=status)
    return refusal_of(read) or RequestRejected(
        f"{what} param={read.param or '-'}", explained=bool(read.code or read.message)
    )


def refusal_of(read: ErrorBody) -> PromptRefused | OutputFiltered | None:
    """Return the content filter's verdict in ``read``, if there is one."""
    if not read.is_refusal and not _REFUSAL_TEXT.search(read.message):
        return None
    if _OUTPUT_TEXT.search(read.message):
        return OutputFiltered("the content filter held back the picture")
    return PromptRefused(read.categories)


def retry_after(headers: Mapping[str, str], message: str) -> float | None:
    """Return the seconds to wait, by ``retry-after-ms``, ``Retry-After`` (seconds or date) or the message."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    if (seconds := _number(value)) is not None:
        return seconds
    if value:
        with contextlib.suppress(ValueError, OverflowError):
            until = email.utils.parsedate_to_datetime(value)
            # A date that names no zone ("-0000") is in UTC (RFC 5322, section 3.3).
            until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
            return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())
    if found := _RETRY_TEXT.search(message):
        return float(found[1]) / (1000 if found[2] else 1)
    return None


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < float("inf") else None


def _table(parent: object, *names: str) -> dict[str, Any]:
    if not isinstance(parent, dict):
        return {}
    return next((value for name in names if isinstance(value := parent.get(name), dict)), {})


def _text(parent: dict[str, Any], name: str) -> str:
    value = parent.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _filtered(results: dict[str, Any]) -> tuple[str, ...]:
    return tuple(
        name
        for name, verdict in results.items()
        if isinstance(verdict, dict) and verdict.get("filtered") is True
    )
