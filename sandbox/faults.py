"""Injected faults: what a test, a bench or a visitor of the demo wants a simulated service to do wrong.

Both sides of the sandbox (Discord and Azure) keep one `FaultList` each. On every call,
a side asks its list what should go wrong; the names of the kinds and their effects are defined by the side.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

FOREVER = -1
"""The value of `Fault.times` for a fault that stays until it is removed."""


@dataclass(slots=True)
class Fault:
    """One injected fault: which calls it hits, what happens instead and how often.

    Attributes:
        kind: One of the kinds known to the side it is given to.
        route: A shell pattern on "METHOD /path", e.g. "POST /openai/*/images/*".
        times: How many calls it hits; with `FOREVER` (-1), all until it is removed.
        after: How many matching calls pass unharmed first.
        delay: Seconds before it acts.
        status: The HTTP status, for kinds that take one.
        retry_after: Seconds to announce, for kinds that announce a wait.
        data: Further settings, specific to the kind.
        seen: Calls that have matched so far, hit or not.
        hits: Calls hit so far.
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
        """Build a fault from the JSON object of a control request.

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
        """Whether it has hit `times` calls."""
        return self.times != FOREVER and self.hits >= self.times

    def matches(self, method: str, path: str) -> bool:
        """Return whether its pattern matches a call; `path` excludes the query."""
        return fnmatchcase(f"{method.upper()} {path}", self.route)

    def strike(self) -> bool:
        """Count a matching call; return whether the fault hits it."""
        self.seen += 1
        if self.seen <= self.after or self.spent:
            return False
        self.hits += 1
        return True


class FaultList:
    """The faults armed on one side of the sandbox, oldest first."""

    def __init__(self, kinds: Collection[str] | None = None) -> None:
        """Start with no faults; `kinds`, if given, are the only kinds that `add` accepts."""
        self._kinds = None if kinds is None else frozenset(kinds)
        self._faults: list[Fault] = []

    def __len__(self) -> int:
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def add(self, fault: Fault) -> Fault:
        """Arm a fault and return it, so that a test can check its `hits`.

        Raises:
            ValueError: If this side does not know its kind.
        """
        if self._kinds is not None and fault.kind not in self._kinds:
            raise ValueError(
                f"unknown kind of fault: {fault.kind!r}; known: {', '.join(sorted(self._kinds))}"
            )
        self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Disarm one fault, if it is still armed."""
        self._faults = [armed for armed in self._faults if armed is not fault]

    def clear(self) -> None:
        """Disarm all faults."""
        self._faults.clear()

    def take(self, method: str, path: str, *, kinds: Collection[str] | None = None) -> Fault | None:
        """Return the fault that hits this call, if any; count the hit, and drop the fault once it is spent.

        The oldest fault that strikes wins, and the call is not counted by newer ones: two faults with the
        same pattern hit two successive calls, in the order they were added.

        Args:
            method: The HTTP method.
            path: The path, without the query.
            kinds: If given, consider only these kinds, because the route cannot act on others.
        """
        for fault in self._faults:
            if kinds is not None and fault.kind not in kinds:
                continue
            if fault.matches(method, path) and fault.strike():
                if fault.spent:
                    self.remove(fault)
                return fault
        return None
