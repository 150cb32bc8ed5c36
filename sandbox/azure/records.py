"""The requests the Azure side received and their outcomes, for tests and benches to read.

Plain data that any JSON encoder for dataclasses can write, given a way to encode bytes.
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
        at: When it arrived, on the monotonic clock.
        route: "METHOD /path".
        operation: `generations` or `edits`.
        deployment: The deployment named in the path or, on v1, in the body.
        api_version: The query's api-version.
        headers: Its headers, names in lower case; secrets are kept, as this is a sandbox.
        body: The JSON body, or the text fields of the form.
        files: The files of the form.
        fault: The kind of fault that hit it, if any.
        status: The status of its answer; None if no response headers were written.
        answered_at: When the last byte of its answer was written, on the monotonic clock; None if never.
        images: How many pictures were drawn for it.
        billed: Whether a generation completed, even if its answer was then lost.
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
        at: When it arrived, on the monotonic clock.
        source: `entra`, `app_service` or `imds`.
        audience: The resource the token was requested for.
        status: The status of its answer; None if the connection was cut instead.
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
        at: When it arrived, on the monotonic clock.
        path: The link's path.
        headers: Its headers, names in lower case; they should hold no credential.
        status: The status of its answer.
    """

    at: float
    path: str
    headers: dict[str, str]
    status: int
