from __future__ import annotations

import asyncio
import threading

import pytest

from bot.imaging.workers import ImagingPool


async def test_work_runs_in_another_thread_and_its_result_comes_back() -> None:
    async with ImagingPool() as pool:
        assert await pool.run(threading.get_ident) != threading.get_ident()
        assert await pool.run(int, "ff", base=16) == 255


async def test_an_error_comes_back_as_it_was_raised() -> None:
    async with ImagingPool() as pool:
        with pytest.raises(ZeroDivisionError):
            await pool.run(divmod, 1, 0)


async def test_no_more_than_its_threads_work_at_once() -> None:
    names: set[str] = set()
    both_at_work = threading.Barrier(2, timeout=5)

    def work() -> None:
        names.add(threading.current_thread().name)
        both_at_work.wait()

    async with ImagingPool(threads=2) as pool:
        await asyncio.gather(*(pool.run(work) for _ in range(6)))
    assert len(names) == 2


async def test_closing_waits_for_the_work_and_leaves_the_event_loop_free() -> None:
    release, done = threading.Event(), []

    def work() -> None:
        release.wait(5)
        done.append(1)

    async with ImagingPool(threads=1) as pool:
        tasks = [asyncio.create_task(pool.run(work)) for _ in range(2)]
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.01, release.set)
    assert done == [1, 1]
    await asyncio.gather(*tasks)


async def test_a_closed_pool_says_so() -> None:
    pool = ImagingPool()
    async with pool:
        pass
    with pytest.raises(RuntimeError, match="shutdown"):
        await pool.run(int)
