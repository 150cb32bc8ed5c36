from __future__ import annotations

import os

import pytest

pytest_plugins = ("tests.databases", "tests.distribution", "tests.profiles")

SETTINGS = ("ARCHIVE_URL", "AWS_", "AZURE_", "DATABASE_", "DISCORD_", "EASEL_", "OPENAI_", "PG")


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(SETTINGS):
            monkeypatch.delenv(name)
