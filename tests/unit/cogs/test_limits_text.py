from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from bot.limits.counters import Count, Counts
from bot.limits.policy import Block
from bot.limits.rules import EVERYONE, FIELDS, Rule, Target, TargetKind
from cogs.limits.text import PAGE, change_lines, changed_fields, explanation, overview
from cogs.limits.words import field_names
from tests.unit.cogs.rules import (
    ARTISTS,
    CHANNEL,
    GALLERY,
    LABELS,
    MEMBER,
    NOW,
    PERSON,
    ROLE,
    RULES,
    STUDIO,
    asker,
    change,
    english,
    standing,
    view,
)

MESSAGE = 2000
"""Most characters of a message (Discord)."""


def nothing_is_gone(_target: Target) -> bool:
    return False


# --- all rules ------------------------------------------------------------------------------------


def test_rules_are_listed_from_everyone_to_single_members() -> None:
    (page,) = overview(view(), NOW, LABELS, nothing_is_gone, english)
    lines = [line for line in page.splitlines() if line.startswith("- ")]
    assert lines == [
        "- **Everyone**: 5 a day · only GPT Image 2",
        "- <@&2>: 50 a day · $5 a month",
        "- <#3>: up to 512×512",
        "- <@5>: 100 a day",
    ]


def test_what_holds_around_the_rules_is_told() -> None:
    (page,) = overview(view(last=change(), zone="Europe/Berlin"), NOW, LABELS, nothing_is_gone, english)
    assert "-# Where no rule speaks: 20 a day." in page
    assert "-# The bot's operator allows no more than: 4 per request." in page
    assert "Europe/Berlin" in page
    assert "-# Last change <t:1795361400:R> by <@6>, of <@&2>; `/limits undo` takes it back." in page


def test_the_least_wait_that_the_operator_allows_is_told_as_the_least() -> None:
    (page,) = overview(view(caps=Rule(cooldown=60)), NOW, LABELS, nothing_is_gone, english)
    assert "-# The bot's operator allows no less than: 1 min between requests." in page
    assert "no more than" not in page
    (page,) = overview(view(caps=Rule(cooldown=60, max_count=4)), NOW, LABELS, nothing_is_gone, english)
    assert "-# The bot's operator allows no more than: 4 per request.\n" in page
    assert "no less than: 1 min" in page


def test_a_server_without_rules_is_told_how_to_make_one() -> None:
    (page,) = overview(view({}, defaults=Rule(), caps=Rule()), NOW, LABELS, nothing_is_gone, english)
    assert "No rules yet. `/limits set`" in page
    assert "Where no rule speaks" not in page
    assert "operator allows" not in page


def test_an_operator_s_change_has_no_member_s_name() -> None:
    last = dataclasses.replace(change(), actor_id=0)
    (page,) = overview(view(last=last), NOW, LABELS, nothing_is_gone, english)
    assert "by the operator" in page


def test_a_pause_and_those_who_are_blocked_are_shown() -> None:
    tomorrow = NOW + dt.timedelta(days=1)
    blocks = {
        11: Block(None, ""),
        12: Block(tomorrow, "spam *and* more"),
        13: Block(NOW, "over"),
    }
    paused = view(paused=True, pause_note="Back at six", blocks=blocks)
    (page,) = overview(paused, NOW, LABELS, nothing_is_gone, english)
    assert "⏸️ Drawing is paused; `/studio resume` goes on. “Back at six”" in page
    assert "🚫 <@11> is blocked\n" in page
    assert r"🚫 <@12> is blocked until <t:1795447800:f> “spam \*and\* more”" in page
    assert "<@13>" not in page


def test_rules_of_what_is_gone_are_marked() -> None:
    (page,) = overview(view(), NOW, LABELS, lambda target: target == CHANNEL, english)
    assert "- <#3> (deleted): up to 512×512" in page
    assert "`/limits clear gone:True`" in page
    (page,) = overview(view(), NOW, LABELS, nothing_is_gone, english)
    assert "gone:True" not in page


def many(count: int) -> dict[Target, Rule]:
    return {Target(TargetKind.ROLE, 10**18 + n): RULES[ROLE] for n in range(count)}


@pytest.mark.parametrize("count", [0, 1, 20, 25, 100, 500])
def test_every_page_fits_a_message_and_no_rule_is_lost(count: int) -> None:
    blocks = {10**18 + n: Block(None, "*" * 500) for n in range(count)}
    server = view(many(count), paused=True, pause_note="*" * 500, blocks=blocks, last=change())
    pages = overview(server, NOW, LABELS, nothing_is_gone, english)
    assert all(len(page) <= MESSAGE for page in pages)
    for target in server.policy.rules:
        assert sum(f"<@&{target.id}>:" in page for page in pages) == 1
    for member in blocks:
        assert sum(f"<@{member}> is blocked" in page for page in pages) == 1


def test_pages_are_numbered_where_there_are_several() -> None:
    pages = overview(view(many(100)), NOW, LABELS, nothing_is_gone, english)
    assert len(pages) > 2
    assert all(f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1))
    assert PAGE < MESSAGE


# --- one change -----------------------------------------------------------------------------------


def test_a_change_is_shown_field_by_field() -> None:
    before = Rule(images_per_day=20, cooldown=60, concurrent=2)
    after = Rule(images_per_day=0, concurrent=2, models=("gpt-image-1-mini",))
    assert changed_fields(before, after) == ["images_per_day", "models", "cooldown"]
    assert list(change_lines(before, after, Rule(), LABELS, english)) == [
        "- Pictures a day: 20 → **0**",
        "- Models: not set → **GPT Image 1 mini**",
        "- Wait between requests: 1 min → **not set**",
    ]


def test_what_holds_where_nothing_is_said_is_shown_if_it_is_known() -> None:
    after = Rule(images_per_day=5, cooldown=5)
    assert list(change_lines(Rule(), after, Rule(images_per_day=20), LABELS, english)) == [
        "- Pictures a day: 20 as to begin with → **5**",
        "- Wait between requests: not set → **5 s**",
    ]


def test_nothing_changed_is_nothing_said() -> None:
    assert list(change_lines(RULES[ROLE], RULES[ROLE], Rule(), LABELS, english)) == []


# --- what it comes down to ------------------------------------------------------------------------


def explained(**policy: object) -> list[str]:
    found = standing(asker(MEMBER, ARTISTS, channel=GALLERY), **policy)  # type: ignore[arg-type]
    return explanation(found, MEMBER, GALLERY, NOW, LABELS, english).splitlines()


def test_every_limit_is_told_with_the_rule_it_comes_from() -> None:
    assert explained()[:7] == [
        "**What <@5> may draw in <#3>**",
        "- Pictures a day: **100** · own rule",
        "- Largest size: **512×512** · rule for <#3>",
        "- Pictures per request: **4** · the bot's operator allows no more",
        "- Models: **GPT Image 2** · rule for everyone",
        "- Turns in the queue: **×1** · as everybody",
        "- Dollars a month: **$5** · rule for <@&2>",
    ]


def test_a_priority_is_told_in_turns_with_the_rule_it_comes_from() -> None:
    found = standing(asker(MEMBER, ARTISTS), rules={ROLE: Rule(priority=2)})
    lines = explanation(found, MEMBER, STUDIO, NOW, LABELS, english).splitlines()
    assert "- Turns in the queue: **×4** · rule for <@&2>" in lines


def test_no_limit_is_left_out() -> None:
    text = "\n".join(explained())
    assert [name for name in field_names(english).values() if name not in text] == []
    assert len(FIELDS) == len(field_names(english))
    assert "- Without limit: Pictures a week · Best quality" in text


def test_a_default_is_told_as_one() -> None:
    found = standing(asker(), rules={})
    text = explanation(found, MEMBER, STUDIO, NOW, LABELS, english)
    assert "- Pictures a day: **20** · what every server starts with" in text


def test_models_of_several_rules_name_them_all() -> None:
    other = Target(TargetKind.ROLE, 22)
    rules = {ROLE: Rule(models=("gpt-image-2",)), other: Rule(models=("gpt-image-1-mini",))}
    found = standing(asker(MEMBER, ARTISTS, 22), rules=rules)
    text = explanation(found, MEMBER, STUDIO, NOW, LABELS, english)
    line = next(line for line in text.splitlines() if line.startswith("- Models"))
    assert "rule for <@&2>" in line
    assert "rule for <@&22>" in line
    assert "GPT Image 2" in line
    assert "GPT Image 1 mini" in line


def test_what_is_used_is_told_what_is_held_included() -> None:
    counts = Counts(
        day=Count(2, 1), week=Count(1000, 1), charge=Count(400_000, 40_000), jobs=Count(0, 1), server=Count()
    )
    assert explained(counts=counts)[-1] == (
        "-# Used: 3 today · 1,001 this week · $0.44 this month · 1 under way"
    )
    found = standing(asker(), {EVERYONE: Rule(server_concurrent=20)}, Counts(server_jobs=Count(0, 7)))
    text = explanation(found, MEMBER, STUDIO, NOW, LABELS, english)
    assert "- Requests at once, all members together: **20** · rule for everyone" in text
    assert text.endswith(" · 0 under way (7 of all members together)")


def test_what_keeps_the_member_from_drawing_comes_first() -> None:
    tomorrow = NOW + dt.timedelta(days=1)
    lines = explained(
        paused=True, blocks={MEMBER: Block(tomorrow, "spam"), 99: Block()}, cooling_until=tomorrow
    )
    assert lines[1].startswith("⏸️")
    assert "<@5> is blocked until <t:1795447800:f> “spam”" in lines[2]
    assert lines[3] == "⏳ Can ask again <t:1795447800:R>"
    assert "99" not in "".join(lines)


def test_the_longest_explanation_fits_a_message() -> None:
    everything = Rule(
        images_per_day=1_000_000,
        images_per_week=1_000_000,
        max_count=10,
        models=tuple(f"a-model-with-quite-a-long-name-{n}" for n in range(6)),
        cooldown=604_799,
        concurrent=10_000,
        priority=3,
        server_concurrent=10_000,
        dollars_per_month=Decimal("999999.999999"),
        server_dollars_per_month=Decimal("999999.999999"),
    )
    rules = {EVERYONE: everything, PERSON: everything}
    blocks = {MEMBER: Block(NOW + dt.timedelta(1), "*" * 500)}
    found = standing(asker(), rules=rules, caps=Rule(), paused=True, pause_note="*" * 500, blocks=blocks)
    assert len(explanation(found, 10**18, 10**18, NOW, LABELS, english)) <= MESSAGE
