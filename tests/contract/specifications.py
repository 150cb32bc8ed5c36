"""Published API descriptions (OpenAPI 3.0 and 3.1), made ready to judge what went over the wire.

Two things are added to each document before it judges anything. Where it is known to be wrong, or silent,
there are amendments, each with its reason. And every object is closed: a field that the document does not
know counts as a mistake, because a misspelt one would be ignored by the service, not refused.
"""

from __future__ import annotations

import copy
import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jsonschema.exceptions import ValidationError

ROOT = Path(__file__).parents[2]
# Read at import: the tests themselves run without any EASEL_ variable.
FOLDER = ROOT / os.environ.get("EASEL_SPECS", "../shared/specs")

OPEN = "-open"
"""Ends the name under which each schema is also there without being closed, to be combined with others."""

_SCHEMAS = "#/components/schemas/"
_MAPS = frozenset({"properties", "responses"})
"""Keywords whose keys are names, not keywords: a property may be called anything, a response `default`."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """One place where a document is changed before it judges.

    Attributes:
        at: The place, as a JSON pointer.
        now: What stands there instead, or in addition.
        why: What shows that the document is wrong there, or silent.
    """

    at: str
    now: Any
    why: str

    def apply(self, document: dict[str, Any]) -> None:
        """Put it into a document, whose place must exist but for the last step."""
        *path, last = (step.replace("~1", "/").replace("~0", "~") for step in self.at.split("/")[1:])
        place: Any = document
        for step in path:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[int(last) if isinstance(place, list) else last] = self.now


def read(name: str) -> dict[str, Any]:
    """Read one document of the folder, JSON or YAML."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text) if name.endswith(".json") else yaml.safe_load(text)
    return document


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, with what the document says of it.

    Attributes:
        name: The method and the path's template.
        about: The document's entry.
        parameters: Schema, place ("query" or "path") and need of each parameter, by name.
    """

    name: str
    about: Mapping[str, Any]
    parameters: Mapping[str, tuple[Mapping[str, Any], str, bool]]

    def answer(self, status: int) -> Mapping[str, Any] | None:
        """The entry for a status: its own, that of its class (4XX), or the default one."""
        responses = self.about["responses"]
        keys = (str(status), f"{status // 100}XX", "default")
        found: Mapping[str, Any] | None = next((responses[key] for key in keys if key in responses), None)
        return found


class Specification:
    """One document with its amendments."""

    def __init__(
        self, document: Mapping[str, Any], amendments: Sequence[Amendment] = (), *, name: str, base: str
    ) -> None:
        """Prepare a document.

        Args:
            document: The document as published.
            amendments: What is changed in it first.
            name: What to call it.
            base: What the paths of real calls begin with, before those of the document.
        """
        amended = copy.deepcopy(dict(document))
        for amendment in amendments:
            amendment.apply(amended)
        self.base = base
        self.amendments = tuple(amendments)
        self._published = document
        self._name = name
        self._document = _prepared(amended, f"urn:{name}")
        resource = Resource.from_contents(self._document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(f"urn:{name}", resource)

    def without(self, amendment: Amendment) -> Specification:
        """The same document, short of one amendment."""
        others = [other for other in self.amendments if other is not amendment]
        return Specification(self._published, others, name=self._name, base=self.base)

    def operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a call is, and the values of its path's parameters."""
        for template, pattern in self._templates:
            match = pattern.fullmatch(path.removeprefix(self.base))
            item = self._document["paths"][template]
            if match is not None and method.lower() in item:
                values = dict(zip(re.findall(r"\{([^}]+)\}", template), match.groups(), strict=True))
                return self._operation(method, template), values
        return None

    @cached_property
    def _templates(self) -> list[tuple[str, re.Pattern[str]]]:
        """Every path with a pattern for it; those with the fewest parameters first, which say the most."""
        found = []
        for template in sorted(self._document["paths"], key=lambda path: path.count("{")):
            parts = re.split(r"\{[^}]+\}", template)
            found.append((template, re.compile("([^/]+)".join(map(re.escape, parts)))))
        return found

    def _operation(self, method: str, template: str) -> Operation:
        item = self._document["paths"][template]
        about = item[method.lower()]
        parameters = {
            entry["name"]: (entry["schema"], entry["in"], entry.get("required", False))
            for entry in (*item.get("parameters", ()), *about.get("parameters", ()))
        }
        responses = {status: self._followed(entry) for status, entry in about["responses"].items()}
        return Operation(f"{method} {template}", {**about, "responses": responses}, parameters)

    def _followed(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """What an entry refers to, with the same done to its headers."""
        if "$ref" in entry:
            entry = self._registry.resolver().lookup(entry["$ref"]).contents
        headers = entry.get("headers", {})
        return {**entry, "headers": {name: self._plain(header) for name, header in headers.items()}}

    def _plain(self, header: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = (
            self._registry.resolver().lookup(header["$ref"]).contents if "$ref" in header else header
        )
        return found

    def schema(self, name: str) -> dict[str, Any]:
        """A schema by its name, as something to judge by."""
        assert name in self._document["components"]["schemas"], name
        return {"$ref": f"urn:{self._name}{_SCHEMAS}{name}"}

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """A schema, looked up if it only refers to another one."""
        while "$ref" in schema:
            schema = self._registry.resolver().lookup(schema["$ref"]).contents
        return schema

    def problems(self, schema: Mapping[str, Any], instance: Any) -> Iterator[str]:
        """What is wrong with a value, each with its place in it."""
        validator = Draft202012Validator(schema, registry=self._registry, format_checker=FORMATS)
        for error in validator.iter_errors(instance):
            yield from _told(error)


def _told(error: ValidationError) -> Iterator[str]:
    """An error in one line; of alternatives, what the most fitting one finds wrong."""
    if error.validator in {"oneOf", "anyOf"} and error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for cause in error.context:
            branches.setdefault(cause.schema_path[0], []).append(cause)
        # The branch that got furthest into the value is the one that was meant.
        meant = max(branches.values(), key=lambda causes: (_depth(causes), -len(causes)))
        for cause in meant:
            yield from _told(cause)
        return
    place = "/".join(map(str, error.absolute_path)) or "(all of it)"
    message = error.message if len(error.message) < 300 else f"{error.message[:150]} … {error.message[-140:]}"
    yield f"{place}: {message}"


def _depth(causes: Iterable[ValidationError]) -> int:
    """How far into the value the first thing wrong lies; a wrong type or constant at its top is no fit."""
    return min(
        len(cause.absolute_path) - 10 * (cause.validator in {"const", "enum", "type"}) for cause in causes
    )


# --- preparing a document ---


def _prepared(document: Mapping[str, Any], uri: str) -> dict[str, Any]:
    """A document with references from anywhere, nullable types, and closed objects."""
    schemas = document["components"]["schemas"]
    return {
        "paths": _closed(document["paths"], uri),
        "components": {
            **{
                kind: _closed(entries, uri)
                for kind, entries in document["components"].items()
                if kind != "schemas"
            },
            "schemas": {
                **{name: _closed(schema, uri) for name, schema in schemas.items()},
                **{name + OPEN: _closed(schema, uri, shut=False) for name, schema in schemas.items()},
            },
        },
    }


def _closed(node: Any, uri: str, *, shut: bool = True) -> Any:
    """A schema, and all within it, in which objects have no fields but those it knows.

    Args:
        node: The schema, or what holds schemas.
        uri: What local references become references to.
        shut: Whether this schema itself is closed; a part of an ``allOf`` is not, only the whole.
    """
    if isinstance(node, list):
        return [_closed(item, uri) for item in node]
    if not isinstance(node, dict):
        return node
    result: dict[str, Any] = {}
    for key, value in node.items():
        if key == "$ref" and isinstance(value, str):
            name = value if shut or not value.startswith(_SCHEMAS) else value + OPEN
            result[key] = uri + name
        elif key == "allOf":
            result[key] = [_closed(item, uri, shut=False) for item in value]
        elif key in _MAPS and isinstance(value, dict):
            result[key] = {name: _closed(schema, uri) for name, schema in value.items()}
        elif key in {"example", "examples", "default", "const", "enum"}:
            result[key] = value
        else:
            result[key] = _closed(value, uri)
    if result.pop("nullable", None) is True:
        result = _nullable(result)
    return _shut(result) if shut else result


def _shut(schema: dict[str, Any]) -> dict[str, Any]:
    if "additionalProperties" in schema:
        return schema
    if "allOf" in schema and ("properties" in schema or schema.get("type") == "object"):
        return {**schema, "unevaluatedProperties": False}
    return {**schema, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0's ``nullable`` in the terms of JSON Schema 2020-12."""
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    result = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        result["enum"] = [*schema["enum"], None]
    return result


# --- formats that JSON Schema leaves to the reader ---

FORMATS = FormatChecker(formats=())


@FORMATS.checks("int32")
def _int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@FORMATS.checks("int64")
def _int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@FORMATS.checks("date-time", raises=ValueError)
def _date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri", raises=ValueError)
def _uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


@FORMATS.checks("unixtime")
def _unixtime(value: object) -> bool:
    # From 2020 to 2100: a time in milliseconds, or one that counts from the start of a process, is none.
    return not isinstance(value, int) or 1_577_836_800 < value < 4_102_444_800
