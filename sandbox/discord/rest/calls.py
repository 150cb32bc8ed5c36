"""An API call as its handler sees it, and the handler's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.discord.rules.errors import FormErrors, invalid_form
from sandbox.discord.rules.forms import INVALID, Snowflake

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sandbox.discord.world.files import Upload
    from sandbox.discord.world.world import World


class Answer(NamedTuple):
    """An HTTP status and its JSON; None means no body."""

    status: int
    data: Any = None


NO_CONTENT = Answer(204)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its path parameters, query, body and uploads."""

    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    uploads: Mapping[int, Upload]

    def id(self, name: str) -> int:
        """Return an id from the path.

        Raises:
            ApiError: 400, code 50035, if it is not a snowflake.
        """
        errors = FormErrors()
        value = Snowflake().check(self.params[name], (name,), errors)
        errors.raise_any()
        return int(value)

    def flag(self, name: str) -> bool:
        """Return whether a query parameter is switched on."""
        return self.query.get(name, "").lower() in {"1", "true"}

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a number from the query.

        Raises:
            ApiError: 400, code 50035, if it is not a number, or out of range.
        """
        text = self.query.get(name, str(default))
        if not text.isascii() or not text.isdigit():
            raise invalid_form((name,), "NUMBER_TYPE_COERCE", f'Value "{text}" is not int.')
        number = int(text)
        if number < least:
            message = f"int value should be greater than or equal to {least}."
            raise invalid_form((name,), "NUMBER_TYPE_MIN", message)
        if number > most:
            raise invalid_form(
                (name,), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}."
            )
        return number

    def query_id(self, name: str) -> int | None:
        """Return an id from the query, or None if it is not given.

        Raises:
            ApiError: 400, code 50035, if it is not a snowflake.
        """
        if name not in self.query:
            return None
        errors = FormErrors()
        value = Snowflake().check(self.query[name], (name,), errors)
        errors.raise_any()
        return None if value is INVALID else int(value)


if TYPE_CHECKING:
    Handler = Callable[[World, Call], Awaitable[Answer]]
