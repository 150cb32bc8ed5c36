"""The operator's commands that need no running bot."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.app import open_bot, open_resources
from bot.generation.models import load_models
from bot.limits.book import PolicyBook
from bot.limits.exchange import Format, dump, load
from bot.storage.database import open_database
from bot.storage.upgrade import migrate
from bot.telemetry.clock import now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.config.settings import Settings
    from bot.discord.client import EaselBot


async def register(settings: Settings, guild_id: int | None) -> str:
    """Register the whole command set with Discord, everywhere or in one server.

    Raises:
        LoginRefused: Discord refuses the token.
        RegistrationRefused: Discord does not register them.
    """
    async with _logged_in(settings) as bot:
        count = await bot.sync_commands(guild_id)
    return f"commands registered {'in that server' if guild_id else 'everywhere'}: {count}"


async def clear(settings: Settings, guild_id: int) -> str:
    """Remove the command set that was registered in one server.

    Raises:
        LoginRefused: Discord refuses the token.
        RegistrationRefused: Discord does not remove them.
    """
    async with _logged_in(settings) as bot:
        await bot.clear_guild_commands(guild_id)
    return "took back the commands of that server; those registered everywhere stay"


@asynccontextmanager
async def _logged_in(settings: Settings) -> AsyncIterator[EaselBot]:
    async with (
        open_database(settings.database_url) as database,
        open_resources(settings) as resources,
        open_bot(settings, database, resources) as bot,
    ):
        await bot.log_in()
        yield bot


async def bring_up_to_date(settings: Settings) -> str:
    """Bring the database's tables up to this version.

    Raises:
        StoreUnavailable: it cannot be done.
    """
    before, after = await migrate(settings.database_url)
    if before == after:
        return f"the database is up to date (version {after})"
    return f"the database was brought from version {before or 'none'} to {after}"


async def export_limits(settings: Settings, form: Format, guild_id: int | None) -> str:
    """Return the policies of every server that has one, or of one server, as text.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    async with _book(settings) as book:
        guild_ids = (guild_id,) if guild_id else await book.guild_ids()
        return dump([await book.policy(one) for one in guild_ids], form).rstrip("\n")


async def import_limits(settings: Settings, text: str, form: Format) -> str:
    """Replace the policies of the servers in ``text`` with those given there; other servers keep theirs.

    Raises:
        ExchangeRefused: the text cannot be used; nothing was changed.
        StoreUnavailable: the database does not answer.
    """
    known = load_models()
    policies = load(text, form, [known[name] for name in settings.fleet.models])
    async with _book(settings) as book:
        await book.replace(policies)
    return f"servers whose limits were replaced: {len(policies)}"


@asynccontextmanager
async def _book(settings: Settings) -> AsyncIterator[PolicyBook]:
    await migrate(settings.database_url)
    async with open_database(settings.database_url) as database:
        yield PolicyBook(database, now)
