"""Injected faults: what a test, a bench or a visitor of the demo asks the far end to do wrong.

Both sides of the sandbox (Discord and Azure) keep one `FaultList` each. A side asks its list at every call
what should go wrong with that call; the names of the kinds, and what they do, belong to the side.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

FOREVER = -1
"""The value of `Fault.times` that means: until the fault is removed."""


@dataclass(slots=True)
class Fault:
    """One injected fault: which calls it hits, what happens instead, how often.

    Attributes:
        kind: A name from the table of kinds of the side it is given to.
        route: A shell pattern on "METHOD /path", e.g. "POST /openai/*/images/*".
        times: How many calls it hits; `FOREVER` (-1) until it is removed.
        after: How many matching calls pass unharmed first.
        delay: Seconds before it acts.
        status: The HTTP status, for kinds that take one.
        retry_after: The seconds to announce, for kinds that announce a wait.
        data: Whatever else the kind understands.
        seen: Calls that matched so far, harmed or not.
        hits: Calls harmed so far.
    """

    kind: str
    route: str = "*"
    times: int = 1
    after: int = 0
    delay: float = 0.0
    status: int | None = None
    retry_after: float | None = None
    data: dict[str, Any] = field(default_factory=dict)
    seen: int = field(default=0, init=False)
    hits: int = field(default=0, init=False)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Fault:
        """Build a fault from the JSON object a control request sent.

        Raises:
            ValueError: If `kind` is missing or a key is not a field.
        """
        if "kind" not in data:
            raise ValueError("a fault needs a kind")
        known = {item.name for item in fields(cls) if item.init}
        if unknown := set(data) - known:
            raise ValueError(f"unknown fields of a fault: {', '.join(sorted(unknown))}")
        return cls(**data)

    @property
    def spent(self) -> bool:
        """Whether it has hit as often as it was asked to."""
        return self.times != FOREVER and self.hits >= self.times

    def matches(self, method: str, path: str) -> bool:
        """Whether its pattern covers a call; `path` is without the query."""
        return fnmatchcase(f"{method.upper()} {path}", self.route)

    def strike(self) -> bool:
        """Count one matching call; return whether this one is to be harmed."""
        self.seen += 1
        if self.seen <= self.after or self.spent:
            return False
        self.hits += 1
        return True


class FaultList:
    """The faults one side of the sandbox has been asked for, oldest first."""

    def __init__(self, kinds: Collection[str] | None = None) -> None:
        """Start with no faults; `kinds`, if given, are the only names `add` takes."""
        self._kinds = None if kinds is None else frozenset(kinds)
        self._faults: list[Fault] = []

    def __len__(self) -> int:
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def add(self, fault: Fault) -> Fault:
        """Arm a fault and return it, so that a test can watch its `hits`.

        Raises:
            ValueError: If its kind is not one of this side's.
        """
        if self._kinds is not None and fault.kind not in self._kinds:
            raise ValueError(
                f"unknown kind of fault: {fault.kind!r}; known: {', '.join(sorted(self._kinds))}"
            )
        self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Disarm one fault; one that is already gone is no error."""
        self._faults = [armed for armed in self._faults if armed is not fault]

    def clear(self) -> None:
        """Disarm all."""
        self._faults.clear()

    def take(self, method: str, path: str, *, kinds: Collection[str] | None = None) -> Fault | None:
        """The fault that hits this call, if any, counted and dropped once spent.

        The oldest that strikes wins, and only faults older than it see the call: two faults with the same
        pattern hit two calls in a row, in the order they were added.

        Args:
            method: The HTTP method.
            path: The path of the call, without the query.
            kinds: Only look at faults of these kinds, because others mean nothing to this route.
        """
        for fault in self._faults:
            if kinds is not None and fault.kind not in kinds:
                continue
            if fault.matches(method, path) and fault.strike():
                if fault.spent:
                    self.remove(fault)
                return fault
        return None
