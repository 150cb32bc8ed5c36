"""Ending a TCP connection as a broken network does."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import asyncio

_NO_LINGER = struct.pack("ii", 1, 0)
"""A linger time of zero turns close into RST, dropping what was not sent yet."""


def cut(transport: asyncio.BaseTransport | None, *, reset: bool) -> None:
    """End a connection without a word: with an RST, or with a plain FIN. One already gone is left alone."""
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if reset and raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    # Every transport of a server can be aborted; uvloop's are just not asyncio's own classes.
    cast("asyncio.Transport", transport).abort()
