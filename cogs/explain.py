"""Turns an error into words; ``cogs/errors.py`` and ``cogs/limits/errors.py`` register theirs."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cogs.locales import Translate


@singledispatch
def explain(error: BaseException, _: Translate) -> str:
    """Say what happened and what the member can do next."""
    del error
    return _("Something broke on our side, and it has been logged. You were not charged. Please try again.")
