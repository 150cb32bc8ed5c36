"""The findings of ``python -m bot doctor``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked.

    Attributes:
        subject: what was checked.
        detail: what was found.
        advice: what to do about it; empty if nothing is wrong.
    """

    subject: str
    detail: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.advice
