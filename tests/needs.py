"""What a test cannot do without: skipped where it is missing, and failed in CI, which has to have it."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def without(reason: str) -> NoReturn:
    """End a test, or all that need a fixture, because something of the machine is missing."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason} (with CI set nothing may be missing)", pytrace=False)
    pytest.skip(reason)
