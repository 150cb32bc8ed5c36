"""Makes what somebody typed short and harmless enough to repeat."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN_TYPED = 60
"""Maximum number of characters repeated in an answer from any option but the prompt."""

_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVITE = re.compile(r"(discord(?:app)?\.(?:gg|com))/", re.IGNORECASE)
_MARKDOWN = re.compile(r"([\\*_~`|>#\[\]()<-])")


def escape(text: str) -> str:
    """Return ``text`` on one line, with nothing in it that Discord would format, link, unfurl or ping."""
    # Half a surrogate pair cannot be sent, and a NUL is invisible.
    whole = text.encode("utf-8", "ignore").decode().replace("\0", "")
    line = " ".join(_BIDI_CONTROLS.sub("", whole).split())
    line = _MARKDOWN.sub(r"\\\1", line)
    # A zero-width space breaks up mentions and links: clients highlight and unfurl them even if
    # allowed_mentions keeps them from pinging.
    line = line.replace("@", "@\u200b").replace("://", ":\u200b//")
    return _INVITE.sub("\\1\u200b/", line)


def as_typed(text: str) -> str:
    """Return what somebody typed, short and harmless enough to repeat."""
    return escape(text if len(text) <= SHOWN_TYPED else text[:SHOWN_TYPED] + "…")


def listed(words: Sequence[str], last: str) -> str:
    """Join words as in ``a, b or c``."""
    *head, tail = words or ("—",)
    return f"{', '.join(head)} {last} {tail}" if head else tail
