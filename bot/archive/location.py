"""Where the originals are: ``ARCHIVE_URL`` taken apart, without touching what it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from bot.archive.keys import is_key

_FORMS = "file:images, file:///path/to/images, az://container/prefix or s3://bucket/prefix"

_CONTAINER = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_BUCKET = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""What Azure accepts as the name of a container, and S3 as the name of a bucket.

Source: "Naming and referencing containers, blobs, and metadata" of Azure Storage; "General purpose bucket
naming rules" of Amazon S3 (which also allows dots).
"""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine; a relative path starts at the current folder."""

    path: Path

    def __str__(self) -> str:
        return f"the folder {self.path}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A container of Azure Blob Storage (``az``) or a bucket of S3 (``s3``).

    Attributes:
        service: which of the two.
        name: of the container or bucket.
        prefix: what every key begins with, without slashes around it; may be empty.
    """

    service: Literal["az", "s3"]
    name: str
    prefix: str

    def __str__(self) -> str:
        return f"{self.service}://{self.name}" + (f"/{self.prefix}" if self.prefix else "")


def parse_archive_url(url: str) -> Folder | Bucket:
    """Read an ``ARCHIVE_URL``.

    Raises:
        ValueError: with one sentence for the operator.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise ValueError(f"is not a URL; it has the form {_FORMS}") from None
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("takes no user, query or fragment; credentials of a store come from the environment")
    if parts.scheme == "file":
        return _folder(parts.netloc, unquote(parts.path))
    if parts.scheme == "az":
        return Bucket("az", _checked(parts.netloc, _CONTAINER, "container"), _prefix(parts.path))
    if parts.scheme == "s3":
        return Bucket("s3", _checked(parts.netloc, _BUCKET, "bucket"), _prefix(parts.path))
    raise ValueError(f"has the form {_FORMS}")


def _folder(host: str, path: str) -> Folder:
    if host not in ("", "localhost"):
        raise ValueError(f"names the host {host}; write file:{host}{path} or file:///{host}{path}")
    if not path.strip("/") or "\0" in path:
        raise ValueError("names no folder; write file:images or file:///path/to/images")
    return Folder(Path(path))


def _checked(name: str, pattern: re.Pattern[str], what: str) -> str:
    if not pattern.fullmatch(name):
        raise ValueError(
            f"names no legal {what}: 3 to 63 lower-case letters, digits and hyphens, as in {_FORMS}"
        )
    return name


def _prefix(path: str) -> str:
    prefix = path.strip("/")
    if prefix and not is_key(prefix):
        raise ValueError("has a prefix with other characters than letters, digits, '.', '_', '-' and '/'")
    return prefix
