"""The state of the sandbox's Discord: one application, its guilds, and what happened in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.errors import unknown_message
from sandbox.discord.world import ids
from sandbox.discord.world.commands import CommandBook
from sandbox.discord.world.events import Hub
from sandbox.discord.world.files import FileStore
from sandbox.discord.world.guild import BOT_USER, Guild, easel_studio, new_guild
from sandbox.discord.world.interactions import InteractionDesk
from sandbox.discord.world.messages import MessageStore
from sandbox.discord.world.people import User

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.options import DiscordOptions
    from sandbox.discord.world.interactions import Interaction
    from sandbox.discord.world.messages import Message
    from sandbox.discord.world.people import Channel

    Dispatch = Callable[[str, dict[str, Any]], Awaitable[None]]

BASIC_FLAGS = 1 << 23
"""APPLICATION_COMMAND_BADGE: the application has registered a global command."""
NO_ANSWER = "The application did not respond"
EXTRA_COLORS = ("#9b59b6", "#1abc9c", "#e74c3c", "#3498db")


class World:
    """The whole state, and the ways to change it.

    Args:
        options: Deadlines and limits.
        dispatch: Sends an event to the gateway's sessions.

    Attributes:
        guild: The server that exists from the start, and that the demo page shows.
        guilds: All servers by id, that one first.
        gateway_url: The gateway address that bots are given.
        identifies: Returns how many IDENTIFY payloads were accepted so far.
    """

    def __init__(self, options: DiscordOptions, dispatch: Dispatch) -> None:
        self.options = options
        self.dispatch = dispatch
        self.gateway_url = ""
        self.identifies: Callable[[], int] = lambda: 0
        self.snowflakes = ids.Snowflakes()
        self.guild = easel_studio()
        self.guilds = {self.guild.id: self.guild}
        self.hub = Hub()
        self.files = FileStore(
            self.snowflakes, capacity=options.file_memory, link_lifetime=options.link_lifetime
        )
        self.messages = MessageStore(self.files, self.guild_of)
        self.commands = CommandBook(self.snowflakes, options.daily_command_creates)
        self.commands.on_change = self._tell_commands
        self.interactions = InteractionDesk(options, self.snowflakes)
        self.nonces: dict[tuple[int, str], int] = {}
        """Messages by channel and nonce, for enforce_nonce."""

    def add_member(self, name: str, *roles: int, guild: Guild | None = None) -> int:
        """Add one more member, and return their id."""
        guild = guild or self.guild
        user_id = self.snowflakes.new()
        color = EXTRA_COLORS[len(guild.members) % len(EXTRA_COLORS)]
        guild.add_member(User(user_id, name, color), *roles)
        return user_id

    async def add_guild(self, name: str) -> Guild:
        """Invite the bot to one more server, and tell its sessions of it at once."""
        guild = new_guild(self.snowflakes, name)
        self.guilds[guild.id] = guild
        await self.dispatch("GUILD_CREATE", guild.gateway_json(self.messages.last_ids()))
        return guild

    def guild_of(self, channel_id: int) -> Guild:
        """Return the server that a channel is in.

        Raises:
            KeyError: If there is no such channel.
        """
        for guild in self.guilds.values():
            if channel_id in guild.channels:
                return guild
        raise KeyError(channel_id)

    def home_of(self, user_id: int) -> Guild:
        """Return the first server that a user is in.

        Raises:
            KeyError: If there is no such member.
        """
        for guild in self.guilds.values():
            if user_id in guild.members:
                return guild
        raise KeyError(user_id)

    def configure(self, options: DiscordOptions) -> None:
        """Replace the deadlines and limits; from now on they also hold for interactions in progress."""
        self.options = self.interactions.options = options
        self.files.capacity = options.file_memory
        self.files.link_lifetime = options.link_lifetime
        self.commands.daily_creates = options.daily_command_creates

    def reset(self) -> None:
        """Forget messages, interactions and files; the guild and its commands stay."""
        self.messages.clear()
        self.interactions.clear()
        self.files.clear()
        self.nonces.clear()

    # --- messages ---

    def message(self, channel_id: int, message_id: int) -> Message:
        """Return a message that the bot's token can reach.

        Raises:
            ApiError: 404, code 10008; ephemeral messages count as missing.
        """
        message = self.messages.get(message_id)
        if message is None or message.channel_id != channel_id or message.is_ephemeral:
            raise unknown_message()
        return message

    async def publish(self, message: Message, *, created: bool) -> dict[str, Any]:
        """Store a new message or version, tell everybody who may see it, and return its JSON."""
        data = self.messages.put(message)
        event = "MESSAGE_CREATE" if created else "MESSAGE_UPDATE"
        for interaction in self.interactions.watching(message.id):
            interaction.note_version(message.id, data)
        if not self.messages.is_dismissed(message.id):
            self._tell(event, data, message)
        if not message.is_ephemeral:
            await self.dispatch(event, {**data, **self._gateway_keys(message)})
        return data

    async def remove(self, message: Message) -> None:
        """Delete a message and tell everybody who saw it."""
        self.messages.remove(message.id)
        data = {"id": str(message.id), "channel_id": str(message.channel_id)}
        self._tell("MESSAGE_DELETE", data, message)
        if not message.is_ephemeral:
            guild_id = str(self.guild_of(message.channel_id).id)
            await self.dispatch("MESSAGE_DELETE", {**data, "guild_id": guild_id})
        for interaction in self.interactions.watching(message.id):
            interaction.note_deletion(message.id)

    def dismiss(self, message: Message) -> None:
        """Hide an ephemeral message from the only one who sees it."""
        self.messages.dismiss(message.id)
        data = {"id": str(message.id), "channel_id": str(message.channel_id)}
        self.hub.publish("MESSAGE_DELETE", data, only=message.owner)

    def _tell(self, event: str, data: dict[str, Any], message: Message) -> None:
        members = self.guild_of(message.channel_id).members
        self.hub.publish(event, data, only=message.owner, among=members)

    def _gateway_keys(self, message: Message) -> dict[str, Any]:
        guild = self.guild_of(message.channel_id)
        keys: dict[str, Any] = {"guild_id": str(guild.id)}
        member = guild.members.get(message.author.id)
        if member is not None and message.interaction is None:
            keys["member"] = {**member.partial(), "deaf": False, "mute": False}
        return keys

    # --- interactions ---

    def tell_answered(self, interaction: Interaction) -> None:
        """Tell the member's app that the application has answered, and send it any modal or choices."""
        about: dict[str, Any] = {"id": str(interaction.id), "nonce": interaction.nonce}
        self.hub.publish("INTERACTION_SUCCESS", about, only=interaction.user_id)
        if interaction.modal is not None:
            data = {**about, **interaction.modal}
            self.hub.publish("INTERACTION_MODAL_CREATE", data, only=interaction.user_id)
        if interaction.choices is not None:
            data = {**about, "choices": interaction.choices}
            self.hub.publish("AUTOCOMPLETE_RESULT", data, only=interaction.user_id)
        interaction.touch()

    def tell_failed(self, interaction: Interaction) -> None:
        """Tell the member's app that no answer came in time, unless one did."""
        if interaction.acknowledged_at is not None:
            return
        interaction.failed = True
        data = {"id": str(interaction.id), "nonce": interaction.nonce, "reason": NO_ANSWER}
        self.hub.publish("INTERACTION_FAILURE", data, only=interaction.user_id)
        interaction.touch()

    # --- what the application is told about itself ---

    def channel_json(self, channel: Channel) -> dict[str, Any]:
        """Return a channel object."""
        guild_id = self.guild_of(channel.id).id
        return channel.to_json(guild_id, self.messages.last_ids().get(channel.id))

    def ready(self, _shard: int | None) -> dict[str, Any]:
        """Return the world's part of READY; the gateway adds the session's own fields."""
        return {
            "user": {**BOT_USER.to_json(), "verified": True, "mfa_enabled": False, "email": None},
            "guilds": [{"id": str(guild_id), "unavailable": True} for guild_id in self.guilds],
            "application": {"id": str(ids.APPLICATION), "flags": BASIC_FLAGS},
            "private_channels": [],
            "presences": [],
            "relationships": [],
            "user_settings": {},
        }

    def guild_creates(self) -> list[dict[str, Any]]:
        """Return the data of every GUILD_CREATE."""
        return [guild.gateway_json(self.messages.last_ids()) for guild in self.guilds.values()]

    # --- what a member's app is told ---

    def commands_for(self, user_id: int, guild: Guild | None = None) -> list[dict[str, Any]]:
        """Return the commands that a member is offered in a server, by default the first one they are in."""
        guild = guild or self.home_of(user_id)
        member = guild.members[user_id]
        permissions = guild.permissions(member)
        return self.commands.offered(guild.id, permissions, user_id, *member.roles, guild.id)

    def _tell_commands(self) -> None:
        self.hub.publish_each("COMMANDS_UPDATE", lambda user: {"commands": self.commands_for(user)})
