"""Discord's CDN: attachments by signed links that expire.

Source: https://discord.com/developers/docs/reference#signed-attachment-cdn-urls
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.rest.failing import EFFECT_KINDS, faulty_answer
from sandbox.sockets import cut

if TYPE_CHECKING:
    from sandbox.discord.world.files import FileStore, StoredFile
    from sandbox.faults import Fault, FaultList

GONE = "This content is no longer available."


class Cdn:
    """Serves uploaded files. Faults hit "GET /attachments/..." just as they hit API calls."""

    def __init__(self, files: FileStore, faults: FaultList) -> None:
        self._files = files
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return routes to the files at the root, as on cdn.discordapp.com, and under /cdn."""
        tops = ("/attachments", "/ephemeral-attachments")
        return [
            web.get(f"{prefix}{top}/{{channel_id}}/{{file_id}}/{{filename}}", self.get)
            for prefix in ("", "/cdn")
            for top in tops
        ]

    async def get(self, request: web.Request) -> web.Response:
        """Serve one file: 403 for an altered or expired link, 404 for a missing file."""
        fault = self._faults.take(request.method, request.path.removeprefix("/cdn"))
        if fault is not None and (response := await self._fail(request, fault)) is not None:
            return response
        file = self._find(request)
        if file is None:
            return web.Response(status=404, text=GONE)
        if not self._files.link_is_good(file.path, request.query):
            return web.Response(status=403, text=GONE)
        headers = {
            "Content-Type": file.content_type,
            "Cache-Control": "private, max-age=31536000",
            "Content-Disposition": f'inline; filename="{file.filename}"',
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=file.data, headers=headers)

    def _find(self, request: web.Request) -> StoredFile | None:
        named = request.match_info
        if not named["file_id"].isascii() or not named["file_id"].isdigit():
            return None
        file = self._files.get(int(named["file_id"]))
        if file is None or (str(file.channel_id), file.filename) != (named["channel_id"], named["filename"]):
            return None
        return file

    async def _fail(self, request: web.Request, fault: Fault) -> web.Response | None:
        """Apply a fault to the call; return None if the file should be served after all."""
        await asyncio.sleep(fault.delay)
        if fault.kind in {"slow", *EFFECT_KINDS}:
            return None
        if fault.kind in {"reset", "stall"}:
            cut(request.transport, reset=fault.kind == "reset")
            return web.Response(status=500)
        return faulty_answer(fault)
