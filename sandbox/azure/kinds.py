"""The kinds of fault the Azure side knows, grouped by the moment they act."""

from __future__ import annotations

import re

from sandbox.faults import Fault

GATEWAY = frozenset(
    {
        "unauthorized",
        "forbidden_role",
        "deployment_missing",
        "resource_blocked",
        "rate_limited",
        "status",
        "stall",
        "reset",
        "not_json",
        "html",
    }
)
"""Before the request is looked at: the front door answers, or nobody does. Nothing is drawn; but after
`stall` the call goes on as if nothing had been."""

PROMPT = frozenset({"prompt_refused", "filter_broken"})
"""After the request was found good, before anything is drawn."""

PICTURE = frozenset(
    {
        "html_image",
        "corrupt_image",
        "truncated_image",
        "wrong_type_image",
        "wrong_size_image",
        "oversized_image",
        "bomb",
    }
)
"""The bytes of the pictures are spoilt."""

ITEMS = frozenset(
    {"bad_base64", "null_image", "empty_data", "fewer_images", "partly_filtered", "error_in_200"}
)
"""The pictures are fine, the list they come in is not."""

LINKS = frozenset(
    {
        "url_private",
        "url_http",
        "url_foreign",
        "url_redirect_private",
        "url_redirect_http",
        "url_html",
        "url_404",
        "url_stall",
        "url_oversized",
    }
)
"""The answer holds a link, whatever the resource usually answers, and the link is a bad one."""

DELIVERY = frozenset(
    {"output_filtered", "late_status", "reset_midway", "truncate", "wrong_content_type", "stream_ignored"}
)
"""The pictures were drawn, and billed; the answer goes wrong."""

CUT = frozenset({"reset", "reset_midway", "truncate"})
"""Those that never finish an answer."""

TOKENS = frozenset({"token_down"})
"""Only the token endpoints."""

AFTER_GATEWAY = PROMPT | PICTURE | ITEMS | LINKS | DELIVERY
IMAGES = GATEWAY | AFTER_GATEWAY
ALL = IMAGES | TOKENS

FOREVER_STALL = 600.0
"""Seconds a stall lasts if it says nothing else: longer than any client waits."""

LATE = 4.0
"""Seconds after which a late 5xx comes if it says nothing else: late enough to have been billed."""


def simulated(prompt: object) -> Fault | None:
    """The fault a visitor of the demo asks for by writing `simulate:KIND` into the prompt, if any."""
    match = re.search(r"\bsimulate:(\w+)", prompt) if isinstance(prompt, str) else None
    return Fault(match[1]) if match and match[1] in IMAGES else None
