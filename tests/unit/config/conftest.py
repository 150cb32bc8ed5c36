from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.config.environment import Environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    monkeypatch.chdir(tmp_path)
    for name in ("ARCHIVE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return Environment(monkeypatch, tmp_path)
