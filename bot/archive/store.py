"""The archive itself, on obstore: a local folder, Azure Blob Storage or S3 behind the same few methods.

A write is whole or absent. In a folder, obstore writes to ``{name}#1`` and renames, and removes that file
when the disk is full; only a killed process can leave one behind, under a name no key can have.
Stores read their account and credentials from the environment, by obstore's names:

- Azure: ``AZURE_STORAGE_ACCOUNT_NAME`` and one of ``AZURE_STORAGE_ACCOUNT_KEY``, ``AZURE_STORAGE_SAS_TOKEN``,
  ``AZURE_CLIENT_ID`` + ``AZURE_CLIENT_SECRET`` + ``AZURE_TENANT_ID``, ``AZURE_FEDERATED_TOKEN_FILE``, or
  nothing for a managed identity.
- S3: ``AWS_REGION``, ``AWS_ACCESS_KEY_ID`` + ``AWS_SECRET_ACCESS_KEY`` or nothing for an instance's role,
  and ``AWS_ENDPOINT_URL`` for any other service that speaks S3.

Source: https://developmentseed.org/obstore/latest/api/store/azure/ and …/aws/
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import secrets
import shutil
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, LocalStore, S3Store

from bot.archive.keys import is_key
from bot.archive.location import Bucket, Folder, parse_archive_url
from bot.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from obstore.store import ClientConfig, RetryConfig

_CLIENT: ClientConfig = {
    "connect_timeout": timedelta(seconds=5),
    "timeout": timedelta(seconds=20),
    # Only used if the operator names an http endpoint, that of a store of their own.
    "allow_http": True,
}
_RETRIES: RetryConfig = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
"""Little patience, as a member is waiting; obstore's default is ten tries within 3 minutes.

One request may take 20 s (the largest picture, 16 MB, at 0.8 MB/s); a request that fails sooner is retried up
to twice, the last time within 10 s. So it all ends within the 30 s that ``bot/jobs/drawing.py`` waits,
and the log has the reason.
"""

_OS_ERROR = re.compile(r"\(os error (\d+)\)")
"""obstore gives the operating system's error as text only."""

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file is larger than the system allows",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOENT: "not found",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EEXIST: "a file is where the folder should be",
    errno.EISDIR: "a folder is where the file should be",
    errno.EMFILE: "too many open files",
    errno.EIO: "the disk reports an input/output error",
}
_STORE_REASONS = (
    (FileNotFoundError, "not found"),
    (UnauthenticatedError, "the store does not accept the credentials of the environment"),
    (PermissionDeniedError, "the credentials of the environment may not do this"),
)
_STORE_WORDS = (
    ("HTTP error", "the store cannot be reached"),
    ("Account must be specified", "AZURE_STORAGE_ACCOUNT_NAME is not set"),
)

_STORE_CODE = re.compile(r"<Code>(\w+)</Code>")
_STORE_STATUS = re.compile(r"status code: (\d{3} [A-Za-z ]+)")
"""The error code that Azure and S3 send in the body of a refusal, and the status line if they send none."""


class Archive:
    """Keeps originals; made by ``open_archive``."""

    def __init__(self, store: LocalStore | AzureStore | S3Store, location: Folder | Bucket) -> None:
        self._store = store
        self._location = location

    async def keep(self, key: str, data: bytes) -> None:
        """Write ``data`` under ``key``, whole or not at all, and replace what was there before.

        Raises:
            ArchiveError: disk full, no access, store out of reach.
            ValueError: ``key`` is not a legal key (see ``keys``).
        """
        with self._errors("keep", key):
            # In one request: an interrupted multipart upload leaves parts behind that cost money.
            await self._store.put_async(key, data, use_multipart=False)

    async def read(self, key: str) -> bytes:
        """Read what is kept under ``key``.

        Raises:
            ArchiveError: nothing is kept there, or it cannot be read.
            ValueError: ``key`` is not a legal key.
        """
        with self._errors("read", key):
            found = await self._store.get_async(key)
            return (await found.bytes_async()).to_bytes()

    async def exists(self, key: str) -> bool:
        """Tell whether something is kept under ``key``.

        Raises:
            ArchiveError: the store does not say.
            ValueError: ``key`` is not a legal key.
        """
        with self._errors("look for", key):
            try:
                await self._store.head_async(key)
            except FileNotFoundError:
                return False
            return True

    async def remove(self, key: str) -> None:
        """Remove what is kept under ``key``, if anything is.

        Raises:
            ArchiveError: it could not be removed.
            ValueError: ``key`` is not a legal key.
        """
        with self._errors("remove", key):
            try:
                await self._store.delete_async(key)
            except FileNotFoundError:
                return

    async def probe(self) -> None:
        """Write, read and remove a small object, to check that all three work.

        Raises:
            ArchiveError: one of them does not.
        """
        key = f"easel-probe-{secrets.token_hex(8)}"
        data = key.encode()
        await self.keep(key, data)
        try:
            if await self.read(key) != data:
                raise ArchiveError(f"{self._location} gave other bytes back than were written to it")
        finally:
            await self.remove(key)

    async def free_bytes(self) -> int | None:
        """Return the bytes this process may still write to the folder's disk; None for an object store.

        Raises:
            ArchiveError: the folder is gone.
        """
        if not isinstance(self._location, Folder):
            return None
        with self._errors("measure", None):
            usage = await asyncio.to_thread(shutil.disk_usage, self._location.path)
        return usage.free

    @contextmanager
    def _errors(self, verb: str, key: str | None) -> Iterator[None]:
        if key is not None and not is_key(key):
            raise ValueError(f"not a key of the archive: {key!r}")
        try:
            yield
        except (BaseError, OSError) as error:
            what = f"{verb} {key} in" if key else verb
            raise ArchiveError(f"cannot {what} {self._location}: {_reason(error)}") from error


@asynccontextmanager
async def open_archive(url: str) -> AsyncIterator[Archive]:
    """Open the archive that ``url`` (an ``ARCHIVE_URL``) names, and make a missing folder.

    A store is not contacted yet: ``Archive.probe`` does that.

    Raises:
        ValueError: ``url`` is not a valid ``ARCHIVE_URL``.
        ArchiveError: the folder cannot be made, or the store's account is missing from the environment.
    """
    location = parse_archive_url(url)
    try:
        store = await asyncio.to_thread(_open_store, location)
    except (BaseError, OSError) as error:
        raise ArchiveError(f"cannot open {location}: {_reason(error)}") from error
    yield Archive(store, location)


def _open_store(location: Folder | Bucket) -> LocalStore | AzureStore | S3Store:
    if isinstance(location, Folder):
        # Absolute from here on, in case the process ever changes its folder.
        return LocalStore(location.path.absolute(), mkdir=True)
    prefix = location.prefix or None
    if location.service == "az":
        return AzureStore(location.name, prefix=prefix, client_options=_CLIENT, retry_config=_RETRIES)
    return S3Store(location.name, prefix=prefix, client_options=_CLIENT, retry_config=_RETRIES)


def _reason(error: Exception) -> str:
    """Say in a few words what went wrong; never quotes a URL, which might carry a signature."""
    # The first line is for people; the "Debug source" after it is Rust's.
    summary = str(error).partition("\n")[0]
    if number := _OS_ERROR.search(summary):
        return _REASONS.get(int(number[1]), os.strerror(int(number[1])))
    said = _STORE_CODE.search(str(error)) or _STORE_STATUS.search(summary)
    detail = f" ({said[1]})" if said else ""
    for kind, reason in _STORE_REASONS:
        if isinstance(error, kind):
            return reason + detail
    if said:
        return f"the store answers {said[1]}"
    for words, reason in _STORE_WORDS:
        if words in summary:
            return reason
    return re.sub(r"https?://\S+", "…", summary)
