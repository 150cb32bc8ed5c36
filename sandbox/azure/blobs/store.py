"""Pictures by name, and the signatures that give access to them for a time."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

KEPT = 200
"""Most pictures kept; the oldest is dropped first, so that a long demo does not fill the memory."""


@dataclass(frozen=True, slots=True)
class Blob:
    """One stored picture.

    Attributes:
        data: Its bytes.
        content_type: Its media type.
        expires_at: When its link expires, on the monotonic clock.
        trick: The fault of its link, a kind from `kinds.LINKS`; empty for a good link.
        delay: Seconds a stalling link stalls.
    """

    data: bytes = field(repr=False)
    content_type: str
    expires_at: float
    trick: str = ""
    delay: float = 0.0


class BlobStore:
    """Pictures by name, and the signatures that give access to them."""

    def __init__(self) -> None:
        self._blobs: dict[str, Blob] = {}
        self._key = secrets.token_bytes(16)

    def put(self, blob: Blob, lifetime: float) -> str:
        """Keep a picture; return its name with the query that gives access to it.

        Args:
            blob: The picture.
            lifetime: Seconds until its link expires, as written into the link.
        """
        extension = "jpg" if blob.content_type == "image/jpeg" else "png"
        name = f"{secrets.token_hex(12)}.{extension}"
        self._blobs[name] = blob
        while len(self._blobs) > KEPT:
            del self._blobs[next(iter(self._blobs))]
        end = (datetime.now(UTC) + timedelta(seconds=lifetime)).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"se": end, "sp": "r", "sv": "2024-11-04", "sr": "b", "sig": self._sign(name, end)}
        return f"{name}?{urlencode(query)}"

    def get(self, name: str) -> Blob | None:
        """Return the picture of that name, if it is kept."""
        return self._blobs.get(name)

    def signed(self, name: str, end: str, signature: str) -> bool:
        """Return whether this store made a link's signature."""
        return hmac.compare_digest(self._sign(name, end).encode(), signature.encode())

    def _sign(self, name: str, end: str) -> str:
        return hmac.digest(self._key, f"{name}\0{end}".encode(), "sha256").hex()
