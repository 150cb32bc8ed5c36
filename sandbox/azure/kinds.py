"""The kinds of fault the Azure side knows, grouped by when they act."""

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
"""Faults before the request is examined: the gateway answers, or nobody does. Nothing is drawn, except that
after `stall` the call proceeds as usual."""

PROMPT = frozenset({"prompt_refused", "filter_broken"})
"""Faults after the request is validated, before anything is drawn."""

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
"""The pictures are fine, but the list that holds them is not."""

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
"""The answer holds a link, even if the resource usually embeds pictures, and the link is bad."""

DELIVERY = frozenset(
    {"output_filtered", "late_status", "reset_midway", "truncate", "wrong_content_type", "stream_ignored"}
)
"""The pictures are drawn and billed, but the answer goes wrong."""

CUT = frozenset({"reset", "reset_midway", "truncate"})
"""Faults that leave the answer unfinished."""

TOKENS = frozenset({"token_down"})
"""Faults of the token endpoints only."""

AFTER_GATEWAY = PROMPT | PICTURE | ITEMS | LINKS | DELIVERY
IMAGES = GATEWAY | AFTER_GATEWAY
ALL = IMAGES | TOKENS

FOREVER_STALL = 600.0
"""Seconds a stall lasts by default: longer than any client waits."""

LATE = 4.0
"""Default delay of a late 5xx in seconds: late enough for the generation to have been billed."""


def simulated(prompt: object) -> Fault | None:
    """Return the fault that a visitor of the demo requests with `simulate:KIND` in the prompt, if any."""
    match = re.search(r"\bsimulate:(\w+)", prompt) if isinstance(prompt, str) else None
    return Fault(match[1]) if match and match[1] in IMAGES else None
