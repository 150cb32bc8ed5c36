"""The error answers of the real services, as exceptions to raise.

Where the wording of a body is known from a public report or from Microsoft's documentation, it is reproduced,
because bots read it; the shapes are those of the 2025-04-01-preview specification (`dalleErrorResponse`).
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from sandbox.azure import filters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class AzureError(Exception):
    """An error answer.

    Attributes:
        status: The HTTP status.
        body: The JSON body.
        headers: Its extra headers, such as Retry-After.
    """

    def __init__(self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers: Mapping[str, str] = headers or {}


def _error(status: int, code: str | None, message: str, **more: Any) -> AzureError:
    return AzureError(status, {"error": {"code": code, "message": message, **more}})


def invalid(
    code: str | None, message: str, param: str | None, kind: str = "invalid_request_error"
) -> AzureError:
    """Return the 400 for a parameter the model does not accept; `kind` is the body's `type`."""
    return AzureError(400, {"error": {"message": message, "type": kind, "param": param, "code": code}})


def unknown_parameter(name: str) -> AzureError:
    """Return the 400 for a parameter that gpt-image models do not have, such as `response_format`."""
    return invalid("unknown_parameter", f"Unknown parameter: '{name}'.", name)


def missing_parameter(name: str) -> AzureError:
    """Return the 400 for a missing required parameter."""
    return invalid("missing_required_parameter", f"Missing required parameter: '{name}'.", name)


def wrong_type(name: str, expected: str, got: str) -> AzureError:
    """Return the 400 for a parameter of the wrong JSON type."""
    message = f"Invalid type for '{name}': expected {expected}, but got {got} instead."
    return invalid("invalid_type", message, name)


def wrong_value(name: str, value: str, allowed: Iterable[str]) -> AzureError:
    """Return the 400 for a value that is not in the parameter's list."""
    *most, last = (f"'{choice}'" for choice in allowed)
    supported = f"{', '.join(most)}, and {last}" if most else last
    message = f"Invalid value: '{value}'. Supported values are: {supported}."
    return invalid("invalid_value", message, name)


def wrong_model(name: str) -> AzureError:
    """Return the 400 of the deployments route for a body `model` other than the model's own name.

    The body is as publicly reported (openclaw/openclaw#71526, BerriAI/litellm#26316). Its `type` is that of a
    refused prompt, so `type` alone does not tell them apart.
    """
    message = f"The model '{name}' does not exist."
    return invalid("invalid_value", message, "model", "image_generation_user_error")


def out_of_range(name: str, value: int, low: int, high: int) -> AzureError:
    """Return the 400 for an integer that is out of range."""
    if value > high:
        message = (
            f"Invalid '{name}': integer above maximum value. "
            f"Expected a value <= {high}, but got {value} instead."
        )
        return invalid("integer_above_max_value", message, name)
    message = (
        f"Invalid '{name}': integer below minimum value. Expected a value >= {low}, but got {value} instead."
    )
    return invalid("integer_below_min_value", message, name)


def unsupported_version() -> AzureError:
    """Return the 400 of the v1 route for an api-version other than v1 or preview."""
    return _error(400, "BadRequest", "API version not supported")


def not_found() -> AzureError:
    """Return the 404 for an unknown route, or an api-version that is missing, unknown or retired."""
    return _error(404, "404", "Resource not found")


def deployment_missing() -> AzureError:
    """Return the 404 for a deployment that does not exist."""
    return _error(
        404,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within the last "
        "5 minutes, please wait a moment and try again.",
    )


def wrong_key() -> AzureError:
    """Return the 401 for a key that is not this resource's."""
    return _error(
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid "
        "key for an active subscription and use a correct regional API endpoint for your resource.",
    )


def wrong_token() -> AzureError:
    """Return the 401 for no credential, or a token unknown, revoked, expired or for another audience."""
    return _error(
        401,
        "401",
        "Unauthorized. Access token is missing, invalid, audience is incorrect "
        "(https://cognitiveservices.azure.com), or have expired.",
    )


def missing_role(operation: str, status: int = 401) -> AzureError:
    """Return the 401 (403 on some surfaces) for a valid token whose owner may not generate images.

    Args:
        operation: "generations" or "edits".
        status: The HTTP status to answer with.
    """
    return _error(
        status,
        "PermissionDenied",
        "The principal `00000000-0000-4000-8000-0000000000c1` lacks the required data action "
        f"`Microsoft.CognitiveServices/accounts/OpenAI/images/{operation}/action` to perform "
        f"`POST /openai/deployments/{{deployment-id}}/images/{operation}` operation.",
    )


def resource_blocked() -> AzureError:
    """Return the 403 for a resource that is blocked from image generation altogether."""
    return _error(
        403,
        "Forbidden",
        "Your resource has been temporarily blocked because we detected behavior that may violate our "
        "content policy. Please contact support if you believe this is a mistake.",
    )


def rate_limited(operation: str, api_version: str, retry_after: float | None) -> AzureError:
    """Return the 429 for exceeded capacity; it announces `retry_after` (in seconds) unless that is None."""
    seconds = None if retry_after is None else max(1, math.ceil(retry_after))
    wait = "later" if seconds is None else f"after {seconds} seconds"
    error = _error(
        429,
        "429",
        f"Requests to the {operation} Operation under Azure OpenAI API version {api_version} have exceeded "
        f"call rate limit of your current OpenAI S0 pricing tier. Please retry {wait}. Please go here: "
        "https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.",
    )
    if retry_after is not None:
        error.headers = {"Retry-After": str(seconds), "retry-after-ms": str(math.ceil(retry_after * 1000))}
    return error


_SERVER_ERRORS = {
    500: ("InternalServerError", "The server had an error while processing your request. Sorry about that!"),
    502: ("BadGateway", "The gateway received an invalid response from an upstream server."),
    503: (
        "ServiceUnavailable",
        "The service is temporarily unable to process your request. Please try again later.",
    ),
    504: ("GatewayTimeout", "The gateway did not receive a response from an upstream server in time."),
    408: ("Timeout", "The operation was timeout."),
}


def server_error(status: int) -> AzureError:
    """Return the error for a failure of the service itself, with any status."""
    code, message = _SERVER_ERRORS.get(status, (str(status), "The request could not be completed."))
    return _error(status, code, message)


def filter_broken(status: int = 500) -> AzureError:
    """Return the error for a failed content filter, which says nothing about the prompt."""
    return _error(
        status,
        "content_filter_error",
        "The contents are not filtered: the content filtering system is down or unable to complete in time.",
    )


def prompt_refused(shape: str, prompt: str) -> AzureError:
    """Return the 400 for a refused prompt, in one of the shapes seen.

    Args:
        shape: `content_policy_violation` (Azure's filter, with `inner_error`), `contentFilter` (documented in
            the how-to) or `moderation_blocked` (the model's own moderation, passed through).
        prompt: The prompt, echoed as `revised_prompt` in the first shape.

    Raises:
        ValueError: If the shape is none of these.
    """
    if shape == "content_policy_violation":
        message = (
            "Your request was rejected as a result of our safety system. "
            "Your prompt may contain text that is not allowed by our safety system."
        )
        inner = {
            "code": "ResponsibleAIPolicyViolation",
            "revised_prompt": prompt,
            "content_filter_results": filters.prompt_results(violence="medium"),
        }
        return _error(400, shape, message, param="prompt", inner_error=inner)
    if shape == "contentFilter":
        return _filtered("Your task failed as a result of our safety system.")
    if shape == "moderation_blocked":
        message = "Your request was rejected by the safety system. safety_violations=[sexual]."
        return _error(400, shape, message, type="image_generation_user_error", param="")
    raise ValueError(f"unknown shape of refusal: {shape!r}")


OUTPUT_FILTERED = "Generated image was filtered as a result of our safety system."


def output_filtered() -> AzureError:
    """Return the 400 for a picture that was drawn and then withheld."""
    return _filtered(OUTPUT_FILTERED)


def _filtered(message: str) -> AzureError:
    return AzureError(
        400, {"created": round(time.time()), "error": {"code": "contentFilter", "message": message}}
    )
