from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import cast

import aiohttp
import discord
import pytest

from bot.app import features
from bot.discord.client import EaselBot
from bot.errors import RegistrationRefused
from tests.unit.client.bots import served, settings

# --- looking after the registered commands --------------------------------------------------------


class Registered(EaselBot):
    """A bot that is told what Discord has, and counts how often it would register."""

    drift: tuple[bool, bool] | Exception = (True, False)
    registrations = 0

    async def command_drift(self) -> tuple[bool, bool]:
        if isinstance(self.drift, Exception):
            raise self.drift
        return self.drift

    async def sync_commands(self, guild_id: int | None = None) -> int:
        assert guild_id is None
        self.registrations += 1
        return 1


NONE_YET, CURRENT, OUTDATED = (False, True), (True, False), (True, True)


@pytest.mark.parametrize(
    ("sync", "drift", "registrations", "warned"),
    [
        ("auto", NONE_YET, 1, False),
        ("auto", CURRENT, 0, False),
        ("auto", OUTDATED, 0, True),
        ("always", NONE_YET, 1, False),
        ("always", CURRENT, 1, False),
        ("always", OUTDATED, 1, False),
        ("never", NONE_YET, 0, True),
        ("never", CURRENT, 0, False),
        ("never", OUTDATED, 0, True),
    ],
)
async def test_commands_are_registered_by_themselves_on_the_very_first_start_or_when_told_to(
    caplog: pytest.LogCaptureFixture, sync: str, drift: tuple[bool, bool], registrations: int, warned: bool
) -> None:
    bot = Registered(settings(sync=sync), features(), served)
    bot.drift = drift
    with caplog.at_level(logging.WARNING):
        await bot.look_after_commands()
    assert bot.registrations == registrations
    assert bool(caplog.records) is warned
    assert ("python -m bot sync" in caplog.text) is warned


@pytest.mark.parametrize(
    "trouble",
    [aiohttp.ClientError(), OSError(), discord.DiscordException(), RegistrationRefused(), KeyError("id")],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_a_look_that_fails_is_taken_again(caplog: pytest.LogCaptureFixture, trouble: Exception) -> None:
    bot = Registered(settings(), features(), served)
    bot.drift = trouble
    looking = asyncio.create_task(bot.look_after_commands())
    await asyncio.sleep(10)
    assert [record.levelno for record in caplog.records][:2] == [logging.WARNING, logging.WARNING]
    bot.drift = (False, True)
    await asyncio.sleep(60)
    assert looking.done()
    assert bot.registrations


# --- the doctor's questions -----------------------------------------------------------------------


class Examined(Registered):
    """A bot that is told how its application is set up."""

    refusal: Exception | None = None
    interactions_url: str | None = None

    async def login(self, token: str) -> None:
        assert token == "made-up-token"
        if self.refusal is not None:
            raise self.refusal

    async def application_info(self) -> discord.AppInfo:
        application = SimpleNamespace(name="Easel", id=1, interactions_endpoint_url=self.interactions_url)
        return cast("discord.AppInfo", application)


def examined(
    drift: tuple[bool, bool] = CURRENT,
    *,
    refusal: Exception | None = None,
    interactions_url: str | None = None,
) -> Examined:
    bot = Examined(settings(), features(), served)
    bot.drift, bot.refusal, bot.interactions_url = drift, refusal, interactions_url
    return bot


@pytest.mark.parametrize("drift", [CURRENT, NONE_YET])
async def test_a_bot_that_is_well_gives_only_good_findings(drift: tuple[bool, bool]) -> None:
    findings = await examined(drift).diagnose()
    assert [finding.subject for finding in findings] == [
        "Discord token",
        "Discord application",
        "Slash commands",
    ]
    assert all(finding.ok for finding in findings)


async def test_commands_out_of_date_are_found_with_the_command_that_mends_them() -> None:
    ill = [finding for finding in await examined(OUTDATED).diagnose() if not finding.ok]
    assert [(finding.subject, finding.advice) for finding in ill] == [
        ("Slash commands", "run: python -m bot sync")
    ]


async def test_commands_that_discord_sends_elsewhere_are_found() -> None:
    ill = [
        finding
        for finding in await examined(interactions_url="https://example.com").diagnose()
        if not finding.ok
    ]
    assert [finding.subject for finding in ill] == ["Discord application"]


@pytest.mark.parametrize(
    ("refusal", "subject"),
    [
        (discord.LoginFailure("Improper token has been passed."), "Discord token"),
        (OSError("no route"), "Discord"),
        (aiohttp.ClientError("refused"), "Discord"),
        (discord.RateLimited(60), "Discord"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_discord_that_refuses_or_is_not_there_is_one_finding(
    refusal: Exception, subject: str
) -> None:
    (finding,) = await examined(refusal=refusal).diagnose()
    assert finding.subject == subject
    assert not finding.ok
    assert "made-up-token" not in f"{finding}"
