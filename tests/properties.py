"""Properties are found by many small examples; no clock decides about them, and none are kept."""

from __future__ import annotations

from hypothesis import settings

UNHURRIED = settings(deadline=None, database=None)
"""For every property test: a busy machine makes no example wrong."""
