"""How tests are shared out among the workers of pytest-xdist: `pytest -n 4 --dist loadfile`.

A plugin of pytest, registered in ``tests/conftest.py``. As ever with ``loadfile``, the tests of a file stay
together. Beyond that:

- The tests of a folder in ``WHOLE`` stay together too: they share what is dear to start, or to record. Those
  of a file in ``APART`` share nothing, and each takes longer than most files.
- What takes more than a minute comes first, so that the end does not have to wait for it.
- Half of the workers begin with the tests that mostly wait, for a bot to start or a token to expire, and the
  others with those that mostly compute, so that neither processors nor time are left lying about. Who is done
  first helps the others, from their end, where the short ones are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections import OrderedDict

    from xdist.remote import Producer  # type: ignore[import-untyped]
    from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

WHOLE = ("tests/browser", "tests/contract")
"""One browser and one bot are enough for the first; the second judge one recording of all traffic."""

APART = ("tests/integration/test_ledger_machine.py",)

WAITING = "tests/e2e/"

LONG = (
    *APART,
    *WHOLE,
    "tests/integration/test_workflow.py",
    "tests/e2e/test_gateway.py",
    "tests/e2e/test_discord_failures.py",
    "tests/e2e/test_operator.py",
    "tests/e2e/test_store_away.py",
    "tests/e2e/test_duplicates.py",
    "tests/e2e/test_credentials.py",
    "tests/e2e/test_limits_waiting.py",
    "tests/e2e/test_shutdown.py",
    "tests/e2e/test_durable.py",
    "tests/e2e/test_real_names.py",
)
"""What takes more than a minute; a name that is missing, or no longer there, costs no more than that."""


class Distribution(LoadFileScheduling):  # type: ignore[misc]
    """Tests of each kind to the workers that have begun with it, while there are any."""

    workqueue: OrderedDict[str, dict[str, bool]]
    registered_collections: dict[WorkerController, list[str]]

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if file in APART:
            return nodeid
        return next((folder for folder in WHOLE if file.startswith(f"{folder}/")), file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(self._next_for(node), last=False)
        super()._assign_work_unit(node)

    def _next_for(self, node: WorkerController) -> str:
        waits = list(self.registered_collections).index(node) % 2 == 0
        suitable = [scope for scope in self.workqueue if scope.startswith(WAITING) is waits]
        return min(suitable, key=_rank) if suitable else max(reversed(self.workqueue), key=_rank)


def _rank(scope: str) -> int:
    """Where a file or folder stands in ``LONG``; all that do not stand there are equal."""
    return next((rank for rank, name in enumerate(LONG) if scope.startswith(name)), len(LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Distribution | None:
    return Distribution(config, log) if config.getoption("dist") == "loadfile" else None
