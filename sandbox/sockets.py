"""Breaking a TCP connection the way a failing network does."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import asyncio

_NO_LINGER = struct.pack("ii", 1, 0)
"""A linger time of zero makes close send an RST and drop unsent data."""


def cut(transport: asyncio.BaseTransport | None, *, reset: bool) -> None:
    """Close a connection abruptly, with an RST or a plain FIN; do nothing if it is already gone."""
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if reset and raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    # Every server transport can be aborted; uvloop's are merely not subclasses of asyncio's.
    cast("asyncio.Transport", transport).abort()
