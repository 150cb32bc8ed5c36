from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bot.archive.store import Archive, open_archive
from bot.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

KEY = "2026/11/22/1-1.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "some" / "images"


@pytest.fixture
async def archive(folder: Path) -> AsyncIterator[Archive]:
    async with open_archive(folder.as_uri()) as archive:
        yield archive


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_what_is_kept_is_read_back_and_can_be_removed(archive: Archive, folder: Path) -> None:
    data = os.urandom(100_000)
    await archive.keep(KEY, data)
    assert (folder / KEY).read_bytes() == data
    assert await archive.read(KEY) == data
    assert await archive.exists(KEY)
    await archive.remove(KEY)
    assert not await archive.exists(KEY)
    assert files(folder) == []


async def test_keeping_again_replaces(archive: Archive, folder: Path) -> None:
    await archive.keep(KEY, b"first")
    await archive.keep(KEY, b"second")
    assert await archive.read(KEY) == b"second"
    assert files(folder) == [KEY]


async def test_many_at_once(archive: Archive) -> None:
    async def round_trip(number: int) -> None:
        await archive.keep(f"2026/{number}", bytes([number]) * 50_000)
        assert await archive.read(f"2026/{number}") == bytes([number]) * 50_000

    await asyncio.gather(*(round_trip(number) for number in range(50)))


async def test_the_same_key_from_many_sides_is_one_of_them_whole(archive: Archive) -> None:
    await asyncio.gather(*(archive.keep(KEY, bytes([number]) * 200_000) for number in range(20)))
    found = await archive.read(KEY)
    assert len(found) == 200_000
    assert len(set(found)) == 1


async def test_reading_what_is_not_there(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match=rf"cannot read {KEY} in the folder .*images: not found"):
        await archive.read(KEY)


async def test_removing_what_is_not_there_is_no_error(archive: Archive) -> None:
    await archive.remove(KEY)
    assert not await archive.exists(KEY)


async def test_a_key_that_escapes_is_refused_by_every_verb(archive: Archive) -> None:
    for call in (archive.read, archive.exists, archive.remove):
        with pytest.raises(ValueError, match="not a key"):
            await call("../outside")
    with pytest.raises(ValueError, match="not a key"):
        await archive.keep("../outside", b"x")


async def test_a_probe_leaves_nothing(archive: Archive, folder: Path) -> None:
    await archive.probe()
    assert files(folder) == []


async def test_a_probe_notices_a_store_that_gives_other_bytes_back(archive: Archive, folder: Path) -> None:
    class Forgetful(Archive):
        async def read(self, key: str) -> bytes:
            return (await super().read(key))[:-1]

    with pytest.raises(ArchiveError, match="other bytes"):
        await Forgetful(archive._store, archive._location).probe()
    assert files(folder) == []


async def test_free_bytes_are_those_of_the_folders_disk(archive: Archive, folder: Path) -> None:
    free = await archive.free_bytes()
    assert free is not None
    assert free > 0
    await asyncio.to_thread(folder.rmdir)
    with pytest.raises(ArchiveError, match=r"cannot measure the folder .*: not found"):
        await archive.free_bytes()


async def test_a_relative_folder_counts_from_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with open_archive("file:images") as archive:
        monkeypatch.chdir("/")
        await archive.keep(KEY, b"x")
    assert (tmp_path / "images" / KEY).read_bytes() == b"x"


async def test_a_file_in_the_way_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("")
    with pytest.raises(
        ArchiveError, match=r"cannot open the folder .*: a file is where the folder should be"
    ):
        async with open_archive((tmp_path / "images").as_uri()):
            pass


async def test_a_file_in_the_way_of_a_day(archive: Archive, folder: Path) -> None:
    (folder / "2026").write_text("")
    with pytest.raises(ArchiveError, match="a part of the path is a file"):
        await archive.keep(KEY, b"x")


async def test_a_bad_url_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="has the form"):
        async with open_archive("images"):
            pass


def test_a_write_the_disk_does_not_take_leaves_nothing_behind(folder: Path) -> None:
    """A limit on file sizes stands in for a full disk: the write stops half-way, as it would there."""
    program = """
import asyncio, sys
from bot.archive.store import open_archive
from bot.errors import ArchiveError

async def main():
    async with open_archive(sys.argv[1]) as archive:
        await archive.keep("before.png", b"old")
        for key in ("large.png", "before.png"):
            try:
                await archive.keep(key, bytes(1_000_000))
            except ArchiveError as error:
                print(error)

asyncio.run(main())
"""
    result = subprocess.run(
        [sys.executable, "-c", program, folder.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert result.stdout.count(": the file is larger than the system allows") == 2
    assert files(folder) == ["before.png"]
    assert (folder / "before.png").read_bytes() == b"old"
