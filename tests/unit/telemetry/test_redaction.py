from __future__ import annotations

import pytest

from bot.telemetry.redaction import Redactor

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2NvZ25pdGl2ZXNlcnZpY2VzIn0.c2lnbmF0dXJl_x-y"
BOT_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OmFiY2RlZg=="


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            f"PATCH https://discord.com/api/v10/webhooks/123/{INTERACTION_TOKEN}/messages/@original failed",
            "PATCH https://discord.com/api/v10/webhooks/123/[redacted]/messages/@original failed",
        ),
        (f"/interactions/42/{INTERACTION_TOKEN}/callback?x=1", "/interactions/42/[redacted]/callback?x=1"),
        ("/webhooks/123/short", "/webhooks/123/[redacted]"),
        ("https://a/b.png?sv=1&sig=a%2Bb%3D&se=2", "https://a/b.png?sv=1&sig=[redacted]&se=2"),
        ("a.png?ex=1&is=2&hm=0123abcd", "a.png?ex=1&is=2&hm=[redacted]"),
        (f"Authorization: Bearer {JWT}", "Authorization: Bearer [redacted]"),
        ("authorization: bearer abcdefgh1234", "authorization: bearer [redacted]"),
        (f"'Authorization': 'Bot {BOT_TOKEN}'", "'Authorization': 'Bot [redacted]'"),
        ("api-key: 0123456789abcdef", "api-key: [redacted]"),
        ('{"api-key": "0123456789abcdef", "n": 1}', '{"api-key": "[redacted]", "n": 1}'),
        ("[(b'api-key', b'0123456789abcdef')]", "[(b'api-key', b'[redacted]')]"),
        (r"{\"api_key\":\"0123456789abcdef\"}", r"{\"api_key\":\"[redacted]\"}"),
        ("api_key=abc&client_secret=def;x", "api_key=[redacted]&client_secret=[redacted];x"),
        (f'"access_token": "{JWT}"', '"access_token": "[redacted]"'),
        ("X-IDENTITY-HEADER: abc", "X-IDENTITY-HEADER: [redacted]"),
        (f"token {JWT} was refused", "token [redacted] was refused"),
        (f"logged in with {BOT_TOKEN}", "logged in with [redacted]"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str, clean: str) -> None:
    assert Redactor([])(text) == clean
    assert Redactor([])(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        "Bot disconnected from the gateway",
        "Shard ID 0 has connected to Gateway (Session ID: 0123456789abcdef0123456789abcdef).",
        "interaction 123456789012345678 acknowledged in 12 ms",
        "kept 2026/11/22/123456789012345678-1.png",
        "AccessDenied: the key, token or role is wrong",
        "https://account.openai.azure.com/openai/deployments/studio/images/generations?api-version=2025-04-01",
    ],
)
def test_ordinary_messages_stay_as_they_are(text: str) -> None:
    assert Redactor([])(text) == text


def test_secrets_it_was_told_are_taken_out_wherever_they_stand() -> None:
    redact = Redactor(["hunter22", "hunter22-and-more", "(a+b)*c"])
    assert redact("xhunter22x hunter22-and-more (a+b)*c") == "x[redacted]x [redacted] [redacted]"


def test_empty_and_very_short_secrets_do_not_blot_out_words() -> None:
    assert Redactor(["", "a", "the"])("the cat") == "the cat"
