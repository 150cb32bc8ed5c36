"""The replay file: every decision with the moment it took effect, one JSON object a line."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, Any, Self

import orjson

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class Diary:
    """Writes the decisions of a run down; the first line has what the run was started with."""

    def __init__(self, path: Path, **header: Any) -> None:
        self.path = path
        self._began = time.monotonic()
        self._file: IO[bytes] = path.open("wb")
        self._header = header

    def __enter__(self) -> Self:
        self.note("run", **self._header)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def note(self, what: str, **decision: Any) -> None:
        """Write one decision; times are seconds since the beginning."""
        line = {"at": round(time.monotonic() - self._began, 3), "what": what, **decision}
        # At once: the last lines are the ones wanted after a failure.
        self._file.write(orjson.dumps(line) + b"\n")
        self._file.flush()


def read_header(path: Path) -> dict[str, Any]:
    """What the run of a replay file was started with."""
    with path.open("rb") as file:
        header: dict[str, Any] = orjson.loads(file.readline())
    return header
