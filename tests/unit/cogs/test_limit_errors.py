from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest

from bot import errors
from bot.errors import RuleFault
from cogs.errors import explain
from cogs.limits.errors import ChangeUnclear
from cogs.quoting import SHOWN_TYPED
from cogs.studio.durations import UntilFault, UntilRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

THEN = dt.datetime(2027, 1, 15, 8, tzinfo=dt.UTC)
RELATIVE, EXACT = "<t:1800000000:R>", "<t:1800000000:f>"
HOSTILE = "@everyone **[x](https://example.com)** \u202e{left}\n# " + "long " * 80


def english(text: str) -> str:
    return text


def said(error: BaseException) -> str:
    return explain(error, english)


IN_ONES = [(0, 0), (0, 1), (1, 0)]
"""How many are left and held of a limit of one."""

GENERIC = said(RuntimeError("whatever"))

TO_MEMBERS: Sequence[errors.EaselError] = [
    errors.SizeNotAllowed("2048x2048", "1024x1024"),
    errors.SizeNotAllowed("auto", "1024x1024"),
    errors.QualityNotAllowed("high", "medium"),
    errors.QualityNotAllowed("auto", "medium"),
    errors.CountNotAllowed(10, 4),
    errors.CountNotAllowed(2, 1),
    errors.PromptNotAllowed(6000, 1500),
    errors.ModelNotAllowed("GPT Image 2", ["GPT Image 1 mini"]),
    errors.ModelNotAllowed("GPT Image 2", []),
    errors.GuildPaused(""),
    errors.GuildPaused("Back at six"),
    errors.MemberBlocked(None, ""),
    errors.MemberBlocked(THEN, "spam"),
    errors.ImagesUsedUp("day", 20, 0, 0, THEN),
    errors.ImagesUsedUp("day", 20, 3, 2, THEN),
    errors.ImagesUsedUp("week", 100, 0, 1, THEN),
    errors.ImagesUsedUp("week", 100, 3, 0, THEN),
    errors.ImagesUsedUp("day", 0, 0, 0, THEN),
    *(
        errors.ImagesUsedUp(period, 1, left, held, THEN)
        for period in ("day", "week")
        for left, held in IN_ONES
    ),
    *(errors.BudgetUsedUp(whose, THEN) for whose in ("member", "server", "operator")),
    errors.CoolingDown(THEN),
    errors.TooManyJobs(3),
    errors.TooManyJobs(1),
    errors.ServerBusy(20),
    errors.ServerBusy(1),
    errors.StoreUnavailable("disk full"),
    errors.SchemaMismatch("newer"),
]

TO_MODERATORS: Sequence[errors.EaselError] = [
    *(errors.RuleRefused([("max_size", fault, "1024x1024")]) for fault in RuleFault),
    errors.RuleRefused(
        [("images_per_day", RuleFault.OUT_OF_RANGE, "0 to 1000000"), ("models", RuleFault.UNKNOWN_MODEL, "A")]
    ),
    errors.RuleChanged(),
    errors.NothingToUndo(),
    errors.NotModerator(),
    *(UntilRefused("soon", fault) for fault in UntilFault),
]

UNCLEAR = ChangeUnclear("gone")

ALL = [*TO_MEMBERS, *TO_MODERATORS, UNCLEAR]


def name(error: BaseException) -> str:
    return type(error).__name__


@pytest.mark.parametrize("error", ALL, ids=name)
def test_every_error_has_words_of_its_own(error: BaseException) -> None:
    assert said(error) != GENERIC


@pytest.mark.parametrize("error", TO_MEMBERS, ids=name)
def test_members_are_told_that_it_cost_nothing(error: BaseException) -> None:
    assert "othing was charged" in said(error)


@pytest.mark.parametrize("error", TO_MODERATORS, ids=name)
def test_moderators_are_told_that_nothing_was_changed(error: BaseException) -> None:
    assert re.search("[Nn]othing was changed|changed nothing", said(error))


def test_where_a_change_is_unclear_nobody_is_told_that_it_was_not_made() -> None:
    assert "may not have been made" in said(UNCLEAR)
    assert "`/limits view`" in said(UNCLEAR)


@pytest.mark.parametrize("error", ALL, ids=name)
def test_every_answer_is_whole_sentences_with_nothing_left_to_fill_in(error: BaseException) -> None:
    text = said(error)
    assert text[0].isupper() or text[0] in "`“"
    assert text.endswith((".", "!", "?"))
    assert "\n" not in text
    assert "{" not in text
    assert len(text) <= 400


@pytest.mark.parametrize("error", ALL, ids=name)
def test_every_answer_goes_through_the_translator(error: BaseException) -> None:
    assert explain(error, lambda text: f"<{text}>").startswith("<")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (errors.SizeNotAllowed("2048x2048", "1024x1024"), ["2048×2048", "1024×1024"]),
        (errors.SizeNotAllowed("auto", "512x512"), ["512×512", "Name one"]),
        (errors.QualityNotAllowed("high", "medium"), ["high", "medium"]),
        (errors.CountNotAllowed(10, 4), ["10", "4"]),
        (errors.CountNotAllowed(10, 1), ["one picture at a time"]),
        (errors.PromptNotAllowed(6000, 1500), ["has 6,000 characters", "limit here is 1,500"]),
        (errors.ModelNotAllowed("GPT Image 2", ["A", "B"]), ["GPT Image 2", "A or B"]),
        (errors.ModelNotAllowed("GPT Image 2", []), ["no model"]),
        (errors.GuildPaused("Back at six"), ["“Back at six”"]),
        (errors.MemberBlocked(THEN, "spam"), [EXACT, "“spam”"]),
        (errors.ImagesUsedUp("day", 20, 0, 0, THEN), ["used today's 20 pictures here. They renew", RELATIVE]),
        (
            errors.ImagesUsedUp("week", 100, 0, 0, THEN),
            ["used this week's 100 pictures here. They renew", RELATIVE],
        ),
        (errors.ImagesUsedUp("day", 20, 3, 2, THEN), ["3 of today's 20", "2 belong to requests under way"]),
        (errors.ImagesUsedUp("week", 20, 3, 0, THEN), ["3 of this week's 20 pictures left here"]),
        (errors.ImagesUsedUp("day", 1, 0, 1, THEN), ["today's one picture here. It renews", "One belongs"]),
        (errors.ImagesUsedUp("week", 1, 0, 0, THEN), ["this week's one picture here. It renews"]),
        (errors.ImagesUsedUp("day", 1, 1, 0, THEN), ["one picture a day here. Ask for one"]),
        (errors.ImagesUsedUp("week", 1, 1, 0, THEN), ["one picture a week here. Ask for one"]),
        (errors.ImagesUsedUp("day", 0, 0, 0, THEN), ["no pictures here"]),
        (errors.BudgetUsedUp("member", THEN), ["What you may spend", RELATIVE]),
        (errors.BudgetUsedUp("server", THEN), ["this server", RELATIVE]),
        (errors.BudgetUsedUp("operator", THEN), ["in all servers", RELATIVE]),
        (errors.CoolingDown(THEN), [RELATIVE]),
        (errors.TooManyJobs(3), ["3 requests under way"]),
        (errors.TooManyJobs(1), ["last request is still under way"]),
        (errors.ServerBusy(20), ["This server already has 20 requests under way", "again in a moment"]),
        (errors.ServerBusy(1), ["one at a time", "again in a moment"]),
        (
            errors.RuleRefused([("images_per_day", RuleFault.OUT_OF_RANGE, "0 to 9")]),
            ["`images_per_day`", "0 to 9"],
        ),
    ],
    ids=str,
)
def test_what_was_asked_and_what_would_do_is_said(error: BaseException, told: list[str]) -> None:
    text = said(error)
    assert [words for words in told if words not in text] == []


@pytest.mark.parametrize("error", [e for e in ALL if isinstance(e, errors.ImagesUsedUp)], ids=str)
def test_one_is_not_told_as_several(error: errors.ImagesUsedUp) -> None:
    assert not re.search(r"\b1 (pictures|belong)", said(error))


@pytest.mark.parametrize("whose", ["member", "server", "operator"])
def test_a_budget_that_does_not_last_for_this_may_last_for_less(whose: str) -> None:
    text = said(errors.BudgetUsedUp(whose, THEN))
    assert "does not last for that. Ask for something smaller" in text
    assert "used up" not in text


def test_where_nothing_renews_no_time_is_promised() -> None:
    assert "<t:" not in said(errors.ImagesUsedUp("day", 0, 0, 0, THEN))
    assert "<t:" not in said(errors.MemberBlocked(None, "spam"))


def test_every_fault_of_a_rule_is_told_at_once() -> None:
    faults = [("max_size", RuleFault.MALFORMED_SIZE, ""), ("cooldown", RuleFault.NOT_A_NUMBER, "0 to 9")]
    text = said(errors.RuleRefused(faults))
    assert "`max_size`" in text
    assert "`cooldown`" in text
    assert text.count("Nothing was changed.") == 1


@pytest.mark.parametrize(
    "error",
    [
        errors.SizeNotAllowed(HOSTILE, "1024x1024"),
        errors.QualityNotAllowed(HOSTILE, "low"),
        errors.ModelNotAllowed(HOSTILE, ["A"]),
        errors.GuildPaused(HOSTILE),
        errors.MemberBlocked(THEN, HOSTILE),
        UntilRefused(HOSTILE, UntilFault.NOT_UNDERSTOOD),
    ],
    ids=name,
)
def test_what_somebody_typed_is_repeated_without_harm(error: BaseException) -> None:
    text = said(error)
    assert "@everyone" not in text
    assert "https://" not in text
    assert "\u202e" not in text
    assert "\n" not in text
    assert r"\*\*" in text
    assert len(text) <= 2000


def test_what_somebody_typed_is_cut() -> None:
    text = said(UntilRefused("x" * 6000, UntilFault.NOT_UNDERSTOOD))
    assert "x" * SHOWN_TYPED + "…" in text
    assert "x" * (SHOWN_TYPED + 1) not in text
