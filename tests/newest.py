"""``python -m tests.newest``: the unit layer, and one picture, on the newest Python of this machine.

The suite runs on the Python that ``.venv`` was made with; operators run Easel on whichever they have.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).parents[1]
VENV = ROOT / ".venv-newest"
STAMP = VENV / ".installed"
LOCK = "requirements-dev.lock"

TRIED = ("tests/unit", "tests/e2e/test_imagine.py")
OLDEST = (3, 11)
"""Of ``requires-python`` in ``pyproject.toml``."""

PATIENCE = 30.0
"""Seconds that a program gets to say which Python it is."""

_NAME = re.compile(r"python3\.\d+")
_QUESTION = """
import json, os, sys, sysconfig
print(json.dumps({
    "plain": sys.implementation.name == "cpython" and sys.version_info.releaselevel == "final"
             and not sysconfig.get_config_var("Py_GIL_DISABLED"),
    "version": sys.version_info[:3],
    "program": os.path.realpath(sys.executable),
}))
"""


@dataclass(frozen=True, slots=True, order=True)
class Python:
    """An interpreter of this machine, in order of its version."""

    version: tuple[int, int, int]
    program: str

    def __str__(self) -> str:
        return "Python " + ".".join(map(str, self.version))

    @property
    def minor(self) -> tuple[int, int]:
        """What decides which wheels it takes."""
        return self.version[:2]


class Unfit(Exception):
    """A Python that Easel cannot be installed for, and why."""


def main() -> int:
    """Try the newest Python that can have everything in the lock; return 0 unless something failed on it."""
    suite = Python(sys.version_info[:3], sys.executable)
    for python in newest_first(find(os.environ)):
        if python.minor <= suite.minor:
            break
        try:
            install(python)
        except Unfit as reason:
            _say(f"{python} is passed over: {reason}")
        else:
            _say(f"{' and '.join(TRIED)} on {python}; the suite ran on {suite}")
            return subprocess.run(
                (VENV / "bin/python", "-m", "pytest", *TRIED), cwd=ROOT, check=False
            ).returncode
    _say(f"nothing more to try: the suite ran on {suite}, and no newer minor version can be had here")
    return 0


def find(environment: Mapping[str, str]) -> set[Python]:
    """Every ordinary Python that is on the ``PATH`` or that pyenv has, and is not too old for Easel."""
    asked = map(_ask, {*_on_path(environment), *_of_pyenv(environment)})
    return {python for python in asked if python is not None and python.minor >= OLDEST}


def newest_first(found: Iterable[Python]) -> list[Python]:
    """In the order in which they are tried."""
    return sorted(found, reverse=True)


def install(python: Python) -> None:
    """Make ``.venv-newest`` with everything in it, unless it is there already.

    Raises:
        Unfit: It has no ``ensurepip``, there is no wheel for it of something in the lock, or the like.
        SystemExit: It has all that, and Easel cannot be installed all the same.
    """
    stamp = _stamp(python)
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == stamp:
        return
    _run(python.program, "-m", "venv", "--clear", str(VENV))
    pip = (str(VENV / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    # Wheels only, as in the image: what can be compiled here cannot be compiled by every operator.
    _run(*pip, "--only-binary", ":all:", "--require-hashes", "-r", LOCK)
    try:
        _run(*pip, "--no-deps", "--no-build-isolation", "--editable", ".")
    except Unfit as reason:
        # Easel itself, and so no reason to be content with another Python.
        raise SystemExit(f"newest: Easel cannot be installed on {python}: {reason}") from None
    STAMP.write_text(stamp, encoding="utf-8")


def why(output: str) -> str:
    """The line of a failed command's output that says most."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    # pip ends with what it is all about; venv begins with it.
    return errors[-1] if errors else next(iter(lines), "no reason is given")


def _on_path(environment: Mapping[str, str]) -> Iterator[Path]:
    for folder in os.get_exec_path(environment):
        yield from _named(Path(folder))


def _of_pyenv(environment: Mapping[str, str]) -> Iterator[Path]:
    """Its versions; of those on the ``PATH``, only the selected one answers."""
    root = environment.get("PYENV_ROOT")
    pyenv = shutil.which("pyenv", path=environment.get("PATH"))
    if not root and pyenv:
        root = subprocess.run((pyenv, "root"), capture_output=True, check=False, text=True).stdout.strip()
    if root:
        for folder in Path(root).glob("versions/*/bin"):
            yield from _named(folder)


def _named(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from (path for path in folder.iterdir() if _NAME.fullmatch(path.name))


def _ask(program: Path) -> Python | None:
    """Which Python it is; None if it is none, or not one that packages have wheels for."""
    try:
        answer = subprocess.run(
            (program, "-I", "-c", _QUESTION), capture_output=True, check=True, timeout=PATIENCE
        ).stdout
        told = json.loads(answer)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    major, minor, micro = told["version"]
    return Python((major, minor, micro), told["program"]) if told["plain"] else None


def _stamp(python: Python) -> str:
    """What the folder was made with and from: made anew when anything of it is another."""
    digest = hashlib.sha256()
    for name in (LOCK, "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return f"{python} {python.program}\n{digest.hexdigest()}\n"


def _run(*command: str) -> None:
    done = subprocess.run(
        command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise Unfit(why(done.stdout))


def _say(text: str) -> None:
    """Print at once: what comes next is printed by another process."""
    sys.stdout.write(f"newest: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
