"""Where the published documents are not the whole truth: each place, what holds there, and why."""

from __future__ import annotations

from tests.contract.specifications import Amendment

DISCORD: tuple[Amendment, ...] = ()
AZURE_DATED: tuple[Amendment, ...] = ()
AZURE_V1: tuple[Amendment, ...] = ()
OPENAI: tuple[Amendment, ...] = ()
