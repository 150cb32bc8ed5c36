from __future__ import annotations

import datetime as dt

import pytest

from bot.errors import GuildPaused, MemberBlocked
from bot.limits.policy import Asker, Block, GuildPolicy, standing_of

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
MEMBER = Asker(1, 2)


def test_a_member_of_a_server_that_says_nothing_may_draw() -> None:
    standing_of(GuildPolicy(1), MEMBER, NOW)


def test_nobody_draws_in_a_paused_server() -> None:
    with pytest.raises(GuildPaused) as refused:
        standing_of(GuildPolicy(1, paused=True, pause_note="Back on Monday."), MEMBER, NOW)
    assert refused.value.note == "Back on Monday."


@pytest.mark.parametrize("until", [None, NOW + dt.timedelta(seconds=1)])
def test_a_blocked_member_does_not_draw(until: dt.datetime | None) -> None:
    with pytest.raises(MemberBlocked) as refused:
        standing_of(GuildPolicy(1, blocks={2: Block(until, "spam")}), MEMBER, NOW)
    assert (refused.value.until, refused.value.reason) == (until, "spam")


@pytest.mark.parametrize("until", [NOW, NOW - dt.timedelta(days=1)])
@pytest.mark.parametrize("zone", [dt.UTC, dt.timezone(dt.timedelta(hours=-8))])
def test_a_block_counts_until_its_end_in_whatever_zone_it_is_told(
    until: dt.datetime, zone: dt.tzinfo
) -> None:
    standing_of(GuildPolicy(1, blocks={2: Block(until.astimezone(zone))}), MEMBER, NOW)


def test_a_block_is_for_one_member() -> None:
    standing_of(GuildPolicy(1, blocks={3: Block()}), MEMBER, NOW)


def test_a_block_counts_again_when_the_clock_is_set_back() -> None:
    policy = GuildPolicy(1, blocks={2: Block(NOW)})
    with pytest.raises(MemberBlocked):
        standing_of(policy, MEMBER, NOW - dt.timedelta(hours=1))
