"""What an operator does: set it up wrong, set it up right, ask the doctor, register the commands."""

from __future__ import annotations

import json
import re
import socket
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.world.ids import GUILD, MEMBER_ONE
from tests.e2e.asking import ask
from tests.e2e.bot_process import command, running_bot
from tests.ports import closed_port

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Sandbox

SECRET = "a-secret-nobody-may-see"


async def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    settings = {
        "AZURE_OPENAI_ENDPOINT": "ftp://example.com",
        "AZURE_OPENAI_API_KEY": SECRET,
        "OPENAI_API_VERSION": "2023-06-01-preview",
        "EASEL_HTTP_PORT": "many",
    }

    code, output = await command(tmp_path, settings, "run")

    assert code == 2
    for name in ("DISCORD_TOKEN", "AZURE_OPENAI_ENDPOINT", "OPENAI_API_VERSION", "EASEL_HTTP_PORT"):
        assert sum(name in line for line in output.splitlines()) == 1
    assert "2025-01-27" in output
    assert "2025-04-01-preview" in output
    assert "Traceback" not in output
    assert SECRET not in output


async def test_a_refused_token_is_one_line(own_sandbox: Sandbox, tmp_path: Path) -> None:
    settings = {**own_sandbox.bot_environment(), "DISCORD_TOKEN": SECRET}

    code, output = await command(tmp_path, settings, "run")

    assert code == 2
    assert "DISCORD_TOKEN" in output
    assert SECRET not in output
    assert "Traceback" not in output


async def test_a_retired_model_is_named_at_start(own_sandbox: Sandbox, tmp_path: Path) -> None:
    settings = {"AZURE_OPENAI_DEPLOYMENTS": "studio=gpt-image-2,old=dall-e-3"}
    async with running_bot(own_sandbox, tmp_path, settings) as bot:
        assert "dall-e-3 was retired on 2026-03-04; deploy gpt-image-2 instead" in bot.output


async def test_the_seed_guides_names_still_work(own_sandbox: Sandbox, tmp_path: Path) -> None:
    settings = {
        "AZURE_OPENAI_ENDPOINT": "",
        "AZURE_OPENAI_API_KEY": "",
        "AZURE_OPENAI_API_VERSION": "",
        "OPENAI_API_BASE": f"{own_sandbox.url}/",
        "OPENAI_API_KEY": own_sandbox.azure.options.api_key,
        "OPENAI_API_TYPE": "azure",
    }
    async with running_bot(own_sandbox, tmp_path, settings):
        ending = await ask(own_sandbox)

    assert len(ending.pictures) == 1


@pytest.mark.parametrize("version", ["v1", "preview"])
async def test_the_v1_route_draws_too(own_sandbox: Sandbox, tmp_path: Path, version: str) -> None:
    async with running_bot(own_sandbox, tmp_path, {"AZURE_OPENAI_API_VERSION": version}):
        ending = await ask(own_sandbox)

    assert len(ending.pictures) == 1
    (request,) = own_sandbox.azure.requests
    assert "/openai/v1/" in request.route
    assert request.body["model"] == "studio"


async def test_settings_are_read_from_dot_env_in_the_current_folder(
    own_sandbox: Sandbox, tmp_path: Path
) -> None:
    lines = [f"{name}={value}" for name, value in own_sandbox.bot_environment().items()]
    (tmp_path / ".env").write_text("\n".join(lines))

    code, output = await command(tmp_path, {}, "doctor")

    assert code == 0, output


async def test_stray_variables_of_the_sdk_change_nothing(own_sandbox: Sandbox, tmp_path: Path) -> None:
    settings = {
        "AZURE_OPENAI_AD_TOKEN": SECRET,
        "OPENAI_BASE_URL": "https://example.com",
        "OPENAI_ORG_ID": "stray",
    }
    async with running_bot(own_sandbox, tmp_path, settings):
        await ask(own_sandbox)

    (request,) = own_sandbox.azure.requests
    assert request.headers["api-key"] == own_sandbox.azure.options.api_key
    assert "openai-organization" not in request.headers
    assert "authorization" not in request.headers


async def test_several_deployments_come_from_easel_toml(own_sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "easel.toml").write_text(
        f"""
        [[deployments]]
        name = "nowhere"
        model = "gpt-image-2"
        endpoint = "http://127.0.0.1:{closed_port()}"
        api_key_env = "ART_KEY"

        [[deployments]]
        name = "studio"
        model = "gpt-image-2"
        endpoint = "{own_sandbox.url}"
        api_key_env = "ART_KEY"
        priority = 2
        """
    )
    settings = {"ART_KEY": own_sandbox.azure.options.api_key, "AZURE_OPENAI_DEPLOYMENTS": ""}
    async with running_bot(own_sandbox, tmp_path, settings) as bot:
        ending = await ask(own_sandbox)

    assert len(ending.pictures) == 1
    assert "deployment nowhere: ServiceUnreachable" in bot.output


async def test_an_endpoint_that_refuses_connections_is_said(own_sandbox: Sandbox, tmp_path: Path) -> None:
    settings = {"AZURE_OPENAI_ENDPOINT": f"http://127.0.0.1:{closed_port()}"}
    async with running_bot(own_sandbox, tmp_path, settings):
        ending = await ask(own_sandbox)

    assert "cannot be reached" in ending.text
    assert "You were not charged" in ending.text


async def test_the_doctor_finds_all_well(own_sandbox: Sandbox, tmp_path: Path) -> None:
    code, output = await command(tmp_path, own_sandbox.bot_environment(), "doctor", "--json")

    findings = json.loads(output[output.index("[") :])
    assert code == 0, output
    assert all(finding["ok"] for finding in findings)
    assert {"Discord token", "Slash commands", "Archive"} <= {finding["subject"] for finding in findings}
    assert own_sandbox.azure.billed_images == 0


async def test_the_doctor_names_the_tables_that_nothing_reads_any_more(
    own_sandbox: Sandbox, tmp_path: Path
) -> None:
    environment = own_sandbox.bot_environment()
    await command(tmp_path, environment, "migrate")
    _, without = await command(tmp_path, environment, "doctor")
    (tmp_path / "data" / "easel.db-workflows").touch()

    code, output = await command(tmp_path, environment, "doctor")

    assert "Workflow tables" not in without
    assert code == 0, output
    (line,) = [line for line in output.splitlines() if "Workflow tables" in line]
    assert line.startswith("ok")
    assert "remove the file data/easel.db-workflows (and its -wal and -shm)" in line


async def test_the_doctor_says_what_to_do(own_sandbox: Sandbox, tmp_path: Path) -> None:
    settings = {
        **own_sandbox.bot_environment(),
        "AZURE_OPENAI_API_KEY": SECRET,
        "AZURE_OPENAI_DEPLOYMENTS": "missing=gpt-image-2",
    }

    code, output = await command(tmp_path, settings, "doctor")

    assert code == 1
    assert "FAIL" in output
    assert "Cognitive Services OpenAI User" in output
    assert SECRET not in output
    assert "Traceback" not in output


async def test_commands_are_registered_on_the_first_start_and_then_on_demand(
    own_sandbox: Sandbox, tmp_path: Path
) -> None:
    environment = own_sandbox.bot_environment()
    async with running_bot(own_sandbox, tmp_path):
        pass
    first = [r.path for r in own_sandbox.discord.requests if r.method == "PUT"]
    async with running_bot(own_sandbox, tmp_path):
        pass
    second = [r.path for r in own_sandbox.discord.requests if r.method == "PUT"]

    code, output = await command(tmp_path, environment, "sync")

    assert len(first) == len(second) == 1
    assert code == 0, output
    assert re.search(r"commands registered everywhere: \d+", output)
    assert len([r for r in own_sandbox.discord.requests if r.method == "PUT"]) == 2


async def test_a_set_of_one_server_is_taken_back(own_sandbox: Sandbox, tmp_path: Path) -> None:
    environment = own_sandbox.bot_environment()
    member = own_sandbox.discord.member(MEMBER_ONE)
    await command(tmp_path, environment, "sync")
    await command(tmp_path, environment, "sync", "--guild", str(GUILD))
    twice = [each["name"] for each in member.commands()]

    code, output = await command(tmp_path, environment, "sync", "--guild", str(GUILD), "--clear")

    assert code == 0, output
    assert "took back" in output
    once = [each["name"] for each in member.commands()]
    assert sorted(twice) == sorted(once * 2)


async def test_there_is_nothing_to_take_back_from_everywhere(tmp_path: Path) -> None:
    code, output = await command(tmp_path, {}, "sync", "--clear")

    assert code == 2
    assert "--guild" in output


async def test_a_taken_port_is_one_line(own_sandbox: Sandbox, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = {**own_sandbox.bot_environment(), "EASEL_HTTP_PORT": port}

        code, output = await command(tmp_path, settings, "run")

    assert code == 1
    assert "Easel stopped" in output
    assert "Traceback" not in output
