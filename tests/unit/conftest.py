from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.fakes import FastForwardLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Modules ask by ``pytest.mark.asyncio(loop_factories=["fast-forward"])``; others wait in real time."""
    marker = item.get_closest_marker("asyncio")
    if marker is not None and "loop_factories" in marker.kwargs:
        return {"fast-forward": FastForwardLoop}
    return {"real": asyncio.new_event_loop}
