from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.config.settings import ConfigurationError, Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT = "https://example.openai.azure.com"
ENOUGH = {
    "DISCORD_TOKEN": "made-up-token",
    "AZURE_OPENAI_ENDPOINT": ENDPOINT,
    "AZURE_OPENAI_DEPLOYMENTS": "art=gpt-image-2",
}


class Environment:
    """The variables and the folder that settings are read from."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._monkeypatch = monkeypatch
        self._folder = folder

    def load(self, **variables: str | None) -> Settings:
        """The settings of ``ENOUGH`` and ``variables``; None takes one of ``ENOUGH`` away."""
        for name, value in {**ENOUGH, **variables}.items():
            if value is not None:
                self._monkeypatch.setenv(name, value)
        return load_settings()

    def problems(self, **variables: str | None) -> list[str]:
        with pytest.raises(ConfigurationError) as raised:
            self.load(**variables)
        assert all("\n" not in problem for problem in raised.value.problems)
        return raised.value.problems

    def write(self, text: str, name: str = "easel.toml") -> None:
        (self._folder / name).write_text(text, encoding="utf-8")
