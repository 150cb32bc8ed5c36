from __future__ import annotations

from sandbox.azure.access.tokens import TokenStore

AUDIENCE = "https://cognitiveservices.azure.com"


def test_token_is_taken_until_it_expires_or_is_revoked() -> None:
    store = TokenStore()
    long = store.issue(AUDIENCE, 60, tenant="t", client="c")
    short = store.issue(AUDIENCE, 0, tenant="t", client="c")
    assert long.text.count(".") == 2
    assert store.accepts(long.text)
    assert not store.accepts(short.text)
    assert not store.accepts("made-up")
    store.revoke_all()
    assert not store.accepts(long.text)
