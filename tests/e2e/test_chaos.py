"""A short run of ``bench.chaos``: the run itself works, and the bot passes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.chaos.report import complaints, stories, table
from bench.chaos.rules import judge
from bench.chaos.run import Plan, run_chaos

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_bot_that_is_killed_amid_faults_accounts_for_every_job(tmp_path: Path) -> None:
    plan = Plan("sqlite", f"sqlite:///{tmp_path / 'easel.db'}", seed=7, kills=3, in_flight=6)
    result = await run_chaos(plan, tmp_path)
    findings = judge(result.evidence)
    assert not any(findings.values()), complaints(findings) + stories(result, findings)
    assert "| kills | 3 |" in table(plan, result.evidence, findings)
