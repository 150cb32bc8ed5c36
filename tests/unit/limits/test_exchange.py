from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ExchangeRefused
from bot.limits.exchange import Format, dump, load
from bot.limits.policy import Block, GuildPolicy
from bot.limits.rules import EVERYONE, Rule, TargetKind
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
        target: dataclasses.replace(rule, server_dollars_per_month=None)
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
        ("[[guilds]]\nid = 1\n[[guilds.rules]]\nrole = 2", "empty"),
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
