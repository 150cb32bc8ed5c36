"""Ports of this machine."""

from __future__ import annotations

import socket


def closed_port() -> int:
    """One that nothing listens on: a connection to it is refused."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
