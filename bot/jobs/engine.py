"""The engine under the jobs: DBOS Transact, which remembers each workflow and what its steps came to.

The one module that knows it. A workflow runs as a task of the loop the engine was opened in. Only this
process ever runs what it started or resumed: it listens to a queue of its own alone, and its name as an
executor is that of one life of one process, so that DBOS itself recovers nothing at launch. What is to be
resumed, the jobs' table says (``bot/jobs/recovery.py``).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import sqlalchemy as sa

from bot.errors import StoreUnavailable
from bot.storage.engines import AT_WORK, make_engine
from bot.storage.location import workflows_url

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import TracebackType

    from dbos import DBOS

_log = logging.getLogger(__name__)

WORKFLOW: Final = "imagine.v1"
"""The workflow's name in the database. A change of its steps needs a new name, beside the old one."""

VERSION: Final = "1"
"""Pinned: DBOS would make one up from the source, and leave alone what another version began."""

THREADS: Final = 4
"""Threads for DBOS's own database work, and for asyncio's."""

ANSWER_WITHIN: Final = 10.0
"""Seconds in which a workflow is written down, or its job is refused. DBOS itself would try for ever."""

NOTED_WITHIN: Final = 2.0
"""Seconds in which what a step came to is written down, or its job goes on without: its member waits."""

LEFT_WITHIN: Final = 1.5
"""Seconds that closing DBOS may take; what it still does then ends with the process."""

RESUME_EVERY: Final = 0.2
"""Seconds between two looks at what is to be resumed; only while there is something."""

AT_ONCE: Final = 1000
"""Workflows looked at in one go."""

Record = Callable[[Callable[[], Awaitable[str]]], Awaitable[str]]
"""Runs a step once: what it returned is written down, and comes from there when the workflow is resumed."""


class Workflow(Protocol):
    """What the engine runs for each job."""

    async def run(self, job_id: int, message_id: int | None, record: Record) -> None:
        """Do a job from its begin, or go on with it after a crash.

        Raises nothing but ``CancelledError``, which leaves it for later.
        """


class Engine:
    """Starts and resumes workflows. Use as an async context manager, in the loop they are to run in."""

    def __init__(self, database_url: sa.URL, workflow: Workflow, *, owner: str) -> None:
        """Make an engine.

        Args:
            database_url: Easel's own; on SQLite the engine's tables are in a file beside it.
            workflow: what runs.
            owner: this process, see ``bot.storage.presence``.
        """
        self._url = workflows_url(database_url)
        self._workflow = workflow
        self._owner = owner
        self._queue = f"resumed by {owner}"
        self._resumes = False

    async def __aenter__(self) -> Self:
        """Launch DBOS.

        Raises:
            StoreUnavailable: its database cannot be used.
        """
        from dbos import DBOS, DBOSPortableJSONSerializer  # noqa: PLC0415 - 0.7 s that no other command needs

        self._dbos: Any = DBOS
        try:
            self._engine = await asyncio.to_thread(_make_engine, self._url)
        except OSError as error:
            raise StoreUnavailable(f"the workflows' file cannot be made: {error.strerror}") from error
        instance = DBOS(
            config={
                "name": "easel",
                "system_database_url": _plain(self._url),
                "system_database_engine": self._engine,
                "application_version": VERSION,
                "executor_id": self._owner,
                "max_executor_threads": THREADS,
                "serializer": DBOSPortableJSONSerializer(),
                "use_listen_notify": False,
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )
        _log_quietly()

        async def imagine(job_id: str, message_id: str) -> None:
            await self._workflow.run(int(job_id), int(message_id) if message_id else None, self._record)

        self._imagine = DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(imagine)
        DBOS.listen_queues([self._queue])
        try:
            DBOS.launch()  # in this very loop, which its workflows run in from then on
            _give_up_lost_databases(instance)
        except Exception as error:
            await self._leave()
            raise StoreUnavailable(f"the workflows' tables cannot be used: {type(error).__name__}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._resumes:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(LEFT_WITHIN):
                    await self._dbos.delete_queue_async(self._queue)
        await self._leave()

    async def _leave(self) -> None:
        # DBOS waits for threads of its own that look into the database; where that is frozen, for long.
        leaving = threading.Thread(target=self._destroy, name="closing the engine", daemon=True)
        leaving.start()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LEFT_WITHIN
        while leaving.is_alive() and loop.time() < deadline:
            await asyncio.sleep(0.02)
        # DBOS had put its own executor here, which is no more.
        loop.set_default_executor(ThreadPoolExecutor(THREADS))

    def _destroy(self) -> None:
        self._dbos.destroy(destroy_registry=True)
        self._engine.dispose()  # which DBOS leaves to whoever made it

    async def start(self, job_id: int, message_id: int | None) -> None:
        """Begin a job's workflow, and return as soon as it is written down.

        Raises:
            StoreUnavailable: it may not be.
        """
        await self._start(str(job_id), job_id, message_id)

    async def resume(self, job_ids: Collection[int]) -> None:
        """Go on with jobs whose process is no more; a workflow that was never written down begins.

        Raises:
            StoreUnavailable: some may not go on.
        """
        ids = {str(job_id): job_id for job_id in job_ids}
        known = await self._statuses(list(ids))
        halted = [job for job, status in known.items() if status in {"PENDING", "ENQUEUED"}]
        if halted:
            await self._bounded(
                self._dbos.register_queue_async(self._queue, polling_interval_sec=RESUME_EVERY)
            )
            self._resumes = True
            await self._bounded(self._dbos.resume_workflows_async(halted, queue_name=self._queue))
        for job, job_id in ids.items():
            if job not in known:
                await self._start(job, job_id, None)
            elif job not in halted:
                # It ended, and the end of its job was lost: look once more, under another name.
                await self._start(f"{job} again {uuid.uuid4().hex}", job_id, None)

    async def forget(self, *, older_than: float, dead: Collection[str]) -> int:
        """Erase workflows that ended so many seconds ago, and the queues of processes that are no more."""
        import datetime as dt  # noqa: PLC0415

        before = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=older_than)).isoformat()
        erased = 0
        while ended := await self._bounded(
            self._dbos.list_workflows_async(
                completed_before=before, load_input=False, load_output=False, limit=AT_ONCE
            )
        ):
            await self.erase([status.workflow_id for status in ended])
            erased += len(ended)
        for owner in dead:
            await self._bounded(self._dbos.delete_queue_async(f"resumed by {owner}"))
        return erased

    async def unfinished(self) -> dict[str, tuple[int, str]]:
        """The workflows that have no end, of all processes: each one's job and its process.

        Raises:
            StoreUnavailable: nobody knows.
        """
        found = await self._bounded(
            self._dbos.list_workflows_async(
                status=["PENDING", "ENQUEUED"], load_input=False, load_output=False, limit=AT_ONCE
            )
        )
        return {
            status.workflow_id: (int(status.workflow_id.partition(" ")[0]), status.executor_id or "")
            for status in found
        }

    async def erase(self, workflow_ids: Sequence[str]) -> None:
        """Erase workflows that nobody needs.

        Raises:
            StoreUnavailable: some may still be there.
        """
        if workflow_ids:
            await self._bounded(self._dbos.delete_workflows_async(list(workflow_ids)))

    async def _start(self, workflow_id: str, job_id: int, message_id: int | None) -> None:
        from dbos import SetWorkflowID  # noqa: PLC0415 - see above

        with SetWorkflowID(workflow_id):
            await self._bounded(
                self._dbos.start_workflow_async(self._imagine, str(job_id), str(message_id or ""))
            )

    async def _record(self, step: Callable[[], Awaitable[str]]) -> str:
        """Run the step, and write down what it returns; if that cannot be done, go on all the same.

        The pictures are in the archive by then, and how many calls were made is in the jobs' table.
        """
        loop = asyncio.get_running_loop()
        begun, outcome = loop.create_future(), loop.create_future()

        async def drawn() -> str:
            begun.set_result(None)
            outcome.set_result(result := await step())
            return result

        recording = asyncio.ensure_future(self._dbos.reserve_step().run_async({"name": "draw"}, drawn))
        recording.add_done_callback(_look_at)
        try:
            await _first(recording, begun, seconds=NOTED_WITHIN)
            if begun.done():
                await _first(recording, outcome)
                await _first(recording, seconds=NOTED_WITHIN)
            if recording.done() and (not recording.exception() or (begun.done() and not outcome.done())):
                result: str = recording.result()  # or the step's own error
                return result
        finally:
            recording.cancel()
            await asyncio.wait((recording,))
        reason = "no answer" if recording.cancelled() else type(recording.exception()).__name__
        _log.warning("a workflow's step is not written down: %s", reason)
        return outcome.result() if outcome.done() else await step()

    async def _statuses(self, ids: Sequence[str]) -> dict[str, str]:
        if not ids:
            return {}
        found = await self._bounded(
            self._dbos.list_workflows_async(workflow_ids=list(ids), load_input=False, load_output=False)
        )
        return {status.workflow_id: status.status for status in found}

    async def _bounded(self, work: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await work
        except Exception as error:
            raise StoreUnavailable(f"the workflows' tables: {type(error).__name__}") from error


def _look_at(future: asyncio.Future[Any]) -> None:
    """Have asyncio not complain of an error that nobody is left to hear."""
    if not future.cancelled():
        future.exception()


async def _first(*futures: asyncio.Future[Any], seconds: float | None = None) -> None:
    await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


def _give_up_lost_databases(instance: DBOS) -> None:
    """Have DBOS raise when its database is lost (decision 0017).

    It would wait for it, one operation in each of its threads, which are asyncio's too, until none is left.
    On SQLite it still waits for whoever else locks the file, which nobody has a reason to.
    """
    instance._sys_db._retry_connection_errors = False  # noqa: SLF001


def _log_quietly() -> None:
    """Let DBOS speak through Easel's log, which knows what must not be in it, and briefly."""
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True
    if not any(isinstance(known, _Brief) for known in logger.filters):
        logger.addFilter(_Brief())


class _Brief(logging.Filter):
    """Leaves the kind of an error of what would be its traceback: the job itself says what it means."""

    def filter(self, record: logging.LogRecord) -> bool:
        said, traceback, _rest = record.getMessage().partition("Traceback (most")
        if said.startswith("Asyncio task cancelled"):
            return False  # by us: a member cancelled, or the bot stops
        error = record.exc_info[0] if record.exc_info else None
        if traceback or error:
            record.msg, record.args = f"{said.rstrip(': ')} {error.__name__ if error else ''}".rstrip(), ()
            record.exc_info = record.exc_text = None
        return True


def _plain(url: sa.URL) -> str:
    """The URL as DBOS takes it, which adds the driver itself."""
    driver = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
    return url.set(drivername=driver).render_as_string(hide_password=False)


def _make_engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return make_engine(url, threads=THREADS, patience=AT_WORK)
    # As private as the ledger's.
    os.close(os.open(url.database or "", os.O_CREAT | os.O_RDWR, 0o600))
    engine = sa.create_engine(url, pool_size=THREADS, max_overflow=0)

    @sa.event.listens_for(engine, "connect")
    def tune(connection: Any, _record: object) -> None:
        # As DBOS does on an engine of its own, but for the time a lock is waited for.
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("PRAGMA foreign_keys=ON")
        # A power cut may take the last steps with it: the ledger and the jobs' table, which are written
        # through, are what counts, and a job without a workflow gets one at the next start.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine
