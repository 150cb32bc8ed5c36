"""Where the published documents are not the whole truth: each place, what holds there, and how that is known.

"Docs" are Discord's, which win over its document where the two differ, as that document's own README says.
"Seen" is what the real service is known to send though nothing describes it.
"""

from __future__ import annotations

from typing import Any

from tests.contract.specifications import Amendment

_TEXT, _MAYBE_TEXT, _COUNT = {"type": "string"}, {"type": ["string", "null"]}, {"type": "integer"}
_ANY_SIZE = {"type": "string", "pattern": "^(auto|[1-9][0-9]{2,3}x[1-9][0-9]{2,3})$"}
_SIZES = "how-to (2026-04-17): gpt-image-2 and later draw any WIDTHxHEIGHT within its rules"
_QUALITIES = "openai 3.54, types/image_generate_params.py: the models of 2.5 have two more"
_CREATED = "how-to (2026-04-17): its two examples of a refusal have the moment beside the error"
_FILTERED = "the dated document's own words on an item: an error where there is no picture; how-to of DALL·E"
_USAGE = "OpenAI's document, ImageGenUsage: the answers of gpt-image models say what their output was"


def _schema(name: str, tail: str = "") -> str:
    return f"/components/schemas/{name}{tail}"


def _field(schema: str, name: str, now: Any, why: str) -> Amendment:
    return Amendment(_schema(schema, f"/properties/{name}"), now, why)


_OUTPUT_DETAILS = {"type": "object", "properties": {"image_tokens": _COUNT, "text_tokens": _COUNT}}

DISCORD = (
    _field(
        "MessageAttachmentRequest",
        "id",
        {"oneOf": [{"$ref": "#/components/schemas/SnowflakeType"}, {"type": "integer", "minimum": 0}]},
        'docs, resources/message, attachment request: "snowflake or number"; discord.py sends a number',
    ),
    *(
        _field(schema, "tts", {"const": False}, "discord.py 2.7.1 always sends it; an edit ignores it")
        for schema in ("IncomingWebhookUpdateRequestPartial", "MessageEditRequestPartial")
    ),
    _field(
        "ApplicationCommandUpdateRequest",
        "nsfw",
        {"type": "boolean"},
        "docs, interactions/application-commands: a parameter of every way to make a command",
    ),
    _field(
        "ApplicationCommandUpdateRequest",
        "default_member_permissions",
        {"type": ["string", "integer", "null"]},
        "docs, interactions/application-commands: a bit set written as a string; discord.py sends a number",
    ),
    Amendment(
        _schema("InnerErrors", "/properties/_errors/items"),
        {"type": "object", "properties": {"code": _TEXT, "message": _TEXT}, "required": ["code", "message"]},
        "docs, reference, error messages: the codes inside a form's errors are words",
    ),
    Amendment(
        _schema("RatelimitedResponse"),
        {
            "type": "object",
            "properties": {
                "message": _TEXT,
                "code": _COUNT,
                "retry_after": {"type": "number", "exclusiveMinimum": 0},
                "global": {"type": "boolean"},
            },
            "required": ["message", "retry_after", "global"],
        },
        "docs, topics/rate-limits: the code is there for some limits only",
    ),
    _field("MessageAttachmentResponse", "content_scan_version", _COUNT, "seen"),
    _field("ApplicationCommandInteractionMetadataResponse", "name", _TEXT, "seen"),
    _field("ApplicationCommandInteractionMetadataResponse", "command_type", {"enum": [1, 2, 3]}, "seen"),
    _field("GuildRoleResponse", "description", _MAYBE_TEXT, "docs, components/reference: in its examples"),
    *(
        _field(
            schema, "unusual_dm_activity_until", _MAYBE_TEXT, "docs, components/reference: in its examples"
        )
        for schema in ("GuildMemberResponse", "BasicGuildMemberResponse")
    ),
)

_GENERATIONS = "/paths/~1deployments~1{deployment-id}~1images~1generations/post"
_EDITS = "/paths/~1deployments~1{deployment-id}~1images~1edits/post"
_ERROR = {
    "description": "",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/dalleErrorResponse"}}},
}

AZURE_DATED = (
    Amendment(
        f"{_EDITS}/requestBody/content",
        {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/imageEditsRequest"}}},
        "the copy at hand says JSON, though its own fields are files; the reference page says a form",
    ),
    *(
        Amendment(
            f"{_GENERATIONS}/responses/{status}",
            _ERROR,
            "Foundry's error page (2026-09-20): the document has 400 and 500 only, the rest looks the same",
        )
        for status in (401, 403, 404, 429, 503)
    ),
    Amendment(_schema("imageSize"), _ANY_SIZE, _SIZES),
    Amendment(
        _schema("imageQuality", "/enum"),
        ["auto", "high", "medium", "low", "hd", "standard", "xhigh", "max"],
        _QUALITIES,
    ),
    *(
        _field("generateImagesResponse", name, _TEXT, "Azure's v1 document, AzureImagesResponse, has them")
        for name in ("background", "output_format", "quality", "size")
    ),
    _field("imageGenerationsUsage", "output_tokens_details", _OUTPUT_DETAILS, _USAGE),
    _field("dalleErrorResponse", "created", {"type": "integer", "format": "unixtime"}, _CREATED),
    _field("imageResult", "error", {"$ref": "#/components/schemas/errorBase"}, _FILTERED),
)

AZURE_V1 = (
    _field("AzureCreateImageRequest", "size", _ANY_SIZE, _SIZES),
    _field("AzureImagesResponse", "size", _ANY_SIZE, _SIZES),
    Amendment(
        _schema("AzureCreateImageRequest", "/properties/quality/enum"),
        ["low", "medium", "high", "auto", "xhigh", "max"],
        _QUALITIES,
    ),
    Amendment(
        _schema("AzureImagesResponse", "/properties/quality/enum"),
        ["low", "medium", "high", "xhigh", "max"],
        _QUALITIES,
    ),
    Amendment(
        _schema("AzureImagesResponse", "/properties/usage/properties/output_tokens_details"),
        _OUTPUT_DETAILS,
        _USAGE,
    ),
    Amendment(
        _schema("AzureErrorResponse", "/properties/error/properties/type"),
        _TEXT,
        "seen, in every public report of a refused parameter: invalid_request_error and others, never error",
    ),
    _field("AzureErrorResponse", "created", {"type": "integer", "format": "unixtime"}, _CREATED),
    _field(
        "AzureImage",
        "error",
        {"type": "object", "properties": {"code": _TEXT, "message": _TEXT}, "required": ["code"]},
        _FILTERED,
    ),
)

_VERSION = {"name": "api-version", "in": "query", "schema": {"enum": ["v1", "preview"]}}

OPENAI = (
    *(
        Amendment(
            f"/paths/~1images~1{operation}/post/parameters",
            [_VERSION],
            "this document stands in for Azure's, which has no streams, and Azure has a version in the query",
        )
        for operation in ("generations", "edits")
    ),
    _field("ImagesUsage", "output_tokens_details", _OUTPUT_DETAILS, _USAGE),
)
