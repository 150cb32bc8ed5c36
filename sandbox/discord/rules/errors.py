"""Refusals: HTTP status, JSON code and message, as Discord's error page lists them.

Source: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]


class ApiError(Exception):
    """One refused call.

    Attributes:
        status: HTTP status.
        body: The JSON answer: ``code``, ``message`` and, for invalid forms, the ``errors`` tree.
    """

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors is not None:
            self.body["errors"] = errors


class FormErrors:
    """Everything wrong with one request body, collected before it is refused as a whole (code 50035)."""

    def __init__(self) -> None:
        self._tree: dict[str, Any] = {}

    def __bool__(self) -> bool:
        return bool(self._tree)

    def add(self, path: Path, code: str, message: str) -> None:
        """Note one problem at a field, given as keys and list indices from the top of the body."""
        node = self._tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def required(self, path: Path) -> None:
        """Note a missing field."""
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def raise_any(self) -> None:
        """Refuse the request if anything was noted.

        Raises:
            ApiError: 400, code 50035, with the tree of problems.
        """
        if self._tree:
            raise ApiError(400, 50035, "Invalid Form Body", self._tree)


def invalid_form(path: Path, code: str, message: str) -> ApiError:
    """Return the error for a body with exactly one problem."""
    errors = FormErrors()
    errors.add(path, code, message)
    try:
        errors.raise_any()
    except ApiError as error:
        return error
    raise AssertionError("unreachable")


def unauthorized() -> ApiError:
    """Return the error for a missing token, or one that is not the bot's."""
    return ApiError(401, 0, "401: Unauthorized")


def not_found() -> ApiError:
    """Return the error for an unknown route."""
    return ApiError(404, 0, "404: Not Found")


def method_not_allowed() -> ApiError:
    """Return the error for a route that does not have this method."""
    return ApiError(405, 0, "405: Method Not Allowed")


def unknown_channel() -> ApiError:
    """Return the error for an unknown channel."""
    return ApiError(404, 10003, "Unknown Channel")


def unknown_guild() -> ApiError:
    """Return the error for a guild that does not exist, or that the bot is not in."""
    return ApiError(404, 10004, "Unknown Guild")


def unknown_member() -> ApiError:
    """Return the error for a user who is not in this guild."""
    return ApiError(404, 10007, "Unknown Member")


def unknown_message() -> ApiError:
    """Return the error for a message that was deleted or never existed."""
    return ApiError(404, 10008, "Unknown Message")


def unknown_webhook() -> ApiError:
    """Return the error for an interaction that was never acknowledged, and so has no webhook yet."""
    return ApiError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> ApiError:
    """Return the error for an acknowledgement that is too late, or has the wrong token."""
    return ApiError(404, 10062, "Unknown interaction")


def unknown_command() -> ApiError:
    """Return the error for a command id that is unknown in that scope."""
    return ApiError(404, 10063, "Unknown application command")


def too_many_creates() -> ApiError:
    """Return the error for more than 200 new command names in a day."""
    return ApiError(400, 30034, "Max number of daily application command creates has been reached (200)")


def too_large() -> ApiError:
    """Return the error for one file, or the whole request, over its limit."""
    return ApiError(413, 40005, "Request entity too large")


def already_acknowledged() -> ApiError:
    """Return the error for an interaction that already had its first response."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def missing_access() -> ApiError:
    """Return the error for a channel that the bot cannot see, or a guild that it is not in."""
    return ApiError(403, 50001, "Missing Access")


def cannot_edit() -> ApiError:
    """Return the error for editing somebody else's message."""
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> ApiError:
    """Return the error for a message with nothing to show: no text, file, embed or component."""
    return ApiError(400, 50006, "Cannot send an empty message")


def missing_permissions() -> ApiError:
    """Return the error for an action that the bot may not take in a channel that it sees."""
    return ApiError(403, 50013, "Missing Permissions")


def invalid_webhook_token() -> ApiError:
    """Return the error for an interaction token that is older than 15 minutes, or unknown."""
    return ApiError(401, 50027, "Invalid Webhook Token")


def invalid_json() -> ApiError:
    """Return the error for a body that is not JSON."""
    return ApiError(400, 50109, "The request body contains invalid JSON.")


def invalid_content_type() -> ApiError:
    """Return the error for a body declared as neither JSON nor a form."""
    text = "Expected \"Content-Type\" header to be one of {'application/json', 'multipart/form-data'}."
    error = invalid_form((), "CONTENT_TYPE_INVALID", text)
    error.body["message"] = text
    return error
