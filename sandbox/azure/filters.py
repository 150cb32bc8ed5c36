"""The annotations of Azure's content filter on prompts and pictures (specification 2025-04-01-preview)."""

from __future__ import annotations

from typing import Any

CATEGORIES = ("sexual", "violence", "hate", "self_harm")


def image_results(**severities: str) -> dict[str, Any]:
    """Return the `content_filter_results` of a picture; categories given a severity count as filtered."""
    return {
        category: {"filtered": category in severities, "severity": severities.get(category, "safe")}
        for category in CATEGORIES
    }


def prompt_results(**severities: str) -> dict[str, Any]:
    """Return `prompt_filter_results`, or the `content_filter_results` of a refusal's inner error."""
    return {
        **image_results(**severities),
        "profanity": {"filtered": False, "detected": False},
        "jailbreak": {"filtered": False, "detected": False},
        "custom_blocklists": {"filtered": False, "details": []},
    }
