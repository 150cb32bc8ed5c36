from __future__ import annotations

import os

import pytest

SETTINGS = ("AZURE_", "OPENAI_", "DISCORD_", "EASEL_")


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(SETTINGS):
            monkeypatch.delenv(name)
