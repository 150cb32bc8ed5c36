"""What the Azure side was asked and what became of it, for tests and benches to read.

Plain data that any JSON encoder for dataclasses can write, once it is told what to do with bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart request.

    Attributes:
        name: The form field it came in: `image`, `image[]` or `mask`.
        filename: Its name, if it had one.
        content_type: The media type its part declared.
        data: Its bytes.
    """

    name: str
    filename: str | None
    content_type: str
    data: bytes = field(repr=False)


@dataclass(slots=True)
class AzureRequest:
    """One call to an image route.

    Attributes:
        at: When it came, on the monotonic clock.
        route: "METHOD /path".
        operation: `generations` or `edits`.
        deployment: The deployment it named, in the path or (v1) in the body.
        api_version: The query's api-version.
        headers: Its headers, names in lower case; secrets are kept, as this is a sandbox.
        body: The JSON body, or the text fields of the form.
        files: The files of the form.
        fault: The kind of fault that hit it, if any.
        status: The status it was answered with; None if no head of an answer was written.
        answered_at: When the last byte of its answer was written, on the monotonic clock; None if it never
            was.
        images: How many pictures were drawn for it.
        billed: Whether a generation really completed, also when its answer was then lost.
    """

    at: float
    route: str
    operation: str
    deployment: str | None
    api_version: str | None
    headers: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)
    fault: str | None = None
    status: int | None = None
    answered_at: float | None = None
    images: int = 0
    billed: bool = False


@dataclass(slots=True)
class TokenRequest:
    """One call to a token endpoint.

    Attributes:
        at: When it came, on the monotonic clock.
        source: `entra`, `app_service` or `imds`.
        audience: The resource the token is to be for.
        status: The status it was answered with; None if the connection was cut instead.
        fault: The kind of fault that hit it, if any.
    """

    at: float
    source: str
    audience: str | None = None
    status: int | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """One fetch of a picture by its link.

    Attributes:
        at: When it came, on the monotonic clock.
        path: The link's path.
        headers: Its headers, names in lower case: no credential belongs there.
        status: The status it was answered with.
    """

    at: float
    path: str
    headers: dict[str, str]
    status: int
