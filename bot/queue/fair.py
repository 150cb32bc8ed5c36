"""Whose turn it is: round robin over guilds, within a guild over members, within a member by arrival.

Priority counts only among the members of one guild. If it counted between guilds, a server's moderators
could take other servers' turns by giving all their members a high one.

The algorithm is stride scheduling (Waldspurger and Weihl, 1995): each guild or member that waits has a tag,
the lowest tag is next, and each turn raises the tag by the turn's cost, which is lower at a higher priority.
A newcomer's tag is one turn beyond the present, so that nobody gains by leaving and coming back.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARES: Final = (1, 2, 4, 8)
"""Turns a member gets for each turn of an ordinary member of the same guild, by priority."""

_STRIDE = max(SHARES)
"""The cost of an ordinary turn; every share divides it, so that no rounding errors add up."""

_SPARE = 16
"""How many more outdated entries than valid ones a heap may hold."""

LoadT = TypeVar("LoadT", bound=Sized)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One job's claim to a turn.

    Attributes:
        job_id: the interaction's id.
        guild_id: the server it was asked for in.
        member_id: who asked.
        model: the model to draw it; every model has a queue of its own.
        priority: 0 for everybody, up to 3; see ``SHARES``.
    """

    job_id: int
    guild_id: int
    member_id: int
    model: str
    priority: int = 0


@dataclass(slots=True, eq=False)
class _Flow(Generic[LoadT]):
    """A guild or a member that takes turns.

    Attributes:
        key: which one it is.
        tag: when its next turn is; the lowest of all is next.
        order: the lower of two with the same tag is first; -1 once the flow has left.
        cost: what a turn adds to the tag.
        load: its length is the number of turns the flow is waiting for.
    """

    key: Hashable
    tag: int
    order: int
    cost: int
    load: LoadT


class _Rota(Generic[LoadT]):
    """Turns shared among flows; those with cheaper turns get more."""

    __slots__ = ("_heap", "_next_order", "_present", "flows")

    def __init__(self) -> None:
        self.flows: dict[Hashable, _Flow[LoadT]] = {}
        self._heap: list[tuple[int, int, _Flow[LoadT]]] = []
        self._present = 0
        self._next_order = 0

    def newcomer(self, key: Hashable, cost: int, load: LoadT) -> _Flow[LoadT]:
        """Return the flow that would join now."""
        return _Flow(key, self._present + cost, self._next_order, cost, load)

    def join(self, key: Hashable, cost: int, load: LoadT) -> None:
        """Let a flow take turns from now on."""
        flow = self.flows[key] = self.newcomer(key, cost, load)
        self._schedule(flow)

    def leave(self, flow: _Flow[LoadT]) -> None:
        """Remove a flow that waits no longer."""
        del self.flows[flow.key]
        flow.order = -1
        if len(self._heap) > 2 * len(self.flows) + _SPARE:
            self._heap = [place for place in self._heap if place[2].order == place[1]]
            heapq.heapify(self._heap)

    def first(self) -> _Flow[LoadT]:
        """Return the flow whose turn is next."""
        while self._heap[0][2].order != self._heap[0][1]:
            heapq.heappop(self._heap)
        return self._heap[0][2]

    def advance(self, flow: _Flow[LoadT]) -> None:
        """Count the turn of the first flow; keep the flow if it waits for more."""
        self._present = flow.tag
        heapq.heappop(self._heap)
        if len(flow.load):
            flow.tag += flow.cost
            self._schedule(flow)
        else:
            del self.flows[flow.key]

    def ahead(self, flow: _Flow[LoadT], turn: int) -> int:
        """Count the other flows' turns before the given turn of ``flow``, 0 being its next."""
        return sum(_turns_before(flow, turn, other) for other in self.flows.values() if other is not flow)

    def _schedule(self, flow: _Flow[LoadT]) -> None:
        flow.order = self._next_order
        self._next_order += 1
        heapq.heappush(self._heap, (flow.tag, flow.order, flow))


def _turns_before(flow: _Flow[LoadT], turn: int, other: _Flow[LoadT]) -> int:
    """Count the turns that ``other`` has before the given turn of ``flow``."""
    gap = flow.tag + turn * flow.cost - other.tag
    if gap < 0:
        return 0
    count, rest = divmod(gap, other.cost)
    if rest:
        count += 1
    elif turn and count and other.cost != flow.cost:
        # Of two flows with the same tag, the one with costlier turns goes first: it got that tag earlier.
        count += other.cost > flow.cost
    else:
        count += (count, other.order) < (turn, flow.order)
    return min(count, len(other.load))


class _Guild:
    """The waiting members of one guild; its length is the number of their tickets."""

    __slots__ = ("_waiting", "members")

    def __init__(self) -> None:
        self.members: _Rota[list[Ticket]] = _Rota()
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def add(self, ticket: Ticket) -> None:
        flow = self.members.flows.get(_member(ticket))
        if flow is None:
            self.members.join(_member(ticket), _cost(ticket), [ticket])
        else:
            flow.load.append(ticket)
        self._waiting += 1

    def remove(self, ticket: Ticket) -> None:
        """Take a ticket out; those behind it move up."""
        flow = self.members.flows[_member(ticket)]
        flow.load.remove(ticket)
        if not flow.load:
            self.members.leave(flow)
        self._waiting -= 1

    def take(self) -> Ticket:
        flow = self.members.first()
        ticket = flow.load.pop(0)
        self.members.advance(flow)
        self._waiting -= 1
        return ticket

    def position(self, ticket: Ticket) -> int:
        """Count the guild's tickets before this one, which is its member's last if it is not waiting yet."""
        flow = self.members.flows.get(_member(ticket))
        if flow is None:
            return self.members.ahead(self.members.newcomer(_member(ticket), _cost(ticket), []), 0)
        turn = flow.load.index(ticket) if ticket in flow.load else len(flow.load)
        return turn + self.members.ahead(flow, turn)


def _member(ticket: Ticket) -> Hashable:
    """Return the flow key of a ticket: two priorities of a member, say from two channels, wait separately."""
    return (ticket.member_id, ticket.priority)


def _cost(ticket: Ticket) -> int:
    return _STRIDE // SHARES[ticket.priority]


class FairQueue:
    """Tickets in the order in which they get their turns.

    Adding and taking cost O(log n). Removing a ticket is linear in the member's waiting tickets; finding a
    position, in the guild's waiting members plus the queue's guilds.
    """

    def __init__(self) -> None:
        self._guilds: _Rota[_Guild] = _Rota()
        self._tickets: dict[int, Ticket] = {}

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, job_id: int) -> bool:
        return job_id in self._tickets

    def __iter__(self) -> Iterator[Ticket]:
        """Iterate over the tickets in order of arrival."""
        return iter(self._tickets.values())

    def add(self, ticket: Ticket) -> None:
        """Add a ticket to the queue.

        Raises:
            ValueError: the job waits already, or there is no such priority.
        """
        if ticket.job_id in self._tickets:
            raise ValueError(f"job {ticket.job_id} waits already")
        if not 0 <= ticket.priority < len(SHARES):
            raise ValueError(f"priority {ticket.priority}")
        self._tickets[ticket.job_id] = ticket
        if ticket.guild_id not in self._guilds.flows:
            self._guilds.join(ticket.guild_id, 1, _Guild())
        self._guilds.flows[ticket.guild_id].load.add(ticket)

    def remove(self, job_id: int) -> bool:
        """Remove the ticket of a job that waits no longer.

        Returns:
            Whether it was in the queue.
        """
        ticket = self._tickets.pop(job_id, None)
        if ticket is None:
            return False
        flow = self._guilds.flows[ticket.guild_id]
        flow.load.remove(ticket)
        if not flow.load:
            self._guilds.leave(flow)
        return True

    def take_next(self) -> Ticket | None:
        """Take the ticket whose turn it is; None if nobody waits."""
        if not self._tickets:
            return None
        flow = self._guilds.first()
        ticket = flow.load.take()
        self._guilds.advance(flow)
        del self._tickets[ticket.job_id]
        return ticket

    def position(self, job_id: int) -> int | None:
        """Count the jobs to be taken before a job if no other arrives; return None if it does not wait."""
        ticket = self._tickets.get(job_id)
        return None if ticket is None else self.position_of(ticket)

    def position_of(self, ticket: Ticket) -> int:
        """Count the same for a ticket that waits, or for a new one as if it were added now."""
        flow = self._guilds.flows.get(ticket.guild_id)
        if flow is None:
            return self._guilds.ahead(self._guilds.newcomer(ticket.guild_id, 1, _Guild()), 0)
        turn = flow.load.position(ticket)
        return turn + self._guilds.ahead(flow, turn)
