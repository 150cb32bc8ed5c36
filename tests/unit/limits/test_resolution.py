from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.limits.policy import Asker, Effective, GuildPolicy, Limits, Origin, OriginKind, resolve
from bot.limits.rules import EVERYONE, FIELDS, ORDINARY, SHARED_FIELDS, Rule, Target, TargetKind
from bot.limits.values import QUALITY_RANK
from bot.model import Quality, Size
from tests.properties import UNHURRIED
from tests.unit.limits.strategies import CHANNELS, GUILD, MEMBER, ROLES, askers, policies, rules

DEFAULTS = Rule(images_per_day=20)
NEW = DEFAULTS.with_(Rule(priority=ORDINARY))
"""What holds in a new server."""

NOBODY = Rule()

SOMEBODY = Asker(GUILD, MEMBER, frozenset({GUILD, *ROLES[:2]}), CHANNELS)
"""Has two of the three roles, and writes in a thread: channel 21 is the thread, 22 its parent."""

OF_MEMBER = Target(TargetKind.MEMBER, MEMBER)
OF_ROLES = [Target(TargetKind.ROLE, role) for role in ROLES]
OF_CHANNELS = [Target(TargetKind.CHANNEL, channel) for channel in CHANNELS]

NONE = Origin(OriginKind.NONE)
CAP = Origin(OriginKind.CAP)


def limits(rules_: dict[Target, Rule], *, defaults: Rule = DEFAULTS, caps: Rule = NOBODY) -> Limits:
    return resolve(GuildPolicy(GUILD, rules=rules_), SOMEBODY, defaults, caps)


def origin(target: Target) -> Origin:
    return Origin(OriginKind(target.kind.value), target.id)


# --- who gives ------------------------------------------------------------------------------------


def test_a_new_server_has_the_operators_default_and_nothing_else() -> None:
    found = limits({})
    assert found["images_per_day"] == Effective(20, Origin(OriginKind.DEFAULT))
    assert found["images_per_week"] == Effective(None, NONE)
    assert found["models"] == Effective(None, NONE)
    assert found["priority"] == Effective(ORDINARY, NONE)
    assert found.values == NEW


GIVERS = [
    (EVERYONE, Rule(images_per_day=100)),
    (OF_ROLES[0], Rule(images_per_day=5)),
    (OF_MEMBER, Rule(images_per_day=50)),
]


@pytest.mark.parametrize("known", range(len(GIVERS) + 1))
def test_the_more_particular_rule_wins_whether_more_or_less_generous(known: int) -> None:
    found = limits(dict(GIVERS[:known]))["images_per_day"]
    if known:
        target, rule = GIVERS[known - 1]
        assert found == Effective(rule.images_per_day, origin(target))


def test_each_field_is_decided_by_itself() -> None:
    found = limits(
        {
            EVERYONE: Rule(images_per_day=10, cooldown=60, max_count=2),
            OF_ROLES[0]: Rule(cooldown=30, max_count=4),
            OF_MEMBER: Rule(max_count=1),
        }
    )
    assert found["images_per_day"] == Effective(10, Origin(OriginKind.EVERYONE))
    assert found["cooldown"] == Effective(30, origin(OF_ROLES[0]))
    assert found["max_count"] == Effective(1, origin(OF_MEMBER))


@pytest.mark.parametrize(
    ("field", "less", "more"),
    [
        ("images_per_day", 0, 1),
        ("images_per_week", 5, 50),
        ("max_size", Size(1536, 640), Size(1024, 1024)),  # by pixels, not by the long edge
        ("max_quality", Quality.HIGH, Quality.XHIGH),  # not by their letters
        ("max_count", 1, 10),
        ("max_prompt_length", 100, 32_000),
        ("cooldown", 60, 0),  # the shorter is the more generous
        ("concurrent", 1, 2),
        ("priority", 0, 3),
        ("dollars_per_month", Decimal("0.5"), Decimal(1)),
    ],
)
def test_of_the_roles_the_most_generous_counts_of_channels_and_caps_the_least(
    field: str, less: Any, more: Any
) -> None:
    small, large = Rule(**{field: less}), Rule(**{field: more})
    of_roles = limits({OF_ROLES[0]: small, OF_ROLES[1]: large})[field]
    assert of_roles == Effective(more, origin(OF_ROLES[1]))

    narrowed = limits({OF_MEMBER: large, OF_CHANNELS[1]: small})[field]
    assert narrowed == Effective(less, origin(OF_CHANNELS[1]))
    assert limits({OF_MEMBER: large}, caps=small)[field] == Effective(less, CAP)

    not_widened = limits({OF_MEMBER: small, OF_CHANNELS[0]: large}, caps=large)[field]
    assert not_widened == Effective(less, origin(OF_MEMBER))


def test_a_role_the_member_does_not_have_says_nothing_nor_another_channel_or_member() -> None:
    others = {
        OF_ROLES[2]: Rule(images_per_day=99),
        Target(TargetKind.CHANNEL, 99): Rule(images_per_day=0),
        Target(TargetKind.MEMBER, 99): Rule(images_per_day=0),
        Target(TargetKind.MEMBER, ROLES[0]): Rule(images_per_day=0),  # the same number, another kind
    }
    assert limits(others).values == NEW


def test_nought_is_a_value_and_not_silence() -> None:
    assert limits({EVERYONE: Rule(images_per_day=0)})["images_per_day"].value == 0
    assert limits({OF_MEMBER: Rule(models=())})["models"].value == ()


# --- who narrows ----------------------------------------------------------------------------------


def test_a_channel_limits_what_nothing_else_does() -> None:
    assert limits({OF_CHANNELS[0]: Rule(max_count=1)})["max_count"] == Effective(1, origin(OF_CHANNELS[0]))


def test_a_thread_is_narrowed_by_its_parent_too() -> None:
    found = limits({OF_CHANNELS[0]: Rule(cooldown=5), OF_CHANNELS[1]: Rule(cooldown=50, max_count=3)})
    assert found["cooldown"] == Effective(50, origin(OF_CHANNELS[1]))
    assert found["max_count"] == Effective(3, origin(OF_CHANNELS[1]))


def test_the_first_to_say_it_is_named_where_several_say_the_same() -> None:
    same = Rule(max_count=2, models=("a",))
    found = limits(dict.fromkeys((*OF_ROLES[1::-1], *OF_CHANNELS), same), caps=same)
    assert found["max_count"] == Effective(2, origin(OF_ROLES[0]))
    assert found["models"].origin == origin(OF_ROLES[0])


def test_priority_is_given_by_members_roles_and_everyone_and_by_no_channel_or_cap() -> None:
    high = Rule(priority=3)
    assert limits(dict.fromkeys(OF_CHANNELS, high), caps=high)["priority"] == Effective(ORDINARY, NONE)
    for target in (OF_MEMBER, OF_ROLES[0], EVERYONE):
        assert limits({target: high})["priority"] == Effective(3, origin(target))
    assert limits({}, defaults=Rule(priority=1))["priority"] == Effective(1, Origin(OriginKind.DEFAULT))


def test_the_servers_money_is_not_given_nor_narrowed_by_members_roles_and_channels() -> None:
    money = Rule(server_dollars_per_month=Decimal(1))
    particular = dict.fromkeys((OF_MEMBER, *OF_ROLES, *OF_CHANNELS), money)
    assert limits(particular)["server_dollars_per_month"] == Effective(None, NONE)

    of_all = particular | {EVERYONE: Rule(server_dollars_per_month=Decimal(50))}
    found = limits(of_all, defaults=Rule(server_dollars_per_month=Decimal(9)))
    assert found["server_dollars_per_month"] == Effective(Decimal(50), Origin(OriginKind.EVERYONE))
    assert limits(of_all, caps=money)["server_dollars_per_month"] == Effective(Decimal(1), CAP)


def test_nor_are_the_servers_requests_at_once() -> None:
    one = Rule(server_concurrent=1)
    particular = dict.fromkeys((OF_MEMBER, *OF_ROLES, *OF_CHANNELS), one)
    assert limits(particular)["server_concurrent"] == Effective(None, NONE)

    of_all = particular | {EVERYONE: Rule(server_concurrent=50)}
    found = limits(of_all, defaults=Rule(server_concurrent=9))
    assert found["server_concurrent"] == Effective(50, Origin(OriginKind.EVERYONE))
    assert limits(of_all, caps=one)["server_concurrent"] == Effective(1, CAP)


# --- models ---------------------------------------------------------------------------------------


def models(rules_: dict[Target, tuple[str, ...]], caps: tuple[str, ...] | None = None) -> Effective[Any]:
    return limits({target: Rule(models=found) for target, found in rules_.items()}, caps=Rule(models=caps))[
        "models"
    ]


def test_the_models_of_all_roles_are_allowed() -> None:
    found = models({OF_ROLES[1]: ("a",), OF_ROLES[0]: ("c", "b"), EVERYONE: ("z",)})
    assert found == Effective(("a", "b", "c"), origin(OF_ROLES[0]), (origin(OF_ROLES[1]),))


def test_a_channel_takes_models_away_and_adds_none() -> None:
    found = models({EVERYONE: ("a", "b"), OF_CHANNELS[0]: ("b", "c")})
    assert found == Effective(("b",), origin(OF_CHANNELS[0]), (Origin(OriginKind.EVERYONE),))


def test_a_list_within_the_one_before_it_decides_alone() -> None:
    assert models({EVERYONE: ("a", "b"), OF_CHANNELS[0]: ("b",)}) == Effective(("b",), origin(OF_CHANNELS[0]))
    assert models({OF_CHANNELS[0]: ("b", "c")}, caps=("c",)) == Effective(("c",), CAP)


def test_rules_without_a_common_model_leave_none() -> None:
    assert models({EVERYONE: ("a",)}, caps=("b",)) == Effective((), CAP, (Origin(OriginKind.EVERYONE),))


# --- properties -----------------------------------------------------------------------------------


def generosity(field: str, value: Any) -> Any:
    """How generous a value is, told once more: the greater, the more; models as a set."""
    match field:
        case "cooldown":
            return -value
        case "max_size":
            return value.width * value.height
        case "max_quality":
            return ["low", "medium", "high", "xhigh", "max"].index(value)
        case "models":
            return frozenset(value)
        case _:
            return value


def no_wider(field: str, value: Any, bound: Any) -> bool:
    """Whether a value grants nothing that the bound does not; None bounds nothing."""
    return bound is None or (value is not None and generosity(field, value) <= generosity(field, bound))


def effective(found: Limits, field: str) -> Effective[Any]:
    return found[field]


@UNHURRIED
@given(policies, askers, rules(), rules())
def test_channels_and_caps_never_widen(policy: GuildPolicy, asker: Asker, defaults: Rule, caps: Rule) -> None:
    narrow = resolve(policy, asker, defaults, caps).values
    wide = resolve(policy, dataclasses.replace(asker, channel_ids=()), defaults, Rule()).values
    for field in FIELDS:
        value = getattr(narrow, field)
        assert no_wider(field, value, getattr(wide, field))
        assert no_wider(field, value, getattr(caps, field))
        for channel in asker.channel_ids if field not in SHARED_FIELDS else ():
            rule = policy.rules.get(Target(TargetKind.CHANNEL, channel), Rule())
            assert no_wider(field, value, getattr(rule, field))


@UNHURRIED
@given(policies, askers, rules())
def test_outside_channels_and_caps_the_members_own_rule_is_what_holds(
    policy: GuildPolicy, asker: Asker, own: Rule
) -> None:
    policy = dataclasses.replace(policy, rules={**policy.rules, OF_MEMBER: own})
    asker = dataclasses.replace(asker, channel_ids=())
    found = resolve(policy, asker, DEFAULTS, Rule())
    for field in FIELDS:
        said = getattr(own, field)
        if said is not None and field not in SHARED_FIELDS:
            assert effective(found, field) == Effective(said, origin(OF_MEMBER))


@UNHURRIED
@given(policies, askers, st.sampled_from(ROLES))
def test_another_role_that_speaks_among_those_that_do_never_takes_away(
    policy: GuildPolicy, asker: Asker, role: int
) -> None:
    before = resolve(policy, asker, DEFAULTS, Rule())
    richer = dataclasses.replace(asker, role_ids=asker.role_ids | {role})
    after = resolve(policy, richer, DEFAULTS, Rule())
    for field in FIELDS:
        was, now = effective(before, field), effective(after, field)
        if was.origin.kind is OriginKind.ROLE:
            assert no_wider(field, was.value, now.value)


@UNHURRIED
@given(policies, askers, rules(), rules(), st.randoms(use_true_random=False))
def test_the_order_in_which_rules_are_kept_changes_nothing(
    policy: GuildPolicy, asker: Asker, defaults: Rule, caps: Rule, random: Any
) -> None:
    shuffled = list(policy.rules.items())
    random.shuffle(shuffled)
    again = dataclasses.replace(policy, rules=dict(shuffled))
    assert resolve(again, asker, defaults, caps) == resolve(policy, asker, defaults, caps)
    turned = dataclasses.replace(asker, channel_ids=asker.channel_ids[::-1])
    one, other = (resolve(policy, a, defaults, caps).values for a in (asker, turned))
    for field in FIELDS:  # of two sizes with equal pixels either may be named
        assert no_wider(field, getattr(one, field), getattr(other, field))
        assert no_wider(field, getattr(other, field), getattr(one, field))


@UNHURRIED
@given(policies, askers, rules(), rules())
def test_every_value_is_what_its_origin_says(
    policy: GuildPolicy, asker: Asker, defaults: Rule, caps: Rule
) -> None:
    found = resolve(policy, asker, defaults, caps)
    unsaid = Rule(priority=ORDINARY)
    general = {OriginKind.DEFAULT: defaults, OriginKind.CAP: caps, OriginKind.NONE: unsaid}
    for field in FIELDS:
        value, source = effective(found, field).value, effective(found, field).origin
        assert value is not None or source.kind is OriginKind.NONE
        if source.kind in general:
            said = getattr(general[source.kind], field)
        else:
            said = getattr(policy.rules[Target(TargetKind(source.kind.value), source.id)], field)
        if field != "models":
            assert value == said
            assert effective(found, field).also == ()
        elif not effective(found, field).also:
            assert value == said


def test_every_quality_has_a_rank() -> None:
    assert sorted(QUALITY_RANK, key=lambda quality: QUALITY_RANK[quality]) == list(Quality)
