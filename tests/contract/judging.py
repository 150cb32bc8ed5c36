"""Holds one exchange against one specification: what the client sent, and what the service answered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.contract.wiretap import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tests.contract.specifications import Operation, Specification
    from tests.contract.wiretap import Body, Exchange

JSON, FORM = "application/json", "multipart/form-data"

_FILE = re.compile(r"files\[[0-9]\]")
"""A field of a file in Discord's forms; the document has ten of them."""

_BOOLEANS = {"True": True, "true": True, "1": True, "False": False, "false": False, "0": False}
"""How Discord reads a query parameter that is true or false (docs, reference, "Boolean Query Strings")."""


def wrong_in_requests(specification: Specification, exchanges: Iterable[Exchange]) -> list[str]:
    """Everything wrong in what was sent, each thing once."""
    return _distinct(specification, exchanges, _request)


def wrong_in_answers(specification: Specification, exchanges: Iterable[Exchange]) -> list[str]:
    """Everything wrong in what was answered, each thing once."""
    return _distinct(specification, exchanges, _answer)


def is_wrong(specification: Specification, exchange: Exchange) -> bool:
    """Whether anything in an exchange is wrong: in the answer, or in a request that was not refused."""
    halves = (_answer,) if exchange.status >= 400 else (_answer, _request)
    return any(problem for half in halves for problem in half(specification, exchange))


def _distinct(
    specification: Specification,
    exchanges: Iterable[Exchange],
    judge: Callable[[Specification, Exchange], Iterable[str]],
) -> list[str]:
    found: dict[str, None] = {}
    for exchange in exchanges:
        known = specification.operation(exchange.method, exchange.path)
        name = known[0].name if known else f"{exchange.method} {exchange.path}"
        problems = judge(specification, exchange)
        found |= dict.fromkeys(f"{name} ({exchange.status}): {problem}" for problem in problems)
    return list(found)


def _request(specification: Specification, exchange: Exchange) -> Iterator[str]:
    known = specification.operation(exchange.method, exchange.path)
    if known is None:
        yield "no such operation"
        return
    operation, values = known
    yield from _parameters(specification, operation, {"path": values, "query": exchange.query})
    declared = operation.about.get("requestBody", {})
    content = declared.get("content", {})
    if not exchange.sent.data:
        if declared.get("required"):
            yield "the body is missing"
    elif exchange.sent.media_type not in content:
        yield f"a body of type {exchange.sent.media_type!r}, not one of {sorted(content)}"
    else:
        yield from _sent(specification, exchange.sent, content)


def _parameters(
    specification: Specification, operation: Operation, given: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    for name, (_, place, required) in operation.parameters.items():
        if required and name not in given.get(place, {}):
            yield f"the parameter {name} is missing"
    for place, values in given.items():
        for name, text in values.items():
            schema, where, _ = operation.parameters.get(name, ({}, "", False))
            if where != place:
                yield f"no parameter {name} in the {place}"
                continue
            for problem in specification.problems(schema, _typed(specification, schema, text)):
                yield f"parameter {name}: {problem}"


def _sent(specification: Specification, body: Body, content: Mapping[str, Any]) -> Iterator[str]:
    if body.media_type == JSON:
        yield from specification.problems(content[JSON]["schema"], body.json)
        return
    names = [name for name, _ in body.parts]
    if "payload_json" not in names:
        schema = content[FORM]["schema"]
        yield from specification.problems(schema, _form(specification, schema, body))
        return
    # Discord's forms: the JSON is a part of its own, and judged as it would be without files.
    yield from (f"no field {name}" for name in names if name != "payload_json" and not _FILE.fullmatch(name))
    yield from specification.problems(content[JSON]["schema"], body.json)


def _form(specification: Specification, schema: Mapping[str, Any], body: Body) -> dict[str, Any]:
    """The fields of a form as the value they stand for: numbers as such, files as text, lists as lists."""
    known = specification.resolved(schema)["properties"]
    value: dict[str, Any] = {}
    for name, text in body.parts:
        plain = "" if text is None else _typed(specification, known.get(name, {}), text)
        if name.endswith("[]"):
            value.setdefault(name.removesuffix("[]"), []).append(plain)
        else:
            value[name] = plain
    return value


def _typed(specification: Specification, schema: Mapping[str, Any], text: str) -> Any:
    """A text as a type that a schema takes, if it can be read as one."""
    kinds = _kinds(specification, schema)
    if "integer" in kinds and re.fullmatch(r"-?\d+", text):
        return int(text)
    if "number" in kinds and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    return _BOOLEANS.get(text, text) if "boolean" in kinds else text


def _kinds(specification: Specification, schema: Mapping[str, Any]) -> set[str]:
    """Every type that a schema takes, as far as it names them."""
    schema = specification.resolved(schema)
    named = schema.get("type", [])
    kinds = {named} if isinstance(named, str) else set(named)
    return kinds.union(*(_kinds(specification, choice) for choice in schema.get("anyOf", [])))


def _answer(specification: Specification, exchange: Exchange) -> Iterator[str]:
    known = specification.operation(exchange.method, exchange.path)
    if known is None:
        yield "no such operation"
        return
    declared = known[0].answer(exchange.status)
    if declared is None:
        yield "no such status"
        return
    for name, header in declared["headers"].items():
        if (text := exchange.got.headers.get(name.lower())) is not None:
            value = _typed(specification, header["schema"], text)
            yield from (f"{name}: {problem}" for problem in specification.problems(header["schema"], value))
    content = declared.get("content", {})
    if not content:
        if exchange.got.data:
            yield "a body where there is none"
    elif exchange.got.media_type not in content:
        yield f"a body of type {exchange.got.media_type!r}, not one of {sorted(content)}"
    elif exchange.got.media_type == EVENTS:
        for event in exchange.got.events():
            yield from specification.problems(content[EVENTS]["schema"], event)
    else:
        yield from specification.problems(content[exchange.got.media_type]["schema"], exchange.got.json)
