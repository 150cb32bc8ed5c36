"""A disk that is really full: members get their pictures, the operator reads why no original is kept."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sandbox.server import SandboxOptions, open_sandbox
from tests.e2e.alone import alone, complaints
from tests.e2e.asking import ask
from tests.e2e.bot_process import start_bot
from tests.needs import without

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.bot_process import BotProcess

TOO_SMALL, LARGE_ENOUGH = "64k", "32m"
"""Sizes of the disk: the first holds no picture, the second some ten."""

FULL = "the disk is full"
NOT_KEPT = "no copy could be kept"


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk of its own, in memory."""

    path: Path

    @property
    def archive(self) -> Path:
        return self.path / "images"

    @property
    def settings(self) -> dict[str, str]:
        return {"ARCHIVE_URL": self.archive.as_uri()}

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.path.rglob("*") if path.is_file())

    def resize(self, size: str) -> None:
        """What an operator does who gives the disk more room."""
        _mount("-o", f"remount,size={size}", str(self.path))

    def fill(self) -> None:
        """Write until not a byte more fits."""
        with contextlib.suppress(OSError), (self.path / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))


def _mount(*arguments: str) -> None:
    subprocess.run(("mount", *arguments), check=True, capture_output=True, text=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk with next to no room, taken away again whatever happens."""
    if sys.platform != "linux" or shutil.which("mount") is None or os.geteuid() != 0:
        without("needs root on Linux, to mount a small disk")
    path = tmp_path / "disk"
    path.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={TOO_SMALL}", "tmpfs", str(path))
    except subprocess.CalledProcessError as error:
        without(f"needs to mount a small disk: {error.stderr.strip()}")
    try:
        yield Disk(path)
    finally:
        # Lazily: a disk still in use goes too, as soon as it is not.
        subprocess.run(("umount", "--lazy", str(path)), check=True)


def lines_about_the_disk(bot: BotProcess) -> list[str]:
    return [line for line in bot.output.splitlines() if FULL in line]


async def test_a_full_disk_costs_the_original_and_not_the_picture(disk: Disk, tmp_path: Path) -> None:
    async with alone(tmp_path, settings=disk.settings) as (sandbox, bot):
        ending = await ask(sandbox)

        assert len(ending.pictures) == 1
        assert NOT_KEPT in ending.text
        (line,) = lines_about_the_disk(bot)
        assert " ERROR " in line
        assert str(disk.archive) in line
        assert sandbox.azure.billed_images == 1
        assert disk.files == []
        assert complaints(bot.output) == []


async def test_several_pictures_are_all_shown_and_the_member_told_once(disk: Disk, tmp_path: Path) -> None:
    async with alone(tmp_path, settings=disk.settings) as (sandbox, bot):
        ending = await ask(sandbox, count=3)

        assert len(ending.pictures) == 3
        assert ending.text.count(NOT_KEPT) == 1
        assert len(lines_about_the_disk(bot)) == 1
        assert disk.files == []


async def test_when_there_is_room_again_the_next_original_is_kept(disk: Disk, tmp_path: Path) -> None:
    async with alone(tmp_path, settings=disk.settings) as (sandbox, bot):
        await ask(sandbox)
        disk.resize(LARGE_ENOUGH)

        ending = await ask(sandbox, count=2)

        assert len(ending.pictures) == 2
        assert NOT_KEPT not in ending.text
        # What members are shown is the original, byte for byte as large.
        assert sorted(path.stat().st_size for path in disk.files) == sorted(
            picture["size"] for picture in ending.pictures
        )
        assert len(lines_about_the_disk(bot)) == 1


async def test_the_doctor_finds_the_full_disk_and_leaves_nothing_on_it(disk: Disk, tmp_path: Path) -> None:
    disk.archive.mkdir()
    disk.fill()
    async with open_sandbox(SandboxOptions()) as sandbox:
        doctor = await start_bot(tmp_path, {**sandbox.bot_environment(), **disk.settings}, "doctor")

        assert await doctor.process.wait() == 1
        (line,) = lines_about_the_disk(doctor)
        assert line.startswith("FAIL  Archive: ")
        assert [path.name for path in disk.files] == ["filler"]
