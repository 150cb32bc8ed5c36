from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from bot.limits.rules import EVERYONE, Rule
from cogs.limits.remarks import Edit
from cogs.limits.views import REMEMBERED, Preview, Previews, keep_previews, previews_of
from tests.unit.cogs.rules import GUILD

if TYPE_CHECKING:
    from bot.discord.client import EaselBot

SEEN = Preview(GUILD, Edit(EVERYONE, Rule(), Rule(images_per_day=5)), {"images_per_day": 5})


def test_a_bot_keeps_its_previews_to_itself() -> None:
    one, other = (cast("EaselBot", SimpleNamespace()) for _ in range(2))
    keep_previews(one)
    keep_previews(other)
    previews_of(one).keep(1, SEEN)
    assert previews_of(one).find(1, GUILD) == SEEN
    assert previews_of(other).find(1, GUILD) is None


def test_what_nobody_keeps_is_not_taken_for_forgotten() -> None:
    with pytest.raises(AttributeError):
        previews_of(cast("EaselBot", SimpleNamespace()))


def test_a_preview_is_found_in_its_own_server_until_it_is_dropped() -> None:
    previews = Previews()
    previews.keep(1, SEEN)
    assert previews.find(1, GUILD + 1) is None
    previews.drop(1)
    previews.drop(1)
    assert previews.find(1, GUILD) is None


def test_the_oldest_previews_are_forgotten_first() -> None:
    previews = Previews()
    for key in range(REMEMBERED + 1):
        previews.keep(key, SEEN)
    assert previews.find(0, GUILD) is None
    assert previews.find(1, GUILD) == SEEN
