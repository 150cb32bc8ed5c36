"""The bot that Easel is measured against: what one would write first."""

import base64
import io
import os

import discord
import yarl
from discord import app_commands
from openai import AsyncAzureOpenAI

discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
azure = AsyncAzureOpenAI(
    api_version=os.environ["AZURE_OPENAI_API_VERSION"],
    azure_deployment=os.environ["AZURE_OPENAI_DEPLOYMENTS"].partition("=")[0],
)
bot = discord.Client(intents=discord.Intents.default())
tree = app_commands.CommandTree(bot)


@tree.command()
async def imagine(interaction: discord.Interaction, prompt: str) -> None:
    """Draw a picture."""
    await interaction.response.defer()
    answer = await azure.images.generate(prompt=prompt, size="1024x1024")
    picture = base64.b64decode((answer.data or [])[0].b64_json or "")
    await interaction.edit_original_response(attachments=[discord.File(io.BytesIO(picture), "picture.png")])


@bot.event
async def setup_hook() -> None:
    """Register the command before connecting."""
    await tree.sync()


bot.run(os.environ["DISCORD_TOKEN"])
