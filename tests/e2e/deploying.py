"""Bots whose deployments are in ``easel.toml``, for tests of how capacity is shared and kept to."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tests.e2e.bot_process import GENEROUS

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Sandbox


def configure(directory: Path, sandbox: Sandbox, *names: str, more: str = "") -> dict[str, str]:
    """Write an ``easel.toml`` with these deployments of one model: the settings that go with it.

    Args:
        directory: where the bot will run.
        sandbox: gets the same deployments.
        names: of the deployments.
        more: lines about each of them.
    """
    key = sandbox.azure.options.api_key
    deployments = dict.fromkeys(names, "gpt-image-2")
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, deployments=deployments)
    tables = [
        f"""
        [[deployments]]
        name = "{name}"
        model = "gpt-image-2"
        endpoint = "{sandbox.url}"
        api_key_env = "ART_KEY"
        {more}
        """
        for name in names
    ]
    (directory / "easel.toml").write_text(GENEROUS + "".join(tables), encoding="utf-8")
    return {"ART_KEY": key, "AZURE_OPENAI_DEPLOYMENTS": ""}
