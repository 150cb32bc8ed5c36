"""Rules of the house that no linter knows: what the bot may not know, and what no file may name."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.telemetry.metrics import Metrics
from tests.needs import without

ROOT = Path(__file__).parents[2]
THE_BOT = ("bot", "cogs")

SANDBOX = re.compile("sandbox|simulat", re.IGNORECASE)

MACHINE = re.compile(r"(?<![\w.*])/(?:work|root|home|Users|tmp)/")
"""Folders of somebody's machine. A container's own, such as /opt and /data, are part of the product."""

REGISTRY = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:com|org)|docker\.io|ghcr\.io|mcr\.microsoft\.com)\b"
    r"|index-url[ =]+\w+:|\b(?:pypi|registry|artifactory|nexus|devpi|mirror)\.[\w-]+\.\w+",
    re.IGNORECASE,
)
"""Where packages and images come from is for the machine to say, not for the project."""


def tracked() -> list[Path]:
    """Every file that is, or is about to be, under version control."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        without("needs git, and a checkout of it")
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def mentions(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """The lines that match, with their places; files that are not text have none."""
    found = []
    for path in files:
        data = path.read_bytes()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    return found


def test_nothing_in_the_bot_mentions_the_sandbox() -> None:
    files = [path for path in tracked() if path.relative_to(ROOT).parts[0] in THE_BOT]
    assert files
    assert mentions(SANDBOX, files) == []


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    assert mentions(MACHINE, tracked()) == []


def test_no_file_names_a_registry() -> None:
    assert mentions(REGISTRY, tracked()) == []


def test_the_locks_name_no_host_at_all() -> None:
    locks = sorted(ROOT.glob("requirements*.lock"))
    assert len(locks) == 2
    assert mentions(re.compile("://"), locks) == []


# --- what the contracts on imports hold must be all there is ---------------------------------------------


def modules_of_the_bot() -> set[str]:
    """Its modules and packages, by their full names."""
    inside = (
        path for path in (ROOT / "bot").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    )
    return {f"bot.{path.stem}" for path in inside} - {"bot.__init__"}


def contract(kind: str, forbidden: list[str] | None = None) -> dict[str, Any]:
    """The one import contract in ``pyproject.toml`` of a kind, and about these modules."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    (found,) = [
        each
        for each in tools["importlinter"]["contracts"]
        if (each["type"], each.get("forbidden_modules")) == (kind, forbidden)
    ]
    return dict(found)


def test_every_room_of_the_bot_but_one_is_kept_from_discord() -> None:
    assert modules_of_the_bot() - set(contract("forbidden", ["discord"])["source_modules"]) == {"bot.discord"}


def test_every_module_of_the_bot_has_its_layer() -> None:
    layers = {name for layer in contract("layers")["layers"] for name in layer.split(" | ")}
    assert layers - {"cogs"} == modules_of_the_bot()


# --- what the documents list must be all there is ---------------------------------------------------------


def test_every_metric_is_told_of_and_every_metric_told_of_exists() -> None:
    served = re.findall(r"^# TYPE (easel_\w+)", Metrics().render().decode(), re.MULTILINE)
    listed = re.findall(r"^\| `(easel_\w+)`", (ROOT / "docs/metrics.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(name for name in served if not name.endswith("_created"))


def test_every_decision_is_in_their_list() -> None:
    records = ROOT / "docs/decisions"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (records / "README.md").read_text("utf-8"))
    assert listed == sorted(path.name for path in records.glob("[0-9]*.md"))


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (SANDBOX, "if settings.in_the_Sandbox:"),
        (MACHINE, "see " + "/home" + "/somebody/notes"),
        (MACHINE, 'open("' + "/tmp" + '/log")'),
        (REGISTRY, "FROM ghcr" + ".io/somebody/something"),
        (REGISTRY, "--extra-index-url" + " https://example.com/simple"),
        (REGISTRY, "https://pypi" + ".example.com/simple"),
    ],
)
def test_the_search_finds_what_it_is_for(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


@pytest.mark.parametrize("line", ["ENV PATH=/opt/easel/bin:$PATH", "uv pip compile --no-emit-index-url"])
def test_the_search_lets_the_rest_be(line: str) -> None:
    assert not MACHINE.search(line)
    assert not REGISTRY.search(line)
