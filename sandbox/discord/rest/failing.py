"""The faults that can be injected into REST API calls, and how each one looks to the bot.

==================== =======================================================================
kind                 what happens (parameters besides ``delay``, the seconds before it acts)
==================== =======================================================================
status               no effect; answered with ``status`` (500), and with ``data["code"]`` and
                     ``data["message"]`` if given
reset                no effect; the connection is reset
stall                no effect and no answer; the connection is closed after ``delay``
too_large            413, code 40005
rate_limited         429 with ``retry_after`` (1.0); ``data["global"]``; without a Via header,
                     as from the edge network, if ``data["via"]`` is False
unknown_interaction  404, code 10062
already_acknowledged 400, code 40060
slow                 after ``delay`` the call is served as usual
effect_status        the call takes effect, then ``status`` is answered
effect_reset         the call takes effect, then the connection is reset
effect_slow          the call takes effect at once, the answer comes after ``delay``
==================== =======================================================================
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from sandbox.discord.rules.errors import already_acknowledged, too_large, unknown_interaction

if TYPE_CHECKING:
    from sandbox.discord.rules.errors import ApiError
    from sandbox.faults import Fault

JSON = "application/json"
VIA = "1.1 google"
EFFECT_KINDS = frozenset({"effect_status", "effect_reset", "effect_slow"})
ERROR_KINDS: dict[str, ApiError] = {
    "too_large": too_large(),
    "unknown_interaction": unknown_interaction(),
    "already_acknowledged": already_acknowledged(),
}
KINDS = frozenset({"status", "reset", "stall", "rate_limited", "slow", *ERROR_KINDS, *EFFECT_KINDS})
PHRASES = {int(status): status.phrase for status in HTTPStatus}


def faulty_answer(fault: Fault) -> web.Response:
    """Return the answer a fault gives in place of the real one."""
    if fault.kind == "rate_limited":
        return rate_limited(
            fault.retry_after if fault.retry_after is not None else 1.0,
            is_global=bool(fault.data.get("global", False)),
            via=bool(fault.data.get("via", True)),
        )
    if fault.kind in ERROR_KINDS:
        error = ERROR_KINDS[fault.kind]
        return json_response(error.status, error.body)
    return _status(fault)


def _status(fault: Fault) -> web.Response:
    status = fault.status or 500
    phrase = PHRASES.get(status, "Error")
    if status in {502, 503, 504} and "code" not in fault.data:
        # These come from the proxies in front of Discord, which do not speak JSON.
        html = f"<html>\r\n<head><title>{status} {phrase}</title></head>\r\n<body></body>\r\n</html>"
        return web.Response(status=status, text=html, content_type="text/html", headers={"Via": VIA})
    message = fault.data.get("message", f"{status}: {phrase}")
    return json_response(status, {"message": message, "code": fault.data.get("code", 0)})


def rate_limited(
    retry_after: float, *, is_global: bool, via: bool = True, headers: dict[str, str] | None = None
) -> web.Response:
    """Return a 429; without Via it looks like one from the edge network, which libraries do not retry."""
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": is_global}
    response = json_response(429, body, {"Retry-After": f"{retry_after:.3f}", **(headers or {})})
    if not via:
        del response.headers["Via"]
    return response


def json_response(status: int, data: object, headers: dict[str, str] | None = None) -> web.Response:
    """Return a JSON answer. The Content-Type must be bare: with a charset discord.py takes it for text."""
    body = orjson.dumps(data)
    return web.Response(
        status=status, body=body, headers={"Content-Type": JSON, "Via": VIA, **(headers or {})}
    )
