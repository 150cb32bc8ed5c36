from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ExchangeRefused
from bot.limits.exchange import Format, dump, load
from bot.limits.policy import Block, GuildPolicy
from bot.limits.rules import EVERYONE, SHARED_FIELDS, Rule, TargetKind
from tests.properties import UNHURRIED
from tests.unit.limits.strategies import FLEET, GUILD, policies, rules

FORMATS: tuple[Format, ...] = ("toml", "json")

moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2030, 1, 1)).map(  # noqa: DTZ001 - aware below
    lambda moment: moment.replace(tzinfo=dt.UTC)
)
reasons = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
blocks = st.dictionaries(
    st.integers(1, 2**62), st.builds(Block, until=st.none() | moments, reason=reasons), max_size=3
)


@st.composite
def whole_policies(draw: st.DrawFn) -> GuildPolicy:
    """A server with everything a file can say of it."""
    found = draw(policies)
    # Only everyone's rule may speak of all members together.
    everyone = draw(rules())
    sound = {
        target: dataclasses.replace(rule, **dict.fromkeys(SHARED_FIELDS))
        for target, rule in found.rules.items()
        if target != EVERYONE
    }
    kept = {target: rule for target, rule in {**sound, EVERYONE: everyone}.items() if rule}
    return dataclasses.replace(
        found,
        zone=draw(st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"])),
        rules=kept,
        blocks=draw(blocks),
    )


@pytest.mark.parametrize("form", FORMATS)
@UNHURRIED
@given(policy=whole_policies())
def test_what_is_exported_is_imported_the_same(form: Format, policy: GuildPolicy) -> None:
    assert load(dump([policy], form), form, FLEET) == (policy,)


def test_a_pause_goes_along() -> None:
    policy = GuildPolicy(GUILD, paused=True, pause_note="Back at six")
    assert load(dump([policy], "toml"), "toml", FLEET) == (policy,)


def test_a_file_of_many_servers_keeps_their_order() -> None:
    servers = [GuildPolicy(number) for number in (3, 1, 2)]
    assert [policy.guild_id for policy in load(dump(servers, "json"), "json", FLEET)] == [3, 1, 2]


def test_a_person_may_write_numbers_where_export_writes_text() -> None:
    (policy,) = load("[[guilds]]\nid = 5\n[[guilds.rules]]\nimages_per_day = 3\n", "toml", FLEET)
    assert policy == GuildPolicy(5, rules={EVERYONE: Rule(images_per_day=3)})


def test_a_rule_for_the_role_everyone_is_one_for_everyone() -> None:
    (policy,) = load('[[guilds]]\nid = 5\n[[guilds.rules]]\nrole = "5"\nmax_count = 3\n', "toml", FLEET)
    assert [target.kind for target in policy.rules] == [TargetKind.EVERYONE]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("guilds = 3", "guilds must be a list of tables"),
        ("[[guilds]]", "guilds[1].id: not a Discord id"),
        ("[[guilds]]\nid = -4", "guilds[1].id: not a Discord id"),
        ("[[guilds]]\nid = 1\ncolour = 2", "guilds[1]: unknown: colour"),
        ('[[guilds]]\nid = 1\nzone = "Mars/Olympus"', "no such time zone: Mars/Olympus"),
        ("[[guilds]]\nid = 1\n[[guilds]]\nid = 1", "the same server stands in the file twice"),
        (
            "[[guilds]]\nid = 1\n[[guilds.rules]]\nimages_per_day = -1",
            "rules[1].images_per_day: out of range",
        ),
        ("[[guilds]]\nid = 1\n[[guilds.rules]]\nrole = 2\nmember = 3\nmax_count = 1", "more than one of"),
        (
            "[[guilds]]\nid = 1\n[[guilds.rules]]\nrole = 2",
            "guilds[1].rules[1]: sets nothing; remove it, or give it one of: images_per_day, ",
        ),
        (
            "[[guilds]]\nid = 1\n[[guilds.rules]]\nmodels = ['gpt-image-0']",
            "rules[1].models: names a model that no deployment draws with; deploy it",
        ),
        ("[[guilds]]\nid = 1\n[[guilds.rules]]\neveryone = 4", "rules[1].everyone: unknown"),
        ("[[guild]]\nid = 1", "the file: unknown: guild"),
        ("[[guilds]]\nid = '" + "9" * 5000 + "'", "guilds[1].id: not a Discord id"),
        ("[[guilds]]\nid = true", "guilds[1].id: not a Discord id"),
        ("[[guilds]]\nid = 1\nzone = 3", "guilds[1].zone: no such time zone: 3"),
        ('[[guilds]]\nid = 1\npaused = "yes"', "guilds[1].paused: must be true or false"),
        ("[[guilds]]\nid = 1\npaused = 1", "guilds[1].paused: must be true or false"),
        ("[[guilds]]\nid = 1\npause_note = 6", "guilds[1].pause_note: must be text"),
        ("[[guilds]]\nid = 1\n[[guilds.blocks]]\nmember = 2\nreason = 6", "blocks[1].reason: must be text"),
        ('[[guilds]]\nid = 1\n[[guilds.blocks]]\nmember = 2\nuntil = "soon"', "until: not a date and time"),
        ("[[guilds]]\nid = 1\n[[guilds.blocks]]\nreason = 'x'", "blocks[1].member: not a Discord id"),
        ("= nonsense", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(ExchangeRefused) as refused:
        load(text, "toml", FLEET)
    assert any(problem in line for line in refused.value.problems), refused.value.problems


def test_everything_that_is_wrong_is_said_at_once() -> None:
    text = "[[guilds]]\nid = 0\nzone = 'x'\n[[guilds.rules]]\nmax_count = 99\nmodels = 'none such'"
    with pytest.raises(ExchangeRefused) as refused:
        load(text, "toml", FLEET)
    assert len(refused.value.problems) == 4


@pytest.mark.parametrize(
    "until",
    [
        "2026-12-31",
        "23:59:00",
        "1767225600",
        "'2026-12-31'",
        "'20261231'",
        "true",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_a_block_does_not_become_permanent_for_an_end_that_is_none(until: str) -> None:
    problems = refused_by_toml(f"[[guilds]]\nid = 1\n[[guilds.blocks]]\nmember = 2\nuntil = {until}")
    assert problems == ("guilds[1].blocks[1].until: not a date and time such as 2026-12-31T23:59:00+00:00",)


@pytest.mark.parametrize(
    "until",
    ["2026-12-31T23:59:00", "'2026-12-31 23:59'", "'2027-01-01T01:59:00+02:00'", "2026-12-31 23:59:00Z"],
)
def test_the_ways_to_write_when_a_block_ends(until: str) -> None:
    (policy,) = load(f"[[guilds]]\nid = 1\n[[guilds.blocks]]\nmember = 2\nuntil = {until}", "toml", FLEET)
    assert policy.blocks == {2: Block(dt.datetime(2026, 12, 31, 23, 59, tzinfo=dt.UTC), "")}


def test_nothing_stands_there_twice() -> None:
    rules = [
        {"max_count": 1},
        {"role": "1", "max_count": 2},
        {"role": 7, "max_count": 1},
        {"role": "7", "max_count": 2},
    ]
    blocks = [{"member": 2}, {"member": "2", "until": "2026-12-31T23:59:00Z"}]
    with pytest.raises(ExchangeRefused) as refused:
        load(json.dumps({"guilds": [{"id": 1, "rules": rules, "blocks": blocks}]}), "json", FLEET)
    assert refused.value.problems == (
        "guilds[1].rules[2]: a second rule for the same target; put both in one",
        "guilds[1].rules[4]: a second rule for the same target; put both in one",
        "guilds[1].blocks[2]: a second block of the same member",
    )


def test_one_name_twice_in_a_table_of_json() -> None:
    with pytest.raises(ExchangeRefused, match="not valid JSON: a table has zone twice"):
        load('{"guilds": [{"id": 1, "zone": "UTC", "zone": "Europe/Berlin"}]}', "json", FLEET)


def test_what_no_store_can_keep_is_left_out() -> None:
    odd = "a\0b\ud800c" + "x" * 600
    guild = {"id": 1, "paused": True, "pause_note": odd, "blocks": [{"member": 2, "reason": odd}]}
    (policy,) = load(json.dumps({"guilds": [guild]}), "json", FLEET)
    assert policy.pause_note == policy.blocks[2].reason == ("abc" + "x" * 600)[:500]


def test_problems_can_be_shown_whatever_they_quote() -> None:
    guild = {"id": 1, "zone": "\ud800", "\udfff": 1, "rules": [{"\ud800": 1}]}
    with pytest.raises(ExchangeRefused) as refused:
        load(json.dumps({"guilds": [guild]}), "json", FLEET)
    assert len(refused.value.problems) == 3
    for problem in refused.value.problems:
        assert problem.encode()


def refused_by_toml(text: str) -> tuple[str, ...]:
    """The problems of a file."""
    with pytest.raises(ExchangeRefused) as refused:
        load(text, "toml", FLEET)
    return refused.value.problems
