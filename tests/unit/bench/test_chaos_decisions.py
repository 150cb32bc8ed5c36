from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from bench.chaos.decisions import AZURE_TROUBLE, DELETED, DISCORD_TROUBLE, MEMBERS, Decisions, Moment, mark
from bench.chaos.evidence import LOADING, is_last_word
from bot.errors import AnswerLost, JobCutOff, PromptRefused, QueueTooLong, ShuttingDown
from cogs.errors import explain
from cogs.imagine.captions import waiting_note
from sandbox.azure import kinds
from sandbox.discord.rest.failing import KINDS
from sandbox.faults import Fault, FaultList

MANY = 2000


def test_a_seed_decides_everything() -> None:
    one, same, other = Decisions(1), Decisions(1), Decisions(2)
    for stream in ("kills", "disturbances", "askings"):
        first, again, different = [
            list(islice(getattr(decisions, stream)(), 50)) for decisions in (one, same, other)
        ]
        assert first == again != different


def test_every_moment_comes_up_among_fifty_kills() -> None:
    for seed in range(20):
        assert {kill.moment for kill in islice(Decisions(seed).kills(), 50)} == set(Moment)


def test_every_fault_is_one_the_far_end_knows() -> None:
    azure, discord = FaultList(kinds.ALL), FaultList(KINDS)
    for asking in islice(Decisions(1).askings(), MANY):
        for trouble, side in ((asking.azure, azure), (asking.discord, discord)):
            if trouble is not None:
                side.add(Fault(trouble.kind))
    assert len({fault.kind for fault in azure}) == 18
    assert len({fault.kind for fault in discord}) == 7


def test_commands_are_of_all_sorts() -> None:
    askings = list(islice(Decisions(1).askings(), MANY))
    assert [asking.number for asking in askings] == list(range(1, MANY + 1))
    assert all(mark(asking.number) in asking.options["prompt"] for asking in askings)
    assert {asking.member for asking in askings} == set(range(MEMBERS))
    assert {asking.options.get("count", 1) for asking in askings} == {1, 2, 3}
    assert {asking.options.get("size") for asking in askings} == {None, "1024x1024", "512x512", "256x256"}
    assert {asking.options.get("private", False) for asking in askings} == {True, False}
    for share, chosen in (
        (AZURE_TROUBLE, [asking.azure for asking in askings]),
        (DISCORD_TROUBLE, [asking.discord for asking in askings]),
        (DELETED, [asking.deleted_after for asking in askings]),
    ):
        assert sum(one is not None for one in chosen) / MANY == pytest.approx(share, abs=0.03)


# --- how the end of a job is told from a remark -----------------------------------------------------


def message(content: str = "", **keys: Any) -> dict[str, Any]:
    return {"content": content, "flags": 0, "attachments": [], "components": [], **keys}


@pytest.mark.parametrize(
    "error",
    [AnswerLost(), JobCutOff(), PromptRefused(()), QueueTooLong(), ShuttingDown(), RuntimeError()],
    ids=lambda error: type(error).__name__,
)
def test_an_explanation_is_a_last_word(error: Exception) -> None:
    assert is_last_word(message(explain(error, str)))


@pytest.mark.parametrize(
    ("seen", "last"),
    [
        (message(attachments=[{"filename": "easel-1-1.png"}]), True),
        (message(flags=LOADING), False),
        (message("You were not charged.", flags=LOADING), False),
        (message(waiting_note(0.0, str)), False),
        (message("You are third in line; nothing is charged if you cancel.", components=[{}]), False),
    ],
)
def test_what_else_is_a_last_word(seen: dict[str, Any], last: bool) -> None:
    assert is_last_word(seen) is last
