"""Discord's own app as a member uses it: typing commands, pressing buttons and seeing what comes back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.discord.client.answers import ModalForm, component_data
from sandbox.discord.client.composer import Composer, InputError, find_command, focus, from_values
from sandbox.discord.client.sending import send_command, send_component, send_modal
from sandbox.discord.rules import commands as kinds
from sandbox.discord.rules.messages import LOADING, Door, check_message
from sandbox.discord.world.ids import STUDIO
from sandbox.discord.world.interactions import CallbackType
from sandbox.discord.world.messages import REPLY, Message
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.posting import compose, submit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.discord.world.files import Upload
    from sandbox.discord.world.interactions import Interaction
    from sandbox.discord.world.world import World


class InteractionFailed(TimeoutError):
    """The member was told that the application did not respond."""


class Choice(NamedTuple):
    """One suggestion of an autocomplete."""

    name: str
    value: str | int | float


class Invocation:
    """One use of a command, button, select or modal, as the member sees it.

    Times are `time.monotonic`; messages are Discord's message objects.
    """

    def __init__(self, world: World, interaction: Interaction) -> None:
        self._world = world
        self.interaction = interaction

    @property
    def id(self) -> int:
        """The interaction's id."""
        return self.interaction.id

    @property
    def token(self) -> str:
        """The interaction's token."""
        return self.interaction.token

    @property
    def sent_at(self) -> float:
        """When the member sent it."""
        return self.interaction.sent_at

    @property
    def acknowledged_at(self) -> float | None:
        """When the application first answered."""
        return self.interaction.acknowledged_at

    @property
    def ephemeral(self) -> bool:
        """Whether only the member sees the answer."""
        return self.interaction.ephemeral

    @property
    def history(self) -> list[tuple[float, dict[str, Any]]]:
        """Every version of the answer with the moment it appeared."""
        return self.interaction.history

    @property
    def followups(self) -> list[dict[str, Any]]:
        """The follow-up messages as they are now."""
        return list(self.interaction.followups.values())

    @property
    def modal(self) -> dict[str, Any] | None:
        """The modal that was opened."""
        return self.interaction.modal

    @property
    def message(self) -> dict[str, Any] | None:
        """The answer as it is now; for a component or modal that updates, the message it updates.

        None before it exists and after it was deleted.
        """
        message = self._world.messages.get(self.interaction.response_id or 0)
        return None if message is None else self._world.messages.render(message)

    @property
    def deleted(self) -> bool:
        """Whether the answer was deleted."""
        return self.interaction.response_deleted

    @property
    def state(self) -> str:
        """What the member sees: "pending", "thinking", "answered", "modal" or "failed"."""
        if self.interaction.acknowledged_at is None:
            return "failed" if self.interaction.failed else "pending"
        if self.interaction.callback is CallbackType.MODAL:
            return "modal"
        message = self._world.messages.get(self.interaction.response_id or 0)
        return "thinking" if message is not None and message.is_loading else "answered"

    async def acknowledged(self, timeout: float = 5.0) -> None:
        """Wait for the first answer of any kind.

        Raises:
            InteractionFailed: If the application did not respond in time.
            TimeoutError: After ``timeout`` seconds.
        """
        await self._wait(lambda: self.interaction.acknowledged_at is not None, timeout, "no acknowledgement")

    async def settled(self, timeout: float = 30.0) -> dict[str, Any]:
        """Wait for the first version of the answer that is not "thinking", and return it.

        After a deferred update that is the next version of the message.

        Raises:
            InteractionFailed: If the application did not respond in time.
            TimeoutError: After ``timeout`` seconds.
        """
        return await self.until(lambda message: not message["flags"] & LOADING, timeout)

    async def until(
        self,
        predicate: Callable[[dict[str, Any]], bool],
        timeout: float = 30.0,
    ) -> dict[str, Any]:
        """Wait for a version of the answer that satisfies ``predicate``, or find a past one, and return it.

        Raises:
            InteractionFailed: If the application did not respond in time.
            InputError: If the answer is a modal.
            TimeoutError: After ``timeout`` seconds.
        """
        found: list[dict[str, Any]] = []
        seen = 0

        def arrived() -> bool:
            nonlocal seen
            if self.state == "modal":
                raise InputError("answered with a modal: submit it and wait for that")
            fresh, seen = self.history[seen:], len(self.history)
            found.extend(message for _, message in fresh if predicate(message))
            return bool(found)

        await self._wait(arrived, timeout, "the awaited answer did not come")
        return found[0]

    async def _wait(self, done: Callable[[], bool], timeout: float, complaint: str) -> None:
        try:
            async with asyncio.timeout(timeout):
                while not done() and not self.interaction.failed:
                    await self.interaction.change()
        except TimeoutError:
            raise TimeoutError(f"{complaint} within {timeout} s; state: {self.state}") from None
        if not done():
            raise InteractionFailed("The application did not respond")


class MemberClient:
    """The app of one member."""

    def __init__(self, world: World, user_id: int) -> None:
        self._world = world
        self.user_id = user_id

    async def slash(
        self, name: str, channel: int = STUDIO, /, *, unchecked: bool = False, **options: Any
    ) -> Invocation:
        """Use a slash command.

        Args:
            name: The command, with its subcommands after it: "limits set".
            channel: Where. Positional, because commands have options called "channel".
            unchecked: Send it even if Discord's app would not, as a modified app could.
            options: Values by option name; ids may be numbers, files are `Upload`.

        Raises:
            InputError: If there is no such command for this member, or an option is wrong.
        """
        top, *path = name.split()
        command = self._command(top, kinds.CHAT_INPUT, channel, unchecked=unchecked)
        listed = await from_values(self._world, command, path, options)
        composer = Composer(self._world, self.user_id, channel, checked=not unchecked)
        data = composer.slash(command, listed)
        interaction = await send_command(self._world, self.user_id, channel, data, name=name)
        return Invocation(self._world, interaction)

    async def menu(
        self, name: str, target: int, channel: int = STUDIO, /, *, kind: int = kinds.MESSAGE
    ) -> Invocation:
        """Use a context menu command on a message, or on a user with ``kind=USER``.

        Raises:
            InputError: If there is no such command or target for this member.
        """
        command = self._command(name, kind, channel, unchecked=False)
        data = Composer(self._world, self.user_id, channel).menu(command, target)
        interaction = await send_command(self._world, self.user_id, channel, data, name=name)
        return Invocation(self._world, interaction)

    async def autocomplete(
        self, name: str, focused: str, channel: int = STUDIO, /, **options: Any
    ) -> list[Choice]:
        """Type into an option and return what the application suggests.

        Args:
            name: The command, with its subcommands after it.
            focused: The option being typed into; its text so far is taken from ``options``, or is empty.
            channel: Where.
            options: Values by option name.

        Raises:
            InteractionFailed: If the application did not respond in time.
        """
        top, *path = name.split()
        command = self._command(top, kinds.CHAT_INPUT, channel, unchecked=False)
        listed = await from_values(self._world, command, path, {focused: "", **options})
        focus(listed, focused)
        data = Composer(self._world, self.user_id, channel, partial=True).slash(command, listed)
        interaction = await send_command(
            self._world, self.user_id, channel, data, name=name, autocomplete=True
        )
        await Invocation(self._world, interaction).acknowledged(self._patience)
        return [Choice(choice["name"], choice["value"]) for choice in interaction.choices or ()]

    async def press(self, message_id: int | str, custom_id: str) -> Invocation:
        """Press a button.

        Raises:
            InputError: If the member does not see it, or it is disabled.
        """
        return await self._use(message_id, custom_id, None)

    async def select(self, message_id: int | str, custom_id: str, values: Sequence[int | str]) -> Invocation:
        """Choose option values or ids in a select.

        Raises:
            InputError: If the member does not see it, it is disabled, or the choice is not possible.
        """
        return await self._use(message_id, custom_id, [str(value) for value in values])

    async def _use(self, message_id: int | str, custom_id: str, values: list[str] | None) -> Invocation:
        message = self._world.messages.get(int(message_id))
        if message is None:
            raise InputError("no such message")
        data = component_data(self._world, message, self.user_id, custom_id, values)
        return Invocation(self._world, await send_component(self._world, self.user_id, message, data))

    async def submit(
        self, opener: Invocation, fields: Mapping[str, Any] | None = None, /, **named: Any
    ) -> Invocation:
        """Fill in and submit the modal that an invocation opened.

        Args:
            opener: The invocation that was answered with the modal.
            fields: Answers by custom_id or label.
            named: More answers; a label's spaces are written as underscores.

        Raises:
            InputError: If there is no modal, or an answer is missing or wrong.
        """
        interaction = opener.interaction
        if interaction.modal is None:
            raise InputError("no modal was opened")
        form = ModalForm(self._world, interaction.modal, self.user_id, interaction.channel_id)
        data = await form.data(form.by_custom_id({**(fields or {}), **named}))
        return Invocation(self._world, await send_modal(self._world, interaction, data))

    async def say(
        self,
        content: str,
        channel: int = STUDIO,
        /,
        *,
        files: Sequence[Upload] = (),
        reply_to: int | None = None,
    ) -> dict[str, Any]:
        """Write an ordinary message and return it.

        Raises:
            InputError: If the member may not write there.
            ApiError: If the message is not acceptable, e.g. too long.
        """
        guild = self._world.guild_of(channel)
        member = guild.members[self.user_id]
        if not guild.permissions(member, guild.channels[channel]) & Permission.SEND_MESSAGES:
            raise InputError("this member may not write here")
        draft = check_message({"content": content}, Door.CHANNEL)
        submission = await submit(self._world, draft, dict(enumerate(files)), channel, webhook=False)
        blank = Message(
            self._world.snowflakes.new(),
            channel,
            member.user,
            kind=0 if reply_to is None else REPLY,
            reference=reply_to,
        )
        return await self._world.publish(compose(self._world, submission, blank), created=True)

    async def delete_message(self, message_id: int | str) -> None:
        """Delete the member's own message, or anybody's as a moderator; only dismiss an ephemeral one.

        Raises:
            InputError: If the member cannot see it, or may not delete it.
        """
        message = self._world.messages.get(int(message_id))
        if message is None or not message.visible_to(self.user_id):
            raise InputError("no such message")
        if message.is_ephemeral:
            self._world.dismiss(message)
            return
        guild = self._world.guild_of(message.channel_id)
        member = guild.members[self.user_id]
        permissions = guild.permissions(member, guild.channels[message.channel_id])
        if message.author.id != self.user_id and not permissions & Permission.MANAGE_MESSAGES:
            raise InputError("this member may not delete other people's messages")
        await self._world.remove(message)

    def messages(self, channel: int = STUDIO) -> list[dict[str, Any]]:
        """Return everything the member sees in a channel, oldest first."""
        return self._world.messages.seen_by(self.user_id, channel)

    def commands(self) -> list[dict[str, Any]]:
        """Return the commands offered to the member."""
        return self._world.commands_for(self.user_id)

    @property
    def _patience(self) -> float:
        return self._world.options.acknowledge_within + 1.0

    def _command(self, name: str, kind: int, channel: int, *, unchecked: bool) -> dict[str, Any]:
        guild = self._world.guild_of(channel)
        if not unchecked:
            return find_command(self._world, self.user_id, name, kind, guild=guild)
        # Server admins can open a command to members whom its default permissions exclude.
        for command in self._world.commands.offered(guild.id, Permission.ADMINISTRATOR):
            if (command["type"], command["name"]) == (kind, name):
                return command
        raise InputError(f"no command {name!r}")
