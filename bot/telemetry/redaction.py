"""Removes secrets from text before anybody reads it.

Easel's own messages contain none, but those of libraries do: discord.py logs the URL of an interaction in a
warning, token and all, and a traceback quotes whatever an exception's message says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

REDACTED = "[redacted]"

MIN_SECRET_LENGTH = 6
"""Removing a shorter value would hit ordinary words; no real key or token is that short."""

_PATTERNS = (
    # Tokens of interactions and webhooks are part of the path: /interactions/{id}/{token}/callback.
    r"""(/(?:webhooks|interactions)/\d+/)[^\s/?#"']+""",
    # Signatures in links: those of Azure's shared access and of Discord's CDN.
    r"""(\b(?:sig|hm)=)[^\s&"']+""",
    r"(?i)(\bBearer\s+)[\w.~+/=-]{8,}",
    # Longer here, or "Bot disconnected" would hide what happened.
    r"(\b(?:Bot|Basic)\s+)[\w.~+/=-]{20,}",
    # A field by its name, as in a header, a form, JSON, or Python's repr of any of these.
    r"""(?xi)(
        \b(?: api[-_]?key | (?:access|refresh|id)[-_]?token | client[-_]?(?:secret|assertion)
            | x-identity-header | authorization | password )
        \\*(?: ["']\s*,\s* | ["']?\s*[:=]\s* ) (?: b?\\*["'] )?+
    )
    (?! (?:Bearer|Bot|Basic)\s | \[redacted\] ) [^\s"',;&\\)}\]]+
    """,
    # A JSON Web Token, as Entra ID makes them, and a bot token of Discord.
    r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*",
    r"\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}",
)
"""What is removed wherever it occurs, except for the first group, if there is one."""


class Redactor:
    """Replaces secrets in text: those it was given, and whatever looks like one.

    Args:
        secrets: the settings' secret values; empty and very short ones are left alone.
    """

    def __init__(self, secrets: Collection[str]) -> None:
        # Longest first, so that a secret that contains another is removed as a whole.
        told = sorted({s for s in secrets if len(s) >= MIN_SECRET_LENGTH}, key=len, reverse=True)
        self._told = re.compile("|".join(map(re.escape, told))) if told else None
        self._looks_like_one = [re.compile(pattern) for pattern in _PATTERNS]

    def __call__(self, text: str) -> str:
        """Return ``text`` without its secrets."""
        if self._told:
            text = self._told.sub(REDACTED, text)
        for pattern in self._looks_like_one:
            text = pattern.sub(_keeping_the_name, text)
        return text


def _keeping_the_name(match: re.Match[str]) -> str:
    return (match[1] if match.re.groups else "") + REDACTED
