"""Uploaded files: kept in memory up to a cap, and served by signed links that expire."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import mimetypes
import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.discord.world.ids import Snowflakes

UNSAFE = re.compile(r"[^A-Za-z0-9_.\-]")
SECRET_SIZE = 32


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was uploaded."""

    filename: str
    data: bytes


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file under its attachment id; ``pixels`` is None unless it is an image."""

    id: int
    channel_id: int
    filename: str
    data: bytes
    content_type: str
    pixels: tuple[int, int] | None
    private: bool

    @property
    def path(self) -> str:
        """The path of its link; a private file (attached to a command or a modal) has a prefix of its own."""
        top = "ephemeral-attachments" if self.private else "attachments"
        return f"/{top}/{self.channel_id}/{self.id}/{quote(self.filename)}"


def safe_filename(name: str) -> str:
    """Rename a file as Discord does: no spaces, no directories, only plain characters."""
    return UNSAFE.sub("", name.rpartition("/")[2].replace(" ", "_")).lstrip(".") or "unknown"


class FileStore:
    """All files of the world, oldest first.

    Attributes:
        capacity: Bytes kept; beyond this the oldest files are dropped.
        link_lifetime: Seconds for which a link is valid.
        base_url: What links begin with.
    """

    def __init__(self, snowflakes: Snowflakes, *, capacity: int, link_lifetime: float) -> None:
        self.base_url = ""
        self._snowflakes = snowflakes
        self.capacity = capacity
        self.link_lifetime = link_lifetime
        self._files: OrderedDict[int, StoredFile] = OrderedDict()
        self._size = 0
        self._secret = secrets.token_bytes(SECRET_SIZE)

    async def add(self, upload: Upload, channel_id: int, *, private: bool = False) -> StoredFile:
        """Store a file, and measure it if it is an image."""
        # Only the header is read, but a hostile one may take time, which must not block the event loop.
        pixels = await asyncio.to_thread(_measure, upload.data)
        filename = safe_filename(upload.filename)
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        file = StoredFile(
            self._snowflakes.new(), channel_id, filename, upload.data, kind, pixels, private=private
        )
        self._files[file.id] = file
        self._size += len(file.data)
        while self._size > self.capacity and len(self._files) > 1:
            self._size -= len(self._files.popitem(last=False)[1].data)
        return file

    def get(self, file_id: int) -> StoredFile | None:
        """Return a file, or None if it never existed or has been dropped."""
        return self._files.get(file_id)

    def clear(self) -> None:
        """Forget everything."""
        self._files.clear()
        self._size = 0

    def link(self, path: str) -> str:
        """Return the signed link for a file's path, valid from now on."""
        issued = int(time.time())
        expires = issued + int(self.link_lifetime)
        query = f"ex={expires:x}&is={issued:x}&hm={self._signature(path, expires, issued)}&"
        return f"{self.base_url}{path}?{query}"

    def link_is_good(self, path: str, query: Mapping[str, str]) -> bool:
        """Return whether a link is one of ours, unaltered and unexpired."""
        try:
            expires, issued = int(query["ex"], 16), int(query["is"], 16)
        except (KeyError, ValueError):
            return False
        expected = self._signature(path, expires, issued)
        return time.time() < expires and hmac.compare_digest(expected, query.get("hm", ""))

    def _signature(self, path: str, expires: int, issued: int) -> str:
        text = f"{path} {expires} {issued}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()


def _measure(data: bytes) -> tuple[int, int] | None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except Exception:  # noqa: BLE001 - anything Pillow trips over is simply no picture
        return None
