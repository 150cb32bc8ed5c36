from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.integration import azure_site
from tests.integration.generation_service import odd_azure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.azure_site import AzureSite
    from tests.integration.generation_service import OddAzure


@pytest.fixture
async def site() -> AsyncIterator[AzureSite]:
    """The Azure of the sandbox; modules about its Discord put that in the place of this one."""
    async with azure_site.open_site() as running:
        yield running


@pytest.fixture
async def odd() -> AsyncIterator[OddAzure]:
    """An Azure odder than the sandbox's."""
    async with odd_azure() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
