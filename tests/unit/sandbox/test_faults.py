from __future__ import annotations

import pytest

from sandbox.faults import FOREVER, Fault, FaultList

CALL = ("POST", "/openai/deployments/studio/images/generations")


def test_fault_hits_once_unless_told_otherwise() -> None:
    faults = FaultList()
    fault = faults.add(Fault("status"))
    assert faults.take(*CALL) is fault
    assert faults.take(*CALL) is None
    assert (len(faults), fault.hits, fault.spent) == (0, 1, True)


def test_fault_lets_calls_pass_before_it_hits_and_counts_them() -> None:
    faults = FaultList()
    fault = faults.add(Fault("status", after=2, times=2))
    assert [faults.take(*CALL) for _ in range(5)] == [None, None, fault, fault, None]
    assert (fault.seen, fault.hits) == (4, 2)


def test_fault_without_end_stays_until_removed() -> None:
    faults = FaultList()
    fault = faults.add(Fault("status", times=FOREVER))
    assert all(faults.take(*CALL) is fault for _ in range(50))
    faults.remove(fault)
    faults.remove(fault)
    assert faults.take(*CALL) is None


def test_pattern_covers_method_and_path() -> None:
    fault = Fault("status", route="POST /openai/*/images/*")
    assert fault.matches(*CALL)
    assert fault.matches("post", CALL[1])
    assert not fault.matches("GET", CALL[1])
    assert not fault.matches("POST", "/blobs/x.png")
    assert Fault("status").matches("GET", "/anything")


def test_oldest_fault_that_strikes_wins_and_later_ones_do_not_see_the_call() -> None:
    faults = FaultList()
    first, second = faults.add(Fault("reset")), faults.add(Fault("stall"))
    assert faults.take(*CALL) is first
    assert second.seen == 0
    assert faults.take(*CALL) is second


def test_only_the_kinds_a_route_knows_are_looked_at() -> None:
    faults = FaultList({"reset", "token_down"})
    fault = faults.add(Fault("token_down"))
    assert faults.take(*CALL, kinds={"reset"}) is None
    assert fault.seen == 0
    assert faults.take(*CALL, kinds={"token_down"}) is fault


def test_unknown_kind_is_no_fault_of_this_side() -> None:
    with pytest.raises(ValueError, match="unknown kind of fault: 'flood'; known: fire"):
        FaultList({"fire"}).add(Fault("flood"))


def test_clear_disarms_all_and_iteration_shows_what_is_armed() -> None:
    faults = FaultList()
    armed = [faults.add(Fault("reset")), faults.add(Fault("stall"))]
    assert list(faults) == armed
    faults.clear()
    assert list(faults) == []


def test_fault_is_read_from_json() -> None:
    fault = Fault.parse({"kind": "status", "status": 503, "times": 2, "data": {"code": 5}})
    assert fault == Fault("status", status=503, times=2, data={"code": 5})


@pytest.mark.parametrize(
    "data", [{}, {"status": 503}, {"kind": "status", "hits": 3}, {"kind": "status", "colour": "red"}]
)
def test_json_that_is_no_fault_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="fault"):
        Fault.parse(data)
