"""The rules for image requests, per model; violations are refused as the service would refuse them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.azure import errors
from sandbox.azure.models import parse_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.azure.images.forms import Body
    from sandbox.azure.models import ImageModel, Size
    from sandbox.azure.records import Upload

COMMON = frozenset(
    {
        "prompt",
        "model",
        "n",
        "size",
        "quality",
        "background",
        "output_format",
        "output_compression",
        "stream",
        "partial_images",
        "user",
    }
)
ALLOWED = {"generations": COMMON | {"moderation"}, "edits": COMMON | {"input_fidelity"}}
"""Operation → its parameters. `response_format` and `style` are DALL·E's, `moderation` is not for edits, and
`safety_identifier`, `markup` and `complexity` are, as far as known, only on OpenAI's own platform."""

FILE_FIELDS = frozenset({"image", "image[]", "mask"})
PARTIALS_MAX = 3


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """A valid request, with its defaults filled in.

    Attributes:
        operation: `generations` or `edits`.
        model: The model it goes to.
        prompt: What to draw.
        n: How many pictures.
        size: Width and height in pixels; `auto` is resolved.
        quality: One of the model's qualities; `auto` is resolved.
        form: `png` or `jpeg`.
        compression: 0 to 100, for jpeg.
        transparent: Whether the background is transparent.
        stream: Whether to answer with events.
        partial_images: How many earlier stages to stream.
        images: The input images of an edit.
        mask: The mask of an edit.
    """

    operation: str
    model: ImageModel
    prompt: str
    n: int
    size: Size
    quality: str
    form: str
    compression: int
    transparent: bool
    stream: bool
    partial_images: int
    images: tuple[Upload, ...] = ()
    mask: Upload | None = None


def validate(body: Body, operation: str, model: ImageModel) -> ImageRequest:
    """Check a request's parameters one by one, then against each other.

    The bytes of input images are checked by `uploads.check` instead.

    Raises:
        AzureError: 400, at the first parameter the service would refuse.
    """
    if body.problem is not None:
        raise body.problem
    _check_names(body, operation)
    fields = _Fields(body.fields, form=body.form)
    _check_fidelity(fields, model)
    fields.choice("moderation", ("low", "auto"), "auto")
    fields.text("user")
    request = ImageRequest(
        operation=operation,
        model=model,
        prompt=_prompt(fields, model),
        n=fields.integer("n", 1, model.count_max, 1),
        size=_size(fields, model),
        quality=_quality(fields, model),
        form=fields.choice("output_format", ("png", "jpeg"), "png"),
        compression=fields.integer("output_compression", 0, 100, 100),
        transparent=fields.choice("background", ("transparent", "opaque", "auto"), "auto") == "transparent",
        stream=fields.flag("stream"),
        partial_images=fields.integer("partial_images", 0, PARTIALS_MAX, 0),
        images=tuple(file for file in body.files if file.name != "mask"),
        mask=next((file for file in body.files if file.name == "mask"), None),
    )
    _check_together(request, fields)
    return request


def _check_names(body: Body, operation: str) -> None:
    for name in body.fields:
        if name not in ALLOWED[operation]:
            if name in FILE_FIELDS and operation == "edits":
                raise errors.wrong_type(
                    name.removesuffix("[]"), "one of an array of files or file", "a string"
                )
            raise errors.unknown_parameter(name)
    for file in body.files:
        if file.name not in FILE_FIELDS:
            raise errors.unknown_parameter(file.name)


def _prompt(fields: _Fields, model: ImageModel) -> str:
    prompt = fields.text("prompt", required=True)
    if not prompt:
        message = (
            "Invalid 'prompt': empty string. Expected a string with minimum length 1, "
            "but got an empty string instead."
        )
        raise errors.invalid("empty_string", message, "prompt")
    if len(prompt) > model.prompt_max:
        message = (
            f"Invalid 'prompt': string too long. Expected a string with maximum length {model.prompt_max}, "
            f"but got a string with length {len(prompt)} instead."
        )
        raise errors.invalid("string_above_max_length", message, "prompt")
    return prompt


def _size(fields: _Fields, model: ImageModel) -> Size:
    text = fields.text("size") or "auto"
    if text == "auto":
        return model.auto_size
    size = parse_size(text)
    if model.sizes is not None and size not in model.sizes:
        raise errors.wrong_value("size", text, [*(f"{w}x{h}" for w, h in model.sizes), "auto"])
    if size is None:
        message = f"Invalid size '{text}'. Expected 'auto' or a size in the form WIDTHxHEIGHT."
        raise errors.invalid("invalid_value", message, "size", "image_generation_user_error")
    if problem := model.size_problem(size):
        raise errors.invalid("invalid_value", problem, "size", "image_generation_user_error")
    return size


def _quality(fields: _Fields, model: ImageModel) -> str:
    quality = fields.choice("quality", (*model.qualities, "auto"), "auto")
    return model.auto_quality if quality == "auto" else quality


def _check_fidelity(fields: _Fields, model: ImageModel) -> None:
    if not fields.has("input_fidelity"):
        return
    if not model.input_fidelities:
        message = f"The model '{model.name}' does not support the 'input_fidelity' parameter."
        raise errors.invalid("invalid_input_fidelity_model", message, "input_fidelity")
    fields.choice("input_fidelity", model.input_fidelities, "low")


def _check_together(request: ImageRequest, fields: _Fields) -> None:
    if request.transparent and request.form == "jpeg":
        message = "Transparent background is not supported for JPEG output format."
        raise errors.invalid("invalid_value", message, "background", "image_generation_user_error")
    if request.form == "png" and request.compression != 100:
        message = "Compression less than 100 is not supported for PNG output format."
        raise errors.invalid("invalid_value", message, "output_compression", "image_generation_user_error")
    if fields.has("partial_images") and not request.stream:
        message = "The 'partial_images' parameter is only supported when 'stream' is true."
        raise errors.invalid("invalid_value", message, "partial_images")


class _Fields:
    """The parameters of a request, read by type; in a form, every value is text."""

    def __init__(self, fields: dict[str, Any], *, form: bool) -> None:
        # null means "absent", except for the prompt.
        self._fields = {
            name: value for name, value in fields.items() if value is not None or name == "prompt"
        }
        self._form = form

    def has(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str, *, required: bool = False) -> str:
        if name not in self._fields:
            if required:
                raise errors.missing_parameter(name)
            return ""
        value = self._fields[name]
        if not isinstance(value, str):
            raise errors.wrong_type(name, "a string", _type_name(value))
        return value

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        if name not in self._fields:
            return default
        value = self.text(name)
        if value not in allowed:
            raise errors.wrong_value(name, value, allowed)
        return value

    def integer(self, name: str, low: int, high: int, default: int) -> int:
        if name not in self._fields:
            return default
        value = self._fields[name]
        if self._form and isinstance(value, str) and value.removeprefix("-").isdecimal():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise errors.wrong_type(name, "an integer", _type_name(value))
        if not low <= value <= high:
            raise errors.out_of_range(name, value, low, high)
        return value

    def flag(self, name: str) -> bool:
        value = self._fields.get(name, False)
        if self._form and isinstance(value, str) and value in {"true", "false"}:
            value = value == "true"
        if not isinstance(value, bool):
            raise errors.wrong_type(name, "a boolean", _type_name(value))
        return value


_TYPE_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "an integer",
    float: "a decimal number",
    str: "a string",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def _type_name(value: object) -> str:
    return _TYPE_NAMES.get(type(value), "an object")
