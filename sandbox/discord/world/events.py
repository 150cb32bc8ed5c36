"""Events for the members' apps: each goes once to every subscriber that may see it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    Listener = Callable[[str, dict[str, Any]], None]


class Hub:
    """Passes events on to the members' open apps."""

    def __init__(self) -> None:
        self._listeners: list[tuple[int, Listener]] = []

    def publish(
        self,
        event: str,
        data: dict[str, Any],
        *,
        only: int | None = None,
        among: Container[int] | None = None,
    ) -> None:
        """Tell everybody, or only the user ``only``, or only the users in ``among``."""
        for user_id, listener in tuple(self._listeners):
            if only in {None, user_id} and (among is None or user_id in among):
                listener(event, data)

    def publish_each(self, event: str, data: Callable[[int], dict[str, Any]]) -> None:
        """Tell everybody something that differs from user to user."""
        for user_id, listener in tuple(self._listeners):
            listener(event, data(user_id))

    @contextmanager
    def listening(self, user_id: int, listener: Listener) -> Iterator[None]:
        """Pass a user's events to a listener for as long as the context lasts."""
        entry = (user_id, listener)
        self._listeners.append(entry)
        try:
            yield
        finally:
            self._listeners.remove(entry)
