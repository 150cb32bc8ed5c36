"""The discord.py client: logs in, loads the cogs, gates commands, and shuts down in order."""

from __future__ import annotations

import asyncio
import collections
import itertools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.backoff import ExponentialBackoff
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord.event_guard import guarded
from bot.discord.registration import covers
from bot.discord.reply import Reply
from bot.discord.webhooks import NO_PINGS, answer_interactions_plainly
from bot.errors import (
    GatewayRefused,
    LoginRefused,
    MemberError,
    RegistrationRefused,
    ShuttingDown,
    StoreUnavailable,
)
from bot.runtime.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.config.settings import Settings
    from bot.services import Services

_log = logging.getLogger(__name__)

HEARTBEAT_TIMEOUT = 50.0
"""Seconds of silence until a gateway connection counts as dead; more than Discord's 41.25 s interval."""

REMEMBERED = 4096
"""Interaction ids kept to recognise an event that Discord delivers twice."""

COMMANDS_WITHIN = 5.0
"""Seconds for commands under way to finish at shutdown; the jobs they admitted are drained later."""

LAST_TURNS = 0.2
"""Seconds at shutdown in which jobs that were just admitted may still start drawing."""

LOGIN_PAUSES = (1, 2, 4, 8, 15, 30)
"""Seconds between attempts to log in while Discord cannot be reached; the last one repeats."""


@dataclass(frozen=True, slots=True)
class Features:
    """What the client serves, handed in by the composition root.

    Attributes:
        extensions: the cogs to load, in order.
        commands: the whole command set, always registered in full, because registering overwrites everything.
        explain: puts an error into words, in the language of a locale.
        translator: translates commands as they are registered.
    """

    extensions: tuple[str, ...]
    commands: frozenset[str]
    explain: Callable[[BaseException, discord.Locale], str]
    translator: app_commands.Translator


class EaselTree(app_commands.CommandTree["EaselBot"]):
    """The command tree: one gate before every command, one answer to every error."""

    async def interaction_check(self, interaction: discord.Interaction[EaselBot], /) -> bool:
        """Let each command run once, and only in a server.

        Discord may deliver an event several times (docs, reference "Consistency"); discord.py passes
        each on.
        """
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        if not self.client.claim(interaction.id):
            return False
        self.client.services.metrics.commands.labels(command=_command_name(interaction)).inc()
        if interaction.guild_id is None:
            # Commands are registered for servers only, but one may still arrive from a direct message.
            await self._answer(interaction, app_commands.NoPrivateMessage())
            return False
        return True

    async def _call(self, interaction: discord.Interaction[EaselBot]) -> None:
        """Run a command and count it as under way; refuse it while the bot is stopping.

        Errors before a command is found are answered here too; discord.py's own errors go to ``on_error``.
        """
        if interaction.type is discord.InteractionType.autocomplete:
            await super()._call(interaction)
            return
        try:
            with self.client.services.commands.command(interaction.id):
                await super()._call(interaction)
        except app_commands.AppCommandError:
            raise
        except ShuttingDown as error:
            # An event delivered again may be of a command that is being finished, and gets its own answer.
            if self.client.claim(interaction.id):
                await self._answer(interaction, error)
        except Exception as error:  # noqa: BLE001 - the last line of defence against silence
            # Discord's fault or ours: only the traceback tells.
            _log.error("command makes no sense: %s", type(error).__name__, exc_info=error)
            await self._answer(interaction, error)

    async def on_error(
        self, interaction: discord.Interaction[EaselBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the member, in private, why a command did not start."""
        if interaction.type is discord.InteractionType.autocomplete:
            return  # autocompletion takes suggestions only, no text
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        self.client.services.metrics.refusals.labels(reason=type(cause).__name__).inc()
        if isinstance(cause, app_commands.AppCommandError):
            _log.warning("command not run: %s", type(cause).__name__)
        elif isinstance(cause, StoreUnavailable):
            _log.error("command refused: %s", cause)
        elif not isinstance(cause, MemberError | ShuttingDown):
            _log.error("command failed: %s", type(cause).__name__, exc_info=cause)
        await self._answer(interaction, cause)

    async def _answer(self, interaction: discord.Interaction[EaselBot], error: BaseException) -> None:
        if not interaction.response.is_done():
            text = self.client.features.explain(error, interaction.locale)
            await Reply(interaction, private=True).refuse(text)


class EaselBot(commands.AutoShardedBot):
    """Easel on Discord. Caches next to nothing: everything it needs comes with each interaction."""

    def __init__(
        self, settings: Settings, features: Features, services: Callable[[EaselBot], Services]
    ) -> None:
        """Create the client, without contacting anything.

        Args:
            settings: the operator's settings.
            features: its commands and its texts.
            services: creates the services for the client, through which some of them reach Discord.
        """
        _reconnect_sooner()
        _use_far_end(settings)
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # Easel does not use voice
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=EaselTree,
            intents=discord.Intents(guilds=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            allowed_mentions=NO_PINGS,
            **_shards(settings),
        )
        answer_interactions_plainly()
        self._guard_parsers()
        self.features = features
        self.services = services(self)
        self._settings = settings
        self._claimed: collections.OrderedDict[int, None] = collections.OrderedDict()
        self._logged_in = False

    def _guard_parsers(self) -> None:
        """Keep an odd event from ending the connection, as an error in one of discord.py's parsers would.

        READY and RESUMED stay unguarded: an error there means that the session cannot start at all.
        """
        parsers = self._connection.parsers
        for event in parsers.keys() - {"READY", "RESUMED"}:
            parsers[event] = guarded(event, parsers[event])

    def claim(self, interaction_id: int) -> bool:
        """Claim an interaction; return False if it was claimed before."""
        if interaction_id in self._claimed:
            _log.warning("interaction %d was delivered again", interaction_id)
            return False
        self._claimed[interaction_id] = None
        if len(self._claimed) > REMEMBERED:
            self._claimed.popitem(last=False)
        return True

    async def setup_hook(self) -> None:
        """Load every cog as part of logging in; raise unless the command tree is complete afterwards."""
        self._logged_in = True
        await self.tree.set_translator(self.features.translator)
        for extension in self.features.extensions:
            await self.load_extension(extension)

    async def on_ready(self) -> None:
        """Log that the bot is ready; this runs again after every lost session."""
        _log.info("ready on %d servers", len(self.guilds))

    async def log_in(self) -> None:
        """Log in, and retry for as long as Discord cannot be reached.

        Raises:
            LoginRefused: Discord refuses the token.
            GatewayRefused: Discord refuses the login for another reason.
        """
        for attempt in itertools.count():
            try:
                await self.login(self._settings.discord_token)
            except discord.LoginFailure as error:
                raise LoginRefused("Discord refuses the bot's token") from error
            except discord.HTTPException as error:
                # Discord's outages pass, and so do those of its edge network, whose errors carry no code.
                if error.code and error.status not in {429, *range(500, 600)}:
                    raise GatewayRefused(f"Discord answers {error.status} {error.code}") from error
                await self._wait_to_log_in(attempt, error)
            except (aiohttp.ClientError, OSError, discord.RateLimited) as error:
                await self._wait_to_log_in(attempt, error)
            else:
                return

    async def stay_connected(self) -> None:
        """Keep the gateway connection up until the bot stops.

        Raises:
            GatewayRefused: Discord closed it for good, for instance because of the number of shards.
        """
        try:
            await self.connect(reconnect=True)
        except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
            raise GatewayRefused(f"Discord closed the connection for good: {error}") from error

    async def launch_shards(self) -> None:
        """Make the first connection, with retries; discord.py itself retries only after that."""
        for attempt in itertools.count():
            try:
                await super().launch_shards()
            except (
                discord.GatewayNotFound,
                discord.DiscordServerError,
                aiohttp.ClientError,
                OSError,
            ) as error:
                pause = _login_pause(attempt)
                _log.warning("no gateway (%s); trying again in %d s", type(error).__name__, pause)
                await asyncio.sleep(pause)
            else:
                return

    async def _wait_to_log_in(self, attempt: int, error: Exception) -> None:
        await self.http.close()
        self.http.connector = discord.utils.MISSING  # closed with its session; login makes another
        pause = _login_pause(attempt)
        _log.warning("cannot log in to Discord (%s); trying again in %d s", type(error).__name__, pause)
        await asyncio.sleep(pause)

    async def stop(self) -> None:
        """Finish the commands and jobs under way, leave the rest to the next start, then disconnect."""
        commands, work, seconds = self.services.commands, self.services.work, self._settings.drain
        await commands.drain(min(seconds, COMMANDS_WITHIN))
        # Jobs that were just admitted start now if they can, rather than wait for the restart.
        await asyncio.sleep(LAST_TURNS)
        work.queue.close()
        await work.running.drain(seconds, work.presenter.interrupted)  # no job starts any more
        await self.close()

    async def close(self) -> None:
        """Disconnect; unlike discord.py's own method, this is safe even if logging in never succeeded."""
        if self._logged_in:
            await super().close()
        else:
            await self.http.close()

    # --- registered commands --------------------------------------------------------------------

    async def command_drift(self) -> tuple[bool, bool]:
        """Compare the commands registered with Discord for all servers with those in the code.

        Returns:
            Whether any are registered, and whether they differ from the code's.
        """
        registered = await self.http.get_global_commands(self.application_id or 0)
        return bool(registered), await self._differs(list(registered))

    async def _differs(self, registered: list[Any]) -> bool:
        ours = {command.name: command.to_dict(self.tree) for command in self.tree.get_commands()}
        theirs = {command["name"]: command for command in registered}
        return set(ours) != set(theirs) or not all(covers(theirs[name], ours[name]) for name in ours)

    async def sync_commands(self, guild_id: int | None = None) -> int:
        """Register the whole command set, everywhere or in one server, and return how many commands it has.

        One call overwrites everything, and a command that is missing loses every server's permission
        settings for good; so the set is checked first.

        Raises:
            RegistrationRefused: Discord refuses, for instance because the bot is not in that server.
        """
        missing = self.features.commands - {command.name for command in self.tree.get_commands()}
        if missing:
            raise RuntimeError(f"not registering an incomplete command set: {', '.join(sorted(missing))}")
        guild = discord.Object(guild_id) if guild_id else None
        if guild is not None:
            self.tree.copy_global_to(guild=guild)
        return await self._register(guild)

    async def clear_guild_commands(self, guild_id: int) -> None:
        """Remove what ``sync_commands`` registered in one server, where each command otherwise shows twice.

        Raises:
            RegistrationRefused: Discord refuses, for instance because the bot is not in that server.
        """
        guild = discord.Object(guild_id)
        self.tree.clear_commands(guild=guild)
        await self._register(guild)

    async def _register(self, guild: discord.Object | None) -> int:
        try:
            return len(await self.tree.sync(guild=guild))
        except (discord.HTTPException, app_commands.AppCommandError) as error:
            raise RegistrationRefused(f"Discord does not register the commands: {error}") from error

    async def diagnose(self) -> list[Finding]:
        """Check the token, the application and the registered commands, without going online."""
        try:
            await self.login(self._settings.discord_token)
            application = await self.application_info()
            present, differ = await self.command_drift()
        except discord.LoginFailure:
            advice = "copy the bot's token anew from the developer portal into DISCORD_TOKEN"
            return [Finding("Discord token", "Discord refuses it", advice)]
        except (aiohttp.ClientError, OSError, discord.DiscordException) as error:
            return [
                Finding("Discord", f"cannot be reached: {error}", "check the network and DISCORD_API_URL")
            ]
        findings = [Finding("Discord token", f"logged in as {application.name} ({application.id})")]
        if application.interactions_endpoint_url:
            advice = "clear the Interactions Endpoint URL in the developer portal"
            findings.append(Finding("Discord application", "commands are sent to a web address", advice))
        else:
            findings.append(Finding("Discord application", "commands come over the gateway"))
        if not present:
            findings.append(Finding("Slash commands", "none registered yet; the first run registers them"))
        elif differ:
            findings.append(Finding("Slash commands", "not the current ones", "run: python -m bot sync"))
        else:
            findings.append(Finding("Slash commands", "registered and up to date"))
        return findings

    async def look_after_commands(self) -> None:
        """Register on the first start; later only warn if they differ: syncing is the operator's step."""
        for attempt in itertools.count():
            try:
                present, differ = await self.command_drift()
                if self._settings.sync == "always" or (self._settings.sync == "auto" and not present):
                    _log.info("registered %d commands", await self.sync_commands())
                elif differ:
                    _log.warning("the registered commands are out of date; run: python -m bot sync")
            except Exception as error:  # noqa: BLE001 - nobody waits for this task, so nothing may end it
                _log.warning("could not look at the registered commands: %s", type(error).__name__)
                await asyncio.sleep(_login_pause(attempt))
            else:
                return


def _login_pause(attempt: int) -> int:
    return LOGIN_PAUSES[min(attempt, len(LOGIN_PAUSES) - 1)]


class _BriefBackoff(ExponentialBackoff[Literal[False]]):
    """A back-off of at most 16 s; discord.py's own reaches 17 minutes, during which the bot is offline."""

    def __init__(self, base: int = 1, *, integral: Literal[False] = False) -> None:
        super().__init__(base, integral=integral)
        self._max = 4  # the largest exponent: at most 2**4 = 16 s


def _command_name(interaction: discord.Interaction[EaselBot]) -> str:
    """Return our command's name, else ``-``: what Discord sends must not create new time series."""
    command = interaction.command
    return command.qualified_name if command else "-"


def _shards(settings: Settings) -> dict[str, Any]:
    """Return the settings of this process's shards; by default all of them, as many as Discord recommends."""
    chosen: dict[str, Any] = {}
    if settings.shard_ids:
        chosen["shard_ids"] = list(settings.shard_ids)
    if settings.shard_count:
        chosen["shard_count"] = settings.shard_count
    return chosen


def _reconnect_sooner() -> None:
    """Make discord.py use ``_BriefBackoff``, which it has no argument for (decision 0024)."""
    vars(discord.shard)["ExponentialBackoff"] = _BriefBackoff


def _use_far_end(settings: Settings) -> None:
    """Point discord.py at the configured API and gateway; it has only attributes for this, no arguments."""
    Route.BASE = settings.api_url
    if settings.gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)
