"""The sandbox against discord.py itself: what the library sends is taken, what it is sent it understands."""

from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import discord
import pytest
import yarl
from discord import app_commands, ui
from discord.ext import commands

from sandbox.discord.world.files import Upload
from sandbox.discord.world.ids import ARTISTS, GALLERY, MEMBER_ONE, MEMBER_TWO, MODERATOR
from sandbox.faults import Fault
from sandbox.server import Sandbox, open_sandbox
from tests.integration.discord_site import png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.discord.client.member import MemberClient

Interaction = discord.Interaction[commands.AutoShardedBot]


def picture(name: str = "a.png", **options: Any) -> discord.File:
    return discord.File(io.BytesIO(png(9, 7)), name, **options)


class Rename(ui.Modal, title="Rename"):
    def __init__(self) -> None:
        super().__init__()
        self.name: ui.TextInput[Any] = ui.TextInput(max_length=20)
        self.style: ui.Select[Any] = ui.Select(
            options=[discord.SelectOption(label="Ink"), discord.SelectOption(label="Oil")]
        )
        self.add_item(ui.Label(text="New name", component=self.name))
        self.add_item(ui.Label(text="Style", component=self.style))

    async def on_submit(self, interaction: Any) -> None:
        await interaction.response.edit_message(content=f"{self.name.value} in {self.style.values}")
        await interaction.followup.send("renamed", ephemeral=True)


class RenameButton(ui.DynamicItem[ui.Button[Any]], template=r"rename:(?P<job>[0-9]+)"):
    def __init__(self, job: str) -> None:
        super().__init__(ui.Button(label="Rename", custom_id=f"rename:{job}"))

    @classmethod
    async def from_custom_id(cls, _interaction: Any, _item: Any, match: Any) -> RenameButton:
        return cls(match["job"])

    async def callback(self, interaction: Any) -> None:
        await interaction.response.send_modal(Rename())


class Bot(commands.AutoShardedBot):
    """One command of each sort that Easel has."""

    def __init__(self) -> None:
        super().__init__(
            commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.seen: dict[str, Any] = {}

    async def setup_hook(self) -> None:
        self.add_dynamic_items(RenameButton)
        self.tree.add_command(self._imagine())
        self.tree.add_command(self._limits())
        self.tree.add_command(app_commands.ContextMenu(name="Report image", callback=report))
        await self.tree.sync()

    def _imagine(self) -> Any:
        @app_commands.command(name="imagine", description="Draw")
        async def imagine(
            interaction: Interaction,
            prompt: str,
            size: str | None = None,
            friend: discord.Member | None = None,
            image: discord.Attachment | None = None,
        ) -> None:
            self.seen = {"interaction": interaction, "friend": friend, "image": image and await image.read()}
            self.seen["deferral"] = await interaction.response.defer()
            view = ui.View(timeout=None)
            view.add_item(RenameButton("7"))
            self.seen["message"] = await interaction.edit_original_response(
                content=f"{prompt} @everyone <@{MEMBER_TWO}>",
                attachments=[picture(description="alt"), picture("b.png", spoiler=True)],
                view=view,
            )

        @imagine.autocomplete("size")
        async def suggest(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
            return [app_commands.Choice(name=f"{current}…", value="1024x1024")]

        return imagine

    def _limits(self) -> Any:
        group = app_commands.Group(
            name="limits", description="Limits", default_permissions=discord.Permissions(manage_guild=True)
        )

        @group.command(name="set", description="Set")
        async def set_limits(
            interaction: Interaction, role: discord.Role, channel: discord.TextChannel, images: int
        ) -> None:
            view, file = ui.LayoutView(), picture()
            text: ui.TextDisplay[Any] = ui.TextDisplay(f"{role} {channel} {images}")
            shown: ui.MediaGallery[Any] = ui.MediaGallery(discord.MediaGalleryItem(file))
            view.add_item(ui.Container(text, shown))
            await interaction.response.send_message(view=view, file=file)

        return group


async def report(interaction: Interaction, message: discord.Message) -> None:
    embed = discord.Embed(title="Reported").set_footer(text=str(message.id))
    await interaction.response.send_message(embed=embed, ephemeral=True)


@asynccontextmanager
async def running(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    settings = sandbox.bot_environment()
    monkeypatch.setattr(discord.http.Route, "BASE", settings["DISCORD_API_URL"])
    gateway = yarl.URL(settings["DISCORD_GATEWAY_URL"])
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    bot = Bot()
    task = asyncio.create_task(bot.start(settings["DISCORD_TOKEN"]))
    try:
        await sandbox.discord.gateway.wait_ready()
        yield bot
    finally:
        await bot.close()
        await task


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_sandbox() as opened:
        yield opened


@pytest.fixture
async def bot(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    async with running(sandbox, monkeypatch) as started:
        yield started


@pytest.fixture
def member(sandbox: Sandbox, bot: Bot) -> MemberClient:
    return sandbox.discord.member(MEMBER_ONE)


async def test_interaction_is_complete_for_the_library(bot: Bot, member: MemberClient) -> None:
    sent = await member.slash("imagine", prompt="a cat", friend=MEMBER_TWO, image=Upload("c.png", png()))
    await sent.settled()
    interaction: Interaction = bot.seen["interaction"]
    assert interaction.guild is not None
    assert (interaction.guild.name, str(interaction.channel)) == ("Easel Studio", "studio")
    assert (str(interaction.user), interaction.user.display_name) == ("member.one", "Member One")
    assert (str(interaction.locale), str(interaction.guild_locale)) == ("en-US", "en-US")
    assert interaction.permissions.use_application_commands
    assert not interaction.permissions.manage_guild
    assert interaction.app_permissions.attach_files
    assert interaction.is_guild_integration()
    assert interaction.context.guild
    assert interaction.filesize_limit == 10 * 2**20
    assert isinstance(bot.seen["friend"], discord.Member)
    assert [role.id for role in bot.seen["friend"].roles][1:] == [ARTISTS]
    assert bot.seen["image"] == png()


async def test_deferred_answer_with_files(bot: Bot, member: MemberClient) -> None:
    sent = await member.slash("imagine", prompt="a cat")
    message = await sent.settled()
    assert [sent.history[0][1]["flags"], message["flags"]] == [128, 0]
    assert message["mentions"] == []
    assert not message["mention_everyone"]
    async with asyncio.timeout(5):
        while "message" not in bot.seen:
            await asyncio.sleep(0.01)
    read: discord.InteractionMessage = bot.seen["message"]
    assert bot.seen["deferral"].message_id == read.id == int(message["id"])
    assert [item.is_spoiler() for item in read.attachments] == [False, True]
    assert (read.attachments[0].width, read.attachments[0].description) == (9, "alt")
    assert await read.attachments[0].read() == png(9, 7)
    assert read.interaction_metadata is not None
    assert read.interaction_metadata.user.id == MEMBER_ONE


async def test_suggestions(member: MemberClient) -> None:
    assert await member.autocomplete("imagine", "size", size="10", prompt="x") == [("10…", "1024x1024")]


async def test_button_modal_and_follow_up(member: MemberClient) -> None:
    drawn = await (await member.slash("imagine", prompt="a cat")).settled()
    press = await member.press(drawn["id"], "rename:7")
    await press.acknowledged()
    submitted = await member.submit(press, New_name="Tom", style=["Oil"])
    renamed = await submitted.settled()
    assert (renamed["id"], renamed["content"]) == (drawn["id"], "Tom in ['Oil']")
    async with asyncio.timeout(5):
        while not submitted.followups:
            await submitted.interaction.change()
    assert submitted.followups[0]["flags"] == 64


async def test_group_resolves_roles_and_channels_and_answers_in_v2(sandbox: Sandbox, bot: Bot) -> None:
    moderator = sandbox.discord.member(MODERATOR)
    sent = await moderator.slash("limits set", role=ARTISTS, channel=GALLERY, images=3)
    container = (await sent.settled())["components"][0]
    assert container["components"][0]["content"] == "Artists gallery 3"
    assert container["components"][1]["items"][0]["media"]["width"] == 9


async def test_message_menu(member: MemberClient) -> None:
    said = await member.say("look")
    sent = await member.menu("Report image", int(said["id"]))
    assert (await sent.settled())["embeds"][0]["footer"]["text"] == said["id"]
    assert sent.ephemeral


async def test_library_waits_out_a_rate_limit_and_tries_again(sandbox: Sandbox, member: MemberClient) -> None:
    sandbox.discord.faults.add(Fault("rate_limited", "PATCH *", retry_after=0.1))
    message = await (await member.slash("imagine", prompt="a cat")).settled()
    assert len(message["attachments"]) == 2
    assert [call.status for call in sandbox.discord.requests if call.method == "PATCH"] == [429, 200]


async def test_commands_read_back_as_they_were_written(bot: Bot) -> None:
    fetched = {command.name: command for command in await bot.tree.fetch_commands()}
    imagine = fetched["imagine"]
    assert [getattr(option, "name", "") for option in imagine.options] == [
        "prompt",
        "size",
        "friend",
        "image",
    ]
    assert [getattr(option, "required", None) for option in imagine.options] == [True, False, False, False]
    assert fetched["limits"].default_member_permissions == discord.Permissions(manage_guild=True)
    assert fetched["Report image"].type is discord.AppCommandType.message
