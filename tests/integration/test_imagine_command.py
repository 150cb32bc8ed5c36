"""``/imagine`` up to the begin of its job: nobody is lost on the way, and nothing is left reserved."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from bot.errors import AlreadyTaken, CoolingDown, EaselError
from bot.jobs.job import Address, Job
from bot.telemetry.clock import now
from bot.telemetry.metrics import Metrics
from cogs.imagine.command import ADMISSION_BOUND, Imagine
from tests.integration.interaction_site import GUILD, INTERACTION, MESSAGE, Call, Desk, open_desk, refuses
from tests.integration.presenting import PLAN

ALREADY_ANSWERED = refuses(400, 40060)


class Desks:
    """An admission that lets everybody in, or nobody, after some seconds, and notes what comes of it."""

    def __init__(self, *, seconds: float = 0.0, says: EaselError | None = None) -> None:
        self._seconds, self._says = seconds, says
        self.addresses: list[Address] = []
        self.begun: list[tuple[int, int | None]] = []
        self.released: list[int] = []

    async def admit(self, _draft: object, _asker: object, address: Address) -> Job:
        self.addresses.append(address)
        await asyncio.sleep(self._seconds)
        if self._says is not None:
            raise self._says
        return Job(address, PLAN, now())

    async def release(self, job: Job) -> None:
        self.released.append(job.job_id)

    def begin(self, job: Job, message_id: int | None) -> None:
        self.begun.append((job.job_id, message_id))


async def imagine(desk: Desk, studio: Desks, **options: Any) -> None:
    doubled = cast("Any", studio)
    cog = Imagine(doubled, doubled, doubled, doubled, Metrics())
    interaction = cast("Any", desk.reply._interaction)
    callback = cast("Any", Imagine.imagine.callback)
    await callback(cog, interaction, "a cat", **options)


LATE = ADMISSION_BOUND + 0.2
NEVER = 3600.0


@pytest.mark.parametrize("seconds", [0.0, LATE], ids=["at once", "late"])
async def test_a_job_begins_once_its_message_is_there(seconds: float) -> None:
    studio = Desks(seconds=seconds)
    async with open_desk() as desk:
        await imagine(desk, studio, spoiler=True)
        assert desk.site.calls == [Call.ACKNOWLEDGE]
    assert studio.begun == [(int(INTERACTION), int(MESSAGE))]
    assert studio.released == []
    (address,) = studio.addresses
    assert (address.guild_id, address.private, address.spoiler) == (int(GUILD), False, True)
    assert address.token not in repr(address)


@pytest.mark.parametrize("seconds", [0.0, NEVER], ids=["at once", "not at all"])
async def test_a_command_that_another_answered_is_let_go(seconds: float) -> None:
    studio = Desks(seconds=seconds)
    async with open_desk() as desk:
        desk.site.answer(Call.ACKNOWLEDGE, ALREADY_ANSWERED)
        await imagine(desk, studio)
        assert desk.site.calls == [Call.ACKNOWLEDGE]
    assert studio.begun == []
    assert studio.released == ([] if seconds else [int(INTERACTION)])


async def test_a_refusal_that_comes_in_time_is_not_acknowledged_before_it_is_told() -> None:
    async with open_desk() as desk:
        with pytest.raises(CoolingDown):
            await imagine(desk, Desks(says=CoolingDown(now())))
        assert desk.site.calls == []


async def test_a_refusal_that_comes_late_takes_the_placeholder_back() -> None:
    async with open_desk() as desk:
        await imagine(desk, Desks(seconds=LATE, says=CoolingDown(now())), private=True)
        assert desk.site.calls == [Call.ACKNOWLEDGE, Call.EDIT]


async def test_what_another_process_took_is_left_to_it() -> None:
    studio = Desks(says=AlreadyTaken())
    async with open_desk() as desk:
        await imagine(desk, studio)
        assert desk.site.calls == []
    assert (studio.begun, studio.released) == ([], [])
