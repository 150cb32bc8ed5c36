from __future__ import annotations

from sandbox.azure.access.capacity import Capacity


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_requests_in_step_with_the_limit_pass_and_are_counted() -> None:
    clock = Clock()
    capacity = Capacity(clock)
    for number in range(6):
        verdict = capacity.take("studio", 6)
        assert (verdict.retry_after, verdict.remaining) == (None, 5 - number)
        clock.now += 10
    assert capacity.take("studio", 6).retry_after is None


def test_burst_is_refused_by_the_short_slices() -> None:
    clock = Clock()
    capacity = Capacity(clock)
    assert capacity.take("studio", 120).retry_after is None
    assert capacity.take("studio", 120).retry_after is None
    clock.now += 0.25
    refused = capacity.take("studio", 120)
    assert refused.retry_after == 0.75
    assert refused.remaining == 118
    clock.now += 0.75
    assert capacity.take("studio", 120).retry_after is None


def test_minute_is_refused_until_its_oldest_request_leaves() -> None:
    clock = Clock()
    capacity = Capacity(clock)
    for _ in range(2):
        capacity.take("studio", 2)
        clock.now += 11
    refused = capacity.take("studio", 2)
    assert (refused.retry_after, refused.reset) == (38, 38)


def test_refused_requests_are_not_counted_and_deployments_do_not_share() -> None:
    capacity = Capacity(Clock())
    capacity.take("studio", 6)
    assert [capacity.take("studio", 6).remaining for _ in range(3)] == [5, 5, 5]
    assert capacity.take("sketch", 6).retry_after is None


def test_no_capacity_at_all_refuses_everything() -> None:
    assert Capacity(Clock()).take("studio", 0).retry_after == 60


def test_headers_speak_in_whole_seconds() -> None:
    assert Capacity(Clock()).take("studio", 6).headers() == {
        "x-ratelimit-limit-requests": "6",
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-reset-requests": "60",
        "x-ratelimit-limit-tokens": "-1",
        "x-ratelimit-remaining-tokens": "-1",
    }
