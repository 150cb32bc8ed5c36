"""What can happen to a SQLite file, and that the bot works again when it is over."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreUnavailable
from bot.storage.database import Patience, open_database
from bot.storage.upgrade import migrate, upgrade
from tests.integration.guild_rows import add_guild, guild_ids
from tests.needs import without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.storage.database import Database

HURRIED = Patience(lock=0.2, statement=0.2, answer=15.0)

NOBODY = 65534

FULL = r"the disk is full|the disk reports an input/output error"
"""SQLite takes only one of the system's errors for a full disk."""

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def files_beside(path: Path) -> list[Path]:
    return sorted(file for file in path.parent.iterdir() if file.name.startswith(path.name))


@contextlib.contextmanager
def locked_by_another_process(path: Path) -> Iterator[None]:
    command = (sys.executable, "-c", HOLD, str(path))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield


@contextlib.contextmanager
def not_as_root() -> Iterator[None]:
    """For root no file is read-only, so be somebody else meanwhile."""
    if sys.platform == "win32" or os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that ``not_as_root`` may enter and write to, which pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="easel-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


# --- how it is used -----------------------------------------------------------------------------


async def test_commits_are_durable_and_readers_do_not_stop_the_writer(sqlite_url: str) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    async with open_database(sqlite_url) as database:
        found = await database.run(
            lambda connection: [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
        )
    assert found == ["wal", 2, 1, 5000]


async def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "of the bot" / "easel #1 100%.db"
    await migrate(f"sqlite:///{path}")

    async with open_database(f"sqlite:///{path}") as database:
        await database.run(add_guild(1))
        names = [file.name for file in files_beside(path)]
        assert names == [path.name, f"{path.name}-shm", f"{path.name}-wal"]
        for file in files_beside(path):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600

    assert files_beside(path) == [path]


async def test_a_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    await migrate("sqlite:///data/easel.db")
    async with open_database("sqlite:///data/easel.db") as database:
        monkeypatch.chdir(tmp_path / "elsewhere")
        await database.run(add_guild(1))

    assert (tmp_path / "data" / "easel.db").exists()


# --- locked -------------------------------------------------------------------------------------


async def test_a_lock_of_another_process_is_waited_for(sqlite_url: str) -> None:
    async with open_database(sqlite_url, patience=HURRIED) as database:
        with locked_by_another_process(file_of(sqlite_url)):
            with pytest.raises(StoreUnavailable, match="is locked by another process"):
                await database.run(add_guild(1))
            with pytest.raises(StoreUnavailable, match="is locked by another process"):
                await database.ping()

        await database.run(add_guild(2))
        assert await guild_ids(database) == [2]


async def test_a_lock_that_is_given_back_in_time_is_not_noticed(sqlite_url: str) -> None:
    other = sqlite3.connect(file_of(sqlite_url), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    async with open_database(sqlite_url) as database:
        waiting = asyncio.create_task(database.run(add_guild(1)))
        await asyncio.sleep(0.2)
        other.execute("ROLLBACK")
        other.close()
        await waiting
        assert await guild_ids(database) == [1]


# --- read-only ----------------------------------------------------------------------------------


async def test_a_read_only_file(open_folder: Path) -> None:
    path = open_folder / "easel.db"
    with not_as_root():
        await migrate(f"sqlite:///{path}")
        path.chmod(0o400)
        async with open_database(f"sqlite:///{path}") as database:
            with pytest.raises(StoreUnavailable, match="is read-only"):
                await database.run(add_guild(1))
            with pytest.raises(StoreUnavailable, match="is read-only"):
                await database.ping()

            path.chmod(0o600)
            await database.run(add_guild(2))
            assert await guild_ids(database) == [2]


async def test_a_read_only_folder(open_folder: Path) -> None:
    folder = open_folder / "data"
    path = folder / "easel.db"
    with not_as_root():
        await migrate(f"sqlite:///{path}")
        folder.chmod(0o500)
        try:
            async with open_database(f"sqlite:///{path}") as database:
                with pytest.raises(StoreUnavailable, match=r"is read-only|cannot be opened"):
                    await database.run(add_guild(1))

                folder.chmod(0o700)
                await database.run(add_guild(2))
                assert await guild_ids(database) == [2]
        finally:
            folder.chmod(0o700)


async def test_a_file_of_somebody_else(open_folder: Path) -> None:
    path = open_folder / "easel.db"
    with not_as_root():
        await migrate(f"sqlite:///{path}")
        path.chmod(0)
        async with open_database(f"sqlite:///{path}") as database:
            with pytest.raises(StoreUnavailable, match="may not be opened"):
                await database.run(add_guild(1))

            path.chmod(0o600)
            await database.run(add_guild(2))


# --- full ---------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for the tables, and little more."""
    if sys.platform != "linux" or shutil.which("mount") is None or os.geteuid() != 0:
        without("needs root on Linux, to mount a small disk")
    path = tmp_path / "disk"
    path.mkdir()
    command = ("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(path))
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        without(f"needs to mount a small disk: {error.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(("umount", "--lazy", str(path)), check=True)


async def fill_up(database: Database) -> list[int]:
    """Add rows until there is no room; returns those that were taken."""
    taken: list[int] = []
    with pytest.raises(StoreUnavailable, match=FULL):
        await asyncio.wait_for(add_for_ever(database, taken), 30)
    return taken


async def add_for_ever(database: Database, taken: list[int]) -> None:
    for number in itertools.count():
        await database.run(add_guild(number, note="x" * 500))
        taken.append(number)


async def test_a_full_disk(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk / 'easel.db'}"
    await migrate(url)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(100_000))
    async with open_database(url) as database:
        taken = await fill_up(database)
        assert taken

        ballast.unlink()
        assert await guild_ids(database) == taken
        await database.run(add_guild(len(taken)))
        assert await guild_ids(database) == [*taken, len(taken)]


async def test_a_disk_that_is_full_from_the_start(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    url = f"sqlite:///{small_disk / 'easel.db'}"

    with pytest.raises(StoreUnavailable, match=FULL):
        await migrate(url)

    ballast.unlink()
    await migrate(url)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such limits")
async def test_a_write_that_the_system_refuses(sqlite_url: str) -> None:
    import resource  # noqa: PLC0415  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with open_database(sqlite_url) as database:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_of(sqlite_url).stat().st_size, hard))
        try:
            taken = await fill_up(database)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

        assert await guild_ids(database) == taken
        await database.run(add_guild(len(taken)))


# --- damaged, or something else -------------------------------------------------------------------


async def test_a_damaged_file_and_its_backup(sqlite_url: str, tmp_path: Path) -> None:
    path = file_of(sqlite_url)
    async with open_database(sqlite_url) as database:
        await database.run(add_guild(1))
    backup = shutil.copy(path, tmp_path / "backup.db")
    # All but the header, by which it still looks like a database.
    path.write_bytes(path.read_bytes()[:100] + b"\xa5" * (path.stat().st_size - 100))

    async with open_database(sqlite_url) as database:
        with pytest.raises(StoreUnavailable, match="is damaged; restore it from a backup"):
            await guild_ids(database)
        with pytest.raises(StoreUnavailable, match="is damaged"):
            await database.ping()

        for file in files_beside(path):
            file.unlink()
        shutil.copy(backup, path)
        assert await guild_ids(database) == [1]


async def test_a_file_cut_short(sqlite_url: str) -> None:
    path = file_of(sqlite_url)
    os.truncate(path, path.stat().st_size // 2)

    async with open_database(sqlite_url) as database:
        with pytest.raises(StoreUnavailable, match="is damaged"):
            await database.run(add_guild(1))


@pytest.mark.parametrize("content", [b"This is a letter. " * 500, b"\0" * 8192, b"PNG"])
async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "easel.db"
    path.write_bytes(content)

    with pytest.raises(StoreUnavailable, match="is not a SQLite database"):
        await migrate(f"sqlite:///{path}")
    async with open_database(f"sqlite:///{path}") as database:
        with pytest.raises(StoreUnavailable, match="is not a SQLite database"):
            await database.ping()

    assert path.read_bytes() == content


async def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "easel.db").mkdir()

    with pytest.raises(StoreUnavailable, match="cannot be made: Is a directory"):
        await migrate(f"sqlite:///{tmp_path / 'easel.db'}")
    async with open_database(f"sqlite:///{tmp_path / 'easel.db'}") as database:
        with pytest.raises(StoreUnavailable, match="cannot be opened"):
            await database.ping()


# --- not there ----------------------------------------------------------------------------------


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    url = f"sqlite:///{tmp_path / 'data' / 'easel.db'}"

    with pytest.raises(StoreUnavailable, match="cannot be made: File exists"):
        await migrate(url)

    (tmp_path / "data").unlink()
    await migrate(url)


def test_a_folder_that_must_not_be_made(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with not_as_root(), pytest.raises(StoreUnavailable, match="cannot be made: Permission denied"):
        upgrade(f"sqlite:///{open_folder / 'data' / 'easel.db'}")


async def test_a_missing_file_is_not_quietly_made_anew(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'easel.db'}"
    async with open_database(url) as database:
        with pytest.raises(StoreUnavailable, match="does not exist; python -m bot migrate makes it"):
            await database.run(add_guild(1))
        assert files_beside(tmp_path / "easel.db") == []

        await migrate(url)
        await database.run(add_guild(1))


async def test_a_file_that_is_removed_under_the_bot_is_missed(sqlite_url: str) -> None:
    path = file_of(sqlite_url)
    async with open_database(sqlite_url) as database:
        await database.run(add_guild(1))
        aside = path.rename(path.with_name("aside.db"))
        with pytest.raises(StoreUnavailable, match="does not exist"):
            await database.run(add_guild(2))

        aside.rename(path)
        assert await guild_ids(database) == [1]


async def test_a_file_that_is_replaced_under_the_bot_is_the_one_that_counts(
    sqlite_url: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    upgrade(f"sqlite:///{other}")
    async with open_database(f"sqlite:///{other}") as database:
        await database.run(add_guild(9))

    async with open_database(sqlite_url) as database:
        assert await guild_ids(database) == []
        other.replace(file_of(sqlite_url))
        assert await guild_ids(database) == [9]
