"""Entra access tokens: issued, remembered, revoked."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from uuid import uuid4

ACCEPTED_AUDIENCES = frozenset({"https://cognitiveservices.azure.com", "https://ai.azure.com"})
"""Audiences the data plane accepts (specifications name the first, Microsoft's newer pages the second)."""

KNOWN_AUDIENCES = ACCEPTED_AUDIENCES | {
    "https://management.azure.com",
    "https://graph.microsoft.com",
    "https://vault.azure.net",
    "https://storage.azure.com",
}
"""Audiences Entra issues tokens for; any other resource does not exist in the tenant."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        text: What follows "Bearer " in the header.
        audience: The resource it is for.
        lifetime: Seconds it is valid.
        expires_on: When it expires, in Unix seconds.
        expires_at: The same on the monotonic clock, which the checks use.
    """

    text: str
    audience: str
    lifetime: float
    expires_on: int
    expires_at: float


class TokenStore:
    """All tokens that were issued and not revoked."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def issue(self, audience: str, lifetime: float, *, tenant: str, client: str) -> Token:
        """Issue a token that looks like a JWT; its signature is a placeholder."""
        now = time.time()
        expires_on = int(now + lifetime)
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant}/",
            "iat": int(now),
            "exp": expires_on,
            "appid": client,
            "tid": tenant,
            "uti": uuid4().hex,
        }
        text = ".".join((_part({"typ": "JWT", "alg": "none"}), _part(claims), "sandbox"))
        token = Token(text, audience, lifetime, expires_on, time.monotonic() + lifetime)
        self._tokens[text] = token
        return token

    def accepts(self, text: str) -> bool:
        """Return whether the data plane accepts this token now."""
        token = self._tokens.get(text)
        return (
            token is not None and token.audience in ACCEPTED_AUDIENCES and time.monotonic() < token.expires_at
        )

    def revoke_all(self) -> None:
        """Invalidate every token issued so far."""
        self._tokens.clear()


def _part(content: dict[str, object]) -> str:
    return urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).rstrip(b"=").decode()
