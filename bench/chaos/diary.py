"""The replay file: every decision with the time it took effect, one JSON object per line."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, Any, Self

import orjson

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class Diary:
    """Writes the decisions of a run to a file; the first line has its arguments."""

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
        """Write one decision, with its time in seconds since the start."""
        line = {"at": round(time.monotonic() - self._began, 3), "what": what, **decision}
        # Flushed at once, because after a failure the last lines are the ones needed.
        self._file.write(orjson.dumps(line) + b"\n")
        self._file.flush()


def read_header(path: Path) -> dict[str, Any]:
    """Read the arguments of the run from a replay file."""
    with path.open("rb") as file:
        header: dict[str, Any] = orjson.loads(file.readline())
    return header
