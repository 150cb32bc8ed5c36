"""Downloads of pictures that Azure sends as links: under rules, and with retries, as they are paid for."""

from __future__ import annotations

import asyncio
import io
import logging
import socket
from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.errors import DownloadFailed
from bot.generation.links import LinkRules
from bot.imaging.inspect import MAX_BYTES

if TYPE_CHECKING:
    import ssl
    from collections.abc import Collection, Sequence

    from aiohttp.abc import ResolveResult

_log = logging.getLogger(__name__)

MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

PAUSES = (0.25, 1.0)
"""Seconds before the second and the third try."""

_CONNECTIONS = 8
"""Connections at once: more would only share the same bandwidth."""

_READ_AHEAD = 256 * 2**10
"""Bytes buffered ahead of the reader; each wake-up of the reader costs more than they do."""

_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Easel"}


class _TryAgain(Exception):
    """This try failed; the next one may not."""


class Downloader:
    """Fetches pictures by link, under ``LinkRules``: an async context manager that owns its connections.

    Args:
        allowed_hosts: hosts that links may point to besides Azure Blob Storage (``EASEL_DOWNLOAD_HOSTS``).
        ssl: what to trust; the default is the system's authorities, or those of ``SSL_CERT_FILE``.
        resolver: turns names into addresses, which are then checked; the default is the system's. It is
            closed with the downloader.
        pauses: seconds before each further try.
        max_bytes: the largest picture to take.

    Raises:
        ValueError: one of ``allowed_hosts`` is no host.
    """

    def __init__(
        self,
        allowed_hosts: Collection[str] = (),
        *,
        ssl: ssl.SSLContext | None = None,
        resolver: AbstractResolver | None = None,
        pauses: Sequence[float] = PAUSES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._rules = LinkRules(allowed_hosts)
        self._ssl = ssl
        self._pauses = pauses
        self._max_bytes = max_bytes
        self._inner_resolver = resolver
        self._session: aiohttp.ClientSession
        self._resolver: _CheckedResolver

    async def __aenter__(self) -> Self:
        self._resolver = _CheckedResolver(self._rules, self._inner_resolver or aiohttp.ThreadedResolver())
        connector = aiohttp.TCPConnector(resolver=self._resolver, ssl=self._ssl or True, limit=_CONNECTIONS)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            read_bufsize=_READ_AHEAD,
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._resolver.close()

    async def fetch(self, url: str, *, timeout: float) -> bytes:
        """Fetch what ``url`` points to, whatever it is: ``bot.imaging.inspect`` judges the bytes.

        A try that fails on the way (connection, 408, 429, 5xx, cut off, no data for a third of the time) is
        repeated, up to three tries in all.

        Args:
            url: the link; never logged, as its query is a key to the picture.
            timeout: seconds for everything together.

        Raises:
            DownloadRefused: the link, or one it redirects to, breaks a rule.
            DownloadFailed: the picture did not arrive, or has more than ``max_bytes``.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._fetch_patiently(url, idle=timeout / (len(self._pauses) + 1))
        except TimeoutError:
            raise DownloadFailed(f"no whole picture within {timeout:g} s") from None

    async def _fetch_patiently(self, url: str, *, idle: float) -> bytes:
        for pause in self._pauses:
            try:
                return await self._fetch_once(url, idle=idle)
            except _TryAgain as error:
                _log.info("a picture's download failed, trying again in %g s: %s", pause, error)
            await asyncio.sleep(pause)
        try:
            return await self._fetch_once(url, idle=idle)
        except _TryAgain as error:
            raise DownloadFailed(f"{error}, {len(self._pauses) + 1} times") from error

    async def _fetch_once(self, url: str, *, idle: float) -> bytes:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=idle, sock_read=idle)
        link = url
        try:
            for _ in range(MAX_REDIRECTS + 1):
                target = self._rules.check(link)
                async with self._session.get(target, timeout=timeout, allow_redirects=False) as response:
                    if response.status not in _REDIRECTS:
                        return await _body(response, self._max_bytes)
                    link = _location(target, response)
        # The texts of these errors can name hosts, but never a link's query.
        except aiohttp.ClientSSLError as error:
            raise DownloadFailed(f"no trusted connection: {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _TryAgain(f"{type(error).__name__} on the way") from error
        raise DownloadFailed(f"more than {MAX_REDIRECTS} redirects")


class _CheckedResolver(AbstractResolver):
    """Resolves names and checks every address found.

    aiohttp connects to exactly the addresses it gets from here, so a name cannot have a harmless address
    when it is checked and another when it is connected to.
    """

    def __init__(self, rules: LinkRules, inner: AbstractResolver) -> None:
        self._rules = rules
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for one in found:
            self._rules.check_address(host, port, one["host"])
        return found

    async def close(self) -> None:
        await self._inner.close()


async def _body(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    status = response.status
    if status in (408, 429) or status >= 500:
        raise _TryAgain(f"HTTP {status}")
    if status != 200:
        raise DownloadFailed(f"HTTP {status}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        # We asked for no compression, and the unpacked size would have no bound.
        raise DownloadFailed("the picture came compressed")
    if (response.content_length or 0) > max_bytes:
        raise DownloadFailed(f"{response.content_length} bytes, over the cap of {max_bytes}")
    buffer = io.BytesIO()
    async for part in response.content.iter_any():
        if buffer.tell() + len(part) > max_bytes:
            raise DownloadFailed(f"over the cap of {max_bytes} bytes")
        buffer.write(part)
    # The buffer's own memory becomes the bytes: joining a list would hold the picture twice.
    return buffer.getvalue()


def _location(target: URL, response: aiohttp.ClientResponse) -> str:
    try:
        return str(target.join(URL(response.headers["Location"], encoded=True)))
    except (KeyError, ValueError):
        raise DownloadFailed("a redirect to nowhere") from None
