"""The published documents, and everything that goes over the wire in one long tour, recorded once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from sandbox.azure.options import AzureOptions
from sandbox.discord.options import DiscordOptions
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.contract import amendments, azure_tour, bot_tour, discord_tour
from tests.contract.listener import listening
from tests.contract.specifications import FOLDER, Specification, read
from tests.contract.wiretap import EVENTS, tapping
from tests.integration.azure_site import AzureSite
from tests.integration.discord_site import open_site, png
from tests.needs import without

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from tests.contract.listener import Event
    from tests.contract.specifications import Amendment
    from tests.contract.wiretap import Exchange


@dataclass(frozen=True, slots=True)
class Documents:
    """What is published of Discord's API, and of both routes of Azure's; OpenAI's has the streams."""

    discord: Specification
    dated: Specification
    v1: Specification
    openai: Specification

    def of(self, exchange: Exchange) -> Specification:
        """The document that an exchange with Azure is judged by."""
        if exchange.got.media_type == EVENTS:
            return self.openai
        return self.dated if "/deployments/" in exchange.path else self.v1


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went over the wire.

    Attributes:
        discord_by_bot: Calls to Discord by ``python -m bot``.
        discord_by_hand: Calls of everything else that the simulated Discord serves.
        azure_by_bot: Calls to Azure by ``python -m bot``.
        azure_by_hand: Calls by the SDK.
        events: What was heard from the gateway.
    """

    discord_by_bot: list[Exchange]
    discord_by_hand: list[Exchange]
    azure_by_bot: list[Exchange]
    azure_by_hand: list[Exchange]
    events: list[Event]

    @property
    def discord(self) -> list[Exchange]:
        """All calls to Discord."""
        return [*self.discord_by_bot, *self.discord_by_hand]

    @property
    def azure(self) -> list[Exchange]:
        """All calls to Azure."""
        return [*self.azure_by_bot, *self.azure_by_hand]


@pytest.fixture(scope="session")
def documents() -> Documents:
    def document(file: str, changes: tuple[Amendment, ...], name: str, base: str) -> Specification:
        return Specification(read(file), changes, name=name, base=base)

    if not FOLDER.is_dir():
        without("needs the published specifications: EASEL_SPECS names no folder, nor is ../shared/specs one")
    return Documents(
        discord=document("discord-openapi.json", amendments.DISCORD, "discord", "/api/v10"),
        dated=document(
            "azure-openai-2025-04-01-preview.images.yaml", amendments.AZURE_DATED, "azure-dated", "/openai"
        ),
        v1=document("azure-openai-v1-preview.images.yaml", amendments.AZURE_V1, "azure-v1", "/openai/v1"),
        openai=document("openai-2.3.0.images.yaml", amendments.OPENAI, "openai", "/openai/v1"),
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def traffic(documents: Documents, tmp_path_factory: pytest.TempPathFactory) -> Traffic:
    del documents  # without them there is nothing to judge by, and so nothing to record
    async with quick_sandbox() as sandbox, tapping(sandbox.url) as tap, listening(sandbox) as heard:
        await bot_tour.tour(sandbox, tap, tmp_path_factory.mktemp("bot"))
        by_bot = [*tap.exchanges]
    async with (
        open_site(rate_limits=discord_tour.NO_LIMITS) as site,
        tapping(site.sandbox.url) as tap,
        listening(site.sandbox) as heard_by_hand,
    ):
        site.sandbox.url = tap.url
        await discord_tour.tour(site)
        discord_by_hand = [*tap.exchanges]
    async with quick_sandbox() as sandbox, tapping(sandbox.url) as tap:
        await azure_tour.tour(AzureSite(sandbox.azure, tap.url))
        azure_by_hand = [*tap.exchanges]
    return Traffic(
        discord_by_bot=[exchange for exchange in by_bot if exchange.path.startswith("/api/")],
        discord_by_hand=discord_by_hand,
        azure_by_bot=[exchange for exchange in by_bot if exchange.path.startswith("/openai/")],
        azure_by_hand=azure_by_hand,
        events=[*heard, *heard_by_hand],
    )


def quick_sandbox() -> AbstractAsyncContextManager[Sandbox]:
    """A sandbox whose pictures take no time, and which bears with a slow machine: neither matters here."""
    azure = AzureOptions(latency=0.0, canned=png(1024, 1024))
    return open_sandbox(SandboxOptions(discord=DiscordOptions(acknowledge_within=10.0), azure=azure))
