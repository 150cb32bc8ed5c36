"""The commands being answered, so that the process can stop without leaving one unanswered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from bot.errors import ShuttingDown

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)

LAST_WORDS = 5.0
"""Seconds that interrupted commands get to tell their members."""


class CommandsUnderway:
    """Keeps track of running commands; at shutdown it waits for them, then cancels the rest.

    The job that an ``/imagine`` starts runs on without its command: see ``bot.jobs.running``.
    """

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[object], int] = {}
        self._closing = False

    def __len__(self) -> int:
        return len(self._tasks)

    def __contains__(self, interaction_id: int) -> bool:
        """Return whether the command of an interaction is under way."""
        return interaction_id in self._tasks.values()

    @property
    def closing(self) -> bool:
        """Whether the bot is stopping and takes no new commands."""
        return self._closing

    @contextlib.contextmanager
    def command(self, interaction_id: int) -> Iterator[None]:
        """Run the calling task as the command of an interaction.

        Raises:
            ShuttingDown: the bot is stopping.
        """
        if self._closing:
            raise ShuttingDown("no new commands while stopping")
        task = asyncio.current_task()
        assert task is not None, "a command runs in a task"  # noqa: S101 - true of every coroutine of ours
        self._tasks[task] = interaction_id
        try:
            yield
        finally:
            del self._tasks[task]

    async def drain(self, seconds: float) -> None:
        """Refuse new commands, give those under way ``seconds`` to finish, then cancel the rest.

        A cancelled command still gets ``LAST_WORDS`` seconds to tell its member.
        """
        self._closing = True
        if not self._tasks:
            return
        _log.info("stopping: %d commands under way, waiting up to %.0f s", len(self._tasks), seconds)
        await asyncio.wait(self._tasks, timeout=seconds)
        left = tuple(self._tasks)
        if not left:
            return
        _log.warning("stopping: %d commands not finished in time", len(left))
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=LAST_WORDS)
