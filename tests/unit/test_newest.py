"""Which Pythons ``make newest`` finds on a machine, and in which order it tries them."""

from __future__ import annotations

import json
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from tests.needs import without
from tests.newest import OLDEST, ROOT, TRIED, VENV, Python, find, newest_first, why

if TYPE_CHECKING:
    from pathlib import Path


def program(path: Path, *version: int, plain: bool = True) -> Path:
    """A program that says it is this Python, whatever it is asked."""
    told = json.dumps({"plain": plain, "version": version, "program": str(path)})
    return script(path, f"echo '{told}'")


def script(path: Path, line: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def versions(**environment: Any) -> list[tuple[int, int, int]]:
    found = find({name: str(value) for name, value in environment.items()})
    return [python.version for python in newest_first(found)]


def test_the_newest_comes_first_by_number_and_not_by_letter() -> None:
    found = {
        Python((3, 9, 1), "a"),
        Python((3, 13, 0), "b"),
        Python((3, 12, 10), "c"),
        Python((3, 12, 9), "d"),
    }
    assert [python.program for python in newest_first(found)] == ["b", "c", "d", "a"]


def test_every_python_on_the_path_is_found(tmp_path: Path) -> None:
    program(tmp_path / "one/python3.12", 3, 12, 1)
    program(tmp_path / "two/python3.14", 3, 14, 0)
    program(tmp_path / "two/python3.14-config", 3, 99, 0)
    path = f"{tmp_path / 'one'}:{tmp_path / 'missing'}:{tmp_path / 'two'}"
    assert versions(PATH=path) == [(3, 14, 0), (3, 12, 1)]


def test_the_same_python_under_two_names_is_one(tmp_path: Path) -> None:
    python = program(tmp_path / "one/python3.12", 3, 12, 1)
    (tmp_path / "two").mkdir()
    (tmp_path / "two/python3.12").symlink_to(python)
    assert versions(PATH=f"{tmp_path / 'one'}:{tmp_path / 'two'}") == [(3, 12, 1)]


def test_pyenv_has_its_versions_whether_selected_or_not(tmp_path: Path) -> None:
    root = tmp_path / "root"
    program(root / "versions/3.13.0/bin/python3.13", 3, 13, 0)
    program(root / "versions/3.12.1/bin/python3.12", 3, 12, 1)
    assert versions(PATH=tmp_path, PYENV_ROOT=root) == [(3, 13, 0), (3, 12, 1)]


def test_pyenv_is_asked_where_its_versions_are(tmp_path: Path) -> None:
    program(tmp_path / "root/versions/3.13.0/bin/python3.13", 3, 13, 0)
    script(tmp_path / "bin/pyenv", f'[ "$1" = root ] && echo "{tmp_path / "root"}"')
    assert versions(PATH=tmp_path / "bin") == [(3, 13, 0)]


def test_what_is_too_old_or_has_no_wheels_or_does_not_answer_is_left_out(tmp_path: Path) -> None:
    program(tmp_path / "python3.10", 3, 10, 13)
    program(tmp_path / "python3.15", 3, 15, 0, plain=False)
    script(tmp_path / "python3.14", "echo not selected >&2; exit 127")
    script(tmp_path / "python3.13", "echo hello")
    program(tmp_path / "python3.11", 3, 11, 0)
    assert versions(PATH=tmp_path) == [(3, 11, 0)]


PIP = """
WARNING: cache disabled
ERROR: Could not find a version that satisfies the requirement dbm==1 (from versions: none)
ERROR: No matching distribution found for dbm==1
"""
VENV_SAYS = """
The virtual environment was not created successfully because ensurepip is not available.

Failing command: python3.13
"""


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (PIP, "No matching distribution found for dbm==1"),
        (
            VENV_SAYS,
            "The virtual environment was not created successfully because ensurepip is not available.",
        ),
        ("", "no reason is given"),
    ],
)
def test_the_reason_is_the_line_that_says_most(output: str, reason: str) -> None:
    assert why(output) == reason


def test_what_is_tried_is_there() -> None:
    assert [name for name in TRIED if not (ROOT / name).exists()] == []


def test_the_oldest_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=" + ".".join(map(str, OLDEST))


def test_git_and_docker_do_not_see_its_environment() -> None:
    try:
        ignored = subprocess.run(("git", "check-ignore", "-q", f"{VENV.name}/bin"), cwd=ROOT, check=False)
    except OSError:
        without("needs git")
    if ignored.returncode == 128:
        without("needs a checkout of git")
    assert ignored.returncode == 0
    named = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in named
    assert [line for line in named if line.startswith("!.venv")] == []
