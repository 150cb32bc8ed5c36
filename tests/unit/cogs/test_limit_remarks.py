from __future__ import annotations

from decimal import Decimal

import pytest

from bot.limits.rules import EVERYONE, Rule, Target, TargetKind
from bot.model import Quality, Size
from cogs.limits.remarks import Edit, reach_text, remarks
from tests.unit.cogs.rules import (
    ARTISTS,
    CHANNEL,
    LABELS,
    MODERATOR,
    OTHER_ROLE,
    PERSON,
    ROLE,
    asker,
    english,
    view,
)

LOCKED_OUT = "you cannot draw there yourself"
NARROWS = "A channel can only narrow what members have elsewhere."
SEVERAL_ROLES = "Of several roles, a member has the most generous value of each."


def noted(
    edit: Edit, rules: dict[Target, Rule] | None = None, *roles: int, caps: Rule | None = None
) -> list[str]:
    server = view(rules or {}, caps=caps or Rule())
    return list(remarks(server, edit, asker(MODERATOR, *roles), LABELS, english))


def locks_out(edit: Edit, rules: dict[Target, Rule] | None = None, *roles: int) -> bool:
    return any(LOCKED_OUT in note for note in noted(edit, rules, *roles))


def to(target: Target, after: Rule, before: Rule | None = None) -> Edit:
    return Edit(target, before or Rule(), after)


# --- locking oneself out --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "after",
    [
        Rule(images_per_day=0),
        Rule(images_per_week=0),
        Rule(models=()),
        Rule(dollars_per_month=Decimal(0)),
        Rule(server_dollars_per_month=Decimal(0)),
    ],
    ids=str,
)
def test_a_moderator_who_shuts_out_everyone_is_warned(after: Rule) -> None:
    assert locks_out(to(EVERYONE, after))


@pytest.mark.parametrize(
    "after",
    [
        Rule(images_per_day=1),
        Rule(max_count=1),
        Rule(cooldown=604_800),
        Rule(dollars_per_month=Decimal("0.01")),
    ],
    ids=str,
)
def test_a_narrow_rule_is_no_lock_out(after: Rule) -> None:
    assert not locks_out(to(EVERYONE, after))


def test_only_a_rule_that_holds_for_the_moderator_locks_them_out() -> None:
    nothing = Rule(images_per_day=0)
    assert locks_out(to(ROLE, nothing), None, ARTISTS)
    assert not locks_out(to(ROLE, nothing))
    assert not locks_out(to(PERSON, nothing))
    assert locks_out(to(Target(TargetKind.MEMBER, MODERATOR), nothing))
    assert not locks_out(to(EVERYONE, nothing), {ROLE: Rule(images_per_day=3)}, ARTISTS)
    assert locks_out(to(CHANNEL, nothing), {ROLE: Rule(images_per_day=3)}, ARTISTS)


def test_two_rules_that_leave_no_model_in_common_lock_out() -> None:
    others = {EVERYONE: Rule(models=("gpt-image-1-mini",))}
    assert locks_out(to(CHANNEL, Rule(models=("gpt-image-2",))), others)
    assert not locks_out(to(CHANNEL, Rule(models=("gpt-image-1-mini", "gpt-image-2"))), others)


def test_who_was_locked_out_before_is_not_warned_again() -> None:
    nothing = Rule(images_per_day=0)
    assert not locks_out(to(EVERYONE, Rule(images_per_day=0, max_count=1), nothing), {EVERYONE: nothing})
    assert not locks_out(to(EVERYONE, Rule(images_per_day=5), nothing), {EVERYONE: nothing})


# --- the operator's caps --------------------------------------------------------------------------


@pytest.mark.parametrize("target", [EVERYONE, ROLE, PERSON, CHANNEL], ids=lambda target: target.kind.value)
@pytest.mark.parametrize(
    ("after", "caps", "value"),
    [
        (Rule(images_per_day=50), Rule(images_per_day=10), "Pictures a day: {} 10,"),
        (Rule(max_size=Size(2048, 2048)), Rule(max_size=Size(1024, 1024)), "Largest size: {} 1024×1024,"),
        (Rule(max_quality=Quality.MAX), Rule(max_quality=Quality.LOW), "Best quality: {} low,"),
        (
            Rule(models=("gpt-image-2", "gpt-image-1-mini")),
            Rule(models=("gpt-image-2",)),
            "Models: {} GPT Image 2,",
        ),
    ],
    ids=str,
)
def test_where_the_operator_allows_less_that_is_said(
    target: Target, after: Rule, caps: Rule, value: str
) -> None:
    notes = noted(to(target, after), caps=caps)
    expected = value.format("the bot's operator allows no more than")
    assert [note for note in notes if note.startswith(expected)]


@pytest.mark.parametrize("target", [EVERYONE, ROLE, PERSON, CHANNEL], ids=lambda target: target.kind.value)
def test_where_the_operator_wants_a_longer_wait_that_is_said(target: Target) -> None:
    (note, *_more) = noted(to(target, Rule(cooldown=5)), caps=Rule(cooldown=60))
    assert note.startswith("Wait between requests: the bot's operator allows no less than 1 min,")


def test_where_the_operator_allows_as_much_or_something_else_nothing_is_said() -> None:
    assert noted(to(EVERYONE, Rule(images_per_day=10)), caps=Rule(images_per_day=10)) == []
    assert noted(to(EVERYONE, Rule(images_per_day=10)), caps=Rule(max_count=1)) == []
    same = Rule(images_per_day=50)
    assert noted(to(EVERYONE, Rule(images_per_day=50, max_count=2), same), caps=Rule(images_per_day=10)) == []


# --- how rules go together ------------------------------------------------------------------------


def test_a_channel_is_said_to_narrow() -> None:
    assert noted(to(CHANNEL, Rule(images_per_day=50))) == [NARROWS]
    assert noted(to(CHANNEL, Rule(), Rule(images_per_day=50))) == []


def test_several_roles_are_said_to_go_together_where_another_speaks_of_the_same() -> None:
    others = {OTHER_ROLE: Rule(images_per_day=9), ROLE: Rule(max_count=2)}
    assert noted(to(ROLE, Rule(images_per_day=5)), others) == [SEVERAL_ROLES]
    assert noted(to(ROLE, Rule(cooldown=5)), others) == []
    assert noted(to(EVERYONE, Rule(images_per_day=5)), others) == []


# --- for whom -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "members", "text"),
    [
        (EVERYONE, 1204, "It matters for 1,204 members."),
        (EVERYONE, None, ""),
        (ROLE, 1, "It matters for one member."),
        (ROLE, 0, "It matters for 0 members."),
        (ROLE, None, "It matters for everyone with that role."),
        (CHANNEL, None, "It matters for everyone who draws there."),
        (PERSON, None, ""),
    ],
)
def test_for_how_many_a_change_matters(target: Target, members: int | None, text: str) -> None:
    assert reach_text(target, members, english) == text
