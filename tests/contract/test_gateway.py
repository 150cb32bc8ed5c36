"""The simulated gateway's events against the objects that Discord's OpenAPI document describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.events import described, wrong_in_events

if TYPE_CHECKING:
    from tests.contract.conftest import Documents, Traffic

pytestmark = pytest.mark.timeout(300)


def test_events_are_made_of_published_objects(documents: Documents, traffic: Traffic) -> None:
    assert wrong_in_events(documents.discord, traffic.events) == []


def test_everything_described_was_heard(traffic: Traffic) -> None:
    heard = {(name, place) for name, data in traffic.events for place, _, _ in described(name, data)}
    assert heard == {
        ("READY", "user"),
        ("GUILD_CREATE", "guild"),
        ("GUILD_CREATE", "channels"),
        ("GUILD_CREATE", "members"),
        ("MESSAGE_CREATE", "message"),
        ("MESSAGE_UPDATE", "message"),
        ("INTERACTION_CREATE", "member"),
        ("INTERACTION_CREATE", "channel"),
        ("INTERACTION_CREATE", "message"),
        ("INTERACTION_CREATE", "resolved/users"),
        ("INTERACTION_CREATE", "resolved/members"),
        ("INTERACTION_CREATE", "resolved/roles"),
    }
