from __future__ import annotations

import copy
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.queue.fair import SHARES, FairQueue, Ticket
from tests.properties import UNHURRIED

if TYPE_CHECKING:
    from collections.abc import Iterable

Who = tuple[int, ...]
"""A guild, or a member with a priority."""


def ticket(job: int, guild: int = 1, member: int = 1, priority: int = 0) -> Ticket:
    return Ticket(job, guild, member, "gpt-image-2", priority)


def filled(*tickets: Ticket) -> FairQueue:
    queue = FairQueue()
    for each in tickets:
        queue.add(each)
    return queue


def drained(queue: FairQueue) -> list[Ticket]:
    tickets = []
    while (taken := queue.take_next()) is not None:
        tickets.append(taken)
    return tickets


def jobs(tickets: Iterable[Ticket]) -> list[int]:
    return [each.job_id for each in tickets]


# --- whose turn it is -------------------------------------------------------------------------------------


def test_of_one_member_the_first_to_come_is_the_first_to_go() -> None:
    assert jobs(drained(filled(*(ticket(job) for job in range(5))))) == [0, 1, 2, 3, 4]


def test_members_of_a_guild_take_turns() -> None:
    queue = filled(*(ticket(job, member=1) for job in range(3)), ticket(10, member=2), ticket(11, member=2))
    assert jobs(drained(queue)) == [0, 10, 1, 11, 2]


def test_guilds_take_turns_however_many_members_they_have() -> None:
    crowd = [ticket(job, guild=1, member=job) for job in range(4)]
    queue = filled(*crowd, ticket(10, guild=2), ticket(11, guild=2))
    assert jobs(drained(queue)) == [0, 10, 1, 11, 2, 3]


def test_who_comes_late_is_not_behind_everything_that_a_flood_has_asked_for() -> None:
    queue = filled(*(ticket(job, guild=1) for job in range(200)))
    for _ in range(20):
        queue.take_next()
    for job in range(1000, 1005):
        queue.add(ticket(job, guild=2))
    order = jobs(drained(queue))
    assert [order.index(job) for job in range(1000, 1005)] == [1, 3, 5, 7, 9]


def test_nobody_gains_a_turn_by_leaving_and_coming_back() -> None:
    queue = filled(ticket(1, guild=1), ticket(2, guild=2), ticket(3, guild=3))
    queue.remove(1)
    queue.add(ticket(1, guild=1))
    assert jobs(drained(queue)) == [2, 3, 1]


def test_who_takes_a_request_back_lets_their_own_next_one_move_up() -> None:
    queue = filled(ticket(1, member=1), ticket(2, member=2), ticket(3, member=1), ticket(4, member=2))
    queue.remove(1)
    assert jobs(drained(queue)) == [3, 2, 4]


# --- priority ---------------------------------------------------------------------------------------------


def test_members_share_a_guild_s_turns_by_their_priorities() -> None:
    rounds = 4
    queue = filled(
        *(
            ticket(100 * priority + n, member=priority, priority=priority)
            for priority in range(4)
            for n in range(99)
        )
    )
    taken = [queue.take_next() for _ in range(rounds * sum(SHARES))]
    assert Counter(each.priority for each in taken if each) == {
        priority: rounds * share for priority, share in enumerate(SHARES)
    }


def test_priority_takes_no_other_guild_s_turns() -> None:
    privileged = [ticket(job, guild=1, priority=3) for job in range(3)]
    queue = filled(*privileged, *(ticket(job, guild=2) for job in range(10, 13)))
    assert jobs(drained(queue)) == [0, 10, 1, 11, 2, 12]


def test_one_with_priority_goes_before_those_who_wait_already() -> None:
    queue = filled(*(ticket(job, member=job) for job in range(1, 20)), ticket(99, member=99, priority=1))
    assert queue.position(99) == 0


def test_a_member_with_two_priorities_waits_with_each() -> None:
    queue = filled(ticket(1, member=1), ticket(2, member=2), ticket(3, member=1, priority=3))
    assert jobs(drained(queue)) == [3, 1, 2]


@pytest.mark.parametrize("priority", [-1, 4])
def test_there_are_no_other_priorities(priority: int) -> None:
    queue = FairQueue()
    with pytest.raises(ValueError, match="priority"):
        queue.add(ticket(1, priority=priority))
    assert len(queue) == 0


# --- small things -----------------------------------------------------------------------------------------


def test_nobody_waits_in_an_empty_queue() -> None:
    queue = FairQueue()
    assert queue.take_next() is None
    assert queue.position(1) is None
    assert not queue.remove(1)


def test_a_job_waits_once() -> None:
    queue = filled(ticket(1))
    with pytest.raises(ValueError, match="waits already"):
        queue.add(ticket(1))
    assert jobs(queue) == [1]


def test_the_queue_knows_who_waits() -> None:
    queue = filled(ticket(1), ticket(2, guild=2))
    assert 1 in queue
    assert 3 not in queue
    assert jobs(queue) == [1, 2]


def test_joining_and_leaving_without_end_leaves_nothing_behind() -> None:
    queue = filled(ticket(1, guild=1))
    for job in range(2, 1000):
        queue.add(ticket(job, guild=job))
        queue.remove(job)
    assert len(queue._guilds._heap) < 50
    assert jobs(drained(queue)) == [1]


# --- whatever happens -------------------------------------------------------------------------------------


class Overtakings:
    """Counts how often others have had turns while one waits for theirs."""

    def __init__(self) -> None:
        self._by: dict[Who, Counter[Who]] = defaultdict(Counter)

    def taken(self, who: Who, waiting: set[Who]) -> dict[Who, int]:
        """How often each of those who wait has been overtaken by ``who``, this time included."""
        self.keep(waiting)
        self._by.pop(who, None)
        for other in waiting - {who}:
            self._by[other][who] += 1
        return {other: counts[who] for other, counts in self._by.items()}

    def keep(self, waiting: set[Who]) -> None:
        """Forget those who wait no longer."""
        for gone in self._by.keys() - waiting:
            del self._by[gone]


class QueueMachine(RuleBasedStateMachine):
    """Members come, give up and are served at random; fairness and every position hold all the time."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = FairQueue()
        self.waiting: dict[int, Ticket] = {}
        self.next_job = 0
        self.guilds = Overtakings()
        self.members: dict[int, Overtakings] = defaultdict(Overtakings)

    @rule(
        guild=st.integers(1, 4), member=st.integers(1, 4), priority=st.integers(0, 3), count=st.integers(1, 4)
    )
    def ask(self, guild: int, member: int, priority: int, count: int) -> None:
        for _ in range(count):
            added = ticket(self.next_job, guild, member, priority)
            self.next_job += 1
            foreseen = self.queue.position_of(added)
            self.queue.add(added)
            self.waiting[added.job_id] = added
            assert self.queue.position(added.job_id) == foreseen

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.waiting)))
        assert self.queue.remove(job_id)
        del self.waiting[job_id]
        self.forget_who_left()

    @precondition(lambda self: self.waiting)
    @rule()
    def serve(self) -> None:
        guilds = self.guilds_waiting()
        taken = self.queue.take_next()
        assert taken is not None
        assert self.waiting.get(taken.job_id) == taken
        members = self.members_waiting(taken.guild_id)
        del self.waiting[taken.job_id]
        assert max(self.guilds.taken((taken.guild_id,), guilds).values(), default=0) <= 1
        overtaken = self.members[taken.guild_id].taken((taken.member_id, taken.priority), members)
        for (_, priority), times in overtaken.items():
            assert times <= max(1, SHARES[taken.priority] // SHARES[priority])
        self.forget_who_left()

    def forget_who_left(self) -> None:
        self.guilds.keep(self.guilds_waiting())
        for guild, overtakings in self.members.items():
            overtakings.keep(self.members_waiting(guild))

    def guilds_waiting(self) -> set[Who]:
        return {(each.guild_id,) for each in self.waiting.values()}

    def members_waiting(self, guild: int) -> set[Who]:
        tickets = self.waiting.values()
        return {(each.member_id, each.priority) for each in tickets if each.guild_id == guild}

    @invariant()
    def nobody_is_lost_and_every_position_is_true(self) -> None:
        assert len(self.queue) == len(self.waiting)
        assert set(self.queue) == set(self.waiting.values())
        positions = {job: self.queue.position(job) for job in self.waiting}
        order = jobs(drained(copy.deepcopy(self.queue)))
        assert positions == {job: index for index, job in enumerate(order)}


TestWhateverHappens = QueueMachine.TestCase
TestWhateverHappens.settings = UNHURRIED
