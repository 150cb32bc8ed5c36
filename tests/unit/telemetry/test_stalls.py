from __future__ import annotations

import asyncio
import logging
import time

import pytest

from bot.telemetry.stalls import INTERVAL, StallWatch


class Shown:
    def __init__(self) -> None:
        self.values: list[float] = []

    def set(self, value: float, /) -> None:
        self.values.append(value)


async def test_a_stall_is_seen_and_said(caplog: pytest.LogCaptureFixture) -> None:
    shown = Shown()
    with caplog.at_level(logging.WARNING), StallWatch(shown):
        await asyncio.sleep(0)
        time.sleep(0.15)  # noqa: ASYNC251 - holding up the event loop is the point
        await asyncio.sleep(2 * INTERVAL)
    assert 0.15 - INTERVAL <= shown.values[-1] < 1
    assert shown.values == sorted(shown.values)
    assert "the event loop stood still for 1" in caplog.text


async def test_only_a_longer_stall_is_shown() -> None:
    now = 0.0
    shown = Shown()
    with StallWatch(shown, clock=lambda: now) as watch:
        for stall in (0.02, 0.01, 0.05, 0.05):
            now += INTERVAL + stall
            watch._timer.cancel()
            watch._ring()
    assert shown.values == pytest.approx([0.02, 0.05])


async def test_a_free_loop_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    shown = Shown()
    with caplog.at_level(logging.WARNING), StallWatch(shown, clock=lambda: now) as watch:
        for _ in range(5):
            now += INTERVAL
            watch._timer.cancel()
            watch._ring()
    assert max(shown.values, default=0) < 1e-6
    assert not caplog.records


async def test_it_stops_with_its_block() -> None:
    rings = 0

    def clock() -> float:
        nonlocal rings
        rings += 1
        return 0.0

    with StallWatch(Shown(), clock=clock):
        await asyncio.sleep(5 * INTERVAL)
    assert rings > 2
    seen = rings
    await asyncio.sleep(3 * INTERVAL)
    assert rings == seen
