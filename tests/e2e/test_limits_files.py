"""``python -m bot migrate``, ``limits export`` and ``limits import``, and what the doctor says of money."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.world.ids import GUILD, MODERATOR
from tests.e2e.asking import ask
from tests.e2e.bot_process import command, running_bot

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Sandbox


async def test_a_database_is_made_once(own_sandbox: Sandbox, tmp_path: Path) -> None:
    settings = own_sandbox.bot_environment()
    code, output = await command(tmp_path, settings, "migrate")
    assert (code, "brought from version none to 0003_drawn" in output) == (0, True)
    code, output = await command(tmp_path, settings, "migrate")
    assert (code, "up to date" in output) == (0, True)
    assert (tmp_path / "data" / "easel.db").exists()


@pytest.mark.parametrize("form", ["toml", "json"])
async def test_limits_move_from_one_machine_to_another(
    own_sandbox: Sandbox, tmp_path: Path, form: str
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    async with running_bot(own_sandbox, here):
        moderator = own_sandbox.discord.member(MODERATOR)
        await (await moderator.slash("limits set", images_per_day=1, max_quality="low")).settled()
    settings = own_sandbox.bot_environment()
    code, text = await command(here, settings, "limits", "export", "--format", form)
    assert code == 0
    assert str(GUILD) in text
    file = there / f"limits.{form}"
    file.write_text(text, encoding="utf-8")
    code, output = await command(there, settings, "limits", "import", file.name)
    assert (code, "servers whose limits were replaced: 1" in output) == (0, True), output
    async with running_bot(own_sandbox, there):
        assert len((await ask(own_sandbox)).pictures) == 1
        assert "today's one picture here" in (await ask(own_sandbox)).text
    assert own_sandbox.azure.requests[0].body["quality"] == "low"


async def test_a_file_that_makes_no_sense_changes_nothing_and_says_all_that_is_wrong(
    own_sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "limits.toml").write_text("[[guilds]]\nid = 0\nzone = 'Mars'\n", encoding="utf-8")
    code, output = await command(tmp_path, own_sandbox.bot_environment(), "limits", "import", "limits.toml")
    assert code == 2
    assert "guilds[1].id: not a Discord id" in output
    assert "no such time zone: Mars" in output
    assert "Traceback" not in output
    assert not (tmp_path / "data").exists()


async def test_a_newer_database_is_refused_in_one_sentence(
    own_sandbox: Sandbox, tmp_path: Path, sqlite_url: str
) -> None:
    settings = {**own_sandbox.bot_environment(), "DATABASE_URL": sqlite_url}
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
    for words in (["run"], ["migrate"]):
        code, output = await command(tmp_path, settings, *words)
        assert code == 2
        assert "start the newer Easel" in output
        assert "Traceback" not in output


async def test_the_doctor_says_what_is_spent_and_what_holds(own_sandbox: Sandbox, tmp_path: Path) -> None:
    async with running_bot(own_sandbox, tmp_path):
        await ask(own_sandbox)
    code, output = await command(tmp_path, own_sandbox.bot_environment(), "doctor", "--json")
    findings = {finding["subject"]: finding for finding in json.loads(output[output.index("[\n") :])}
    assert code == 0, output
    assert "$0.05 of $500.00 used this month" in findings["Budget"]["detail"]
    assert "images_per_day 1000000" in findings["Limits"]["detail"]
    assert findings["Database"]["ok"]


async def test_a_budget_that_is_spent_stops_everything_and_the_operator_is_told(
    own_sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "easel.toml").write_text("[limits.operator]\ndollars_per_month = 0.10\n", encoding="utf-8")
    async with running_bot(own_sandbox, tmp_path) as bot:
        assert len((await ask(own_sandbox)).pictures) == 1
        refused = await ask(own_sandbox)
        assert refused.pictures == []
        assert refused.message["flags"] & 64
        assert "does not fit into what is left of the budget for" in bot.output
    assert len(own_sandbox.azure.requests) == 1


async def test_wrong_limits_end_the_start_all_at_once(own_sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "easel.toml").write_text(
        '[limits.default]\nimages_per_day = -1\nmax_size = "1x1"\n[limits.operator]\nmodels = "none such"\n',
        encoding="utf-8",
    )
    code, output = await command(tmp_path, own_sandbox.bot_environment(), "run")
    assert code == 2
    for field in ("limits.default.images_per_day", "limits.default.max_size", "limits.operator.models"):
        assert field in output
    assert "Traceback" not in output
